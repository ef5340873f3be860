# SPDX-License-Identifier: Apache-2.0
"""Reads of sharing."""

from datong.contexts.periods.face import clock_of, clocks_of, running
from datong.contexts.sharing.queries.changes import (
    change_of,
    changes,
    changes_waiting,
    harmed_grants,
    replies_seen,
    visible_changes,
)
from datong.contexts.sharing.queries.disposals import disposal_of, disposals, disposals_waiting, visible_disposals
from datong.contexts.sharing.queries.grants import (
    SIDES,
    envelope,
    grant,
    grant_of,
    grants,
    grants_in_force,
    in_use,
    live_grants,
    view,
    visible_grants,
)
from datong.contexts.sharing.queries.requests import as_draft, request_of, requests, visible_requests, waiting
from datong.contexts.sharing.queries.uses import uses, visible_uses

__all__ = [
    "SIDES",
    "as_draft",
    "change_of",
    "changes",
    "changes_waiting",
    "clock_of",
    "clocks_of",
    "disposal_of",
    "disposals",
    "disposals_waiting",
    "envelope",
    "grant",
    "grant_of",
    "grants",
    "grants_in_force",
    "harmed_grants",
    "in_use",
    "live_grants",
    "replies_seen",
    "request_of",
    "requests",
    "running",
    "uses",
    "view",
    "visible_changes",
    "visible_disposals",
    "visible_grants",
    "visible_requests",
    "visible_uses",
    "waiting",
]
