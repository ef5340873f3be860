# SPDX-License-Identifier: Apache-2.0
"""When a repeated delivery is due: in the update cycle of its grant, and only when there is something new.

Kept here: a cycle is a stretch of the calendar in Shanghai; what is promised in real time, irregularly or never is due with
each new version of the data. The same version is never delivered twice by one schedule.
"""

from __future__ import annotations

from datetime import date

from datong.kernel.sharing import UpdateCycle

MONTHS = {UpdateCycle.MONTHLY: 1, UpdateCycle.QUARTERLY: 3, UpdateCycle.HALF_YEARLY: 6, UpdateCycle.YEARLY: 12}


def stretch(cycle: str, day: date) -> date | None:
    """Give the first day of the stretch of a cycle a day lies in; None where each new version counts."""
    if cycle == UpdateCycle.DAILY:
        return day
    if cycle == UpdateCycle.WEEKLY:
        return date.fromordinal(day.toordinal() - day.weekday())
    months = MONTHS.get(UpdateCycle(cycle)) if cycle in list(UpdateCycle) else None
    return None if months is None else date(day.year, (day.month - 1) // months * months + 1, 1)


def is_due(cycle: str, *, today: date, version: int, last_on: date | None, last_version: int | None) -> bool:
    """Tell whether a schedule is due.

    Args:
        cycle: Of the grant.
        today: In Shanghai.
        version: Of the data there are now.
        last_on: Day of its last delivery, None before the first.
        last_version: Version it delivered.
    """
    if last_on is None:
        return True
    if version == last_version:
        return False
    begins = stretch(cycle, today)
    return begins is None or last_on < begins
