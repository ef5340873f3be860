# SPDX-License-Identifier: Apache-2.0
"""Pages of demands: write one with live suggestions, one with its stations, the lists of demands and responsibilities."""
