# SPDX-License-Identifier: Apache-2.0
"""Instants on the wire: text in, seconds since the epoch out.

Kept here: a time of day on the wire names its offset; a bare date is a day in China (Asia/Shanghai, UTC+8 with no
summer time since 1991), which begins at its first second and ends with its last, as time limits of 809 art. 20 do.
"""

from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

from datong.kernel.errors import Malformed

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")


def instant(text: str, *, field: str, closing: bool = False) -> float:
    """Read one instant.

    Args:
        text: ISO 8601, a date (a day in China) or a time with its offset.
        field: the field it stands in, for the refusal.
        closing: whether a bare date means the end of that day rather than its beginning.

    Returns:
        Seconds since 1970-01-01T00:00:00Z.

    Raises:
        Malformed: not ISO 8601, or a time without its offset.
    """
    try:
        if len(text) == 10:
            day = datetime.combine(date.fromisoformat(text), datetime.min.time(), CHINA)
            return (day + timedelta(days=1) if closing else day).timestamp()
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise Malformed(f"{field} names no offset", fields={field: "write it as 2026-01-31T08:00:00Z"})
        return moment.timestamp()
    except (ValueError, OverflowError) as error:
        raise Malformed(f"{field} is not a time", fields={field: "write it as 2026-01-31T08:00:00Z"}) from error


def text_of(seconds: float) -> str:
    """Write an instant as UTC ISO 8601 with microseconds and a final Z."""
    whole = int(seconds)
    return f"{_second(whole)}.{int((seconds - whole) * 1_000_000):06d}Z"


@lru_cache(maxsize=8)
def _second(whole: int) -> str:
    return datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
