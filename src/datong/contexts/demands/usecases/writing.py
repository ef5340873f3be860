# SPDX-License-Identifier: Apache-2.0
"""Writing a demand: draft, revise, file with everything missing named at once, take back (809 art. 20)."""

from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.demands import permissions, queries
from datong.contexts.demands.domain.drafts import MANDATORY, DemandDraft, missing, settle
from datong.contexts.demands.domain.stages import EDITABLE, REVISED, TAG, DutyStage, Stage
from datong.contexts.demands.models import Demand
from datong.contexts.demands.usecases import telling
from datong.contexts.organisations import face as organisations
from datong.contexts.periods import face as periods
from datong.kernel import texts
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import IllegalMove, Malformed, Unknown
from datong.kernel.workdays import received_on

LONGEST_NOTE = 1000


@transaction.atomic
def draft_demand(draft: DemandDraft, *, by: Officer) -> Demand:
    """Begin a demand; it belongs to the officer's department.

    Raises:
        Refused: Not an applicant.
        Malformed: With every field at fault.
    """
    permissions.check_may_demand(by)
    values, now = _settled(draft), datetime.now(UTC)
    number = periods.next_number("N", now)
    row = Demand(number=number, department_id=by.department, made_by=by.account, writers=[by.account], made_at=now)
    _write(row, values)
    audit.record(TAG[Stage.DRAFT], by=by, subject=row.number, facts={"name": row.name, "items": len(row.items)})
    return row


@transaction.atomic
def revise_demand(number: str, draft: DemandDraft, *, by: Officer) -> Demand:
    """Write a draft, or a demand that was returned, anew.

    Raises:
        Unknown: No such demand, or none visible.
        Refused: Not an applicant of its department.
        IllegalMove: It was filed.
        Malformed: With every field at fault.
    """
    row = queries.demand_of(number, by=by, lock=True)
    permissions.check_is_demander(by, row.department_id)
    if row.stage not in EDITABLE:
        raise IllegalMove(f"demand {number}", row.stage, "revised", remedy="it was filed: withdraw it first")
    values = _settled(draft)
    row.writers = sorted({*row.writers, by.account})
    _write(row, values)
    audit.record(REVISED, by=by, subject=number, facts={"name": row.name, "items": len(row.items)})
    return row


@transaction.atomic
def file_demand(number: str, *, by: Officer) -> Demand:
    """Hand a demand to the head of the own department.

    Raises:
        Unknown: No such demand, or none visible.
        Refused: Not an applicant of its department.
        IllegalMove: Filed already.
        Malformed: Something is missing; every field is named.
    """
    row = queries.demand_of(number, by=by, lock=True)
    permissions.check_is_demander(by, row.department_id)
    telling.to(row, Stage.FILED, by=by)
    now = datetime.now(UTC)
    lacking = missing({name: getattr(row, name) for name in (*MANDATORY, "needed_by")}, received_on(now))
    if row.basis_kind and row.basis and (fault := catalog.basis_of_use_fault(row.basis_kind, row.basis)):
        lacking["basis"] = fault
    if lacking:
        raise Malformed(
            "需求还缺以下内容，补齐后再提交 (the demand lacks something: see the fields)",
            fields=lacking,
            rule=permissions.RULE_20,
        )
    row.filed_at, row.note = now, ""
    row.save()
    words = f"{row.name}：请审核是否同意提出 (a demand of your department waits for your consent)"
    telling.demander(row, words, by=by, roles=(Role.CONSUMER_HEAD,))
    audit.record(TAG[Stage.FILED], by=by, subject=number, facts={"name": row.name, "urgency": row.urgency})
    return row


@transaction.atomic
def withdraw_demand(number: str, note: str = "", *, by: Officer) -> Demand:
    """Take a demand back before a department compiles for it.

    Raises:
        Unknown: No such demand, or none visible.
        Refused: Neither applicant nor head of its department.
        IllegalMove: Too late, or ended.
        Malformed: A note that does not read.
    """
    row = queries.demand_of(number, by=by, lock=True)
    permissions.check_may_withdraw(by, row.department_id)
    telling.to(row, Stage.WITHDRAWN, by=by)
    now = datetime.now(UTC)
    row.note, row.ended_at = texts.lines("note", note, longest=LONGEST_NOTE), now
    row.save()
    held = queries.open_responsibility(row, lock=True)
    if held is not None:
        telling.duty_to(held, DutyStage.ENDED, by=by)
        held.ended_at = now
        held.save()
        periods.stop(held.number, now, TAG[Stage.WITHDRAWN])
        telling.responsible(held, f"{row.department.name}已撤回该需求，不必答复 (the demand was withdrawn)", by=by)
    audit.record(TAG[Stage.WITHDRAWN], by=by, subject=number, facts={"note": row.note})
    return row


def _settled(draft: DemandDraft) -> dict[str, object]:
    faults: dict[str, str] = {}
    values: dict[str, object] = {}
    try:
        values = settle(draft)
    except Malformed as fault:
        faults |= fault.fields
    if draft.expected and not _known(draft.expected):
        faults["expected"] = "没有此部门 (there is no such department)"
    if faults:
        raise Malformed(
            "需求内容有误，见各字段 (the demand does not read: see the fields)", fields=faults, rule=permissions.RULE_20
        )
    return values | {"expected_id": draft.expected or None}


def _known(uscc: str) -> bool:
    try:
        organisations.department(uscc)
    except Unknown:
        return False
    return True


def _write(row: Demand, values: dict[str, object]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
