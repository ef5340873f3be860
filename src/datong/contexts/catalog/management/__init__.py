# SPDX-License-Identifier: Apache-2.0
"""Management commands of the catalogue."""
