# SPDX-License-Identifier: Apache-2.0
"""Working days: what "within 10 working days" means in Order 809.

Kept here: the calendar is data (holidays and make-up days as the State Council announces them, year by year), never
code. Counting starts the day after the event (民法典 art. 201), counts working days only (行政许可法 art. 82) and ends
at 24:00 of the last one, Asia/Shanghai. A year that is not loaded is computed on weekends only, and the answer says so:
`published` is False and the warning names the year.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, Self

from datong.kernel import canonical
from datong.kernel.errors import Malformed

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Fixed offset: there has been no summer time since 1991, and a bare machine may have no time zone files."""
LONGEST = 2500
"""Working days: about ten years, beyond any statutory period."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """Answer of a period computed in working days.

    Attributes:
        due: Last day of the period.
        published: Whether each day counted lies in a loaded year.
        warning: Sentence to show when not, naming the years; else None.
        missing: Years that are not loaded.
    """

    due: date
    published: bool
    warning: str | None = None
    missing: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Holidays and make-up days of some years.

    Attributes:
        days: Day to True (off) or False (worked); other days go by the weekend.
        years: Years whose arrangement is announced and loaded.
        version: Names this state of the calendar; stored beside each computed date.
    """

    days: Mapping[date, bool]
    years: frozenset[int]
    version: str

    @classmethod
    def from_holiday_cn(cls, documents: Iterable[Mapping[str, Any]]) -> Self:
        """Build from the year files of holiday-cn: {"year", "days": [{"date", "isOffDay", …}], …}.

        A file without days is a year not yet announced and does not count as loaded.

        Raises:
            Malformed: A file of another shape, naming the year where it is known.
        """
        days: dict[date, bool] = {}
        years: set[int] = set()
        for document in documents:
            found = _read_year(document)
            days.update(found)
            if found:
                years.add(int(document["year"]))
        return cls(days, frozenset(years), _version(days, years))

    def is_workday(self, day: date) -> bool:
        """Tell whether people work on a day; by the weekend where the year is not loaded."""
        off = self.days.get(day)
        return day.weekday() < 5 if off is None else not off

    def add_days(self, start: date, count: int) -> Due:
        """Give the last day of a period of working days.

        Args:
            start: Day of the event; not counted.
            count: Working days, 1 to 2500.

        Raises:
            Malformed: Count out of range, or beyond the last date there is.
        """
        if not 1 <= count <= LONGEST:
            raise Malformed(f"{count} working days cannot be counted", fields={"count": f"1 to {LONGEST}"})
        day, left = start, count
        try:
            while left:
                day += _DAY
                left -= self.is_workday(day)
        except OverflowError:
            raise Malformed("the period ends beyond the last date there is", fields={"start": "too late"}) from None
        return self._answer(start + _DAY, day)

    def count(self, start: date, end: date) -> int:
        """Count the working days after `start` up to and with `end`; negative when `end` lies before `start`."""
        if end < start:
            return -self.count(end, start)
        return sum(self.is_workday(start + _DAY * step) for step in range(1, (end - start).days + 1))

    def _answer(self, first: date, due: date) -> Due:
        missing = tuple(year for year in range(first.year, due.year + 1) if year not in self.years)
        if not missing:
            return Due(due, published=True)
        names = "、".join(str(year) for year in missing)
        warning = (
            f"{names}年放假安排未公布或未载入，暂按周末推算"
            f" (holidays of {names} are not loaded: computed on weekends only)"
        )
        return Due(due, published=False, warning=warning, missing=missing)


def received_on(moment: datetime) -> date:
    """Give the day in Shanghai on which something arrived.

    Raises:
        Malformed: A time without an offset.
    """
    if moment.tzinfo is None:
        raise Malformed("a time without an offset has no day in Shanghai", fields={"moment": "no offset"})
    return moment.astimezone(SHANGHAI).date()


def today(clock: Callable[[], datetime]) -> date:
    """Give today in Shanghai by a clock that tells aware times."""
    return received_on(clock())


def ends_at(due: date) -> datetime:
    """Give the moment a period ends: 24:00 of its last day in Shanghai (民法典 art. 203)."""
    return datetime.combine(due + _DAY, time(), SHANGHAI)


def _read_year(document: Mapping[str, Any]) -> dict[date, bool]:
    try:
        int(document["year"])
        return {date.fromisoformat(day["date"]): _off(day["isOffDay"]) for day in document["days"]}
    except (KeyError, TypeError, ValueError) as error:
        year = document.get("year") if isinstance(document, Mapping) else None
        raise Malformed(
            f"the calendar of year {year!r} cannot be read: {error!r}",
            fields={"calendar": 'wanted: {"year": 2026, "days": [{"date": "2026-01-01", "isOffDay": true}]}'},
        ) from None


def _off(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("isOffDay is true or false")
    return value


def _version(days: Mapping[date, bool], years: set[int]) -> str:
    if not years:
        return "empty"
    state = canonical.dumps([[day.isoformat(), off] for day, off in sorted(days.items())])
    return f"{min(years)}-{max(years)}/{hashlib.sha256(state).hexdigest()[:12]}"
