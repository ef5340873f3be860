# SPDX-License-Identifier: Apache-2.0
"""What waits for an officer: demands to consent to, to assign, to answer, to ask for; and what his department waits for."""

from django.db.models import Q, QuerySet

from datong.contexts.demands import permissions
from datong.contexts.demands.domain.stages import ENDED, TO_REQUEST, DutyStage, Stage
from datong.contexts.demands.models import Demand, Responsibility
from datong.contexts.demands.queries.demands import demands
from datong.kernel.actors import Officer, Role

MOST = 50


def held(by: Officer) -> QuerySet[Demand]:
    """Demands on which this officer acts next, less those his department has to answer."""
    mine = Q(pk__in=[])
    if by.department and by.holds(Role.APPLICANT):
        mine |= Q(department=by.department) & (Q(stage=Stage.RETURNED) | Q(stage__in=TO_REQUEST, request=None))
    if by.department and by.holds(Role.CONSUMER_HEAD):
        mine |= Q(department=by.department, stage=Stage.FILED) & ~Q(writers__overlap=sorted(by.hands))
    if by.holds(Role.AUTHORITY) and by.region:
        mine |= Q(department__region=by.region, stage=Stage.REVIEWING)
    return demands(by).filter(mine)


def to_answer(by: Officer) -> QuerySet[Responsibility]:
    """Responsibilities this officer's department has to answer, the oldest first."""
    rows = Responsibility.objects.select_related("demand__department", "department")
    if not by.department or not by.holds(*permissions.ANSWERERS):
        return rows.none()
    return rows.filter(department=by.department, stage=DutyStage.OPEN).order_by("assigned_at")


def waiting(by: Officer) -> list[Demand | Responsibility]:
    """What waits for this officer: responsibilities to answer, then demands to act on, the oldest first."""
    return [*to_answer(by)[:MOST], *held(by).order_by("made_at")[:MOST]]


def under_way(by: Officer) -> QuerySet[Demand]:
    """Demands of the officer's department that others have to act on, the oldest first."""
    others = [*ENDED, Stage.DRAFT, Stage.RETURNED, *TO_REQUEST]
    return demands(by, side="own").exclude(stage__in=others).order_by("made_at")
