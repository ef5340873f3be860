# SPDX-License-Identifier: Apache-2.0
"""Reads of collecting: sources and their schedules as an officer sees them, and how a schedule stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q, QuerySet

from datong.contexts.connections import face as connections
from datong.contexts.exchange import domain
from datong.contexts.exchange.domain import BatchStage, Need, Rhythm, Standing, Waiting
from datong.contexts.exchange.models import Batch, Schedule, Source
from datong.contexts.exchange.queries.providing import seen_by
from datong.kernel.actors import Officer
from datong.kernel.errors import Unknown


@dataclass(frozen=True, slots=True)
class Collected:
    """A source that may be collected again: its schedule, why it waits, its newest batch."""

    source: Source
    schedule: Schedule | None
    waits: Waiting | None
    newest: Batch | None
    replaced: bool = False

    @property
    def idle(self) -> bool:
        """Whether it may be collected now: nothing of it is under way, and no other took its place."""
        return not self.replaced and (self.newest is None or self.newest.stage not in domain.UNFINISHED)


def sources_visible(by: Officer) -> QuerySet[Source]:
    """Sources an officer may see, as their batches: the provider's own, and all for those who supervise."""
    return seen_by(by, Source.objects.select_related("resource", "resource__provider"))


def source(number: int, *, by: Officer) -> Source:
    """One source.

    Raises:
        Unknown: there is none the officer may see.
    """
    found = sources_visible(by).filter(pk=number).first() if 0 < number < 2**63 else None
    if found is None:
        raise Unknown("没有这个来源 (no such source)")
    return found


def has_log(one: Source) -> bool:
    """Whether a source is a table whose database keeps a log that can be followed."""
    if one.connection is None:
        return one.kind == domain.SourceKind.POSTGRES
    return one.connection.kind == connections.ConnectionKind.POSTGRES and bool(one.options.get("table"))


def schedules(by: Officer) -> QuerySet[Schedule]:
    """Schedules an officer may see: those of the sources."""
    rows = Schedule.objects.select_related("source__resource__provider")
    return rows.filter(source__in=sources_visible(by).values("pk"))


def collected(rows: Iterable[Source], now: datetime) -> list[Collected]:
    """Give sources with their schedule and newest batch."""
    found = list(rows)
    plans = {one.pk: one for one in Schedule.objects.filter(pk__in=[one.pk for one in found]).select_related("source")}
    newest = _newest(found)
    return [_collected(one, plans.get(one.pk), newest.get(one.pk), now) for one in found]


def _collected(one: Source, plan: Schedule | None, newest: Batch | None, now: datetime) -> Collected:
    waits = None if plan is None else domain.waits_for(standing(plan, now), now)
    return Collected(one, plan, waits, newest, is_replaced(one))


def _newest(found: list[Source]) -> dict[int, Batch]:
    rows = Batch.objects.filter(source__in=found).order_by("source_id", "-id").distinct("source_id")
    return {one.source_id: one for one in rows}


def unfinished(one: Source) -> bool:
    """Whether a batch of a source has not ended."""
    return Batch.objects.filter(source=one, stage__in=domain.UNFINISHED).exists()


def perhaps_due(now: datetime) -> list[int]:
    """Schedules whose time has come, or that the clock does not decide."""
    rows = Schedule.objects.filter(Q(next_at__lte=now) | Q(rhythm=Rhythm.AFTER), paused=False)
    return list(rows.order_by("next_at", "pk").values_list("pk", flat=True))


def standing(schedule: Schedule, now: datetime) -> Standing:
    """How a schedule stands."""
    return Standing(
        rhythm=Rhythm(schedule.rhythm),
        next_at=schedule.next_at,
        newest=Batch.objects.filter(source=schedule.pk).aggregate(newest=Max("id"))["newest"] or 0,
        busy=unfinished(schedule.source),
        paused=schedule.paused,
        replaced=is_replaced(schedule.source),
        needs=tuple(_need(one, now) for one in schedule.needs.all()),
    )


def _need(schedule: Schedule, now: datetime) -> Need:
    newest = Batch.objects.filter(source=schedule.pk).first()
    landed = Batch.objects.filter(source=schedule.pk, stage=BatchStage.LANDED).first()
    due = not schedule.paused and schedule.next_at is not None and schedule.next_at <= now
    return Need(landed.pk if landed else 0, newest is not None and newest.stage == BatchStage.LANDED, due)


def is_replaced(one: Source) -> bool:
    """Whether a newer source of the same resource has landed: it takes the place of this one."""
    newer = Batch.objects.filter(source__resource_id=one.resource_id, source_id__gt=one.pk, stage=BatchStage.LANDED)
    return newer.exists()
