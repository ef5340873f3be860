# SPDX-License-Identifier: Apache-2.0
"""Duties to update the catalogue: opened with the event, extended once with consent, excused by the authority (809 art. 17)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import permissions
from datong.contexts.catalog.domain.tickets import (
    BY_HAND,
    EXTENSION_MOVES,
    EXTENSION_TAG,
    TICKET_TAG,
    ExtensionStage,
    TicketStage,
)
from datong.contexts.catalog.models import UpdateTicket
from datong.contexts.catalog.queries import updating
from datong.contexts.catalog.usecases import answering, clocks
from datong.contexts.organisations import face as organisations
from datong.contexts.periods import face as periods
from datong.kernel import texts
from datong.kernel.actors import Officer
from datong.kernel.errors import IllegalMove, Malformed, Refused
from datong.kernel.stages import move
from datong.kernel.workdays import received_on

FARTHEST = timedelta(days=366)
"""How far ahead an event may lie: a law that is announced and not yet in force."""
RULE = permissions.RULE_17


@dataclass(frozen=True, slots=True)
class TicketDraft:
    """A duty to update as handed in.

    Attributes:
        department: Credit code; empty is the officer's own.
        resource: Code of the entry to change; empty where a new one is needed.
        event_on: Day the law or the duty changed.
    """

    cause: str = ""
    citation: str = ""
    reason: str = ""
    event_on: date | None = None
    resource: str = ""
    department: str = ""


@transaction.atomic
def open_ticket(draft: TicketDraft, *, by: Officer) -> UpdateTicket:
    """Note that a law or a duty changed; the period of ten working days runs from that day.

    Raises:
        Unknown: No such department or resource, or none visible.
        Refused: Neither of the department nor its authority.
        Malformed: With every field at fault.
    """
    home = organisations.department(draft.department or by.department)
    permissions.check_may_open_ticket(by, home.uscc, home.region)
    resource = updating.home_of(draft.resource, by=by) if draft.resource else None
    if resource is not None and resource.provider_id != home.uscc:
        raise Malformed("资源不属于该部门 (the resource is another department's)", fields={"resource": home.name})
    row = UpdateTicket(**_checked(draft), department_id=home.uscc, resource=resource, opened_by=by.account)
    row.save()
    clock = clocks.updating(row)
    facts = {"cause": row.cause, "event_on": row.event_on.isoformat(), "due": clock.due.isoformat(),
             "resource": resource.code if resource else "", "calendar": clock.calendar_version}  # fmt: skip
    audit.record(TICKET_TAG[TicketStage.OPEN], by=by, subject=row.number, facts=facts)
    return row


@transaction.atomic
def name_resource(ticket: int, code: str, *, by: Officer) -> UpdateTicket:
    """Say which entry answers an open duty.

    Raises:
        Unknown: No such ticket or resource, or none visible.
        Refused: Not a compiler of the department.
        IllegalMove: No longer open.
        Malformed: A resource of another department.
    """
    row = updating.ticket_of(ticket, by=by, lock=True)
    permissions.check_may_edit(by, row.department_id)
    resource = updating.home_of(code, by=by)
    if resource.provider_id != row.department_id:
        raise Malformed("资源不属于该部门 (the resource is another department's)", fields={"resource": row.department.name})
    if row.stage != TicketStage.OPEN:
        raise IllegalMove(f"ticket {row.number}", row.stage, "named")
    row.resource = resource
    row.save(update_fields=["resource"])
    audit.record("catalog.ticket.resource_named", by=by, subject=row.number, facts={"resource": code})
    return row


@transaction.atomic
def excuse_ticket(ticket: int, reason: str, *, by: Officer) -> UpdateTicket:
    """End a duty that needs no update, as the authority.

    Raises:
        Unknown: No such ticket, or none visible.
        Refused: Not the authority of the region.
        IllegalMove: Submitted or ended.
        Malformed: No reason.
    """
    row = updating.ticket_of(ticket, by=by, lock=True)
    permissions.check_may_oversee_update(by, row.department.region_id)
    answering.to(row, TicketStage.EXCUSED, save=False)
    now = datetime.now(UTC)
    row.ending, row.ended_by, row.ended_at = texts.lines("reason", reason, longest=2000, least=1), by.account, now
    row.save()
    clocks.stop(row.number, now, TICKET_TAG[TicketStage.EXCUSED])
    answering.record(row, by, reason=row.ending)
    return row


@transaction.atomic
def ask_extension(ticket: int, days: int, reason: str, *, by: Officer) -> UpdateTicket:
    """Ask for up to five working days more, once.

    Raises:
        Unknown: No such ticket, or none visible.
        Refused: Not of the department, or asked before.
        IllegalMove: No longer open.
        Malformed: More days than the law gives, or no reason.
    """
    row = updating.ticket_of(ticket, by=by, lock=True)
    permissions.check_may_answer_ticket(by, row.department_id)
    if row.stage != TicketStage.OPEN:
        raise IllegalMove(f"ticket {row.number}", row.stage, ExtensionStage.ASKED)
    if row.extension != ExtensionStage.NONE:
        raise Refused("延长只能申请一次 (an extension is asked for once)", remedy="请在期限内更新 (update in time)", rule=RULE)
    most = settings.NODE.catalog_extension_days
    if not 1 <= days <= most:
        raise Malformed(
            f"延长不得超过{most}个工作日 (at most {most} working days more)", fields={"days": f"1 to {most}"}, rule=RULE
        )
    _extension(row, ExtensionStage.ASKED)
    row.extension_days, row.extension_asked_by = days, by.account
    row.extension_reason = texts.lines("reason", reason, longest=1000, least=1)
    row.save()
    facts = {"days": days, "reason": row.extension_reason}
    audit.record(EXTENSION_TAG[ExtensionStage.ASKED], by=by, subject=row.number, facts=facts)
    return row


@transaction.atomic
def decide_extension(ticket: int, *, grant: bool, opinion: str, by: Officer) -> UpdateTicket:
    """Consent to an extension or decline it, as the authority; consent moves the last day.

    Raises:
        Unknown: No such ticket, or none visible.
        Refused: Not the authority of the region.
        IllegalMove: Nothing was asked, or it was answered.
        Malformed: Declined without an opinion.
    """
    row = updating.ticket_of(ticket, by=by, lock=True)
    permissions.check_may_oversee_update(by, row.department.region_id)
    wanted = ExtensionStage.GRANTED if grant else ExtensionStage.DECLINED
    _extension(row, wanted)
    row.extension_opinion = texts.lines("opinion", opinion, longest=1000, least=0 if grant else 1)
    row.extension_decided_by = by.account
    row.save()
    facts: dict[str, object] = {"opinion": row.extension_opinion}
    clock = periods.clock_of(row.number)
    if grant and clock is not None and clock.stopped_at is None:
        facts |= {"days": row.extension_days, "due": periods.extend(clock, row.extension_days or 0).due.isoformat()}
    audit.record(EXTENSION_TAG[wanted], by=by, subject=row.number, facts=facts)
    return row


def _extension(row: UpdateTicket, wanted: ExtensionStage) -> None:
    row.extension = move(EXTENSION_MOVES, f"extension of {row.number}", ExtensionStage(row.extension), wanted)


def _checked(draft: TicketDraft) -> dict[str, object]:
    faults: dict[str, str] = {}
    if draft.cause not in BY_HAND:
        faults["cause"] = f"请从列表中选择 (choose one of): {', '.join(BY_HAND)}"
    if draft.event_on is None:
        faults["event_on"] = "填写法律法规或职责变化之日 (give the day of the change)"
    elif draft.event_on > received_on(datetime.now(UTC)) + FARTHEST:
        faults["event_on"] = "日期过远 (too far ahead)"
    values: dict[str, object] = {"cause": draft.cause, "event_on": draft.event_on}
    for name, longest in (("citation", 500), ("reason", 2000)):
        try:
            values[name] = texts.lines(name, getattr(draft, name), longest=longest, least=1)
        except Malformed as fault:
            faults |= fault.fields
    if faults:
        raise Malformed("更新事项填写不全 (the ticket does not read: see the fields)", fields=faults, rule=RULE)
    return values
