# SPDX-License-Identifier: Apache-2.0
"""Calls per grant and day.

Kept here: the day is China's; a place is taken before the look-up and given back when the call is refused after all,
so that calls at the same instant cannot pass together. Counts live in memory; at the start they are read back from
today's own evidence, which has every answered call.
"""

from collections import Counter

from datong.gateway.refusals import QuotaExhausted
from datong.wire.policy import Grant

DAY = 86_400
CHINA_AHEAD = 8 * 3_600


def day_of(now: float) -> int:
    """Number of the day in China that an instant falls on."""
    return int((now + CHINA_AHEAD) // DAY)


def midnight(day: int) -> float:
    """First instant of a numbered day, in seconds since 1970."""
    return float(day * DAY - CHINA_AHEAD)


class Quotas:
    """Counts of the present day. One event loop only."""

    def __init__(self, day: int, used: dict[str, int] | None = None) -> None:
        self.day = day
        self.used: Counter[str] = Counter(used or {})

    def take(self, grant: Grant, now: float) -> None:
        """Take one place.

        Raises:
            QuotaExhausted: none is left today.
        """
        today = day_of(now)
        if today > self.day:
            self.day, self.used = today, Counter()
        most = grant.quota_per_day
        if most is not None and self.used[grant.number] >= most:
            raise QuotaExhausted(
                f"grant {grant.number} allows {most} calls a day",
                rule="quota of the grant",
                remedy="call again after midnight (Asia/Shanghai), or request a larger quota",
            )
        self.used[grant.number] += 1

    def give_back(self, grant: Grant, now: float) -> None:
        """Give a place back, were the day still the same."""
        if day_of(now) == self.day:
            self.used[grant.number] -= 1
