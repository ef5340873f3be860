# SPDX-License-Identifier: Apache-2.0
"""Asking: the basket, the dry run, copies and changes, what a request may cite."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Path, Router, Status

from datong.contexts.catalog import face as catalog
from datong.contexts.sharing import permissions
from datong.contexts.sharing.api import schemas
from datong.contexts.sharing.api import shapes_of_asking as shapes
from datong.contexts.sharing.api.grants import REFUSALS
from datong.contexts.sharing.api.requests import request_out
from datong.contexts.sharing.models import BasketLine
from datong.contexts.sharing.queries import baskets as lines
from datong.contexts.sharing.queries import trying
from datong.contexts.sharing.usecases import baskets, copying

router = Router()


@router.get("/basket", response={200: list[shapes.LineOut], **REFUSALS}, operation_id="get_basket")
def get_basket(request: HttpRequest) -> list[dict[str, Any]]:
    """Resources in the own basket, the first put in first."""
    return [_line(row) for row in lines.basket(request.officer)]


@router.post("/basket", response={201: shapes.LineOut, **REFUSALS}, operation_id="put_in_basket")
def put_in_basket(request: HttpRequest, given: shapes.LineIn) -> Status:
    """Put a resource in the own basket, or choose its items anew."""
    row = baskets.put_in_basket(given.resource, given.items, by=request.officer)
    return Status(201, _line(lines.line_of(row.pk, by=request.officer)))


@router.post("/basket/requests", response={200: shapes.OutcomesOut, **REFUSALS}, operation_id="ask_together")
def ask_together(request: HttpRequest, given: shapes.TogetherIn) -> dict[str, Any]:
    """Draft one request for each resource of the basket; hand in those that are complete, if wished."""
    done = baskets.ask_together(given.draft(), by=request.officer, file=given.file, lines=given.lines)
    return {"items": [_outcome(one) for one in done]}


@router.delete("/basket/{line}", response={204: None, **REFUSALS}, operation_id="take_out_of_basket")
def take_out_of_basket(request: HttpRequest, line: Path[int]) -> Status:
    """Take a resource out of the own basket."""
    baskets.take_out_of_basket(line, by=request.officer)
    return Status(204, None)


@router.get("/requests/bases", response={200: shapes.BasesOut, **REFUSALS}, operation_id="list_bases")
def list_bases(request: HttpRequest) -> dict[str, Any]:
    """Laws in force and duties of the own department that a request may cite."""
    permissions.check_may_apply(request.officer)
    return {"laws": catalog.laws_to_cite(), "duties": catalog.duties_to_cite(request.officer.department)}


@router.post("/requests/dry-run", response={200: shapes.TrialOut, **REFUSALS}, operation_id="try_draft")
def try_draft(request: HttpRequest, given: shapes.TrialIn) -> Any:
    """Say what a request would come to: what one gets, who decides, by when, what is missing. Nothing is kept."""
    return trying.try_draft(given.draft(), by=request.officer)


@router.get("/requests/{number}/dry-run", response={200: shapes.TrialOut, **REFUSALS}, operation_id="try_request")
def try_request(request: HttpRequest, number: str) -> Any:
    """Say what a draft would come to as it stands."""
    return trying.try_request(number, by=request.officer)


@router.post("/requests/file", response={200: shapes.OutcomesOut, **REFUSALS}, operation_id="file_together")
def file_together(request: HttpRequest, given: shapes.NumbersIn) -> dict[str, Any]:
    """Hand several drafts to the own head, each checked by itself."""
    done = baskets.file_together(given.numbers, by=request.officer)
    return {"items": [_outcome(one) for one in done]}


@router.post("/requests/{number}/copy", response={201: shapes.CopyOut, **REFUSALS}, operation_id="copy_request")
def copy_request(request: HttpRequest, number: str) -> Status:
    """Begin a request that says what an earlier one said, also a refused or withdrawn one."""
    row, taken = copying.copy_request(number, by=request.officer)
    return Status(201, {"request": request_out(row), "dropped": list(taken.dropped)})


@router.post("/grants/{number}/amend", response={201: schemas.RequestOut, **REFUSALS}, operation_id="amend_grant")
def amend_grant(request: HttpRequest, number: str) -> Status:
    """Begin a request that would change a live grant."""
    return Status(201, request_out(copying.amend_grant(number, by=request.officer)))


def _line(row: BasketLine) -> dict[str, Any]:
    return {
        "line": row.pk,
        "resource": row.resource_id,
        "resource_name": row.resource.name,
        "provider": row.resource.provider_id,
        "provider_name": row.resource.provider.name,
        "items": row.items,
    }


def _outcome(one: baskets.Outcome) -> dict[str, Any]:
    fault = one.fault
    return {
        "resource": one.resource,
        "number": one.number,
        "filed": one.filed,
        "code": fault.code if fault else "",
        "message": fault.message if fault else "",
        "errors": fault.fields if fault else {},
        "left_out": list(one.left_out),
    }
