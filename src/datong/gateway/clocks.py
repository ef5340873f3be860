# SPDX-License-Identifier: Apache-2.0
"""The clock of the machine, watched by one that nobody sets: a jump is evidence.

Kept here: times in the evidence are those of the machine's clock, and order comes from positions, never from times; where a
clock was set, a record says at which position and by how much, so that whoever reads times knows what to make of them.
"""

import logging
from collections.abc import Callable
from time import monotonic
from typing import Final

import msgspec

from datong.gateway.calls import new_id
from datong.wire.instants import text_of

log = logging.getLogger("datong.gateway")

LEAST: Final = 2.0
"""Seconds: what is less is a clock being kept right, not set."""
_encoder = msgspec.json.Encoder()


class ClockRecord(msgspec.Struct, kw_only=True):
    """The clock was set: `at` is by the new time, `seconds` by how much it went forward; in alphabetical order."""

    at: str
    code: str = "clock_set"
    kind: str = "clock"
    request_id: str
    rows: int = 0
    seconds: float


class ClockWatch:
    """Compares the machine's clock with a steady one."""

    def __init__(self, clock: Callable[[], float], steady: Callable[[], float] = monotonic) -> None:
        """Begin with what both say now."""
        self._clock, self._steady = clock, steady
        self._apart = clock() - steady()

    def look(self) -> bytes | None:
        """Give the record of a jump since the last look; None where there was none."""
        now = self._clock()
        by = now - self._steady() - self._apart
        if abs(by) < LEAST:
            return None
        self._apart += by
        log.warning("the clock of this machine was set by %+.1f s", by)
        return _encoder.encode(ClockRecord(at=text_of(now), request_id=new_id(), seconds=round(by, 3)))
