# SPDX-License-Identifier: Apache-2.0
"""What all pages share: shell, template tags, health, error pages."""
