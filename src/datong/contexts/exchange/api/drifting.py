# SPDX-License-Identifier: Apache-2.0
"""Drift: cases where an entry no longer tells the truth about its data."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from datong.contexts.exchange import queries, usecases
from datong.contexts.exchange.api import schemas
from datong.contexts.exchange.models import DriftCase
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422), Problem)
ONE = {200: schemas.DriftOut, **REFUSALS}


@router.get("/drifts", response={200: schemas.DriftsOut, **REFUSALS}, operation_id="list_drifts")
def list_drifts(request: HttpRequest, wanted: Query[schemas.DriftsIn]) -> dict[str, Any]:
    """Cases the officer may work on, newest first."""
    rows = queries.drifts(request.officer, stage=wanted.stage, resource=wanted.resource)
    found = list((rows.filter(pk__lt=wanted.after) if wanted.after else rows)[: wanted.limit])
    return {"items": [_shown(one) for one in found], "next": found[-1].pk if len(found) == wanted.limit else None}


@router.get("/drifts/{int:number}", response=ONE, operation_id="get_drift")
def get_drift(request: HttpRequest, number: int) -> dict[str, Any]:
    """One case."""
    return _shown(queries.drift_case(number, by=request.officer))


@router.post("/drifts/{int:number}/acknowledge", response=ONE, operation_id="acknowledge_drift")
def acknowledge(request: HttpRequest, number: int, given: schemas.SaidIn) -> dict[str, Any]:
    """Take a case up and say what will be done; the provider alone may."""
    return _shown(usecases.acknowledge_drift(number, given.words, by=request.officer))


@router.post("/drifts/{int:number}/dismiss", response=ONE, operation_id="dismiss_drift")
def dismiss(request: HttpRequest, number: int, given: schemas.SaidIn) -> dict[str, Any]:
    """End a case that needs no mending; the authority alone may."""
    return _shown(usecases.dismiss_drift(number, given.words, by=request.officer))


@router.post(
    "/resources/{int:head}/{int:sequence}/compare",
    response={202: schemas.QueuedOut, **REFUSALS},
    operation_id="compare_resource",
)
def compare(request: HttpRequest, head: int, sequence: int) -> Status:
    """Compare a resource with its data now; the answer comes as a case, or closes one."""
    code = f"{head}/{sequence}"
    usecases.compare_on_demand(code, by=request.officer)
    return Status(202, {"resource": code})


def _shown(case: DriftCase) -> dict[str, Any]:
    same = ("version", "stage", "findings", "plan", "ending", "opened_at", "checked_at", "ended_at")
    return {"number": case.pk, "resource": case.resource_id, **{name: getattr(case, name) for name in same}}
