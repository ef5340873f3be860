# SPDX-License-Identifier: Apache-2.0
"""Duties to update follow the entry that answers them: submitted with it, back with it, closed with it (809 art. 17)."""

from datetime import datetime

from django.db.models import QuerySet

from datong.contexts.audit import face as audit
from datong.contexts.catalog.domain.tickets import TICKET_MOVES, TICKET_TAG, TicketStage
from datong.contexts.catalog.models import Resource, UpdateTicket, Version
from datong.contexts.periods import face as periods
from datong.kernel.actors import Officer
from datong.kernel.stages import move


def submitted(row: Version, at: datetime, *, by: Officer) -> None:
    """The changed entry went to the authority: the department's period stops."""
    tickets = list(_tickets(row.resource).filter(stage=TicketStage.OPEN))
    for ticket in tickets:
        ticket.version = row
        to(ticket, TicketStage.SUBMITTED)
        periods.stop(ticket.number, at, TICKET_TAG[TicketStage.SUBMITTED])
    _record_all(tickets, by)


def returned(row: Version, *, by: Officer) -> None:
    """The entry came back: the department's period goes on with the same last day."""
    tickets = list(_tickets(row.resource).filter(version=row, stage=TicketStage.SUBMITTED))
    for ticket in tickets:
        to(ticket, TicketStage.OPEN)
        clock = periods.clock_of(ticket.number)
        if clock is not None:
            periods.resume(clock)
    _record_all(tickets, by)


def published(row: Version, at: datetime, *, by: Officer) -> None:
    """The changed entry was announced: the duty is done."""
    _close(row.resource, row, at, by)


def removed(home: Resource, at: datetime, *, by: Officer) -> None:
    """The resource left the catalogue: that answers the duty too."""
    _close(home, None, at, by)


def _close(home: Resource, row: Version | None, at: datetime, by: Officer) -> None:
    tickets = list(_tickets(home).filter(stage__in=[TicketStage.OPEN, TicketStage.SUBMITTED]))
    for ticket in tickets:
        ticket.version = row or ticket.version
        ticket.ended_by, ticket.ended_at = by.account, at
        to(ticket, TicketStage.CLOSED)
        periods.stop(ticket.number, at, TICKET_TAG[TicketStage.CLOSED])
    _record_all(tickets, by)


def _tickets(home: Resource) -> QuerySet[UpdateTicket]:
    return UpdateTicket.objects.select_for_update(of=("self",)).select_related("resource").filter(resource=home)


def _record_all(tickets: list[UpdateTicket], by: Officer) -> None:
    """Record last of all: an act's lock is never held while waiting for another row."""
    for ticket in tickets:
        record(ticket, by)


def to(ticket: UpdateTicket, wanted: TicketStage, *, save: bool = True) -> None:
    """Move a ticket by its table."""
    ticket.stage = move(TICKET_MOVES, f"ticket {ticket.number}", TicketStage(ticket.stage), wanted)
    if save:
        ticket.save()


def record(ticket: UpdateTicket, by: Officer, **facts: object) -> None:
    """Record where a ticket stands now."""
    code = ticket.resource.code if ticket.resource else ""
    audit.record(TICKET_TAG[TicketStage(ticket.stage)], by=by, subject=ticket.number, facts={"resource": code, **facts})
