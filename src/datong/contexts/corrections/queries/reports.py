# SPDX-License-Identifier: Apache-2.0
"""Reports: who sees which, lists, one report, its files, how a resource stands.

Kept here: `visible_corrections` is the one predicate: the department that reported, the provider's compiler and head,
those who supervise. Unknown and forbidden look the same.
"""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from datong.contexts.corrections import permissions
from datong.contexts.corrections.domain.stages import OPEN, Stage
from datong.contexts.corrections.models import Correction, Evidence
from datong.kernel.actors import Officer
from datong.kernel.errors import Unknown

NEEDED = ("resource", "provider", "department")
LONGEST_NUMBER = 24


@dataclass(frozen=True, slots=True)
class Summary:
    """How the reports on a resource stand: open, corrected, all."""

    open: int
    corrected: int
    total: int


def visible_corrections(by: Officer) -> Q:
    """Which reports an officer sees."""
    if permissions.sees_all(by):
        return ~Q(pk__in=[])
    if not by.department:
        return Q(pk__in=[])
    seen = Q(department=by.department)
    return seen | Q(provider=by.department) if by.holds(*permissions.ANSWERERS) else seen


def correction_of(number: str, *, by: Officer, lock: bool = False) -> Correction:
    """Give one report an officer may see, its resource and departments at hand.

    Raises:
        Unknown: There is none, or none visible.
    """
    rows = Correction.objects.select_related(*NEEDED).filter(visible_corrections(by))
    if lock:
        rows = rows.select_for_update(of=("self",))
    readable = len(number) <= LONGEST_NUMBER and number.isprintable()
    found = rows.filter(number=number).first() if readable else None
    if found is None:
        raise Unknown("没有此校核申请 (there is no such report)")
    return found


def corrections(
    by: Officer, *, stage: str = "", kind: str = "", q: str = "", side: str = "", resource: str = "", grant: str = ""
) -> QuerySet[Correction]:
    """Reports an officer sees, newest first.

    Args:
        by: Who looks.
        stage: Only this stage.
        kind: Only this kind of error.
        q: Only those whose number, case, resource or department holds this text.
        side: "reporter" or "provider": only those the own department reported, or has to answer.
        resource: Only those on this resource code.
        grant: Only those reported under this grant.
    """
    rows = Correction.objects.select_related(*NEEDED).filter(visible_corrections(by))
    for name, value in {"stage": stage, "kind": kind, "resource": resource, "grant": grant}.items():
        if value:
            rows = rows.filter(**{name: value}) if value.isprintable() else rows.none()
    if side in ("reporter", "provider"):
        rows = rows.filter(**{"department" if side == "reporter" else "provider": by.department})
    if q:
        rows = rows.filter(_holding(q)) if q.isprintable() else rows.none()
    return rows.order_by("-filed_at", "-number")


def _holding(q: str) -> Q:
    said = Q(number__icontains=q) | Q(resource__name__icontains=q) | Q(resource=q) | Q(case=q)
    return said | Q(department__name__icontains=q) | Q(provider__name__icontains=q)


def evidence_of(row: Correction, pk: int, *, by: Officer) -> Evidence:
    """Give one file of a report an officer sees, to the two sides of the report alone.

    Raises:
        Unknown: There is none, or none he may read.
    """
    reads = permissions.sees_values(by, row.department_id, row.provider_id)
    found = row.files.filter(pk=pk).first() if reads and 0 < pk < 2**63 else None
    if found is None:
        raise Unknown("没有此文件 (there is no such file)")
    return found


def summary(code: str) -> Summary:
    """Count the reports on a resource, for everybody who sees the resource; says nothing of who reported what."""
    rows = (
        Correction.objects.filter(resource=code)
        .exclude(stage=Stage.WITHDRAWN)
        .aggregate(
            open=Count("pk", filter=Q(stage__in=OPEN)),
            corrected=Count("pk", filter=Q(corrected_batch__isnull=False) | Q(corrected_version__isnull=False)),
            total=Count("pk"),
        )
    )
    return Summary(**rows)
