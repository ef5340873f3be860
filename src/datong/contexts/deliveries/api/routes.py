# SPDX-License-Identifier: Apache-2.0
"""Routes of deliveries: ask, follow, withdraw, ask again, take the address of a file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from datong.contexts.deliveries import queries, usecases
from datong.contexts.deliveries.api import schemas
from datong.contexts.deliveries.models import Delivery, Schedule
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422, 503), Problem)
ONE = {200: schemas.DeliveryOut, **REFUSALS}
SHOWN = (
    *("number", "channel", "stage", "wanted", "target", "asked_by", "asked_at", "started_at", "finished_at", "attempts"),
    *("lake_version", "rows_done", "rows", "size", "digest", "files", "sides", "error", "log"),
)


def _out(row: Delivery) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in SHOWN}
    more = {"grant": row.grant_id, "resource": row.grant.resource_id, "schedule": row.schedule_id}
    return {**told, **more, "retries": row.retries.number if row.retries else None}


def _schedule(row: Schedule) -> dict[str, Any]:
    return {"number": row.pk, "grant": row.grant_id, "ended_at": row.ended_at}


@router.get("/deliveries", response={200: schemas.DeliveriesOut, **REFUSALS}, operation_id="list_deliveries")
def list_deliveries(request: HttpRequest, wanted: Query[schemas.DeliveriesIn]) -> dict[str, Any]:
    """Deliveries the officer may see, newest first."""
    rows = queries.deliveries(request.officer, **wanted.dict(exclude={"after", "limit"})).select_related("retries")
    if wanted.after:
        rows = rows.filter(id__lt=wanted.after)
    found = list(rows[: wanted.limit])
    return {"items": [_out(row) for row in found], "next": found[-1].pk if len(found) == wanted.limit else None}


@router.post("/grants/{number}/deliveries", response={202: schemas.DeliveryOut, **REFUSALS}, operation_id="ask_delivery")
def ask_delivery(request: HttpRequest, number: str, given: schemas.DeliveryIn) -> Status:
    """Ask for files or for rows in a table; it is carried out in the background."""
    return Status(202, _out(usecases.ask(given.wanted(number), by=request.officer)))


@router.get("/deliveries/{delivery}", response=ONE, operation_id="get_delivery")
def get_delivery(request: HttpRequest, delivery: str) -> dict[str, Any]:
    """One delivery: stage, progress, log, files, both sides."""
    return _out(queries.delivery(delivery, by=request.officer))


@router.post("/deliveries/{delivery}/withdraw", response=ONE, operation_id="withdraw_delivery")
def withdraw_delivery(request: HttpRequest, delivery: str) -> dict[str, Any]:
    """Withdraw it: what waits ends, what is under way is told to stop, files to fetch go away."""
    return _out(usecases.withdraw(delivery, by=request.officer))


@router.post("/deliveries/{delivery}/retry", response={202: schemas.DeliveryOut, **REFUSALS}, operation_id="retry_delivery")
def retry_delivery(request: HttpRequest, delivery: str) -> Status:
    """Ask once more for what did not arrive."""
    return Status(202, _out(usecases.retry(delivery, by=request.officer)))


@router.post(
    "/deliveries/{delivery}/addresses", response={201: schemas.FileLinkOut, **REFUSALS}, operation_id="give_delivery_address"
)
def give_delivery_address(request: HttpRequest, delivery: str, given: schemas.FileLinkIn) -> Status:
    """Give an address by which a program fetches one file, whole or in parts, until it ends."""
    url, ends = usecases.give_address(delivery, given.file, by=request.officer, hours=given.hours)
    return Status(201, {"url": url, "ends_at": datetime.fromtimestamp(ends, UTC)})


@router.post(
    "/delivery-schedules/{int:schedule}/stop", response={200: schemas.RepeatOut, **REFUSALS}, operation_id="stop_deliveries"
)
def stop_deliveries(request: HttpRequest, schedule: int) -> dict[str, Any]:
    """Stop what repeats."""
    return _schedule(usecases.stop_schedule(schedule, by=request.officer))
