# SPDX-License-Identifier: Apache-2.0
"""Pages of disputes: lists, opening, one dispute with its stations; complaints for the public and for those who handle them."""
