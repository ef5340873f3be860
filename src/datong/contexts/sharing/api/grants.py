# SPDX-License-Identifier: Apache-2.0
"""Grants: read, keep the signed document, suspend, resume, revoke."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from datong.contexts.sharing import queries, usecases
from datong.contexts.sharing.api import schemas
from datong.contexts.sharing.models import Grant
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422), Problem)
ONE = {200: schemas.GrantOut, **REFUSALS}


@router.get("/grants", response={200: schemas.GrantsOut, **REFUSALS}, operation_id="list_grants")
def list_grants(request: HttpRequest, wanted: Query[schemas.ListIn]) -> dict[str, Any]:
    """Grants the officer may see, newest first."""
    filters = wanted.dict(include={"stage", "q", "side", "resource"})
    rows = queries.grants(request.officer, **filters).order_by("-number")
    if wanted.after.isprintable() and wanted.after:
        rows = rows.filter(number__lt=wanted.after)
    found = list(rows[: wanted.limit])
    following = found[-1].number if len(found) == wanted.limit else None
    return {"items": [grant_out(row) for row in found], "next": following}


@router.get("/grants/{number}", response=ONE, operation_id="get_grant")
def get_grant(request: HttpRequest, number: str) -> dict[str, Any]:
    """A grant in short."""
    return grant_out(queries.grant_of(number, by=request.officer))


@router.get("/grants/{number}/document", response={200: schemas.EnvelopeOut, **REFUSALS}, operation_id="get_document")
def get_document(request: HttpRequest, number: str) -> dict[str, Any]:
    """The signed document of a grant."""
    return queries.envelope(queries.grant_of(number, by=request.officer))


@router.post("/grants/{number}/suspend", response=ONE, operation_id="suspend_grant")
def suspend_grant(request: HttpRequest, number: str, given: schemas.SuspensionIn) -> dict[str, Any]:
    """Suspend an active grant, with a reason, perhaps until when it has to be put right."""
    return grant_out(usecases.suspend_grant(number, given.note, mend_by=given.mend_by, by=request.officer))


@router.post("/grants/{number}/resume", response=ONE, operation_id="resume_grant")
def resume_grant(request: HttpRequest, number: str, given: schemas.NoteIn) -> dict[str, Any]:
    """Let a suspended grant work again, with a reason."""
    return grant_out(usecases.resume_grant(number, given.note, by=request.officer))


@router.post("/grants/{number}/revoke", response=ONE, operation_id="revoke_grant")
def revoke_grant(request: HttpRequest, number: str, given: schemas.NoteIn) -> dict[str, Any]:
    """End a grant for good, with a reason; the provider only one it suspended."""
    return grant_out(usecases.revoke_grant(number, given.note, by=request.officer))


def grant_out(row: Grant) -> dict[str, Any]:
    """Give a grant in short."""
    shown = (
        *("number", "stage", "stage_reason", "valid_from", "valid_until", "granted_at", "digest", "purpose"),
        *("delivered_at", "mend_by"),
    )
    return {
        "request": row.request.number,
        "resource": row.resource_id,
        "resource_name": row.resource.name,
        "consumer": row.consumer_id,
        "consumer_name": row.consumer.name,
        "provider": row.provider_id,
        "provider_name": row.provider.name,
        "application": row.application_id,
        "supersedes": row.supersedes.number if row.supersedes else None,
        **{name: getattr(row, name) for name in shown},
    }
