# SPDX-License-Identifier: Apache-2.0
"""Sources: files and tables of others, read as text with the line each row began on."""
