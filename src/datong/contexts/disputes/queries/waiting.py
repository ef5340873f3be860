# SPDX-License-Identifier: Apache-2.0
"""What waits for an officer: disputes his side or his authority has to act on, complaints to assign, answer or close."""

from typing import Any

from django.db.models import Q, QuerySet

from datong.contexts.disputes import permissions
from datong.contexts.disputes.domain import complaints as complaining
from datong.contexts.disputes.domain.disputes import OPEN, TALKING, Side, Stage
from datong.contexts.disputes.models import Complaint, Dispute
from datong.contexts.disputes.queries.complaints import complaints
from datong.contexts.disputes.queries.disputes import disputes
from datong.contexts.disputes.queries.seats import highest
from datong.contexts.organisations import face as organisations
from datong.kernel.actors import Officer, Role

MOST = 50
AT_AUTHORITY = (Stage.COORDINATING, Stage.INSTRUCTED, Stage.APPEALED)


def waiting(by: Officer) -> list[Dispute | Complaint]:
    """What waits for an officer, the oldest first: disputes, then complaints."""
    found: list[Any] = list(disputes_waiting(by).order_by("opened_at")[:MOST])
    return found + list(complaints_waiting(by).order_by("filed_at")[:MOST])


def disputes_waiting(by: Officer) -> QuerySet[Dispute]:
    """Disputes that wait for an officer: of the own department while it negotiates, of the own authority afterwards."""
    wanted = Q(pk__in=[])
    for side, posts in permissions.POSTS.items():
        if by.department and by.holds(*posts):
            wanted |= Q(**{side.value: by.department}, stage=Stage.NEGOTIATING)
    for side, head in permissions.HEADS.items():
        if by.department and by.holds(head):
            unsigned = Q(**{side.value: by.department, f"{side.value}_agreed_at": None}, stage__in=TALKING)
            wanted |= unsigned & ~Q(agreement="")
    if by.holds(Role.AUTHORITY) and by.region:
        wanted |= Q(stage__in=AT_AUTHORITY, region__in=_handled(by.region))
    return disputes(by).filter(wanted)


def complaints_waiting(by: Officer) -> QuerySet[Complaint]:
    """Complaints that wait for an officer: for the authority to assign or close, for his department to answer."""
    wanted = Q(pk__in=[])
    if by.holds(Role.AUTHORITY):
        wanted |= Q(stage__in=[complaining.Stage.FILED, complaining.Stage.REPLIED])
    if by.department and by.holds(*permissions.MEMBERS):
        wanted |= Q(stage=complaining.Stage.ASSIGNED, department=by.department)
    return complaints(by).filter(wanted)


def under_way(by: Officer) -> QuerySet[Dispute]:
    """Disputes of an officer's department that others have to act on, the oldest first."""
    if not by.department:
        return Dispute.objects.none()
    own = Q(consumer=by.department) & Q(opened_side=Side.CONSUMER) | Q(provider=by.department, opened_side=Side.PROVIDER)
    return disputes(by).filter(own, stage__in=OPEN).exclude(stage=Stage.NEGOTIATING).order_by("opened_at")


def _handled(region: str) -> list[str]:
    """Divisions whose disputes the authority of one handles in this node: its own, and those where nobody sits."""
    found = [region]
    if region == highest():
        asked = set(Dispute.objects.filter(stage__in=AT_AUTHORITY).exclude(region=region).values_list("region", flat=True))
        found += [code for code in asked if not organisations.people_at(Role.AUTHORITY, region=code)]
    return found
