# SPDX-License-Identifier: Apache-2.0
"""Reads of exchange; one predicate decides which calls and batches an officer sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from datong.contexts.exchange import domain
from datong.contexts.exchange.models import Batch, Call, PolicySnapshot
from datong.contexts.exchange.permissions import sees_all_use
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Unknown


@dataclass(frozen=True, slots=True)
class Landed:
    """What serves a resource now: its newest landed batch."""

    batch: int
    version: int
    index: str
    rows: int
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class Usage:
    """Use of a grant: totals, and calls per day of the last thirty days."""

    calls: int
    refused: int
    rows: int
    last_at: datetime | None
    today: int
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
        .values_list("source__resource_id", "id", "version", "index", "rows_good", "finished_at")
    )
    return {code: Landed(*rest) for code, *rest in found}


def batches_visible(by: Officer) -> QuerySet[Batch]:
    """Batches an officer may see: the provider's own, and all for those who supervise."""
    everything = Batch.objects.select_related("source", "source__resource", "source__resource__provider")
    if sees_all_use(by):
        return everything
    if by.department and by.holds(Role.COMPILER, Role.PROVIDER_HEAD):
        return everything.filter(source__resource__provider_id=by.department)
    return everything.none()


def batch(number: int, *, by: Officer) -> Batch:
    """One batch.

    Raises:
        Unknown: there is none the officer may see.
    """
    found = batches_visible(by).filter(pk=number).first()
    if found is None:
        raise Unknown("没有这个批次 (no such batch)")
    return found


def calls_visible(by: Officer) -> QuerySet[Call]:
    """Calls an officer may read: those of the own department's applications, and those on its own resources."""
    if sees_all_use(by):
        return Call.objects.all()
    if not by.department:
        return Call.objects.none()
    own = Batch.objects.filter(source__resource__provider_id=by.department).values("source__resource_id")
    return Call.objects.filter(Q(department=by.department) | Q(resource__in=own))


def usage(grant: str) -> Usage:
    """How a grant is used; the caller has checked that the officer sees the grant."""
    calls = Call.objects.filter(grant=grant)
    answered = Q(status__lt=400)
    totals = calls.aggregate(
        calls=Count("id"), refused=Count("id", filter=~answered), rows=Sum("rows", default=0), last_at=Max("at")
    )
    now = timezone.localtime()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = (
        calls.filter(at__gte=midnight - timedelta(days=29))
        .annotate(day=TruncDate("at"))
        .values("day")
        .annotate(calls=Count("id"), refused=Count("id", filter=~answered), rows=Sum("rows", default=0))
        .order_by("day")
    )
    reasons = calls.exclude(answered).values("code").annotate(times=Count("id")).order_by("-times")[:10]
    return Usage(**totals, today=calls.filter(at__gte=midnight).filter(answered).count(), days=list(days), reasons=list(reasons))


def newest_policy() -> PolicySnapshot | None:
    """The policy the gateways should hold now."""
    return PolicySnapshot.objects.order_by("-version").first()
