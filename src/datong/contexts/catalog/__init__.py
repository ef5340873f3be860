# SPDX-License-Identifier: Apache-2.0
"""Catalogue: what departments hold (Order 809, chapter 3; guide 1272)."""
