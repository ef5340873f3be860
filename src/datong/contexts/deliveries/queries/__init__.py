# SPDX-License-Identifier: Apache-2.0
"""Reads of deliveries; who sees a grant sees what was delivered under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from datong.contexts.deliveries.domain.stages import UNFINISHED, DeliveryStage
from datong.contexts.deliveries.models import Delivery, Schedule
from datong.contexts.exchange import face as exchange
from datong.contexts.sharing import face as sharing
from datong.kernel.actors import SYSTEM, Officer
from datong.kernel.errors import Unknown

LONGEST_SEARCH = 100
LONGEST_NUMBER = 24
NEEDED = ("grant__resource", "grant__consumer", "grant__provider")
ARRIVED = (DeliveryStage.READY, DeliveryStage.DELIVERED, DeliveryStage.LAPSED)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was delivered under a grant: times, rows, bytes, the last time."""

    times: int
    rows: int
    size: int
    last_at: Any


def visible(by: Officer) -> Q:
    """Which deliveries an officer sees."""
    return Q(grant__in=sharing.grants(by).order_by().values("number"))


def deliveries(by: Officer, *, q: str = "", stage: str = "", channel: str = "", grant: str = "") -> QuerySet[Delivery]:
    """Give the deliveries an officer sees, newest first.

    Args:
        by: Who looks.
        q: Part of number, grant, resource or department.
        stage: Only this stage.
        channel: Only file or table.
        grant: Only of this grant.
    """
    rows = Delivery.objects.filter(visible(by)).select_related(*NEEDED)
    for name, value in {"stage": stage, "channel": channel, "grant": grant}.items():
        if value:
            rows = rows.filter(**{name: value}) if value.isprintable() else rows.none()
    word = q.strip()[:LONGEST_SEARCH]
    if word and word.isprintable():
        found = Q(number__icontains=word) | Q(grant__number__icontains=word) | Q(grant__resource__name__icontains=word)
        rows = rows.filter(found | Q(grant__consumer__name__icontains=word) | Q(target__icontains=word))
    return rows.order_by("-id")


def delivery(number: str, *, by: Officer, lock: bool = False) -> Delivery:
    """Give one delivery.

    Raises:
        Unknown: There is none, or none visible.
    """
    readable = len(number) <= LONGEST_NUMBER and number.isprintable()
    rows = Delivery.objects.filter(visible(by)).select_related(*NEEDED)
    rows = rows.select_for_update(of=("self",)) if lock else rows
    found = rows.filter(number=number).first() if readable else None
    if found is None:
        raise Unknown("没有这次交付 (there is no such delivery)")
    return found


def figures(grant: str) -> Figures:
    """Give what was delivered under a grant; the caller has checked that the officer sees it."""
    rows = Delivery.objects.filter(grant=grant, stage__in=ARRIVED)
    made = rows.aggregate(times=Count("id"), rows=Sum("rows", default=0), size=Sum("size", default=0), last_at=Max("finished_at"))
    return Figures(**made)


def uses_of(grants: Sequence[str]) -> dict[str, list[exchange.Used]]:
    """Count what arrived under each of some grants, for their lineage; the caller has checked that the officer sees them."""
    rows = Delivery.objects.filter(grant__in=grants, stage__in=ARRIVED).values("grant")
    made = rows.annotate(times=Count("id"), given=Sum("rows", default=0), last_at=Max("finished_at"))
    figures = made.order_by("grant").values_list("grant", "times", "given", "last_at")
    return {grant: [exchange.Used("delivery", "交付", *rest)] for grant, *rest in figures}


def schedules(grant: str) -> QuerySet[Schedule]:
    """Give the schedules of a grant that go on; the caller has checked that the officer sees it."""
    return Schedule.objects.filter(grant=grant, ended_at=None)


def schedule(number: int, *, by: Officer, lock: bool = False) -> Schedule:
    """Give one schedule.

    Raises:
        Unknown: There is none, or none visible.
    """
    rows = Schedule.objects.filter(visible(by)).select_related("grant")
    rows = rows.select_for_update(of=("self",)) if lock else rows
    found = rows.filter(pk=number).first() if 0 < number < 2**63 else None
    if found is None:
        raise Unknown("没有这个交付周期 (there is no such schedule)")
    return found


def traced(by: Officer) -> list[str]:
    """Give the number of each delivery whose rows stand in a traceable order, the newest first; the node itself sees all."""
    rows = Delivery.objects.filter(Q() if by is SYSTEM else visible(by), wanted__traced=True, rows__gt=0)
    return list(rows.order_by("-id").values_list("number", flat=True))


def versions_in_use(code: str) -> list[int]:
    """Versions of the lake table of a resource that deliveries under way read."""
    under_way = Delivery.objects.filter(stage__in=UNFINISHED, lake_version__isnull=False, grant__resource=code)
    return sorted(set(under_way.order_by().values_list("lake_version", flat=True)))
