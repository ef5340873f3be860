# SPDX-License-Identifier: Apache-2.0
"""Demands: who sees which, lists, one demand.

Kept here: `visible_demands` is the one predicate: the department that demands; once its head consented, the authority of
its region, the departments made responsible, the auditor. Unknown and forbidden look the same.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet

from datong.contexts.demands import permissions
from datong.contexts.demands.domain.stages import DutyStage
from datong.contexts.demands.models import Demand, Responsibility
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Unknown

NEEDED = ("department", "expected", "resource", "request")
LONGEST_NUMBER = 24
SIDES = ("own", "responsible", "review")


def visible_demands(by: Officer) -> Q:
    """Which demands an officer sees."""
    seen = Q(department=by.department) if by.department else Q(pk__in=[])
    left = Q(endorsed_at__isnull=False)
    if permissions.sees_all(by):
        seen |= left
    if by.holds(Role.AUTHORITY) and by.region:
        seen |= left & Q(department__region=by.region)
    if by.department and by.holds(*permissions.ANSWERERS):
        seen |= Q(Exists(Responsibility.objects.filter(demand=OuterRef("pk"), department=by.department)))
    return seen


def demand_of(number: str, *, by: Officer, lock: bool = False) -> Demand:
    """Give one demand an officer may see, its department and entry at hand.

    Raises:
        Unknown: There is none, or none visible.
    """
    rows = Demand.objects.select_related(*NEEDED).filter(visible_demands(by))
    readable = len(number) <= LONGEST_NUMBER and number.isprintable()
    if lock and readable:  # first locked, then read: what stands beside a row that was waited for would be of before
        Demand.objects.select_for_update().filter(visible_demands(by), number=number).values_list("pk").first()
    found = rows.filter(number=number).first() if readable else None
    if found is None:
        raise Unknown("没有此数据需求 (there is no such demand)")
    return found


def demands(
    by: Officer, *, stage: str = "", urgency: str = "", q: str = "", side: str = "", department: str = ""
) -> QuerySet[Demand]:
    """Demands an officer sees, newest first.

    Args:
        by: Who looks.
        stage: Only this stage.
        urgency: Only this urgency.
        q: Only those whose number, name, items or departments hold this text.
        side: "own", "responsible" or "review": of the own department, those it has to answer, those the authority decides.
        department: Only those of this department.
    """
    rows = Demand.objects.select_related(*NEEDED).filter(visible_demands(by))
    for name, value in {"stage": stage, "urgency": urgency, "department": department}.items():
        if value:
            rows = rows.filter(**{name: value}) if value.isprintable() else rows.none()
    if side == "own":
        rows = rows.filter(department=by.department) if by.department else rows.none()
    if side == "responsible":
        rows = rows.filter(Exists(Responsibility.objects.filter(demand=OuterRef("pk"), department=by.department)))
    if side == "review":
        rows = rows.filter(endorsed_at__isnull=False, department__region=by.region)
    if q:
        rows = rows.filter(_holding(q)) if q.isprintable() else rows.none()
    return rows.order_by("-made_at", "-number")


def _holding(q: str) -> Q:
    return Q(number__icontains=q) | Q(name__icontains=q) | Q(items__icontains=q) | Q(department__name__icontains=q)


def open_responsibility(row: Demand, *, lock: bool = False) -> Responsibility | None:
    """Give the responsibility that is open on a demand: to be answered, or being compiled."""
    rows = row.responsibilities.select_related("department", "demand__department", "ticket")
    rows = rows.select_for_update(of=("self",)) if lock else rows
    return rows.filter(stage__in=(DutyStage.OPEN, DutyStage.ACCEPTED)).first()
