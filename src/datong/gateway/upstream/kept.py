# SPDX-License-Identifier: Apache-2.0
"""Answers kept for a moment, each under its grant: off unless the provider allows it.

Kept here: what is kept has passed filter and masks already; it is dropped with the policy it was given under, for a new
policy has new standings; a large answer is not kept.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Final

from datong.gateway.snapshot import Standing

MOST: Final = 256
"""Answers kept under one grant."""
Answers = OrderedDict[Hashable, tuple[float, Any]]


class Kept:
    """Answers by grant and question. One event loop only."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock

    def get(self, standing: Standing, question: Hashable) -> Any:
        """The answer to a question, None where none is kept or its time is over."""
        mine: Answers | None = standing.made.get(self)
        held = mine.get(question) if mine is not None else None
        if mine is None or held is None:
            return None
        if self._clock() >= held[0]:
            del mine[question]
            return None
        return held[1]

    def keep(self, standing: Standing, question: Hashable, answer: Any, seconds: int) -> None:
        """Keep an answer for some seconds; none for none."""
        if seconds <= 0:
            return
        mine: Answers = standing.made.setdefault(self, OrderedDict())
        mine[question] = (self._clock() + seconds, answer)
        if len(mine) > MOST:
            mine.popitem(last=False)
