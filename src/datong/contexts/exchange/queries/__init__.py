# SPDX-License-Identifier: Apache-2.0
"""Reads of exchange; one predicate decides which calls and batches an officer sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from datong.contexts.catalog import face as catalog
from datong.contexts.exchange import domain
from datong.contexts.exchange.models import Batch, Call, DriftCase, PolicySnapshot
from datong.contexts.exchange.permissions import sees_all_use, sees_own_use, sees_provided
from datong.contexts.exchange.queries.providing import seen_by
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Unknown
from datong.kernel.workdays import SHANGHAI, received_on

REFUSED = Q(status__gte=400)
COUNTED = Q(status=200)
"""A call that the gateway counts against the quota: neither asking what is allowed (204) nor what has changed (304) is one."""
ANSWERED = Q(status__in=(200, 304))
"""A call by which data were used: also one that was told that nothing has changed of what it holds."""


@dataclass(frozen=True, slots=True)
class Landed:
    """What serves a resource now: its newest landed batch."""

    batch: int
    version: int
    index: str
    rows: int
    finished_at: datetime
    lake_version: int | None


@dataclass(frozen=True, slots=True)
class Usage:
    """Use of a grant: totals, what is left of today's quota, and calls per day of the last thirty days."""

    calls: int
    refused: int
    rows: int
    last_at: datetime | None
    today: int
    quota: int | None
    left: int | None
    days: list[dict[str, Any]]
    reasons: list[dict[str, Any]]


def landed(code: str) -> Landed | None:
    """The newest landed batch of a resource, or None while nothing landed."""
    return landed_of([code]).get(code)


def landed_of(codes: list[str]) -> dict[str, Landed]:
    """The newest landed batch of each resource that has one, in one query."""
    found = (
        Batch.objects.filter(source__resource_id__in=codes, stage=domain.BatchStage.LANDED)
        .order_by("source__resource_id", "-id")
        .distinct("source__resource_id")
        .values_list("source__resource_id", "id", "version", "index", "rows_good", "finished_at", "lake_version")
    )
    return {code: Landed(*rest) for code, *rest in found}


def landings(code: str) -> list[Landed]:
    """Every landed batch of a resource, the newest first."""
    rows = Batch.objects.filter(source__resource_id=code, stage=domain.BatchStage.LANDED).order_by("-id")
    return [Landed(*one) for one in rows.values_list("id", "version", "index", "rows_good", "finished_at", "lake_version")]


def batches_visible(by: Officer) -> QuerySet[Batch]:
    """Batches an officer may see: the provider's own, and all for those who supervise."""
    everything = Batch.objects.select_related("source", "source__resource", "source__resource__provider")
    return seen_by(by, everything, resource="source__resource")


def batch(number: int, *, by: Officer, lock: bool = False) -> Batch:
    """One batch.

    Raises:
        Unknown: there is none the officer may see.
    """
    rows = batches_visible(by)
    rows = rows.select_for_update(of=("self",)) if lock else rows
    found = rows.filter(pk=number).first() if 0 < number < 2**63 else None
    if found is None:
        raise Unknown("没有这个批次 (no such batch)")
    return found


def batches_waiting(by: Officer) -> QuerySet[Batch]:
    """Batches that are held until the officer's department decides."""
    if not by.department or not by.holds(Role.COMPILER):
        return Batch.objects.none()
    return batches_visible(by).filter(stage=domain.BatchStage.HELD, source__resource__provider_id=by.department)


def is_stopped(number: int) -> bool:
    """Whether somebody asked a running batch to stop."""
    return Batch.objects.filter(pk=number, stage=domain.BatchStage.RUNNING).exclude(stop_by="").exists()


def use_visible(by: Officer) -> Q:
    """Which calls, and tallies of calls, an officer may read: the own department's, and those on its own resources.

    The same officers read the grants they were made under (sharing: `visible_grants`).
    """
    if sees_all_use(by):
        return Q()
    seen = Q(pk__in=[])
    if sees_own_use(by):
        seen |= Q(department=by.department)
    if sees_provided(by):
        seen |= Q(resource__in=catalog.entries(by, mine=True).order_by().values("resource__code"))
    return seen


def calls_visible(by: Officer) -> QuerySet[Call]:
    """Calls an officer may read."""
    return Call.objects.filter(use_visible(by))


def calls(by: Officer, *, grant: str = "", resource: str = "", outcome: str = "") -> QuerySet[Call]:
    """Calls an officer may read, of one grant, of one resource, `answered` or `refused`."""
    found = calls_visible(by)
    for name, value in {"grant": grant, "resource": resource}.items():
        if value:
            found = found.filter(**{name: value}) if value.isprintable() else found.none()
    if outcome in {"answered", "refused"}:
        found = found.filter(REFUSED if outcome == "refused" else ~REFUSED)
    return found


def counted_today(grant: str) -> int:
    """Calls of a grant that count against its quota, since midnight in China; a batch is as many as it asks."""
    midnight = timezone.localtime(timezone=SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    total: int = Call.objects.filter(COUNTED, grant=grant, at__gte=midnight).aggregate(many=Sum("calls", default=0))["many"]
    return total


def usage(grant: str, quota: int | None = None) -> Usage:
    """How a grant is used; the caller has checked that the officer sees the grant.

    Args:
        grant: its number.
        quota: calls a day the grant allows, None for any number; days are China's, as the gateway counts them.
    """
    made = Call.objects.filter(grant=grant)
    totals = made.aggregate(
        refused=Sum("calls", filter=REFUSED, default=0), calls=Sum("calls", default=0), rows=Sum("rows", default=0),
        last_at=Max("at"),
    )  # fmt: skip
    midnight = timezone.localtime(timezone=SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    days = (
        made.filter(at__gte=midnight - timedelta(days=29))
        .annotate(day=TruncDate("at", tzinfo=SHANGHAI))
        .values("day")
        .annotate(refused=Sum("calls", filter=REFUSED, default=0), calls=Sum("calls"), rows=Sum("rows", default=0))
        .order_by("day")
    )
    reasons = made.filter(REFUSED).values("code").annotate(times=Sum("calls")).order_by("-times")[:10]
    today = counted_today(grant)
    left = None if quota is None else max(0, quota - today)
    return Usage(**totals, today=today, quota=quota, left=left, days=list(days), reasons=list(reasons))


def newest_policy() -> PolicySnapshot | None:
    """The policy the gateways should hold now."""
    return PolicySnapshot.objects.order_by("-version").first()


def drifts_visible(by: Officer) -> QuerySet[DriftCase]:
    """Cases an officer may work on: the provider's own, and all for those who supervise."""
    return seen_by(by, DriftCase.objects.select_related("source", "resource__provider"))


def drifts(by: Officer, *, stage: str = "", resource: str = "") -> QuerySet[DriftCase]:
    """Cases an officer may work on, newest first, of one stage, of one resource."""
    found = drifts_visible(by)
    for name, value in {"stage": stage, "resource": resource}.items():
        if value:
            found = found.filter(**{name: value}) if value.isprintable() else found.none()
    return found.order_by("-id")


def drifts_waiting(by: Officer) -> QuerySet[DriftCase]:
    """Unsettled cases that wait for the officer's department."""
    if not by.department or not by.holds(Role.COMPILER):
        return DriftCase.objects.none()
    return drifts(by).filter(stage__in=domain.UNSETTLED, resource__provider_id=by.department)


def drift_case(number: int, *, by: Officer, lock: bool = False) -> DriftCase:
    """One case.

    Raises:
        Unknown: there is none the officer may see.
    """
    rows = drifts_visible(by)
    rows = rows.select_for_update(of=("self",)) if lock else rows
    found = rows.filter(pk=number).first() if 0 < number < 2**63 else None
    if found is None:
        raise Unknown("没有这个不一致个案 (no such case)")
    return found


def drift(code: str) -> DriftCase | None:
    """The unsettled case of an entry that is not true, for everybody who sees the resource."""
    case = DriftCase.objects.filter(resource=code, stage__in=domain.UNSETTLED).first()
    return case if case is not None and domain.is_untrue(case.findings) else None


def allowed_age(cycle: str) -> timedelta | None:
    """How old data of an update cycle may be on this node, None where nothing is promised (irregular, never)."""
    days = getattr(settings.NODE, f"fresh_{cycle}_days", None)
    return None if days is None else timedelta(days=days)


def freshness(cycle: str, landed_at: datetime | None, now: datetime | None = None) -> str:
    """Colour of the lamp: green within the promised cycle, red beyond it, none where nothing was promised or landed."""
    age = None if landed_at is None else (now or timezone.now()) - landed_at
    return domain.lamp(age, allowed_age(cycle))


def stale_on(cycle: str, landed_at: datetime | None) -> date | None:
    """The day in Shanghai on which data turn stale, None where they never do."""
    allowed = allowed_age(cycle)
    return None if landed_at is None or allowed is None else received_on(landed_at + allowed)
