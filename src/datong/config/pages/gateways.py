# SPDX-License-Identifier: Apache-2.0
"""How each gateway of the node stands: alive, on which policy, for how long without a new one, and whether it keeps evidence.

Kept here: read off the board that the gateways share, as supervisor and metrics do; who has outlived its lease answers nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from time import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from datong.gateway.limits.board import Seat, seats
from datong.kernel.actors import Role
from datong.kernel.errors import Unknown

READERS = frozenset({Role.SYSADMIN, Role.SECURITY, Role.AUTHORITY, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Standing:
    """One gateway as the page shows it.

    Attributes:
        log: Name of its log.
        seen: Its last sign of life, None where it never gave one or has left.
        left: Whole seconds until it answers nothing without a new policy.
    """

    log: str
    ready: bool = False
    seen: datetime | None = None
    version: int = 0
    left: int = 0
    evidence: bool = False


@require_GET
def gateways(request: HttpRequest) -> HttpResponse:
    """Show the gateways to those who answer for the node."""
    if not request.officer.holds(*READERS):
        raise Unknown("没有这一页 (there is no such page)")
    now = time()
    signs = enumerate(seats(settings.NODE_FOLDER.board, settings.NODE.gateways))
    return render(request, "gateways.html", {"rows": [_standing(seat, sign, now) for seat, sign in signs]})


def _standing(seat: int, sign: Seat | None, now: float) -> Standing:
    log = f"gateway-{seat}"
    if sign is None:
        return Standing(log)
    seen, left = datetime.fromtimestamp(sign.at, UTC), int(max(0, sign.lease_ends - now))
    return Standing(log, sign.ready(now), seen, sign.policy_version, left, sign.evidence)
