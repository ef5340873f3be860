# SPDX-License-Identifier: Apache-2.0
"""Routes of the exchange API: attach, follow batches, read of use."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile

from datong.contexts.exchange import queries, usecases
from datong.contexts.exchange.api import schemas
from datong.contexts.exchange.models import Batch
from datong.contexts.sharing import face as sharing
from datong.kernel.errors import Malformed
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422, 503), Problem)
OPTIONS = ("encoding", "delimiter", "sheet", "header_row")


SAME = (
    "stage", "mode", "phase", "rows_read", "rows_good", "rows_bad", "inserted", "updated", "deleted", "unchanged", "error",
    "log", "differences", "queued_at", "finished_at",
)  # fmt: skip


def shown(one: Batch) -> dict[str, Any]:
    """A batch as the API tells it."""
    same = {name: getattr(one, name) for name in SAME}
    return {"number": one.pk, "resource": one.source.resource_id, "source": one.source.name, **same}


def _offer(file: UploadedFile, form: schemas.FileIn) -> usecases.Offer:
    try:
        names = json.loads(form.mapping or "{}")
    except (ValueError, RecursionError):
        names = None
    if not isinstance(names, dict) or not all(isinstance(value, str) for value in names.values()):
        raise Malformed(
            "对应关系不是 JSON 对象 (the mapping is not a JSON object of texts)", fields={"mapping": 'such as {"name": "名称"}'}
        )
    given = {key: value for key, value in form.dict(include=set(OPTIONS)).items() if value}
    return usecases.Offer(name=file.name or "upload", pieces=file.chunks(), options=given, mapping=names)


@router.post(
    "/resources/{int:head}/{int:sequence}/sources",
    response={202: schemas.BatchOut, **REFUSALS},
    operation_id="attach_file",
)
def attach_file(
    request: HttpRequest,
    head: int,
    sequence: int,
    file: File[UploadedFile],
    form: Form[schemas.FileIn],
) -> Status:
    """Attach a CSV, XLSX or Parquet file to a published resource; the landing goes on in the background."""
    made = usecases.attach(f"{head}/{sequence}", _offer(file, form), by=request.officer)
    return Status(202, shown(made))


@router.post(
    "/resources/{int:head}/{int:sequence}/sources/inspect",
    response={200: schemas.InspectionOut, **REFUSALS},
    operation_id="inspect_file",
)
def inspect_file(
    request: HttpRequest,
    head: int,
    sequence: int,
    file: File[UploadedFile],
    form: Form[schemas.FileIn],
) -> dict[str, Any]:
    """Show columns, first rows and the proposed column of each item; nothing is kept."""
    return usecases.inspect_upload(f"{head}/{sequence}", _offer(file, form), by=request.officer)


@router.post(
    "/resources/{int:head}/{int:sequence}/tables",
    response={202: schemas.BatchOut, **REFUSALS},
    operation_id="attach_table",
)
def attach_table(request: HttpRequest, head: int, sequence: int, body: schemas.TableIn) -> Status:
    """Attach a PostgreSQL table to a published resource."""
    offer = usecases.Offer(name=body.table, dsn=body.dsn, options={"table": body.table}, mapping=body.mapping)
    return Status(202, shown(usecases.attach(f"{head}/{sequence}", offer, by=request.officer)))


@router.post(
    "/resources/{int:head}/{int:sequence}/readings",
    response={202: schemas.BatchOut, **REFUSALS},
    operation_id="attach_reading",
)
def attach_reading(request: HttpRequest, head: int, sequence: int, body: schemas.ReadingIn) -> Status:
    """Attach what is read through a connection to a published resource."""
    return Status(202, shown(usecases.attach(f"{head}/{sequence}", _through(body), by=request.officer)))


@router.post(
    "/resources/{int:head}/{int:sequence}/readings/inspect",
    response={200: schemas.InspectionOut, **REFUSALS},
    operation_id="inspect_reading",
)
def inspect_reading(request: HttpRequest, head: int, sequence: int, body: schemas.ReadingIn) -> dict[str, Any]:
    """Show columns, first rows and the proposed column of each item of what is read through a connection."""
    return usecases.inspect_upload(f"{head}/{sequence}", _through(body), by=request.officer)


def _through(body: schemas.ReadingIn) -> usecases.Offer:
    what = {name: value for name, value in body.dict(exclude={"connection", "mapping"}).items() if value not in ("", None)}
    return usecases.Offer(name=body.connection, connection=body.connection, options=what, mapping=body.mapping)


@router.get("/batches", response={200: list[schemas.BatchOut], **REFUSALS}, operation_id="list_batches")
def list_batches(request: HttpRequest, limit: int = Query(50, ge=1, le=200)) -> list[dict[str, Any]]:
    """The newest batches the officer may see."""
    return [shown(one) for one in queries.batches_visible(request.officer)[:limit]]


@router.get("/batches/{int:number}", response={200: schemas.BatchOut, **REFUSALS}, operation_id="get_batch")
def get_batch(request: HttpRequest, number: int) -> dict[str, Any]:
    """One batch: stage, progress, log."""
    return shown(queries.batch(number, by=request.officer))


@router.get(
    "/batches/{int:number}/quarantine",
    response={200: list[schemas.SetAsideOut], **REFUSALS},
    operation_id="list_quarantine",
)
def list_quarantine(request: HttpRequest, number: int, limit: int = Query(100, ge=1, le=1000)) -> list[dict[str, Any]]:
    """Rows a batch set aside, with line and reason."""
    return usecases.quarantine(number, by=request.officer, limit=limit)


@router.get("/grants/{number}/usage", response={200: schemas.UsageOut, **REFUSALS}, operation_id="grant_usage")
def grant_usage(request: HttpRequest, number: str) -> queries.Usage:
    """Calls, rows, refusals, last use of a grant, and what is left of today's quota."""
    grant = sharing.grant(number, by=request.officer)
    return queries.usage(grant.number, grant.policy.quota_per_day)


@router.get("/calls", response={200: schemas.CallsOut, **REFUSALS}, operation_id="list_calls")
def list_calls(
    request: HttpRequest,
    grant: str = Query("", max_length=40),
    after: int = Query(0, ge=0, le=2**62),
    limit: int = Query(50, ge=1, le=200),
) -> dict[str, Any]:
    """Calls the officer may read, newest first; `after` is the cursor of the last page."""
    found = queries.calls(request.officer, grant=grant).order_by("-id")
    if after:
        found = found.filter(id__lt=after)
    page = list(found[:limit])
    return {"items": page, "next": str(page[-1].pk) if len(page) == limit else None}
