# SPDX-License-Identifier: Apache-2.0
"""Collecting: sources and their schedules, what may be decided on a batch, and the lineage of a resource."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from datong.contexts.exchange import usecases
from datong.contexts.exchange.api import schemas
from datong.contexts.exchange.api.routes import shown
from datong.contexts.exchange.domain import CollectMode, Rhythm, Timetable
from datong.contexts.exchange.queries import collecting
from datong.contexts.exchange.queries import lineage as tracing
from datong.wire.problems import Problem

router = Router()
CLOCK = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422), Problem)


class ScheduleIn(Schema):
    """When and how a source is collected; times are Shanghai's."""

    rhythm: Rhythm
    mode: CollectMode = CollectMode.FULL
    minutes: int = Field(0, ge=0, le=100_000, description="every: so many minutes")
    at: str = Field("02:00", pattern=CLOCK, description="daily, weekly: time of the day, such as 02:30")
    weekday: int = Field(0, ge=0, le=6, description="weekly: Monday is 0")
    cron: str = Field("", max_length=100, description="cron: minute hour day month weekday")
    column: str = Field("", max_length=128, description="watermark: column of the source")
    type: str = Field("", max_length=1, description="watermark: T, D, I or N")
    overlap: int = Field(0, ge=0, le=10**9, description="watermark: seconds of T, days of D, units of I and N read again")
    publication: str = Field("", max_length=63, description="log: publication that lets the table out")
    needs: list[int] = Field(default_factory=list, max_length=50, description="sources whose schedules come before")


class ScheduleOut(Schema):
    """The schedule of a source."""

    rhythm: str
    mode: str
    minutes: int
    at: str
    weekday: int
    cron: str
    watermark: dict[str, Any]
    needs: list[int]
    paused: bool
    next_at: datetime | None
    set_by: str
    set_at: datetime


class SourceOut(Schema):
    """A source, its schedule, why it waits, and its newest batch; nothing of its address."""

    number: int
    resource: str
    name: str
    kind: str
    schedule: ScheduleOut | None
    waits: str = Field(description="paused, replaced, busy, clock, needs; empty when due or without schedule")
    batch: int | None
    stage: str


class SourcesOut(Schema):
    """A page of sources, newest first."""

    items: list[SourceOut]
    next: int | None


class SourcesIn(Schema):
    """Which sources."""

    resource: str = Field("", max_length=44)
    after: int = Field(0, ge=0, le=2**62, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=200)


class OriginOut(Schema):
    """Where the rows come from."""

    source: int
    name: str
    kind: str
    batch: int
    lake_version: int | None
    landed_at: datetime | None


class TracedOut(Schema):
    """An item, its column, the grants that let it out."""

    field: str
    name: str
    column: str
    grants: list[str]


class UsedOut(Schema):
    """Use by one way of sharing."""

    channel: str
    times: int
    rows: int
    last_at: datetime | None


class LetOut(Schema):
    """A grant and its use."""

    number: str
    consumer: str
    application: str
    stage: str
    channels: list[str]
    masks: dict[str, str]
    uses: list[UsedOut]


class LineageOut(Schema):
    """From column to item to grant to use, as this officer may see it."""

    resource: str
    name: str
    origin: OriginOut | None
    items: list[TracedOut]
    grants: list[LetOut]


ONE = {200: SourceOut, **REFUSALS}


@router.get("/sources", response={200: SourcesOut, **REFUSALS}, operation_id="list_sources")
def list_sources(request: HttpRequest, wanted: Query[SourcesIn]) -> dict[str, Any]:
    """Sources the officer may see, each with its schedule and newest batch."""
    rows = collecting.sources_visible(request.officer)
    if wanted.resource:
        rows = rows.filter(resource=wanted.resource) if wanted.resource.isprintable() else rows.none()
    found = list((rows.filter(pk__lt=wanted.after) if wanted.after else rows)[: wanted.limit])
    items = [_source(one) for one in collecting.collected(found, datetime.now(UTC))]
    return {"items": items, "next": found[-1].pk if len(found) == wanted.limit else None}


@router.get("/sources/{int:number}", response=ONE, operation_id="get_source")
def get_source(request: HttpRequest, number: int) -> dict[str, Any]:
    """One source."""
    return _one(request, number)


@router.put("/sources/{int:number}/schedule", response=ONE, operation_id="set_schedule")
def set_schedule(request: HttpRequest, number: int, given: ScheduleIn) -> dict[str, Any]:
    """Make or change the schedule of a source; the provider's compiler alone may."""
    times = Timetable(given.rhythm, given.minutes, time.fromisoformat(given.at), given.weekday, given.cron)
    plan = usecases.Plan(times, given.mode, given.column, given.type, given.overlap, given.publication, tuple(given.needs))
    usecases.set_schedule(number, plan, by=request.officer)
    return _one(request, number)


@router.post("/sources/{int:number}/pause", response=ONE, operation_id="pause_schedule")
def pause_schedule(request: HttpRequest, number: int) -> dict[str, Any]:
    """Let the schedule of a source rest."""
    usecases.pause_schedule(number, by=request.officer)
    return _one(request, number)


@router.post("/sources/{int:number}/resume", response=ONE, operation_id="resume_schedule")
def resume_schedule(request: HttpRequest, number: int) -> dict[str, Any]:
    """Let it go on, from its next time."""
    usecases.resume_schedule(number, by=request.officer)
    return _one(request, number)


@router.post("/sources/{int:number}/collect", response={202: schemas.BatchOut, **REFUSALS}, operation_id="collect_source")
def collect_source(request: HttpRequest, number: int) -> Status:
    """Collect a source now, in the way of its schedule; it goes on in the background."""
    return Status(202, shown(usecases.collect_now(number, by=request.officer)))


@router.post("/batches/{int:number}/cancel", response={200: schemas.BatchOut, **REFUSALS}, operation_id="cancel_batch")
def cancel_batch(request: HttpRequest, number: int) -> dict[str, Any]:
    """Stop a batch, or give up one that is held; the lake holds what it held."""
    return shown(usecases.cancel_batch(number, by=request.officer))


@router.post("/batches/{int:number}/continue", response={200: schemas.BatchOut, **REFUSALS}, operation_id="continue_batch")
def continue_batch(request: HttpRequest, number: int) -> dict[str, Any]:
    """Let a batch that is held go on with the differences it was held for."""
    return shown(usecases.continue_batch(number, by=request.officer))


@router.post("/batches/{int:number}/retry", response={202: schemas.BatchOut, **REFUSALS}, operation_id="retry_batch")
def retry_batch(request: HttpRequest, number: int) -> Status:
    """Begin what failed or was cancelled anew, as another batch."""
    return Status(202, shown(usecases.retry_batch(number, by=request.officer)))


@router.get(
    "/resources/{int:head}/{int:sequence}/lineage", response={200: LineageOut, **REFUSALS}, operation_id="get_lineage"
)
def get_lineage(request: HttpRequest, head: int, sequence: int) -> tracing.Lineage:
    """Trace a resource from the columns of its source to what it was used for."""
    return tracing.lineage(f"{head}/{sequence}", by=request.officer)


def _one(request: HttpRequest, number: int) -> dict[str, Any]:
    found = collecting.source(number, by=request.officer)
    return _source(collecting.collected([found], datetime.now(UTC))[0])


def _source(one: collecting.Collected) -> dict[str, Any]:
    source, plan, newest = one.source, one.schedule, one.newest
    same = ("rhythm", "mode", "minutes", "weekday", "cron", "watermark", "paused", "next_at", "set_by", "set_at")
    said = None if plan is None else {name: getattr(plan, name) for name in same}
    if said is not None and plan is not None:
        said["at"] = f"{plan.at:%H:%M}"
        said["needs"] = sorted(plan.needs.values_list("pk", flat=True))
    return {
        "number": source.pk, "resource": source.resource_id, "name": source.name, "kind": source.kind, "schedule": said,
        "waits": one.waits or "", "batch": newest.pk if newest else None, "stage": newest.stage if newest else "",
    }  # fmt: skip
