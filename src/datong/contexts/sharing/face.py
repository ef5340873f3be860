# SPDX-License-Identifier: Apache-2.0
"""The front door of sharing: the grants a gateway has to know, one grant, what waits, a delivery seen."""

from datong.contexts.sharing.domain import GrantView, RequestDraft, default_mask
from datong.contexts.sharing.queries import (
    changes_waiting,
    disposals_waiting,
    grant,
    grants,
    grants_in_force,
    harmed_grants,
    in_use,
    live_grants,
    requests,
    running,
    uses,
)
from datong.contexts.sharing.queries import waiting as requests_waiting
from datong.contexts.sharing.queries.chains import steps_of
from datong.contexts.sharing.queries.explaining import Explanation, Verdict, explain
from datong.contexts.sharing.queries.using import User, users_between, users_of
from datong.contexts.sharing.usecases import draft_request, expire_grants, record_delivery, remind_grants, watch_disposals

__all__ = [
    "Explanation",
    "GrantView",
    "RequestDraft",
    "User",
    "Verdict",
    "changes_waiting",
    "default_mask",
    "disposals_waiting",
    "draft_request",
    "expire_grants",
    "explain",
    "grant",
    "grants",
    "grants_in_force",
    "harmed_grants",
    "in_use",
    "live_grants",
    "record_delivery",
    "remind_grants",
    "requests",
    "requests_waiting",
    "running",
    "steps_of",
    "users_between",
    "users_of",
    "uses",
    "watch_disposals",
]
