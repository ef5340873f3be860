# SPDX-License-Identifier: Apache-2.0
"""Tasks of destruction: seen by whoever sees the grant."""

from django.db.models import Q, QuerySet

from datong.contexts.sharing.domain.disposals import UNSETTLED
from datong.contexts.sharing.models import DisposalTask, Grant
from datong.contexts.sharing.queries.grants import visible_grants
from datong.contexts.sharing.queries.requests import CONSUMER_ROLES, LONGEST_NUMBER
from datong.kernel.actors import Officer
from datong.kernel.errors import Unknown

NEEDED = ("grant__resource", "grant__consumer", "grant__provider", "grant__application")


def visible_disposals(by: Officer) -> Q:
    """Which tasks an officer sees: those of the grants he sees."""
    return Q(grant__in=Grant.objects.filter(visible_grants(by)))


def disposal_of(number: str, *, by: Officer, lock: bool = False) -> DisposalTask:
    """Give one task an officer may see.

    Raises:
        Unknown: There is none, or none visible.
    """
    rows = DisposalTask.objects.select_related(*NEEDED).filter(visible_disposals(by))
    rows = rows.select_for_update(of=("self",)) if lock else rows
    readable = len(number) <= LONGEST_NUMBER and number.isprintable()
    found = rows.filter(number=number).first() if readable else None
    if found is None:
        raise Unknown("没有此销毁任务 (there is no such task of destruction)")
    return found


def disposals(by: Officer, *, stage: str = "", q: str = "", side: str = "") -> QuerySet[DisposalTask]:
    """Tasks an officer sees, the first due first; filters as those of `grants`."""
    rows = DisposalTask.objects.select_related(*NEEDED).defer("file").filter(visible_disposals(by))
    if stage and stage.isprintable():
        rows = rows.filter(stage=stage)
    if side in ("consumer", "provider"):
        rows = rows.filter(**{f"grant__{side}": by.department})
    if q and q.isprintable():
        said = Q(number__icontains=q) | Q(grant__number__icontains=q) | Q(grant__resource__name__icontains=q)
        rows = rows.filter(said | Q(grant__consumer__name__icontains=q))
    return rows.order_by("due", "number")


def disposals_waiting(by: Officer) -> QuerySet[DisposalTask]:
    """Tasks that wait for an officer's department, breaches first."""
    if not by.department or not by.holds(*CONSUMER_ROLES):
        return DisposalTask.objects.none()
    return disposals(by, side="consumer").filter(stage__in=UNSETTLED)
