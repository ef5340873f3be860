# SPDX-License-Identifier: Apache-2.0
"""The node: its folder, its PostgreSQL, and the process tree that keeps it up."""
