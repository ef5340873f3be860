# SPDX-License-Identifier: Apache-2.0
"""Taking a published resource off the catalogue (809 art. 27)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Status

from datong.contexts.catalog.api import shapes_of_life as shapes
from datong.contexts.catalog.api.resources import REFUSALS
from datong.contexts.catalog.models import Removal
from datong.contexts.catalog.queries import updating
from datong.contexts.catalog.usecases import removals

router = Router()
ONE = {200: shapes.RemovalOut, **REFUSALS}


@router.get("/removals", response={200: shapes.RemovalsOut, **REFUSALS}, operation_id="list_removals")
def list_removals(request: HttpRequest, wanted: Query[shapes.PageIn]) -> dict[str, Any]:
    """Requests to remove the officer may see, newest first."""
    rows = updating.removals(request.officer, stage=wanted.stage)
    found = list((rows.filter(pk__lt=wanted.after) if wanted.after else rows)[: wanted.limit])
    return {"items": [_shown(row) for row in found], "next": found[-1].pk if len(found) == wanted.limit else None}


@router.post(
    "/resources/{head}/{sequence}/removals", response={201: shapes.RemovalOut, **REFUSALS}, operation_id="ask_removal"
)
def ask_removal(request: HttpRequest, head: str, sequence: int, given: shapes.RemovalIn) -> Status:
    """Ask to withdraw a published resource, or to let another take its place; the provider's head alone may."""
    made = removals.ask_removal(
        f"{head}/{sequence}", given.reason, negotiation=given.negotiation, successor=given.successor, by=request.officer
    )
    return Status(201, _shown(made))


@router.get("/removals/{removal_id}", response=ONE, operation_id="get_removal")
def get_removal(request: HttpRequest, removal_id: Path[int]) -> dict[str, Any]:
    """One request to remove."""
    return _shown(updating.removal_of(removal_id, by=request.officer))


@router.post("/removals/{removal_id}/decision", response=ONE, operation_id="decide_removal")
def decide_removal(request: HttpRequest, removal_id: Path[int], given: shapes.DecisionIn) -> dict[str, Any]:
    """Decide it; the authority alone may."""
    made = removals.decide_removal(removal_id, approve=given.approve, opinion=given.opinion, by=request.officer)
    return _shown(made)


@router.post("/removals/{removal_id}/retract", response=ONE, operation_id="retract_removal")
def retract_removal(request: HttpRequest, removal_id: Path[int]) -> dict[str, Any]:
    """Take it back; the provider's head alone may."""
    return _shown(removals.retract_removal(removal_id, by=request.officer))


def _shown(row: Removal) -> dict[str, Any]:
    same = ("number", "kind", "reason", "negotiation", "stage", "opinion", "asked_by", "asked_at", "decided_at")
    names = {name: getattr(row, name) for name in same}
    return {"id": row.pk, "resource": row.resource.code, "successor": row.successor.code if row.successor else "", **names}
