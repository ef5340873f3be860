# SPDX-License-Identifier: Apache-2.0
"""Divisions and the working calendar."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from datong.contexts.organisations import queries, usecases
from datong.contexts.organisations.api import schemas
from datong.contexts.organisations.domain import RegionView
from datong.contexts.organisations.models import Calendar
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((401, 403, 404, 409, 422, 503), Problem)


@router.get("/regions", response={200: schemas.RegionsOut, **REFUSALS}, operation_id="list_regions")
def list_regions(request: HttpRequest, wanted: Query[schemas.RegionsIn]) -> dict[str, Any]:  # noqa: ARG001
    """Divisions directly below one."""
    return {"items": queries.regions_below(wanted.parent)}


@router.get("/regions/{code}", response={200: schemas.RegionOut, **REFUSALS}, operation_id="get_region")
def get_region(request: HttpRequest, code: str) -> RegionView:  # noqa: ARG001
    """One division."""
    return queries.region(code)


@router.get("/calendar", response={200: schemas.YearsOut, **REFUSALS}, operation_id="list_calendar_years")
def list_calendar_years(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001
    """The working calendar: the version of each year that holds."""
    return {"version": queries.working_calendar().version, "items": list(queries.newest_years())}


@router.post("/calendar", response={201: schemas.YearOut, **REFUSALS}, operation_id="import_calendar")
def import_calendar(request: HttpRequest, given: schemas.CalendarIn) -> Status:
    """Import a year as the State Council announced it."""
    document = {"year": given.year, "days": [{**day.dict(), "date": day.date.isoformat()} for day in given.days]}
    row: Calendar = usecases.import_calendar(document, by=request.officer, source=given.source)
    return Status(201, row)


@router.get("/calendar/add-days", response={200: schemas.DueOut, **REFUSALS}, operation_id="add_days")
def add_days(request: HttpRequest, wanted: Query[schemas.AddDaysIn]) -> dict[str, Any]:  # noqa: ARG001
    """The last day of a period in working days; the day of the event does not count."""
    calendar = queries.working_calendar()
    due = calendar.add_days(wanted.start, wanted.count)
    return {"due": due.due, "published": due.published, "warning": due.warning, "version": calendar.version}
