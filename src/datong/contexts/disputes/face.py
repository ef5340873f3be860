# SPDX-License-Identifier: Apache-2.0
"""The front door of disputes: what waits for an officer, what his department waits for."""

from datong.contexts.disputes.queries import disputes, under_way, waiting

__all__ = ["disputes", "under_way", "waiting"]
