# SPDX-License-Identifier: Apache-2.0
"""Disputes: list, open, one with its record, and every step (809 art. 28)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from datong.contexts.disputes import queries, usecases
from datong.contexts.disputes.api import schemas
from datong.contexts.disputes.models import Dispute
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422), Problem)
ONE = {200: schemas.DisputeOut, **REFUSALS}
SHOWN = ("number", "kind", "subject", "matter", "opened_side", "stage", "region", "opened_at", "ended_at", "days_open")
MORE = ("claim", "agreement", "instruction", "reasons", "instruction_document", "decision", "decision_document")


@router.get("/disputes", response={200: schemas.DisputesOut, **REFUSALS}, operation_id="list_disputes")
def list_disputes(request: HttpRequest, wanted: Query[schemas.ListIn]) -> dict[str, Any]:
    """Disputes the officer may see, newest first."""
    rows = queries.disputes(request.officer, **wanted.dict(exclude={"after", "limit"})).order_by("-number")
    if wanted.after.isprintable() and wanted.after:
        rows = rows.filter(number__lt=wanted.after)
    found = list(rows[: wanted.limit])
    following = found[-1].number if len(found) == wanted.limit else None
    return {"items": [dispute_out(row) for row in found], "next": following}


@router.post("/disputes", response={201: schemas.DisputeOut, **REFUSALS}, operation_id="open_dispute")
def open_dispute(request: HttpRequest, given: schemas.OpenIn) -> Status:
    """Open a dispute about a request, a grant, a correction or an entry."""
    made = usecases.open_dispute(given.kind, given.subject, given.matter, given.claim, by=request.officer)
    return Status(201, dispute_out(made))


@router.get("/disputes/{number}", response={200: schemas.DisputeDetailOut, **REFUSALS}, operation_id="get_dispute")
def get_dispute(request: HttpRequest, number: str) -> dict[str, Any]:
    """A dispute with every word said in it."""
    row = queries.dispute_of(number, by=request.officer)
    more = {name: getattr(row, name) for name in MORE}
    seat = queries.seat(row.region, row.region_name)
    return {**dispute_out(row), **more, "authority": seat, "statements": list(row.statements.all())}


@router.post("/disputes/{number}/state", response={201: schemas.StatementOut, **REFUSALS}, operation_id="state_in_dispute")
def state(request: HttpRequest, number: str, given: schemas.StatementIn) -> Status:
    """Write into the record, as a party or as the authority that coordinates."""
    return Status(201, usecases.state(number, given.words, by=request.officer))


@router.post("/disputes/{number}/propose", response=ONE, operation_id="propose_agreement")
def propose(request: HttpRequest, number: str, given: schemas.StatementIn) -> dict[str, Any]:
    """Propose the text both heads are to assent to."""
    return dispute_out(usecases.propose(number, given.words, by=request.officer))


@router.post("/disputes/{number}/assent", response=ONE, operation_id="assent_to_agreement")
def assent(request: HttpRequest, number: str, given: schemas.StatementIn) -> dict[str, Any]:
    """Assent to the very text that was proposed: the dispute ends agreed."""
    return dispute_out(usecases.assent(number, given.words, by=request.officer))


@router.post("/disputes/{number}/escalate", response=ONE, operation_id="escalate_dispute")
def escalate(request: HttpRequest, number: str, given: schemas.StatementIn) -> dict[str, Any]:
    """Bring it to the authority of the same level or of the common superior."""
    return dispute_out(usecases.escalate(number, given.words, by=request.officer))


@router.post("/disputes/{number}/instruct", response=ONE, operation_id="instruct_dispute")
def instruct(request: HttpRequest, number: str, given: schemas.InstructIn) -> dict[str, Any]:
    """Decide as the authority, with reasons."""
    return dispute_out(usecases.instruct(number, by=request.officer, **given.dict()))


@router.post("/disputes/{number}/carried-out", response=ONE, operation_id="confirm_instruction")
def confirm(request: HttpRequest, number: str, given: schemas.StatementIn) -> dict[str, Any]:
    """Confirm as the authority that the instruction was carried out."""
    return dispute_out(usecases.confirm_carried_out(number, given.words, by=request.officer))


@router.post("/disputes/{number}/appeal", response=ONE, operation_id="appeal_dispute")
def appeal(request: HttpRequest, number: str, given: schemas.StatementIn) -> dict[str, Any]:
    """Ask for the government's decision."""
    return dispute_out(usecases.appeal(number, given.words, by=request.officer))


@router.post("/disputes/{number}/decide", response=ONE, operation_id="decide_dispute")
def decide(request: HttpRequest, number: str, given: schemas.DecideIn) -> dict[str, Any]:
    """Write down the government's decision."""
    return dispute_out(usecases.decide(number, by=request.officer, **given.dict()))


@router.post("/disputes/{number}/withdraw", response=ONE, operation_id="withdraw_dispute")
def withdraw(request: HttpRequest, number: str, given: schemas.StatementIn) -> dict[str, Any]:
    """Take a dispute back, as the party that opened it."""
    return dispute_out(usecases.withdraw(number, given.words, by=request.officer))


def dispute_out(row: Dispute) -> dict[str, Any]:
    """Give a dispute in short."""
    return {
        "resource": row.resource_id,
        "resource_name": row.resource.name,
        "consumer": row.consumer_id,
        "consumer_name": row.consumer.name,
        "provider": row.provider_id,
        "provider_name": row.provider.name,
        **{name: getattr(row, name) for name in SHOWN},
    }
