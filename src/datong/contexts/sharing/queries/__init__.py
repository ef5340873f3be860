# SPDX-License-Identifier: Apache-2.0
"""Reads of sharing."""

from datong.contexts.periods.face import clock_of, clocks_of, running
from datong.contexts.sharing.queries.grants import (
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

__all__ = [
    "as_draft",
    "clock_of",
    "clocks_of",
    "envelope",
    "grant",
    "grant_of",
    "grants",
    "grants_in_force",
    "in_use",
    "live_grants",
    "request_of",
    "requests",
    "running",
    "view",
    "visible_grants",
    "visible_requests",
    "waiting",
]
