# SPDX-License-Identifier: Apache-2.0
"""The list of responsibilities (责任清单): what each department has to supply by when.

Kept here: `visible_responsibilities` is the one predicate: the department itself, the one that demands, the authority of
either region, the auditor. The last days are those of the clocks.
"""

from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat

from datong.contexts.demands import permissions
from datong.contexts.demands.models import Responsibility
from datong.contexts.periods import face as periods
from datong.kernel.actors import Officer, Role


def visible_responsibilities(by: Officer) -> Q:
    """Which responsibilities an officer sees."""
    if permissions.sees_all(by):
        return ~Q(pk__in=[])
    seen = Q(pk__in=[])
    if by.department:
        seen |= Q(demand__department=by.department)
        if by.holds(*permissions.ANSWERERS):
            seen |= Q(department=by.department)
    if by.holds(Role.AUTHORITY) and by.region:
        seen |= Q(demand__department__region=by.region) | Q(department__region=by.region)
    return seen


def responsibilities(
    by: Officer, *, stage: str = "", department: str = "", q: str = "", own: bool = False
) -> QuerySet[Responsibility]:
    """Responsibilities an officer sees, the newest first, each with `answer_due`, `supply_due` and `due`.

    Args:
        by: Who looks.
        stage: Only this stage.
        department: Only those of this department.
        q: Only those whose number, demand or department holds this text.
        own: Only those of the own department.
    """
    needed = ("demand__department", "demand__resource", "department", "ticket")
    rows = Responsibility.objects.select_related(*needed).filter(visible_responsibilities(by))
    for name, value in {"stage": stage, "department": department}.items():
        if value:
            rows = rows.filter(**{name: value}) if value.isprintable() else rows.none()
    if own:
        rows = rows.filter(department=by.department) if by.department else rows.none()
    if q:
        said = Q(number__icontains=q) | Q(demand__name__icontains=q) | Q(department__name__icontains=q)
        rows = rows.filter(said | Q(demand__department__name__icontains=q)) if q.isprintable() else rows.none()
    return timed(rows).order_by("-assigned_at", "-number")


def timed(rows: QuerySet[Responsibility]) -> QuerySet[Responsibility]:
    """Give responsibilities with what their clocks say: last day of the answer, when it stopped, last day of the task."""
    answers = periods.Clock.objects.filter(subject=OuterRef("number"), rule=periods.Rule.DEMAND).order_by("pk")
    tasks = periods.Clock.objects.filter(subject_kind="ticket", subject=OuterRef("task"), rule=periods.Rule.UPDATE).order_by("pk")
    rows = rows.annotate(task=Concat(Value("U"), Cast("ticket_id", CharField())))
    return rows.annotate(
        answer_due=Subquery(answers.values("due")[:1]),
        answer_stopped=Subquery(answers.values("stopped_at")[:1]),
        supply_due=Subquery(tasks.values("due")[:1]),
        supply_stopped=Subquery(tasks.values("stopped_at")[:1]),
    ).annotate(due=Coalesce(F("supply_due"), F("answer_due")))
