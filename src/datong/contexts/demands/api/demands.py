# SPDX-License-Identifier: Apache-2.0
"""Demands: list, write, file, consent, match, assign, decline, answer, ask for what answers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from datong.contexts.demands import queries, usecases
from datong.contexts.demands.api import schemas
from datong.contexts.demands.models import Demand
from datong.kernel.actors import Officer
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422), Problem)
ONE = {200: schemas.DemandOut, **REFUSALS}
SHOWN = (
    *("number", "stage", "name", "items", "basis_kind", "basis", "scene", "purpose", "expected_words", "coverage", "urgency"),
    *("needed_by", "note", "made_at", "filed_at", "endorsed_at", "reviewed_at", "answered_at", "ended_at"),
)


def demand_out(row: Demand) -> dict[str, Any]:
    """Give a demand."""
    return {
        **{name: getattr(row, name) for name in SHOWN},
        "department": row.department_id,
        "department_name": row.department.name,
        "expected": row.expected_id,
        "resource": row.resource_id,
        "request": row.request_id,
    }


def _now(number: str, by: Officer) -> dict[str, Any]:
    return demand_out(queries.demand_of(number, by=by))


@router.get("/demands", response={200: schemas.DemandsOut, **REFUSALS}, operation_id="list_demands")
def list_demands(request: HttpRequest, wanted: Query[schemas.ListIn]) -> dict[str, Any]:
    """Demands the officer may see, newest first."""
    rows = queries.demands(request.officer, **wanted.dict(exclude={"after", "limit"})).order_by("-number")
    if wanted.after and wanted.after.isprintable():
        rows = rows.filter(number__lt=wanted.after)
    found = list(rows[: wanted.limit])
    following = found[-1].number if len(found) == wanted.limit else None
    return {"items": [demand_out(row) for row in found], "next": following}


@router.post("/demands", response={201: schemas.DemandOut, **REFUSALS}, operation_id="draft_demand")
def draft_demand(request: HttpRequest, given: schemas.DemandIn) -> Status:
    """Begin a demand."""
    made = usecases.draft_demand(given.draft(), by=request.officer)
    return Status(201, _now(made.number, request.officer))


@router.get("/demands/{number}", response=ONE, operation_id="get_demand")
def get_demand(request: HttpRequest, number: str) -> dict[str, Any]:
    """One demand."""
    return _now(number, request.officer)


@router.put("/demands/{number}", response=ONE, operation_id="revise_demand")
def revise_demand(request: HttpRequest, number: str, given: schemas.DemandIn) -> dict[str, Any]:
    """Write a draft, or a returned demand, anew."""
    usecases.revise_demand(number, given.draft(), by=request.officer)
    return _now(number, request.officer)


@router.get("/demands/{number}/matches", response={200: schemas.MatchesOut, **REFUSALS}, operation_id="match_suggestions")
def match_suggestions(request: HttpRequest, number: str) -> dict[str, Any]:
    """Entries that may be what is wanted, with score and reasons; a person decides."""
    row = queries.demand_of(number, by=request.officer)
    found = queries.matches(row.name, row.items, row.expected_id or "", by=request.officer)
    return {"items": [_match_out(one) for one in found]}


def _match_out(one: queries.Match) -> dict[str, Any]:
    names = ("name", "provider", "provider_name", "sharing_type")
    said = {"words": list(one.judged.words), "items": list(one.judged.items), "expected": one.judged.expected}
    return {"resource": one.hit.code, "score": one.score, **{name: getattr(one.hit, name) for name in names}, **said}


@router.post("/demands/{number}/file", response=ONE, operation_id="file_demand")
def file_demand(request: HttpRequest, number: str) -> dict[str, Any]:
    """Hand a demand to the head of the own department."""
    usecases.file_demand(number, by=request.officer)
    return _now(number, request.officer)


@router.post("/demands/{number}/take", response=ONE, operation_id="take_entry")
def take_entry(request: HttpRequest, number: str, given: schemas.AnsweringEntryIn) -> dict[str, Any]:
    """Say as the demander that an entry is it."""
    usecases.take_entry(number, given.resource, by=request.officer)
    return _now(number, request.officer)


@router.post("/demands/{number}/endorse", response=ONE, operation_id="endorse_demand")
def endorse_demand(request: HttpRequest, number: str) -> dict[str, Any]:
    """Stand behind a demand as its department's head."""
    usecases.endorse_demand(number, by=request.officer)
    return _now(number, request.officer)


@router.post("/demands/{number}/return", response=ONE, operation_id="return_demand")
def return_demand(request: HttpRequest, number: str, given: schemas.DemandReasonIn) -> dict[str, Any]:
    """Return a demand to its applicant."""
    usecases.return_demand(number, given.reason, by=request.officer)
    return _now(number, request.officer)


@router.post("/demands/{number}/withdraw", response=ONE, operation_id="withdraw_demand")
def withdraw_demand(request: HttpRequest, number: str, given: schemas.DemandReasonIn) -> dict[str, Any]:
    """Take a demand back."""
    usecases.withdraw_demand(number, given.reason, by=request.officer)
    return _now(number, request.officer)


@router.post("/demands/{number}/match", response=ONE, operation_id="match_demand")
def match_demand(request: HttpRequest, number: str, given: schemas.AnsweringEntryIn) -> dict[str, Any]:
    """Say as the authority which entry answers."""
    usecases.match_demand(number, given.resource, given.note, by=request.officer)
    return _now(number, request.officer)


@router.post("/demands/{number}/assign", response=ONE, operation_id="assign_demand")
def assign_demand(request: HttpRequest, number: str, given: schemas.DemandAssignmentIn) -> dict[str, Any]:
    """Make a department responsible; its clock starts."""
    usecases.assign_demand(number, given.department, given.reason, by=request.officer)
    return _now(number, request.officer)


@router.post("/demands/{number}/decline", response=ONE, operation_id="decline_demand")
def decline_demand(request: HttpRequest, number: str, given: schemas.DemandReasonIn) -> dict[str, Any]:
    """Decline a demand as the authority."""
    usecases.decline_demand(number, given.reason, by=request.officer)
    return _now(number, request.officer)


@router.post("/demands/{number}/accept", response=ONE, operation_id="accept_demand")
def accept_demand(request: HttpRequest, number: str, given: schemas.DemandReasonIn) -> dict[str, Any]:
    """Accept as the responsible department: a compile task opens."""
    usecases.accept_demand(number, given.reason, by=request.officer)
    return _now(number, request.officer)


@router.post("/demands/{number}/not-held", response=ONE, operation_id="give_demand_back")
def give_back(request: HttpRequest, number: str, given: schemas.DemandReasonIn) -> dict[str, Any]:
    """Answer that the department does not hold the data."""
    usecases.give_back(number, given.reason, by=request.officer)
    return _now(number, request.officer)


@router.post("/demands/{number}/supply", response=ONE, operation_id="supply_entry")
def supply_entry(request: HttpRequest, number: str, given: schemas.AnsweringEntryIn) -> dict[str, Any]:
    """Name the entry that answers."""
    usecases.supply_entry(number, given.resource, given.note, by=request.officer)
    return _now(number, request.officer)


@router.post("/demands/{number}/reopen", response=ONE, operation_id="reopen_demand")
def reopen_demand(request: HttpRequest, number: str, given: schemas.DemandReasonIn) -> dict[str, Any]:
    """Say that the entry is not what was wanted."""
    usecases.reopen_demand(number, given.reason, by=request.officer)
    return _now(number, request.officer)


@router.post("/demands/{number}/request", response=ONE, operation_id="request_demanded")
def request_entry(request: HttpRequest, number: str) -> dict[str, Any]:
    """Begin a request for the entry with the demand's text; `request` is its number."""
    usecases.request_entry(number, by=request.officer)
    return _now(number, request.officer)
