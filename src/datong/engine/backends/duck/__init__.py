# SPDX-License-Identifier: Apache-2.0
"""DuckDB, the embedded engine."""
