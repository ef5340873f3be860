# SPDX-License-Identifier: Apache-2.0
"""Application systems and their keys."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from datong.contexts.organisations import queries, usecases
from datong.contexts.organisations.api import schemas
from datong.contexts.organisations.domain import ApplicationView
from datong.kernel import texts
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((401, 403, 404, 409, 422, 503), Problem)


@router.get("/applications", response={200: schemas.ApplicationsOut, **REFUSALS}, operation_id="list_applications")
def list_applications(request: HttpRequest, wanted: Query[schemas.PageIn]) -> dict[str, Any]:
    """Applications the officer may see, in order of client id."""
    after = texts.line("after", wanted.after, longest=64, least=0)
    found = queries.applications(by=request.officer, after=after, limit=wanted.limit)
    return {"items": found, "next": found[-1].client_id if len(found) == wanted.limit else None}


@router.post("/applications", response={201: schemas.RegisteredOut, **REFUSALS}, operation_id="register_application")
def register_application(request: HttpRequest, given: schemas.ApplicationIn) -> Status:
    """Register an application of the own department."""
    return Status(201, usecases.register_application(by=request.officer, **given.dict()))


@router.get("/applications/{client_id}", response={200: schemas.ApplicationOut, **REFUSALS}, operation_id="get_application")
def get_application(request: HttpRequest, client_id: str) -> ApplicationView:
    """One application."""
    return queries.application(client_id, by=request.officer)


@router.post(
    "/applications/{client_id}/key",
    response={200: schemas.RegisteredOut, **REFUSALS},
    operation_id="rotate_application_key",
)
def rotate_application_key(request: HttpRequest, client_id: str, given: schemas.KeyIn) -> usecases.Registered:
    """Replace the key of an application; the old one ends at once, or once the overlap is over."""
    return usecases.rotate_application_key(
        client_id, by=request.officer, public_key=given.public_key, overlap=given.overlap
    )  # fmt: skip


@router.post(
    "/applications/{client_id}/former-key/end",
    response={200: schemas.ApplicationOut, **REFUSALS},
    operation_id="end_former_key",
)
def end_former_key(request: HttpRequest, client_id: str) -> ApplicationView:
    """End the key before, ahead of its time."""
    return usecases.end_former_key(client_id, by=request.officer)


@router.put(
    "/applications/{client_id}/guard",
    response={200: schemas.ApplicationOut, **REFUSALS},
    operation_id="guard_application",
)
def guard_application(request: HttpRequest, client_id: str, given: schemas.GuardIn) -> ApplicationView:
    """Say from where an application calls, whether each call has to be signed, and with which certificates it connects."""
    return usecases.guard_application(client_id, by=request.officer, **given.dict())


@router.post(
    "/applications/{client_id}/suspension",
    response={200: schemas.ApplicationOut, **REFUSALS},
    operation_id="suspend_application",
)
def suspend_application(request: HttpRequest, client_id: str, given: schemas.ReasonIn) -> ApplicationView:
    """Stop an application."""
    return usecases.suspend_application(client_id, by=request.officer, reason=given.reason)


@router.post(
    "/applications/{client_id}/restoration",
    response={200: schemas.ApplicationOut, **REFUSALS},
    operation_id="restore_application",
)
def restore_application(request: HttpRequest, client_id: str, given: schemas.ReasonIn) -> ApplicationView:
    """Let a suspended application work again."""
    return usecases.restore_application(client_id, by=request.officer, reason=given.reason)
