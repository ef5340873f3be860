# SPDX-License-Identifier: Apache-2.0
"""Composed services: several resources by key in one call."""
