# SPDX-License-Identifier: Apache-2.0
"""The API of periods: running clocks, notices of one's posts, 督办."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Status

from datong.contexts.periods import queries, usecases
from datong.contexts.periods.api import schemas
from datong.contexts.periods.domain import STATUTE
from datong.contexts.periods.models import Clock, Notice
from datong.kernel.workdays import received_on
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422), Problem)
LARGEST_KEY = 2**62


@router.get("/periods", response={200: schemas.ClocksOut, **REFUSALS}, operation_id="list_periods")
def list_periods(request: HttpRequest, wanted: Query[schemas.ClocksIn]) -> dict[str, Any]:
    """Running periods the officer may see, oldest first; `late` those that have run out; `overdue` counts these."""
    rows = queries.clocks(request.officer, late=wanted.late).order_by("pk")
    found = list(rows.filter(pk__gt=min(wanted.after, LARGEST_KEY))[: wanted.limit])
    overdue = queries.clocks(request.officer, late=True).count()
    cursor = found[-1].pk if len(found) == wanted.limit else None
    return {"items": [_clock(row) for row in found], "overdue": overdue, "next": cursor}


@router.get("/periods/{period_id}", response={200: schemas.PeriodDetailOut, **REFUSALS}, operation_id="get_period")
def get_period(request: HttpRequest, period_id: Path[int]) -> dict[str, Any]:
    """A period, running or stopped, with its pauses, and its last day computed again from all that."""
    row = queries.clock(period_id, by=request.officer)
    names = ("consent", "paused_at", "stopped_at", "stopped_by")
    again = queries.recomputed(row)
    more = {"statute": STATUTE[row.rule], "recomputed": again.due, "agrees": again.due == row.due}
    return {**_clock(row), **{name: getattr(row, name) for name in names}, "pauses": list(row.pauses.all()), **more}


@router.post("/periods/{period_id}/urge", response={201: schemas.NoticeOut, **REFUSALS}, operation_id="urge_period")
def urge_period(request: HttpRequest, period_id: Path[int], given: schemas.UrgingIn) -> Status:
    """Press those who hold a running period to act (督办); the authority alone may."""
    return Status(201, usecases.urge(period_id, given.words, by=request.officer))


@router.get("/notices", response={200: schemas.NoticesOut, **REFUSALS}, operation_id="list_notices")
def list_notices(request: HttpRequest, wanted: Query[schemas.NoticesIn]) -> dict[str, Any]:
    """Notices of the officer's posts, newest first."""
    rows = queries.notices(request.officer, settled=wanted.settled).order_by("-pk")
    if wanted.after:
        rows = rows.filter(pk__lt=min(wanted.after, LARGEST_KEY))
    found = list(rows[: wanted.limit])
    return {"items": found, "next": found[-1].pk if len(found) == wanted.limit else None}


@router.post("/notices/{notice_id}/settle", response={200: schemas.NoticeOut, **REFUSALS}, operation_id="settle_notice")
def settle_notice(request: HttpRequest, notice_id: Path[int]) -> Notice:
    """Note that a post has seen to a notice."""
    return usecases.settle(notice_id, by=request.officer)


def _clock(row: Clock) -> dict[str, Any]:
    names = ("subject_kind", "subject", "title", "rule", "department", "role", "days", "extended_days", "due", "warning")
    more = {name: getattr(row, name) for name in (*names, "started_at", "published", "calendar_version")}
    late = row.paused_at is None and row.due < (received_on(row.stopped_at or datetime.now(UTC)))
    return {"id": row.pk, "late": late, "paused": row.paused_at is not None, **more}
