# SPDX-License-Identifier: Apache-2.0
"""A circuit breaker: an interface that fails again and again is left alone, then tried by one call.

Kept here: closed, open, half-open. What counts is silence, faults (5xx) and being refused ourselves; an answer that does
not fit, or a question refused, is of that question alone and shuts nobody else out. The pause doubles with each failed
trial, up to a bound.
"""

from collections.abc import Callable
from typing import Final

from datong.gateway.upstream.refusals import UpstreamResting, told

FAILURES: Final = 5
"""Failures one after another that open it."""
FIRST_PAUSE: Final = 5.0
LONGEST_PAUSE: Final = 60.0


class Breaker:
    """Of one interface. One event loop only."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._until: float | None = None
        self._trying = False

    @property
    def open(self) -> bool:
        """Whether calls are refused, but for one on trial."""
        return self._until is not None

    def enter(self) -> None:
        """Ask to pass.

        Raises:
            UpstreamResting: Open, and the pause is not over or another call is on trial.
        """
        if self._until is None:
            return
        if self._trying or self._clock() < self._until:
            raise told(UpstreamResting)
        self._trying = True

    def succeeded(self) -> None:
        """The interface answered: closed again."""
        self._failures, self._pause, self._until, self._trying = 0, FIRST_PAUSE, None, False

    def failed(self) -> None:
        """It failed: once more, or at its trial."""
        self._failures += 1
        if self._trying or (self._until is None and self._failures >= FAILURES):
            self._until = self._clock() + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        self._trying = False

    def left(self) -> None:
        """The call ended without telling: another may try."""
        self._trying = False
