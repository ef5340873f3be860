# SPDX-License-Identifier: Apache-2.0
"""Complaints by the public: who sees which, lists, one complaint.

Kept here: `visible_complaints` is the one predicate: those who supervise, and the department it is assigned to.
"""

from django.db.models import Q, QuerySet

from datong.contexts.disputes import permissions
from datong.contexts.disputes.models import Complaint
from datong.kernel.actors import Officer
from datong.kernel.errors import Unknown

LONGEST_NUMBER = 24


def visible_complaints(by: Officer) -> Q:
    """Which complaints an officer sees."""
    if permissions.sees_all(by):
        return ~Q(pk__in=[])
    if by.department and by.holds(*permissions.MEMBERS):
        return Q(department=by.department)
    return Q(pk__in=[])


def complaint_of(number: str, *, by: Officer, lock: bool = False) -> Complaint:
    """Give one complaint an officer may see, its department at hand.

    Raises:
        Unknown: There is none, or none visible.
    """
    rows = Complaint.objects.select_related("department").filter(visible_complaints(by))
    if lock:
        rows = rows.select_for_update(of=("self",))
    readable = len(number) <= LONGEST_NUMBER and number.isprintable()
    found = rows.filter(number=number).first() if readable else None
    if found is None:
        raise Unknown("没有此投诉 (there is no such complaint)")
    return found


def complaints(by: Officer, *, stage: str = "", about: str = "", q: str = "") -> QuerySet[Complaint]:
    """Complaints an officer sees, newest first.

    Args:
        by: Who looks.
        stage: Only this stage.
        about: Only those about this.
        q: Only those whose number or department holds this text; what citizens write is sealed and not searched.
    """
    rows = Complaint.objects.select_related("department").filter(visible_complaints(by))
    for name, value in {"stage": stage, "about": about}.items():
        if value:
            rows = rows.filter(**{name: value}) if value.isprintable() else rows.none()
    if q:
        rows = rows.filter(Q(number__icontains=q) | Q(department__name__icontains=q)) if q.isprintable() else rows.none()
    return rows.order_by("-filed_at", "-number")
