# SPDX-License-Identifier: Apache-2.0
"""Grants read as tables: the Delta Sharing protocol over what was derived for them."""
