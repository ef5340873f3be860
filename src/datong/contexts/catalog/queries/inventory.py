# SPDX-License-Identifier: Apache-2.0
"""The inventory: duties, systems and data elements, and what of it has no published entry.

Kept here: a system has an entry when a published resource is linked to it or names it as its source; a duty, when a
resource is linked to it or one of its systems has an entry. `visible_inventory` is the one predicate.
"""

from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet

from datong.contexts.catalog.domain.inventory import Completeness, Gap
from datong.contexts.catalog.models import DataElement, Duty, InformationSystem, Law, Resource
from datong.contexts.catalog.queries.entries import DEPARTMENT_ROLES
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Unknown

PUBLISHED = Q(current__isnull=False, withdrawn_at__isnull=True)
WHY = {
    "system": "没有已发布的目录与之对应 (no published entry comes from it)",
    "duty": "职责及其系统都没有已发布的目录 (neither it nor its systems have a published entry)",
}


def visible_inventory(by: Officer) -> Q:
    """Which duties and systems an officer sees: the own department's, as authority those of the region, as auditor all."""
    if by.holds(Role.AUDITOR):
        return ~Q(pk__in=[])
    seen = Q(pk__in=[])
    if by.department and by.holds(*DEPARTMENT_ROLES):
        seen |= Q(department=by.department)
    if by.holds(Role.AUTHORITY) and by.region:
        seen |= Q(department__region=by.region)
    return seen


def systems(by: Officer, *, department: str = "") -> QuerySet[InformationSystem]:
    """Information systems an officer sees, with `covered` where they have an entry."""
    named = Resource.objects.filter(PUBLISHED, provider=OuterRef("department"), current__system=OuterRef("name"))
    linked = Resource.objects.filter(PUBLISHED, systems=OuterRef("pk"))
    rows = InformationSystem.objects.select_related("department").filter(visible_inventory(by))
    rows = rows.annotate(covered=Exists(named) | Exists(linked))
    return rows.filter(department=department) if department and department.isprintable() else rows


def duties(by: Officer, *, department: str = "") -> QuerySet[Duty]:
    """Duties an officer sees, with `covered` where they have an entry."""
    serving = InformationSystem.objects.filter(duties=OuterRef("pk"), active=True)
    named = Resource.objects.filter(PUBLISHED, provider=OuterRef("department"), current__system=OuterRef("name"))
    linked = Resource.objects.filter(PUBLISHED, systems=OuterRef("pk"))
    through = serving.filter(Exists(named) | Exists(linked))
    own = Resource.objects.filter(PUBLISHED, duties=OuterRef("pk"))
    rows = Duty.objects.select_related("department").filter(visible_inventory(by))
    rows = rows.annotate(covered=Exists(own) | Exists(through))
    return rows.filter(department=department) if department and department.isprintable() else rows


def duties_seen(by: Officer, words: Iterable[str]) -> QuerySet[Duty]:
    """Give the duties in force an officer sees whose names hold one of some words."""
    return duties(by).filter(_naming(words), active=True)


def systems_seen(by: Officer, words: Iterable[str]) -> QuerySet[InformationSystem]:
    """Give the systems in use an officer sees whose names or descriptions hold one of some words."""
    said = list(words)
    return systems(by).filter(_naming(said) | _naming(said, "description"), active=True)


def _naming(words: Iterable[str], field: str = "name") -> Q:
    return reduce(or_, (Q(**{f"{field}__icontains": word}) for word in words if word.isprintable()), Q(pk__in=[]))


def completeness(by: Officer, *, department: str = "") -> Completeness:
    """Report how much of the inventory has an entry, and name each gap."""
    active_systems = systems(by, department=department).filter(active=True)
    active_duties = duties(by, department=department).filter(active=True)
    gaps = [_gap("system", row) for row in active_systems.filter(covered=False)]
    gaps += [_gap("duty", row) for row in active_duties.filter(covered=False)]
    gaps.sort(key=lambda gap: (gap.department, gap.kind, gap.name))
    return Completeness(active_systems.count(), active_duties.count(), tuple(gaps))


def system_of(pk: int, *, by: Officer, lock: bool = False) -> InformationSystem:
    """Give one information system.

    Raises:
        Unknown: There is none, or none visible.
    """
    rows = InformationSystem.objects.select_related("department").filter(visible_inventory(by))
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=pk).first() if 0 < pk < 2**63 else None
    if found is None:
        raise Unknown("没有此信息系统 (there is no such system)")
    return found


def duty_of(pk: int, *, by: Officer, lock: bool = False) -> Duty:
    """Give one duty.

    Raises:
        Unknown: There is none, or none visible.
    """
    rows = Duty.objects.select_related("department").filter(visible_inventory(by))
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=pk).first() if 0 < pk < 2**63 else None
    if found is None:
        raise Unknown("没有此职责 (there is no such duty)")
    return found


def elements(*, q: str = "") -> QuerySet[DataElement]:
    """Data elements in order of code; everyone signed in may know them."""
    rows = DataElement.objects.select_related("source").order_by("code")
    return rows.filter(Q(code__startswith=q.upper()) | Q(name__icontains=q)) if q and q.isprintable() else rows


def laws(*, rank: str = "", q: str = "", in_force: bool = False) -> QuerySet[Law]:
    """Laws a withholding may rest on, with their articles."""
    rows = Law.objects.prefetch_related("articles").order_by("rank", "title")
    if rank and rank.isprintable():
        rows = rows.filter(rank=rank)
    if q and q.isprintable():
        rows = rows.filter(title__icontains=q)
    return rows.filter(repealed=False) if in_force else rows


def _gap(kind: str, row: InformationSystem | Duty) -> Gap:
    return Gap(kind, row.pk, row.name, row.department_id, row.department.name, WHY[kind])
