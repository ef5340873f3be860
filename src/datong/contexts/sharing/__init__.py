# SPDX-License-Identifier: Apache-2.0
"""Sharing: requests, decisions and grants (Order 809, chapter 4)."""
