# SPDX-License-Identifier: Apache-2.0
"""Requests: draft, revise, file, endorse, return, withdraw, grant, refuse."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from datong.contexts.sharing import queries, usecases
from datong.contexts.sharing.api import schemas
from datong.contexts.sharing.api.grants import REFUSALS, grant_out
from datong.contexts.sharing.domain import Stage
from datong.contexts.sharing.models import Request

router = Router()
ONE = {200: schemas.RequestOut, **REFUSALS}
SHOWN = (
    *("number", "revision", "stage", "sharing_type", "created_at", "filed_at", "endorsed_at", "decided_at"),
    *("refusal_category", "opinion", "note"),
)
PEOPLE = ("created_by", "filed_by", "endorsed_by", "decided_by")


@router.get("/requests", response={200: schemas.RequestsOut, **REFUSALS}, operation_id="list_requests")
def list_requests(request: HttpRequest, wanted: Query[schemas.ListIn]) -> dict[str, Any]:
    """Requests the officer may see, newest first."""
    filters = wanted.dict(include={"stage", "q", "side", "resource"})
    rows = queries.requests(request.officer, **filters).order_by("-number")
    if wanted.after.isprintable() and wanted.after:
        rows = rows.filter(number__lt=wanted.after)
    found = list(rows[: wanted.limit])
    following = found[-1].number if len(found) == wanted.limit else None
    return {"items": [request_out(row) for row in found], "next": following}


@router.get("/requests/waiting", response={200: list[schemas.RequestOut], **REFUSALS}, operation_id="requests_waiting")
def list_waiting(request: HttpRequest) -> list[dict[str, Any]]:
    """Requests that wait for this officer to act."""
    return [request_out(row) for row in queries.waiting(request.officer)[:500]]


@router.post("/requests", response={201: schemas.RequestOut, **REFUSALS}, operation_id="draft_request")
def draft_request(request: HttpRequest, given: schemas.RequestIn) -> Status:
    """Begin a request for a resource."""
    return Status(201, request_out(usecases.draft_request(given.draft(), by=request.officer)))


@router.get("/requests/{number}", response={200: schemas.RequestDetailOut, **REFUSALS}, operation_id="get_request")
def get_request(request: HttpRequest, number: str) -> dict[str, Any]:
    """A request with all it says and its clocks."""
    row = queries.request_of(number, by=request.officer)
    people = {name: getattr(row, name) for name in PEOPLE}
    said = asdict(queries.as_draft(row))
    return {**request_out(row), **people, "request": said, "clocks": list(queries.clocks_of(number))}


@router.put("/requests/{number}", response=ONE, operation_id="revise_request")
def revise_request(request: HttpRequest, number: str, given: schemas.RequestRevisionIn) -> dict[str, Any]:
    """Replace what a draft or returned request says."""
    row = usecases.revise_request(number, given.draft(), by=request.officer, revision=given.revision)
    return request_out(row)


@router.post("/requests/{number}/file", response=ONE, operation_id="file_request")
def file_request(request: HttpRequest, number: str) -> dict[str, Any]:
    """Hand a request to the own department's head; every missing field is named."""
    return request_out(usecases.file_request(number, by=request.officer))


@router.post("/requests/{number}/endorse", response=ONE, operation_id="endorse_request")
def endorse_request(request: HttpRequest, number: str) -> dict[str, Any]:
    """Stand behind a request as the consumer's head; the provider's period begins."""
    return request_out(usecases.endorse_request(number, by=request.officer))


@router.post("/requests/{number}/return", response=ONE, operation_id="return_request")
def return_request(request: HttpRequest, number: str, given: schemas.NoteIn) -> dict[str, Any]:
    """Send a filed request back to its applicant, as the consumer's head."""
    return request_out(usecases.return_request(number, given.note, by=request.officer))


@router.post("/requests/{number}/withdraw", response=ONE, operation_id="withdraw_request")
def withdraw_request(request: HttpRequest, number: str, given: schemas.NoteIn) -> dict[str, Any]:
    """Take a request back before it is decided."""
    return request_out(usecases.withdraw_request(number, by=request.officer, note=given.note))


@router.post("/requests/{number}/completion", response=ONE, operation_id="ask_to_complete")
def ask_to_complete(request: HttpRequest, number: str, given: schemas.NoteIn) -> dict[str, Any]:
    """Tell the applicant once everything that is missing (809 art. 21)."""
    return request_out(usecases.ask_to_complete(number, given.note, by=request.officer))


@router.post("/requests/{number}/grant", response={201: schemas.GrantOut, **REFUSALS}, operation_id="grant_request")
def grant_request(request: HttpRequest, number: str, given: schemas.RequestDecisionIn) -> Status:
    """Agree to share, as the provider's head; perhaps less than was asked."""
    return Status(201, grant_out(usecases.grant_request(number, given.decision(), by=request.officer)))


@router.post("/requests/{number}/refuse", response=ONE, operation_id="refuse_request")
def refuse_request(request: HttpRequest, number: str, given: schemas.RefusalIn) -> dict[str, Any]:
    """Refuse, as the provider's head, with category and reason."""
    return request_out(usecases.refuse_request(number, given.category, given.reason, by=request.officer))


def request_out(row: Request) -> dict[str, Any]:
    """Give a request in short."""
    return {
        "resource": row.resource_id,
        "resource_name": row.resource.name,
        "consumer": row.consumer_id,
        "consumer_name": row.consumer.name,
        "provider": row.provider_id,
        "provider_name": row.provider.name,
        "grant": row.grant.number if row.stage == Stage.GRANTED else None,
        **{name: getattr(row, name) for name in SHOWN},
    }
