# SPDX-License-Identifier: Apache-2.0
"""Grants with limits, and gateways in processes of their own that count on one board."""

from __future__ import annotations

import contextlib
import signal
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path

from datong.gateway.limits.board import Board
from datong.gateway.quotas import DAY, Quotas
from datong.gateway.refusals import QuotaExhausted
from datong.gateway.snapshot import Standing
from datong.wire.policy import Pace
from factories.gateways import a_grant, a_resource

NOON = 1_790_006_400.0 + DAY / 2


def a_standing(number: str = "SQ-1", *, source: Pace | None = None, **changes: object) -> Standing:
    """A grant in force, on a source of some pace."""
    return Standing(a_grant(number, **changes), a_resource(pace=source or Pace()), 0.0, 4e9)


def call_until_refused(path: str, seat: int, most: int, fails: int, told: Queue[int]) -> None:
    """Call until the day is used up; every so many calls fail."""
    quotas, standing, answered = Quotas(Board(Path(path), seat)), a_standing(quota_per_day=most), 0
    with contextlib.suppress(QuotaExhausted):
        for number in range(10 * most):
            place = quotas.take(standing, NOON)
            (place.leave if number % fails else place.give_back)()
            answered += bool(number % fails)
    told.put(answered)


def hold(path: str, ready: Event) -> None:
    """Hold the board's lock until killed."""
    with Board(Path(path), 3).locked():
        ready.set()
        signal.pause()
