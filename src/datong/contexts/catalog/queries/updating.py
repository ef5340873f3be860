# SPDX-License-Identifier: Apache-2.0
"""Duties to update and requests to remove: who sees which, lists, the queue.

Kept here: `visible_tickets` and `visible_removals` are the one predicate of each model.
"""

from django.db.models import Q, QuerySet

from datong.contexts.catalog.domain.removals import RemovalStage
from datong.contexts.catalog.domain.tickets import ExtensionStage, TicketStage
from datong.contexts.catalog.models import Removal, Resource, UpdateTicket
from datong.contexts.catalog.queries.entries import DEPARTMENT_ROLES, LONGEST_CODE
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Unknown


def _own(by: Officer, department: str, region: str) -> Q:
    """What a department's own people, the authority of its region and the auditor see."""
    if by.holds(Role.AUDITOR):
        return ~Q(pk__in=[])
    seen = Q(pk__in=[])
    if by.department and by.holds(*DEPARTMENT_ROLES):
        seen |= Q(**{department: by.department})
    if by.holds(Role.AUTHORITY) and by.region:
        seen |= Q(**{region: by.region})
    return seen


def visible_homes(by: Officer) -> Q:
    """Which resources an officer works on, published or not: the own department's, those of the region, all as auditor."""
    return _own(by, "provider", "provider__region")


def visible_tickets(by: Officer) -> Q:
    """Which duties to update an officer sees."""
    return _own(by, "department", "department__region")


def visible_removals(by: Officer) -> Q:
    """Which requests to remove an officer sees."""
    return _own(by, "resource__provider", "resource__provider__region")


def home_of(code: str, *, by: Officer, lock: bool = False) -> Resource:
    """Give a resource an officer works on, whatever became of it, with its provider at hand.

    Raises:
        Unknown: There is none, or none of his.
    """
    rows = Resource.objects.select_related("provider", "current").filter(visible_homes(by))
    rows = rows.select_for_update(of=("self",)) if lock else rows
    found = rows.filter(code=code).first() if len(code) <= LONGEST_CODE and code.isprintable() else None
    if found is None:
        raise Unknown("没有此信息资源 (there is no such resource)")
    return found


def tickets(by: Officer, *, stage: str = "", q: str = "") -> QuerySet[UpdateTicket]:
    """Duties to update an officer sees, newest first, of one stage, or whose words hold a text."""
    rows = UpdateTicket.objects.select_related("department", "resource", "version").filter(visible_tickets(by))
    if stage and stage.isprintable():
        rows = rows.filter(stage=stage)
    if q and q.isprintable():
        rows = rows.filter(Q(citation__icontains=q) | Q(reason__icontains=q) | Q(resource__code=q))
    return rows.order_by("-pk")


def ticket_of(pk: int, *, by: Officer, lock: bool = False) -> UpdateTicket:
    """Give one duty to update.

    Raises:
        Unknown: There is none, or none visible.
    """
    rows = tickets(by)
    rows = rows.select_for_update(of=("self",)) if lock else rows
    found = rows.filter(pk=pk).first() if 0 < pk < 2**63 else None
    if found is None:
        raise Unknown("没有此更新事项 (there is no such ticket)")
    return found


def tickets_waiting(by: Officer) -> QuerySet[UpdateTicket]:
    """Duties that wait for this officer: to be updated by his department, extensions to be decided by him."""
    held = Q(pk__in=[])
    if by.department and by.holds(Role.COMPILER):
        held |= Q(stage=TicketStage.OPEN, department=by.department)
    if by.holds(Role.AUTHORITY):
        held |= Q(extension=ExtensionStage.ASKED, stage=TicketStage.OPEN, department__region=by.region)
    return tickets(by).filter(held)


def removals(by: Officer, *, stage: str = "", resource: str = "") -> QuerySet[Removal]:
    """Requests to remove an officer sees, newest first."""
    rows = Removal.objects.select_related("resource__provider", "successor").filter(visible_removals(by))
    if stage and stage.isprintable():
        rows = rows.filter(stage=stage)
    if resource and resource.isprintable():
        rows = rows.filter(resource__code=resource)
    return rows.order_by("-pk")


def removal_of(pk: int, *, by: Officer, lock: bool = False) -> Removal:
    """Give one request to remove.

    Raises:
        Unknown: There is none, or none visible.
    """
    rows = removals(by)
    rows = rows.select_for_update(of=("self", "resource")) if lock else rows
    found = rows.filter(pk=pk).first() if 0 < pk < 2**63 else None
    if found is None:
        raise Unknown("没有此撤销申请 (there is no such removal)")
    return found


def removals_waiting(by: Officer) -> QuerySet[Removal]:
    """Requests to remove that wait for this officer's decision."""
    if not by.holds(Role.AUTHORITY):
        return Removal.objects.none()
    mine = Q(stage=RemovalStage.ASKED, resource__provider__region=by.region) & ~Q(asked_by__in=by.hands)
    return removals(by).filter(mine)


def successor(code: str) -> str:
    """Give the code of the resource that took the place of a superseded one, empty when none did."""
    found = Resource.objects.filter(code=code, withdrawn_at__isnull=False) if code.isprintable() else Resource.objects.none()
    return found.values_list("successor__code", flat=True).first() or ""


def predecessors(code: str) -> list[str]:
    """Give the codes of the resources whose place a resource took."""
    return list(Resource.objects.filter(successor__code=code).order_by("code").values_list("code", flat=True))
