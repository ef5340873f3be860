# SPDX-License-Identifier: Apache-2.0
"""The front door of sharing: the grants a gateway has to know, one grant, what waits, a delivery seen."""

from datong.contexts.sharing.domain import GrantView, default_mask
from datong.contexts.sharing.queries import grant, grants, grants_in_force, in_use, live_grants, requests, running
from datong.contexts.sharing.queries import waiting as requests_waiting
from datong.contexts.sharing.queries.using import User, users_between, users_of
from datong.contexts.sharing.usecases import expire_grants, record_delivery

__all__ = [
    "GrantView",
    "User",
    "default_mask",
    "expire_grants",
    "grant",
    "grants",
    "grants_in_force",
    "in_use",
    "live_grants",
    "record_delivery",
    "requests",
    "requests_waiting",
    "running",
    "users_between",
    "users_of",
]
