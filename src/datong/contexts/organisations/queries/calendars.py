# SPDX-License-Identifier: Apache-2.0
"""The working calendar: the newest version of each year, and the calendars of before, by what dates were computed on."""

from __future__ import annotations

from functools import lru_cache

from django.db.models import Max, QuerySet

from datong.contexts.organisations.models import Calendar
from datong.kernel.errors import Unknown
from datong.kernel.workdays import WorkCalendar


def newest_years() -> QuerySet[Calendar]:
    """The newest version of each year, in order."""
    return Calendar.objects.order_by("year", "-version").distinct("year")


def working_calendar() -> WorkCalendar:
    """Give the calendar by which periods are counted; one small query when nothing changed."""
    newest = Calendar.objects.aggregate(newest=Max("imported_at"), key=Max("pk"))
    return _calendar(newest["key"], newest["newest"])


@lru_cache(maxsize=8)
def _calendar(_key: int | None, _imported_at: object) -> WorkCalendar:
    return WorkCalendar.from_holiday_cn({"year": row.year, "days": row.days} for row in newest_years())


def calendar_of(version: str) -> WorkCalendar:
    """Give the calendar of a version, as it stood when a date was computed on it.

    Raises:
        Unknown: No state of the calendars kept was ever this one.
    """
    now = working_calendar()
    if now.version == version:
        return now
    found = _calendar_of(version, Calendar.objects.aggregate(key=Max("pk"))["key"])
    if found is None:
        raise Unknown(f"没有此版本的工作日历 (no working calendar was ever version {version[:64]})")
    return found


@lru_cache(maxsize=32)
def _calendar_of(version: str, _key: int | None) -> WorkCalendar | None:
    """Replay the imports one by one until the calendar has the version; every import is kept."""
    years: dict[int, Calendar] = {}
    for row in [None, *Calendar.objects.order_by("imported_at", "pk")]:
        if row is not None:
            years[row.year] = row
        made = WorkCalendar.from_holiday_cn({"year": one.year, "days": one.days} for one in years.values())
        if made.version == version:
            return made
    return None
