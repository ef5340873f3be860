# SPDX-License-Identifier: Apache-2.0
"""Disputes: who sees which, lists, one dispute, its files.

Kept here: `visible_disputes` is the one predicate: the two parties through the posts that speak for them, and those who
supervise. Unknown and forbidden look the same.
"""

from django.db.models import Q, QuerySet

from datong.contexts.disputes import permissions
from datong.contexts.disputes.domain.disputes import OPEN, Side
from datong.contexts.disputes.models import Dispute, Paper
from datong.kernel.actors import Officer
from datong.kernel.errors import Unknown

NEEDED = ("resource", "consumer__region", "provider__region")
LONGEST_NUMBER = 24


def visible_disputes(by: Officer) -> Q:
    """Which disputes an officer sees."""
    if permissions.sees_all(by):
        return ~Q(pk__in=[])
    seen = Q(pk__in=[])
    if by.department and by.holds(*permissions.POSTS[Side.CONSUMER]):
        seen |= Q(consumer=by.department)
    if by.department and by.holds(*permissions.POSTS[Side.PROVIDER]):
        seen |= Q(provider=by.department)
    return seen


def dispute_of(number: str, *, by: Officer, lock: bool = False) -> Dispute:
    """Give one dispute an officer may see, its resource and parties at hand.

    Raises:
        Unknown: There is none, or none visible.
    """
    rows = Dispute.objects.select_related(*NEEDED).filter(visible_disputes(by))
    if lock:
        rows = rows.select_for_update(of=("self",))
    readable = len(number) <= LONGEST_NUMBER and number.isprintable()
    found = rows.filter(number=number).first() if readable else None
    if found is None:
        raise Unknown("没有此争议 (there is no such dispute)")
    return found


def disputes(
    by: Officer, *, stage: str = "", kind: str = "", matter: str = "", q: str = "", side: str = "", subject: str = ""
) -> QuerySet[Dispute]:
    """Disputes an officer sees, newest first.

    Args:
        by: Who looks.
        stage: Only this stage; "open" is all in which something is to be done.
        kind: Only those about this kind of thing.
        matter: Only those of this matter.
        q: Only those whose number, thing, resource or department holds this text.
        side: "consumer" or "provider": only those in which the own department is this party.
        subject: Only those about this number or code.
    """
    rows = Dispute.objects.select_related(*NEEDED).filter(visible_disputes(by))
    if stage == "open":
        rows, stage = rows.filter(stage__in=OPEN), ""
    for name, value in {"stage": stage, "kind": kind, "matter": matter, "subject": subject}.items():
        if value:
            rows = rows.filter(**{name: value}) if value.isprintable() else rows.none()
    if side in ("consumer", "provider"):
        rows = rows.filter(**{side: by.department})
    if q:
        rows = rows.filter(_holding(q)) if q.isprintable() else rows.none()
    return rows.order_by("-opened_at", "-number")


def _holding(q: str) -> Q:
    said = Q(number__icontains=q) | Q(subject__icontains=q) | Q(resource__name__icontains=q)
    return said | Q(consumer__name__icontains=q) | Q(provider__name__icontains=q)


def paper_of(row: Dispute, pk: int) -> Paper:
    """Give one file of a dispute that was found to be visible.

    Raises:
        Unknown: There is none.
    """
    found = Paper.objects.filter(statement__dispute=row, pk=pk).first() if 0 < pk < 2**63 else None
    if found is None:
        raise Unknown("没有此文件 (there is no such file)")
    return found
