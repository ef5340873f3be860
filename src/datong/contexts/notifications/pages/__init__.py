# SPDX-License-Identifier: Apache-2.0
"""Pages of notifications: what reaches me, when, and what became of each message."""
