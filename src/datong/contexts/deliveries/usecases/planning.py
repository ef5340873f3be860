# SPDX-License-Identifier: Apache-2.0
"""Ask for what repeats when it is due, and let files lapse that nobody fetches any more.

Kept here: a schedule asks as the officer who made it would, and ends with its grant, its connection or that officer's
right; why is said. Files to fetch are kept for some days: what left the lake should not lie about.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.deliveries.domain import timing
from datong.contexts.deliveries.domain.stages import MOVES, TAG, UNFINISHED, DeliveryStage
from datong.contexts.deliveries.models import Delivery, Schedule
from datong.contexts.deliveries.usecases import asking, queueing, telling, writing
from datong.contexts.organisations import face as organisations
from datong.contexts.sharing import face as sharing
from datong.kernel.actors import SYSTEM
from datong.kernel.errors import DatongError, Malformed, Refused, Unknown
from datong.kernel.stages import move
from datong.kernel.workdays import received_on
from datong.wire import deliveries as wire

log = structlog.get_logger("datong.deliveries")
KEPT = timedelta(days=7)
ORPHANED = timedelta(hours=6)
SUSPENDED = "suspended"


def tend(now: datetime | None = None) -> int:
    """Queue what the queue lost, ask for what is due, let lapse what is old; returns how much was done."""
    moment = now or datetime.now(UTC)
    return queueing.tend() + ask_for_due(moment) + let_lapse(moment)


def ask_for_due(now: datetime) -> int:
    """Ask for each scheduled delivery that is due; returns how many were asked for."""
    asked = 0
    for row in Schedule.objects.filter(ended_at=None).exclude(deliveries__stage__in=UNFINISHED):
        try:
            asked += _ask_if_due(row.pk, now)
        except DatongError as fault:
            log.warning("a scheduled delivery was not asked for", schedule=row.pk, why=str(fault))
    return asked


@transaction.atomic
def _ask_if_due(number: int, now: datetime) -> bool:
    row = Schedule.objects.select_for_update(of=("self",)).select_related("grant").get(pk=number)
    if row.ended_at is not None or row.deliveries.filter(stage__in=UNFINISHED).exists():
        return False
    try:
        by = organisations.officer_named(row.made_by)
        grant = sharing.grant(row.grant_id, by=by)
        if grant.stage == SUSPENDED:
            return False
        outlet, _, _ = asking.let_out(row.grant_id, row.wanted["channel"])
        if not _is_due(row, grant.document.get("update_cycle") or "", outlet.version, received_on(now)):
            return False
        asking.ask_again(row, by=by)
    except (Unknown, Refused, Malformed) as fault:
        asking.end_schedule(row, SYSTEM.account, fault.message)
        telling.stopped(row, fault.message)
        facts = {"schedule": row.pk, "why": fault.message[:300]}
        audit.record("deliveries.schedule.stopped", by=SYSTEM, subject=row.grant_id, facts=facts)
        return False
    return True


def _is_due(row: Schedule, cycle: str, version: int, today: date) -> bool:
    """Whether the next delivery of a schedule is due; one that did not arrive is asked for again the day after."""
    last = row.deliveries.order_by("-id").first()
    if last is None:
        return True
    on = received_on(last.asked_at)
    if last.stage in (DeliveryStage.FAILED, DeliveryStage.WITHDRAWN):
        return on < today
    return timing.is_due(cycle, today=today, version=version, last_on=on, last_version=last.lake_version)


def let_lapse(now: datetime) -> int:
    """Remove files that were to be fetched for some days, those of grants that are no more, and what nobody knows."""
    old = Delivery.objects.filter(stage=DeliveryStage.READY, finished_at__lt=now - KEPT)
    ended = Delivery.objects.filter(stage=DeliveryStage.READY).exclude(grant__stage__in=("active", SUSPENDED))
    numbers = sorted({*old.values_list("number", flat=True), *ended.values_list("number", flat=True)})
    for number in numbers:
        _lapse(number)
    return len(numbers) + _sweep(now)


@transaction.atomic
def _lapse(number: str) -> None:
    row = Delivery.objects.select_for_update(of=("self",)).get(number=number)
    if row.stage != DeliveryStage.READY:
        return
    row.stage = move(MOVES, f"delivery {row.number}", DeliveryStage(row.stage), DeliveryStage.LAPSED)
    row.save(update_fields=["stage"])
    telling.done_with(row)
    transaction.on_commit(lambda: writing.removed(number))
    audit.record(TAG[DeliveryStage.LAPSED], by=SYSTEM, subject=row.number, facts={"grant": row.grant_id})


def _sweep(now: datetime) -> int:
    """Remove folders of deliveries that ended long ago and left one behind."""
    gone = 0
    root = settings.NODE_FOLDER.path / wire.FOLDER
    for folder in root.glob("J*") if root.exists() else ():
        if folder.stat().st_mtime > (now - ORPHANED).timestamp():
            continue
        row = Delivery.objects.filter(number=folder.name).first()
        if row is None or row.stage not in (*UNFINISHED, DeliveryStage.READY):
            writing.removed(folder.name)
            gone += 1
    return gone
