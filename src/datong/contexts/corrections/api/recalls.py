# SPDX-License-Identifier: Apache-2.0
"""Recalls of delivered batches and their receipts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from datong.contexts.corrections import queries, usecases
from datong.contexts.corrections.api import schemas
from datong.contexts.corrections.api.reports import REFUSALS
from datong.contexts.corrections.models import Recall, Receipt

router = Router()
SHOWN = ("number", "batch", "reason", "stage", "opened_at", "finished_at")
GIVEN = ("grants", "stage", "disposal", "words", "answered_at")


@router.get("/recalls", response={200: schemas.RecallsOut, **REFUSALS}, operation_id="list_recalls")
def list_recalls(request: HttpRequest, wanted: Query[schemas.ListIn]) -> dict[str, Any]:
    """Recalls the officer may see, newest first."""
    rows = queries.recalls(request.officer, **wanted.dict(include={"stage", "q", "resource"})).order_by("-number")
    if wanted.after.isprintable() and wanted.after:
        rows = rows.filter(number__lt=wanted.after)
    found = list(rows[: wanted.limit])
    following = found[-1].number if len(found) == wanted.limit else None
    return {"items": [recall_out(row) for row in found], "next": following}


@router.post("/recalls", response={201: schemas.RecallOut, **REFUSALS}, operation_id="recall_batch")
def recall_batch(request: HttpRequest, given: schemas.RecallIn) -> Status:
    """Call a delivered batch back; every department that could have received it is told."""
    made = usecases.recall(given.resource, given.batch, given.reason, by=request.officer)
    return Status(201, recall_out(queries.recall_of(made.number, by=request.officer)))


@router.get("/recalls/{number}", response={200: schemas.RecallDetailOut, **REFUSALS}, operation_id="get_recall")
def get_recall(request: HttpRequest, number: str) -> dict[str, Any]:
    """A recall with the receipts the officer sees."""
    row = queries.recall_of(number, by=request.officer)
    receipts = [_receipt(one) for one in queries.receipts_visible(row, request.officer)]
    return {**recall_out(row), "receipts": receipts}


@router.post("/recalls/{number}/receipt", response={200: schemas.ReceiptOut, **REFUSALS}, operation_id="acknowledge_recall")
def acknowledge(request: HttpRequest, number: str, given: schemas.RecallReceiptIn) -> dict[str, Any]:
    """Say what became of the recalled data at the own department."""
    return _receipt(usecases.acknowledge(number, given.disposal, given.words, by=request.officer))


@router.post("/recalls/{number}/urge", response={200: schemas.UrgedOut, **REFUSALS}, operation_id="urge_receipts")
def urge(request: HttpRequest, number: str) -> dict[str, Any]:
    """Tell every department whose receipt is outstanding again."""
    return {"departments": usecases.urge_receipts(number, by=request.officer)}


def recall_out(row: Recall) -> dict[str, Any]:
    """Give a recall in short."""
    return {
        "resource": row.resource_id,
        "resource_name": row.resource.name,
        "provider": row.provider_id,
        "provider_name": row.provider.name,
        **{name: getattr(row, name) for name in SHOWN},
    }


def _receipt(one: Receipt) -> dict[str, Any]:
    facts = {name: getattr(one, name) for name in GIVEN}
    return {"department": one.department_id, "department_name": one.department.name, **facts}
