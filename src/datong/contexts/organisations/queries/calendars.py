# SPDX-License-Identifier: Apache-2.0
"""The working calendar: the newest version of each year."""

from __future__ import annotations

from functools import lru_cache

from django.db.models import Max, QuerySet

from datong.contexts.organisations.models import Calendar
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
