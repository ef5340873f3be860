# SPDX-License-Identifier: Apache-2.0
"""The inventory of a department: its duties, its information systems, and the resources they feed.

Kept here: the department's compilers and heads keep it; what is no longer there is retired, never deleted.
"""

from collections.abc import Iterable
from typing import TypeVar

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import permissions
from datong.contexts.catalog.domain.inventory import DutyDraft, SystemDraft, SystemOrigin
from datong.contexts.catalog.models import Duty, InformationSystem, Resource
from datong.contexts.catalog.queries import inventory as held
from datong.kernel import texts
from datong.kernel.actors import Officer
from datong.kernel.errors import Conflict, Malformed

MOST_LINKS = 2000
Row = TypeVar("Row", InformationSystem, Duty)


@transaction.atomic
def keep_system(draft: SystemDraft, *, by: Officer, system: int | None = None) -> InformationSystem:
    """Add an information system of the own department, or change one.

    Args:
        draft: The whole of it, links included.
        by: Of the department.
        system: Primary key of the one to change; None adds.

    Raises:
        Unknown: No such system, or none visible.
        Refused: Not of the department.
        Malformed: With every field at fault.
        Conflict: The name is taken.
    """
    row = held.system_of(system, by=by, lock=True) if system else InformationSystem(department_id=by.department)
    permissions.check_may_keep_inventory(by, row.department_id)
    faults: dict[str, str] = {}
    values = _texts(faults, draft, (("name", 200, 1), ("description", 1000, 0)))
    if draft.origin not in list(SystemOrigin):
        faults["origin"] = f"请从列表中选择 (choose one of): {', '.join(SystemOrigin)}"
    duties = Duty.objects.filter(department=row.department_id, pk__in=_keys(draft.duties))
    if duties.count() != len(set(draft.duties)):
        faults["duties"] = "只能选择本部门的职责 (duties of the own department only)"
    fed = _resources(faults, draft.resources, row.department_id)
    _refuse(faults)
    row.name, row.description, row.origin, row.active, row.changed_by = (
        values["name"], values["description"], draft.origin, True, by.account,
    )  # fmt: skip
    _save(row)
    row.duties.set(duties)
    row.resources.set(fed)
    facts = {"name": row.name, "resources": sorted(draft.resources), "duties": len(draft.duties)}
    audit.record(f"catalog.system.{'changed' if system else 'added'}", by=by, subject=f"system-{row.pk}", facts=facts)
    return row


@transaction.atomic
def keep_duty(draft: DutyDraft, *, by: Officer, duty: int | None = None) -> Duty:
    """Add a duty of the own department, or change one; raises as `keep_system`."""
    row = held.duty_of(duty, by=by, lock=True) if duty else Duty(department_id=by.department)
    permissions.check_may_keep_inventory(by, row.department_id)
    faults: dict[str, str] = {}
    values = _texts(faults, draft, (("name", 200, 1), ("basis", 500, 0)))
    fed = _resources(faults, draft.resources, row.department_id)
    _refuse(faults)
    row.name, row.basis, row.active, row.changed_by = values["name"], values["basis"], True, by.account
    _save(row)
    row.resources.set(fed)
    facts = {"name": row.name, "basis": row.basis, "resources": sorted(draft.resources)}
    audit.record(f"catalog.duty.{'changed' if duty else 'added'}", by=by, subject=f"duty-{row.pk}", facts=facts)
    return row


@transaction.atomic
def retire_system(system: int, *, by: Officer) -> InformationSystem:
    """Take a system out of use; it stays on record.

    Raises:
        Unknown: No such system, or none visible.
        Refused: Not of the department.
    """
    return _retire(held.system_of(system, by=by, lock=True), "system", by)


@transaction.atomic
def retire_duty(duty: int, *, by: Officer) -> Duty:
    """Take a duty off the list; it stays on record. Raises as `retire_system`."""
    return _retire(held.duty_of(duty, by=by, lock=True), "duty", by)


def _retire(row: Row, kind: str, by: Officer) -> Row:
    permissions.check_may_keep_inventory(by, row.department_id)
    row.active, row.changed_by = False, by.account
    row.save()
    audit.record(f"catalog.{kind}.retired", by=by, subject=f"{kind}-{row.pk}", facts={"name": row.name})
    return row


def _save(row: InformationSystem | Duty) -> None:
    """Save under a name that is the department's only once, told as a conflict rather than a fault."""
    same = type(row).objects.filter(department=row.department_id, name=row.name).exclude(pk=row.pk)
    if same.exists():
        raise Conflict(f"“{row.name}”已登记 (the name is taken)", fields={"name": "已存在 (taken)"})
    row.save()


def _texts(faults: dict[str, str], draft: object, wanted: Iterable[tuple[str, int, int]]) -> dict[str, str]:
    values = {}
    for name, longest, least in wanted:
        try:
            values[name] = texts.line(name, getattr(draft, name), longest=longest, least=least)
        except Malformed as fault:
            faults |= fault.fields
    return values


def _resources(faults: dict[str, str], codes: tuple[str, ...], department: str) -> list[Resource]:
    readable = [code for code in codes[:MOST_LINKS] if code.isprintable()]
    found = list(Resource.objects.filter(provider=department, code__in=readable))
    strange = sorted(set(codes) - {one.code for one in found})
    if strange:
        faults["resources"] = f"不是本部门的资源代码 (no resource of the own department): {', '.join(strange[:10])}"
    return found


def _keys(keys: tuple[int, ...]) -> list[int]:
    return [key for key in keys[:MOST_LINKS] if 0 < key < 2**63]


def _refuse(faults: dict[str, str]) -> None:
    if faults:
        raise Malformed("填写有误，见各处 (it does not read: see the fields)", fields=faults)
