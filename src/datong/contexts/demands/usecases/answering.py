# SPDX-License-Identifier: Apache-2.0
"""The responsible department: accepts and gets a compile task with a clock, gives back what it does not hold, names the entry.

Kept here: the answer stops the clock of the demand; the task is the catalogue's own duty to update (809 art. 17).
"""

from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.demands import permissions, queries
from datong.contexts.demands.domain.stages import DUTY_TAG, NAMED, TAG, DutyStage, Stage
from datong.contexts.demands.models import Demand, Responsibility
from datong.contexts.demands.usecases import telling
from datong.contexts.demands.usecases.writing import LONGEST_NOTE
from datong.contexts.periods import face as periods
from datong.kernel import texts
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import IllegalMove, Malformed


@transaction.atomic
def accept_demand(number: str, opinion: str = "", *, by: Officer) -> Responsibility:
    """Accept as the responsible department: a compile task opens with the period of the catalogue.

    Raises:
        Unknown: No such demand, or none visible.
        Refused: Neither compiler nor head of that department.
        IllegalMove: Answered already.
    """
    row, held = _locked(number, by)
    telling.to(row, Stage.COMPILING, by=by)
    now = datetime.now(UTC)
    _answer(held, DutyStage.ACCEPTED, opinion, now, by)
    ticket = catalog.commission(row.number, _task(row), now, by=by)
    held.ticket = ticket
    held.save()
    row.save()
    clock = periods.clock_of(ticket.number)
    due = clock.due if clock else ""
    telling.demander(row, f"{held.department.name}已接受，{due} 前编目 (accepted: the entry is due {due})", by=by)
    facts = {"department": by.department, "ticket": ticket.number, "due": str(due), "opinion": held.opinion}
    audit.record(TAG[Stage.COMPILING], by=by, subject=number, facts=facts)
    return held


@transaction.atomic
def give_back(number: str, reason: str, *, by: Officer) -> Responsibility:
    """Answer as the responsible department that it does not hold the data; the authority decides anew.

    Raises:
        Unknown: No such demand, or none visible.
        Refused: Neither compiler nor head of that department.
        IllegalMove: Answered already.
        Malformed: No reason.
    """
    row, held = _locked(number, by)
    if row.stage != Stage.ASSIGNED:
        raise IllegalMove(f"demand {number}", row.stage, Stage.REVIEWING)
    telling.to(row, Stage.REVIEWING, by=by)
    _answer(held, DutyStage.NOT_HELD, reason, datetime.now(UTC), by, least=1)
    held.ended_at = held.answered_at
    held.save()
    row.save()
    telling.authority(row, f"{held.department.name}答复不掌握该数据，请重新处理 (not held there: assign it anew)", by=by)
    facts = {"department": by.department, "reason": held.opinion}
    audit.record(DUTY_TAG[DutyStage.NOT_HELD], by=by, subject=number, facts=facts)
    return held


@transaction.atomic
def supply_entry(number: str, code: str, opinion: str = "", *, by: Officer) -> Responsibility:
    """Name the entry that answers a demand; published, it answers at once, else when it is published.

    Raises:
        Unknown: No such demand or entry, or none visible.
        Refused: Neither compiler nor head of the responsible department.
        IllegalMove: Answered already.
        Malformed: Another department's entry, or one that is not published and no task was accepted.
    """
    row, held = _locked(number, by)
    now = datetime.now(UTC)
    if held.stage == DutyStage.ACCEPTED:
        _settle_first(row, held, code, by)
        if not catalog.discharge(held.ticket_id or 0, code, now, by=by):
            audit.record(NAMED, by=by, subject=number, facts={"resource": code})
            return held
    else:
        view = catalog.resource(code, by=by)
        if view.provider != by.department:
            raise Malformed(
                "目录不是本部门的 (the entry is another department's)", fields={"resource": "填写本部门的目录 (one of yours)"}
            )
    answered(row, held, code, now, opinion, by=by)
    return held


def answered(row: Demand, held: Responsibility, code: str, at: datetime, opinion: str = "", *, by: Officer) -> None:
    """Write down that an entry answers a demand, and tell the demander."""
    telling.to(row, Stage.ANSWERED, by=by)
    if held.stage == DutyStage.OPEN:
        _answer(held, DutyStage.SUPPLIED, opinion, at, by)
    else:
        telling.duty_to(held, DutyStage.SUPPLIED, by=by)
    held.ended_at = at
    held.save()
    row.resource_id, row.answered_by, row.answered_at = code, by.account, at
    row.save()
    words = f"{held.department.name}已编目发布，可以申请 (the entry is published: you can ask for it)"
    telling.demander(row, words, by=by, roles=(Role.APPLICANT, Role.CONSUMER_HEAD))
    facts = {"resource": code, "department": held.department_id, "responsibility": held.number}
    audit.record(TAG[Stage.ANSWERED], by=by, subject=row.number, facts=facts)


def _answer(held: Responsibility, wanted: DutyStage, words: str, at: datetime, by: Officer, least: int = 0) -> None:
    telling.duty_to(held, wanted, by=by)
    held.opinion = texts.lines("opinion", words, longest=LONGEST_NOTE, least=least)
    held.answered_by, held.answered_at = by.account, at
    periods.stop(held.number, at, DUTY_TAG[wanted])


def _settle_first(row: Demand, held: Responsibility, code: str, by: Officer) -> None:
    """Settle the notices before the catalogue records its act: an act's lock is never held while waiting for another row."""
    if catalog.served(code):
        for subject in (row.number, held.number):
            periods.done_with(telling.KIND, subject, by=by)


def _task(row: Demand) -> str:
    items = "、".join(row.items)
    return f"按需求编目：{row.name}" + (f"（{items}）" if items else "")


def _locked(number: str, by: Officer) -> tuple[Demand, Responsibility]:
    row = queries.demand_of(number, by=by, lock=True)
    held = queries.open_responsibility(row, lock=True)
    last = held or row.responsibilities.order_by("-pk").first()
    permissions.check_may_answer(by, last.department_id if last else "")
    if held is None:
        raise IllegalMove(f"demand {number}", row.stage, Stage.ANSWERED)
    held.demand = row
    return row, held
