# SPDX-License-Identifier: Apache-2.0
"""The working calendar: years as the State Council announces them, imported, versioned, never edited."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max

from datong.contexts.audit import face as audit
from datong.contexts.organisations.models import Calendar
from datong.contexts.organisations.permissions import check_keeps_calendar
from datong.contexts.organisations.usecases.departments import SEEDS
from datong.kernel import canonical, texts
from datong.kernel.actors import SYSTEM, Officer
from datong.kernel.errors import Malformed
from datong.kernel.workdays import WorkCalendar

MOST_DAYS = 400
SHIPPED = "NateScarlet/holiday-cn, from the announcements of the State Council (licence: seeds/calendar/LICENSE)"


@transaction.atomic
def import_calendar(document: Mapping[str, Any], *, by: Officer, source: str) -> Calendar:
    """Import one year; the same days again change nothing.

    Args:
        document: {"year": 2027, "days": [{"date": "2027-01-01", "isOffDay": true, "name": …}]}, as holiday-cn writes
            it; no days means that the year is not announced yet.
        by: The authority or a system administrator.
        source: Where it is from, such as the number of the announcement.

    Returns:
        The version that holds now.

    Raises:
        Malformed: Another shape, or a day of another year.
        Refused: Neither authority nor system administrator.
    """
    check_keeps_calendar(by)
    year, days = _checked(document)
    said = texts.line("source", source, longest=300, least=2)
    digest = hashlib.sha256(canonical.dumps(days)).hexdigest()
    newest = Calendar.objects.filter(year=year).order_by("-version").first()
    if newest is not None and newest.digest == digest:
        return newest
    highest = Calendar.objects.filter(year=year).aggregate(highest=Max("version"))["highest"] or 0
    row = Calendar.objects.create(
        year=year, version=highest + 1, days=days, digest=digest, source=said, published=bool(days), imported_by=by.account
    )
    facts = {"version": row.version, "days": len(days), "digest": digest, "source": said}
    audit.record("organisations.calendar.imported", by=by, subject=str(year), facts=facts)
    return row


@transaction.atomic
def seed_calendar(*, by: Officer = SYSTEM) -> int:
    """Import the shipped years that are not there yet; a year imported by somebody is left alone.

    Returns:
        How many years were imported.
    """
    there = set(Calendar.objects.values_list("year", flat=True))
    documents = [json.loads(path.read_text("utf-8")) for path in sorted((SEEDS / "calendar").glob("*.json"))]
    fresh = [document for document in documents if document["year"] not in there]
    for document in fresh:
        import_calendar(document, by=by, source=SHIPPED)
    return len(fresh)


def _checked(document: Mapping[str, Any]) -> tuple[int, list[dict[str, Any]]]:
    year, raw = document.get("year"), document.get("days")
    if not isinstance(year, int) or isinstance(year, bool) or not 1949 <= year <= 2200:
        raise Malformed("the year of the calendar is missing", fields={"year": "a number from 1949 to 2200"})
    if not isinstance(raw, list) or len(raw) > MOST_DAYS:
        raise Malformed("the days of the calendar are missing", fields={"days": f"a list of at most {MOST_DAYS} days"})
    read = WorkCalendar.from_holiday_cn([document]).days
    if len(read) != len(raw):
        raise Malformed("a day stands twice in the calendar", fields={"days": "each day once"})
    strange = [day.isoformat() for day in read if abs(day.year - year) > 1 or (day.year != year and day.month not in (1, 12))]
    if strange:
        raise Malformed(f"{strange[0]} is no day of {year}", fields={"days": f"days of {year}"})
    names = [texts.line("days", str(one.get("name", "")), longest=100, least=0) for one in raw]
    return year, [
        {"date": day.isoformat(), "isOffDay": off, "name": name} for (day, off), name in zip(read.items(), names, strict=True)
    ]
