# SPDX-License-Identifier: Apache-2.0
"""Duties to update the catalogue (809 art. 17)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Status

from datong.contexts.catalog.api import shapes_of_life as shapes
from datong.contexts.catalog.api.resources import REFUSALS
from datong.contexts.catalog.models import UpdateTicket
from datong.contexts.catalog.queries import updating
from datong.contexts.catalog.usecases import tickets
from datong.contexts.periods import face as periods
from datong.kernel.workdays import received_on

router = Router()
ONE = {200: shapes.TicketOut, **REFUSALS}


@router.get("/tickets", response={200: shapes.TicketsOut, **REFUSALS}, operation_id="list_tickets")
def list_tickets(request: HttpRequest, wanted: Query[shapes.PageIn]) -> dict[str, Any]:
    """Duties to update the officer may see, newest first."""
    rows = updating.tickets(request.officer, stage=wanted.stage)
    found = list((rows.filter(pk__lt=wanted.after) if wanted.after else rows)[: wanted.limit])
    return {"items": _all(found), "next": found[-1].pk if len(found) == wanted.limit else None}


@router.post("/tickets", response={201: shapes.TicketOut, **REFUSALS}, operation_id="open_ticket")
def open_ticket(request: HttpRequest, given: shapes.TicketIn) -> Status:
    """Note that a law or a duty changed; ten working days run from that day."""
    return Status(201, _one(tickets.open_ticket(tickets.TicketDraft(**given.dict()), by=request.officer)))


@router.get("/tickets/{ticket_id}", response=ONE, operation_id="get_ticket")
def get_ticket(request: HttpRequest, ticket_id: Path[int]) -> dict[str, Any]:
    """One duty to update."""
    return _one(updating.ticket_of(ticket_id, by=request.officer))


@router.post("/tickets/{ticket_id}/resource", response=ONE, operation_id="name_ticket_resource")
def name_resource(request: HttpRequest, ticket_id: Path[int], given: shapes.CodeIn) -> dict[str, Any]:
    """Say which entry answers it."""
    return _one(tickets.name_resource(ticket_id, given.resource, by=request.officer))


@router.post("/tickets/{ticket_id}/excuse", response=ONE, operation_id="excuse_ticket")
def excuse_ticket(request: HttpRequest, ticket_id: Path[int], given: shapes.WordsIn) -> dict[str, Any]:
    """End one that needs no update; the authority alone may."""
    return _one(tickets.excuse_ticket(ticket_id, given.words, by=request.officer))


@router.post("/tickets/{ticket_id}/extension", response=ONE, operation_id="ask_extension")
def ask_extension(request: HttpRequest, ticket_id: Path[int], given: shapes.ExtensionIn) -> dict[str, Any]:
    """Ask for up to five working days more, once."""
    return _one(tickets.ask_extension(ticket_id, given.days, given.reason, by=request.officer))


@router.post("/tickets/{ticket_id}/extension/decision", response=ONE, operation_id="decide_extension")
def decide_extension(request: HttpRequest, ticket_id: Path[int], given: shapes.DecisionIn) -> dict[str, Any]:
    """Consent to the extension or decline it; the authority alone may."""
    return _one(tickets.decide_extension(ticket_id, grant=given.approve, opinion=given.opinion, by=request.officer))


def _all(rows: list[UpdateTicket]) -> list[dict[str, Any]]:
    clocks = periods.running([row.number for row in rows])
    return [_shown(row, clocks.get(row.number)) for row in rows]


def _one(row: UpdateTicket) -> dict[str, Any]:
    return _shown(row, periods.clock_of(row.number))


def _shown(row: UpdateTicket, clock: periods.Clock | None) -> dict[str, Any]:
    same = ("number", "stage", "cause", "citation", "reason", "event_on", "extension", "extension_days", "ending")
    running = clock is not None and clock.stopped_at is None
    return {
        "id": row.pk,
        **{name: getattr(row, name) for name in same},
        "department": row.department_id,
        "resource": row.resource.code if row.resource else "",
        "version": row.version.number if row.version else None,
        "due": clock.due if clock else None,
        "late": bool(running and clock and clock.due < received_on(datetime.now(UTC))),
    }
