# SPDX-License-Identifier: Apache-2.0
"""Deputies (授权代办): who does whose work, from when until when."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from datong.contexts.organisations import queries, usecases
from datong.contexts.organisations.api import schemas
from datong.contexts.organisations.domain import DelegationView
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422), Problem)
LARGEST_KEY = 2**62


@router.get("/deputies", response={200: schemas.DelegationsOut, **REFUSALS}, operation_id="list_delegations")
def list_delegations(request: HttpRequest, wanted: Query[schemas.DelegationsIn]) -> dict[str, Any]:
    """Delegations the officer gave or was given, newest first; the three administrators see all."""
    rows = queries.delegations(request.officer, state=wanted.state or "").order_by("-pk")
    if wanted.after:
        rows = rows.filter(pk__lt=min(wanted.after, LARGEST_KEY))
    found = list(rows[: wanted.limit])
    cursor = found[-1].pk if len(found) == wanted.limit else None
    return {"items": [queries.delegation_view(row) for row in found], "next": cursor}


@router.post("/deputies", response={201: schemas.DelegationOut, **REFUSALS}, operation_id="delegate")
def delegate(request: HttpRequest, given: schemas.DelegationIn) -> Status:
    """Let another account of the own department do one's work in some roles."""
    made = usecases.delegate(by=request.officer, **given.dict())
    return Status(201, _view(made.pk, request))


@router.get("/deputies/{delegation_id}", response={200: schemas.DelegationOut, **REFUSALS}, operation_id="get_delegation")
def get_delegation(request: HttpRequest, delegation_id: int) -> DelegationView:
    """One delegation."""
    return _view(delegation_id, request)


@router.post("/deputies/{delegation_id}/end", response={200: schemas.DelegationOut, **REFUSALS}, operation_id="end_delegation")
def end_delegation(request: HttpRequest, delegation_id: int) -> DelegationView:
    """End a delegation now: the one who gave it, or the security officer."""
    usecases.end_delegation(delegation_id, by=request.officer)
    return _view(delegation_id, request)


def _view(pk: int, request: HttpRequest) -> DelegationView:
    return queries.delegation_view(queries.delegation(pk, by=request.officer))
