# SPDX-License-Identifier: Apache-2.0
"""Compile tasks that come from a demand: the duty to update, opened by the department that accepts, closed by an entry.

Kept here: the period is that of 809 art. 17 and runs from the day of acceptance; an entry that is published already closes
the task at once, any other one when it is published.
"""

from datetime import datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import permissions
from datong.contexts.catalog.domain.tickets import TICKET_TAG, TicketCause, TicketStage
from datong.contexts.catalog.models import UpdateTicket
from datong.contexts.catalog.queries import updating
from datong.contexts.catalog.usecases import answering, clocks
from datong.contexts.organisations import face as organisations
from datong.contexts.periods import face as periods
from datong.kernel.actors import Officer
from datong.kernel.errors import IllegalMove, Malformed
from datong.kernel.workdays import received_on


@transaction.atomic
def commission(demand: str, reason: str, at: datetime, *, by: Officer) -> UpdateTicket:
    """Open the task of the officer's department to compile what a demand wants.

    Args:
        demand: Number of the demand.
        reason: What is to be compiled.
        at: When the department accepted.
        by: Its compiler or head.

    Raises:
        Refused: Neither compiler nor head of a department.
    """
    home = organisations.department(by.department)
    permissions.check_may_answer_ticket(by, home.uscc)
    row = UpdateTicket.objects.create(
        department_id=home.uscc,
        cause=TicketCause.DEMAND.value,
        citation=demand,
        reason=reason[:2000],
        event_on=received_on(at),
        opened_by=by.account,
    )
    clock = clocks.updating(row)
    facts = {"cause": row.cause, "event_on": row.event_on.isoformat(), "due": clock.due.isoformat(),
             "demand": demand, "calendar": clock.calendar_version}  # fmt: skip
    audit.record(TICKET_TAG[TicketStage.OPEN], by=by, subject=row.number, facts=facts)
    return row


@transaction.atomic
def discharge(ticket: int, code: str, at: datetime, *, by: Officer) -> bool:
    """Name the entry that answers a task; gives whether it is published and the task therefore done.

    Raises:
        Unknown: No such task or entry, or none visible.
        Refused: Neither compiler nor head of the department.
        IllegalMove: The task has ended.
        Malformed: An entry of another department.
    """
    row = updating.ticket_of(ticket, by=by, lock=True)
    permissions.check_may_answer_ticket(by, row.department_id)
    home = updating.home_of(code, by=by)
    if home.provider_id != row.department_id:
        raise Malformed("资源不属于该部门 (the resource is another department's)", fields={"resource": row.department.name})
    if row.stage not in (TicketStage.OPEN, TicketStage.SUBMITTED):
        raise IllegalMove(f"ticket {row.number}", row.stage, TicketStage.CLOSED)
    row.resource = home
    if home.current is None or home.withdrawn_at is not None:
        row.save(update_fields=["resource"])
        audit.record("catalog.ticket.resource_named", by=by, subject=row.number, facts={"resource": code})
        return False
    row.version, row.ended_by, row.ended_at = home.current, by.account, at
    answering.to(row, TicketStage.CLOSED)
    periods.stop(row.number, at, TICKET_TAG[TicketStage.CLOSED])
    answering.record(row, by)
    return True
