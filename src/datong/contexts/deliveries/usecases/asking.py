# SPDX-License-Identifier: Apache-2.0
"""Ask for a delivery, ask again, withdraw one, stop what repeats.

Kept here: what is asked for is checked against what the grant lets out now; it is checked again when it is carried out. A
delivery under way is told to stop and stops before anything counts.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.connections import face as connections
from datong.contexts.deliveries import permissions, queries
from datong.contexts.deliveries.domain import asking
from datong.contexts.deliveries.domain.asking import Wanted
from datong.contexts.deliveries.domain.stages import MOVES, TAG, DeliveryStage
from datong.contexts.deliveries.models import Delivery, Schedule
from datong.contexts.deliveries.usecases import queueing, telling, writing
from datong.contexts.exchange import face as exchange
from datong.contexts.periods import face as periods
from datong.contexts.sharing import face as sharing
from datong.engine.plans import delivering
from datong.kernel.actors import Officer
from datong.kernel.errors import Refused
from datong.kernel.sharing import Channel
from datong.kernel.stages import move


@transaction.atomic
def ask(wanted: Wanted, *, by: Officer) -> Delivery:
    """Ask for a delivery, and for those to follow where it repeats.

    Args:
        wanted: What, in which form, where to.
        by: An officer of the department the grant was given to.

    Raises:
        Unknown: No such grant or connection, or none visible; nothing has landed.
        Refused: Not of the consumer, not in force, or not to be had in bulk.
        Malformed: Naming each field at fault.
    """
    grant = sharing.grant(wanted.grant, by=by)
    permissions.check_may_take(by, grant.consumer)
    clean, target = _checked(wanted, by)
    schedule = None
    if clean.repeats:
        kept = {name: value for name, value in asdict(clean).items() if name != "repeats"}
        schedule = Schedule.objects.create(grant_id=grant.number, wanted=kept, made_by=by.account, made_at=datetime.now(UTC))
        connections.take_up(clean.connection, subject=f"deliveries.schedule {schedule.pk}", title=_title(clean))
    return laid_down(clean, target, by=by, schedule=schedule)


@transaction.atomic
def retry(number: str, *, by: Officer) -> Delivery:
    """Ask for a delivery that failed, lapsed or was withdrawn once more, as a new one.

    Raises:
        Unknown: No such delivery, or none visible.
        Refused: It is under way or arrived, or as `ask`.
        Malformed: As `ask`.
    """
    old = queries.delivery(number, by=by, lock=True)
    permissions.check_may_take(by, old.grant.consumer_id)
    if old.stage not in (DeliveryStage.FAILED, DeliveryStage.WITHDRAWN, DeliveryStage.LAPSED):
        raise Refused("只有没有送到的交付可以重来 (only what did not arrive is delivered again)", fields={"stage": old.stage})
    clean, target = _checked(as_wanted(old), by)
    telling.done_with(old, by=by)
    return laid_down(clean, target, by=by, retries=old)


@transaction.atomic
def withdraw(number: str, *, by: Officer) -> Delivery:
    """Withdraw a delivery: one that waits ends, one under way is told to stop, files to fetch go away.

    Raises:
        Unknown: No such delivery, or none visible.
        Refused: Not of the consumer.
        IllegalMove: It has ended.
    """
    row = queries.delivery(number, by=by, lock=True)
    permissions.check_may_take(by, row.grant.consumer_id)
    if row.stage == DeliveryStage.RUNNING:
        row.cancel_asked = True
        row.save(update_fields=["cancel_asked"])
        audit.record("deliveries.delivery.stop_asked", by=by, subject=row.number, facts={"grant": row.grant_id})
        return row
    row.stage = move(MOVES, f"delivery {row.number}", DeliveryStage(row.stage), DeliveryStage.WITHDRAWN)
    row.finished_at = row.finished_at or datetime.now(UTC)
    row.save()
    queueing.released(row)
    telling.done_with(row, by=by)
    transaction.on_commit(lambda: writing.removed(row.number))
    audit.record(TAG[DeliveryStage.WITHDRAWN], by=by, subject=row.number, facts={"grant": row.grant_id})
    return row


@transaction.atomic
def stop_schedule(number: int, *, by: Officer) -> Schedule:
    """Stop what repeats; what is under way goes on.

    Raises:
        Unknown: No such schedule, or none visible.
        Refused: Not of the consumer, or it ended before.
    """
    row = queries.schedule(number, by=by, lock=True)
    permissions.check_may_take(by, row.grant.consumer_id)
    if row.ended_at is not None:
        raise Refused("这个交付周期已经停止 (this schedule has ended)", fields={"schedule": "已停止 (ended)"})
    end_schedule(row, by.account, "")
    audit.record("deliveries.schedule.stopped", by=by, subject=row.grant_id, facts={"schedule": row.pk})
    return row


def end_schedule(row: Schedule, account: str, why: str) -> None:
    """Note the end of a schedule, in the caller's transaction."""
    row.ended_by, row.ended_at, row.ending = account, datetime.now(UTC), why[:300]
    row.save()
    connections.let_go(subject=f"deliveries.schedule {row.pk}")


def as_wanted(row: Delivery) -> Wanted:
    """Give what a delivery asked for."""
    return Wanted(**{**row.wanted, "repeats": False})


def laid_down(
    clean: Wanted, target: str, *, by: Officer, schedule: Schedule | None = None, retries: Delivery | None = None
) -> Delivery:
    """Write a delivery down and queue it, in the caller's transaction; what it asks for has been checked."""
    now = datetime.now(UTC)
    kept: dict[str, Any] = {name: value for name, value in asdict(clean).items() if name != "repeats"}
    row = Delivery.objects.create(
        number=periods.next_number("J", now), mark=secrets.token_hex(8), grant_id=clean.grant, channel=clean.channel,
        wanted=kept, target=target,
        asked_by=by.account, asked_at=now, schedule=schedule, retries=retries,
    )  # fmt: skip
    if clean.connection:
        connections.take_up(
            clean.connection, subject=f"deliveries.delivery {row.number}", title=_title(clean), href=f"/deliveries/{row.number}"
        )
    queueing.enqueue(row)
    facts = {"grant": clean.grant, "channel": clean.channel, "connection": clean.connection, "place": clean.place}
    audit.record(TAG[DeliveryStage.QUEUED], by=by, subject=row.number, facts=facts)
    return row


def let_out(grant: str, channel: str) -> tuple[exchange.Outlet, tuple[delivering.Shape, ...], tuple[str, ...]]:
    """Give what a grant lets out now, its columns, and its key where that leaves whole and unmasked.

    Raises:
        Unknown, Refused: It lets nothing out that way.
    """
    outlet = exchange.outlet(grant, Channel(channel))
    shapes = delivering.shapes(outlet.access, outlet.schema)
    keys = tuple(one.field for one in shapes if one.key)
    return outlet, shapes, keys if keys == outlet.schema.keys else ()


def _checked(wanted: Wanted, by: Officer) -> tuple[Wanted, str]:
    """What is asked for, cleaned, and the name of where it goes."""
    channel = wanted.channel if wanted.channel in asking.CHANNELS else Channel.FILE.value
    _, shapes, keys = let_out(wanted.grant, channel)
    clean = asking.settled(wanted, [one.field for one in shapes], keys)
    if not clean.connection:
        return clean, ""
    kinds = connections.DATABASES if clean.channel == Channel.TABLE else connections.FILES
    return clean, connections.check_usable(clean.connection, by=by, kinds=kinds).name


def _title(clean: Wanted) -> str:
    return f"{clean.grant} → {clean.place}"


def ask_again(schedule: Schedule, *, by: Officer) -> Delivery:
    """Ask for the next delivery of a schedule, in the caller's transaction.

    Raises:
        Unknown, Refused, Malformed: As `ask`: what was right once need not be any more.
    """
    wanted = replace(Wanted(**schedule.wanted), repeats=False)
    grant = sharing.grant(wanted.grant, by=by)
    permissions.check_may_take(by, grant.consumer)
    clean, target = _checked(wanted, by)
    return laid_down(clean, target, by=by, schedule=schedule)
