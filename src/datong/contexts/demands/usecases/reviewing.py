# SPDX-License-Identifier: Apache-2.0
"""A demand meets an entry or a department: "this is it", matched, assigned, declined, sent to the authority again.

Kept here: a person decides, the platform only suggests; who is made responsible is told why and until when.
"""

from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.demands import permissions, queries
from datong.contexts.demands.domain.stages import BEFORE_CONSENT, REOPENED, TAG, Stage
from datong.contexts.demands.models import Demand, Responsibility
from datong.contexts.demands.queries.proposing import below
from datong.contexts.demands.usecases import telling
from datong.contexts.demands.usecases.writing import LONGEST_NOTE
from datong.contexts.organisations import face as organisations
from datong.contexts.periods import face as periods
from datong.kernel import texts
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import IllegalMove, Malformed, Refused


@transaction.atomic
def take_entry(number: str, code: str, *, by: Officer) -> Demand:
    """Say as the demander that a published entry is what is wanted; the demand ends in a request.

    Raises:
        Unknown: No such demand or entry, or none visible.
        Refused: Not an applicant of its department.
        IllegalMove: The authority has it already.
    """
    row = queries.demand_of(number, by=by, lock=True)
    permissions.check_is_demander(by, row.department_id)
    if row.stage not in BEFORE_CONSENT:
        raise IllegalMove(f"demand {number}", row.stage, Stage.MATCHED, remedy="wait for the authority, or withdraw")
    view = catalog.resource(code, by=by)
    _match(row, view, "", by)
    audit.record(TAG[Stage.MATCHED], by=by, subject=number, facts={"resource": view.code, "side": "demander"})
    return row


@transaction.atomic
def match_demand(number: str, code: str, note: str = "", *, by: Officer) -> Demand:
    """Say as the authority which published entry answers a demand; the demander is told.

    Raises:
        Unknown: No such demand or entry, or none visible.
        Refused: Not the authority of the region.
        IllegalMove: Not waiting for the authority.
        Malformed: The entry is the demander's own.
    """
    row = _locked(number, by)
    view = catalog.resource(code, by=by)
    if view.provider == row.department_id:
        raise Malformed("目录是提出部门自己的 (the entry is the demander's own)", fields={"resource": "选择其他目录 (another)"})
    said = texts.lines("note", note, longest=LONGEST_NOTE)
    _match(row, view, said, by)
    row.reviewed_by, row.reviewed_at = by.account, row.answered_at
    row.save(update_fields=["reviewed_by", "reviewed_at"])
    telling.demander(row, f"已匹配到目录《{_flat(view.name)}》，可以直接申请 (matched with an entry: you can ask for it)", by=by)
    audit.record(TAG[Stage.MATCHED], by=by, subject=number, facts={"resource": view.code, "side": "authority", "note": said})
    return row


@transaction.atomic
def assign_demand(number: str, department: str, reason: str, *, by: Officer) -> Responsibility:
    """Make a department responsible for a demand; its clock of 15 working days, or what the node sets, starts.

    Raises:
        Unknown: No such demand or department, or none visible.
        Refused: Not the authority, or a department outside its region.
        IllegalMove: Not waiting for the authority.
        Malformed: No reason, or the demander itself.
    """
    row = _locked(number, by)
    home = organisations.department(department)
    _check_assignable(row, home, by)
    telling.to(row, Stage.ASSIGNED, by=by)
    now = datetime.now(UTC)
    row.reviewed_by, row.reviewed_at = by.account, now
    row.save()
    made = Responsibility.objects.create(
        number=f"{row.number}-{row.responsibilities.count() + 1}",
        demand=row,
        department_id=home.uscc,
        reason=texts.lines("reason", reason, longest=LONGEST_NOTE, least=1),
        assigned_by=by.account,
        assigned_at=now,
    )
    made.demand = row
    post = periods.Holder(Role.COMPILER, home.uscc, home.region)
    clock = periods.start(periods.Rule.DEMAND, telling.duty(made), post, now)
    telling.responsible(made, f"请于 {clock.due} 前答复能否提供 (say by {clock.due} whether you can supply it)", by=by)
    telling.demander(row, f"已分派给{_flat(home.name)}，{clock.due} 前答复 (assigned: answer due {clock.due})", by=by)
    facts = {"department": home.uscc, "reason": made.reason, "due": clock.due.isoformat(), "responsibility": made.number}
    audit.record(TAG[Stage.ASSIGNED], by=by, subject=number, facts=facts)
    return made


@transaction.atomic
def decline_demand(number: str, reason: str, *, by: Officer) -> Demand:
    """Decline a demand as the authority, with the reason: no public duty needs it, say.

    Raises:
        Unknown: No such demand, or none visible.
        Refused: Not the authority of the region.
        IllegalMove: Not waiting for the authority.
        Malformed: No reason.
    """
    row = _locked(number, by)
    telling.to(row, Stage.DECLINED, by=by)
    now = datetime.now(UTC)
    row.note = texts.lines("reason", reason, longest=LONGEST_NOTE, least=1)
    row.reviewed_by, row.reviewed_at, row.ended_at = by.account, now, now
    row.save()
    telling.demander(row, "主管部门不予受理，理由见办理页 (declined by the authority: see the reason)", by=by)
    audit.record(TAG[Stage.DECLINED], by=by, subject=number, facts={"reason": row.note})
    return row


@transaction.atomic
def reopen_demand(number: str, reason: str, *, by: Officer) -> Demand:
    """Say as the demander that the entry is not what was wanted; the authority sees to it again.

    Raises:
        Unknown: No such demand, or none visible.
        Refused: Not an applicant of its department.
        IllegalMove: Nothing was matched or answered, or its head has not consented yet.
        Malformed: No reason.
    """
    row = queries.demand_of(number, by=by, lock=True)
    permissions.check_is_demander(by, row.department_id)
    if row.endorsed_at is None:
        raise IllegalMove(f"demand {number}", row.stage, Stage.REVIEWING, remedy="write a new demand")
    telling.to(row, Stage.REVIEWING, by=by)
    before, row.resource, row.request = row.resource_id, None, None
    row.answered_by, row.answered_at = "", None
    row.note = texts.lines("reason", reason, longest=LONGEST_NOTE, least=1)
    row.save()
    telling.authority(row, "提出部门认为所给目录不是所需，请重新处理 (not what was wanted: see to it again)", by=by)
    audit.record(REOPENED, by=by, subject=number, facts={"resource": before, "reason": row.note})
    return row


def _match(row: Demand, view: catalog.ResourceView, note: str, by: Officer) -> None:
    telling.to(row, Stage.MATCHED, by=by)
    row.resource_id, row.note = view.code, note
    row.answered_by, row.answered_at = by.account, datetime.now(UTC)
    row.save()


def _check_assignable(row: Demand, home: organisations.DepartmentView, by: Officer) -> None:
    if home.uscc == row.department_id:
        raise Malformed(
            "不能分派给提出部门自己 (not to the department that demands)", fields={"department": "选择其他部门 (choose another)"}
        )
    if not home.active or not below(home.region, by.region):
        raise Refused(
            "只能分派给本地区及下级的部门 (departments of the own region and below)",
            remedy="涉及上级或者其他地区的，报共同的上级主管部门 (ask the common superior)",
            rule=permissions.RULE_DEMAND,
        )


def _locked(number: str, by: Officer) -> Demand:
    row = queries.demand_of(number, by=by, lock=True)
    permissions.check_may_review(by, row.department.region_id)
    return row


def _flat(name: str) -> str:
    return name.translate(str.maketrans("()", "（）"))
