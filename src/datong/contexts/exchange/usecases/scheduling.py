# SPDX-License-Identifier: Apache-2.0
"""Schedules: a source is collected again when its time has come and what it comes after has landed (归集计划).

Kept here: one schedule for a source; a time missed while the node stood still runs once, not as often as it was missed;
one batch of a source at a time; a file handed in never changes, so it has no schedule.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from django.db import connection, transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.exchange import domain, permissions
from datong.contexts.exchange.domain import CollectMode, Rhythm, Timetable, WatermarkKind
from datong.contexts.exchange.models import Batch, Schedule, Source
from datong.contexts.exchange.queries import collecting as queries
from datong.contexts.exchange.usecases import controlling, landing
from datong.kernel import texts
from datong.kernel.actors import SYSTEM, Officer
from datong.kernel.errors import Conflict, DatongError, Malformed, Unknown

LOCK = "exchange.schedules"
LARGEST_OVERLAP = 10**9
log = structlog.get_logger("datong.exchange")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a schedule is to say.

    Attributes:
        timetable: When.
        mode: How.
        column: Column of the watermark, in its mode.
        type: T, D, I or N.
        overlap: How much before the last value is read again: seconds of a T, days of a D, units of a number.
        publication: By which the administrator of the database lets the table out, in the mode of logs.
        needs: Sources whose schedules come before.
    """

    timetable: Timetable
    mode: CollectMode
    column: str = ""
    type: str = ""
    overlap: int = 0
    publication: str = ""
    needs: tuple[int, ...] = ()


@transaction.atomic
def set_schedule(number: int, plan: Plan, *, by: Officer) -> Schedule:
    """Make or change the schedule of a source.

    Args:
        number: of the source.
        plan: what it is to say.
        by: a compiler of the providing department.

    Raises:
        Unknown: no such source for this officer.
        Refused: not the provider's compiler.
        Malformed: a time that never comes, a mode that does not fit, schedules that would wait for each other.
    """
    source = _decidable(number, by)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [LOCK])  # two changes might close a circle
    plan.timetable.check()
    watermark = _check_mode(source, plan)
    needs = _check_needs(source, plan, by)
    now, times = datetime.now(UTC), plan.timetable
    made, fresh = Schedule.objects.update_or_create(
        source=source,
        defaults={
            "mode": plan.mode.value, "watermark": watermark, "rhythm": times.rhythm.value, "minutes": times.minutes,
            "at": times.at, "weekday": times.weekday, "cron": times.cron, "next_at": times.next_run(now),
            "set_by": by.account, "set_at": now,
        },
    )  # fmt: skip
    made.needs.set(needs)
    facts = {"source": source.pk, "rhythm": times.rhythm.value, "mode": plan.mode.value, "needs": sorted(needs)}
    audit.record(
        "exchange.schedule.made" if fresh else "exchange.schedule.changed", by=by, subject=source.resource_id, facts=facts
    )
    return made


@transaction.atomic
def pause_schedule(number: int, *, by: Officer) -> Schedule:
    """Let a schedule rest.

    Raises:
        Unknown, Refused: as `set_schedule`.
        Conflict: it rests already.
    """
    return _rest(number, by, paused=True)


@transaction.atomic
def resume_schedule(number: int, *, by: Officer) -> Schedule:
    """Let a schedule go on, from its next time.

    Raises:
        Unknown, Refused: as `set_schedule`.
        Conflict: it does not rest.
    """
    return _rest(number, by, paused=False)


@transaction.atomic
def collect_now(number: int, *, by: Officer) -> Batch:
    """Collect a source now, in the way of its schedule; without one, whole.

    Raises:
        Unknown: no such source for this officer.
        Refused: not the provider's compiler, or another source has taken its place.
        Conflict: a batch of it has not ended.
    """
    source = _decidable(number, by)
    if queries.unfinished(source):
        raise Conflict(
            "上一批次还没有结束 (a batch of it has not ended)", remedy="等它结束，或者取消它 (wait for it, or cancel it)"
        )
    schedule = Schedule.objects.filter(source=source).first()
    if schedule is None:
        return controlling.queued(source, CollectMode.FULL.value, {}, by=by)
    return controlling.queued(source, schedule.mode, schedule.watermark, by=by)


def queue_due(now: datetime | None = None) -> int:
    """Queue a batch of each source whose schedule is due; returns how many.

    Args:
        now: an aware time; None is the present.
    """
    moment = now or datetime.now(UTC)
    started = 0
    for number in queries.perhaps_due(moment):
        try:
            started += _queue(number, moment)
        except DatongError as fault:
            log.warning("a schedule could not be followed", source=number, why=fault.message)
    return started


@transaction.atomic
def _queue(number: int, now: datetime) -> bool:
    schedule = Schedule.objects.select_for_update(of=("self",)).select_related("source").get(pk=number)
    if domain.waits_for(queries.standing(schedule, now), now) is not None:
        return False
    schedule.next_at = schedule.timetable.next_run(now)
    schedule.save(update_fields=["next_at"])
    if catalog.served(schedule.source.resource_id) is None:
        return False
    controlling.queued(schedule.source, schedule.mode, schedule.watermark, by=SYSTEM)
    return True


def _rest(number: int, by: Officer, *, paused: bool) -> Schedule:
    source = _decidable(number, by)
    schedule = Schedule.objects.select_for_update().filter(source=source).first()
    if schedule is None:
        raise Unknown("还没有归集计划 (there is no schedule yet)")
    if schedule.paused == paused:
        raise Conflict("归集计划已是这个状态 (the schedule is in this state already)")
    schedule.paused = paused
    schedule.next_at = schedule.timetable.next_run(datetime.now(UTC))
    schedule.save(update_fields=["paused", "next_at"])
    tag = "exchange.schedule.paused" if paused else "exchange.schedule.resumed"
    audit.record(tag, by=by, subject=source.resource_id, facts={"source": source.pk})
    return schedule


def _decidable(number: int, by: Officer) -> Source:
    source = queries.source(number, by=by)
    permissions.check_may_attach(by, source.resource.provider_id)
    return source


def _check_mode(source: Source, plan: Plan) -> dict[str, object]:
    """Check that the mode fits source and entry; returns what the watermark says."""
    if source.stored and plan.timetable.rhythm is not Rhythm.ON_DEMAND:
        words = "上传的文件不会变，不需要计划；请挂接库表或连接 (a file handed in never changes)"
        raise Malformed("这个来源不能按计划归集 (this source has no schedule)", fields={"rhythm": words})
    view = catalog.served(source.resource_id)
    keyed = view is not None and any(one.key for one in landing.shared_items(view))
    if plan.mode is not CollectMode.FULL and not keyed:
        words = "目录没有主键，只能全量归集 (the entry names no key: collect all of it)"
        raise Malformed("归集方式不可用 (the mode cannot be used)", fields={"mode": words})
    if plan.mode is CollectMode.LOG:
        return _check_log(source, plan)
    return _check_watermark(plan) if plan.mode is CollectMode.WATERMARK else {}


def _check_log(source: Source, plan: Plan) -> dict[str, object]:
    if not queries.has_log(source):
        words = "只有 PostgreSQL 库表可以按日志归集，查询不行 (only a table of PostgreSQL has a log, no query has)"
        raise Malformed("归集方式不可用 (the mode cannot be used)", fields={"mode": words})
    name = texts.line("publication", plan.publication, longest=63, least=0)
    if not domain.PUBLICATION.fullmatch(name):
        words = "对方库管理员所建发布的名称：小写字母、数字、下划线 (small letters, digits, underscores)"
        raise Malformed("填写发布的名称 (name the publication)", fields={"publication": words})
    return {"publication": name}


def _check_watermark(plan: Plan) -> dict[str, object]:
    wrong = {}
    column = texts.line("column", plan.column, longest=128, least=0)
    if not column:
        wrong["column"] = "填写水位列 (name the column)"
    if plan.type not in list(WatermarkKind):
        wrong["type"] = "、".join(f"{one} {one.label}" for one in WatermarkKind)
    if not 0 <= plan.overlap <= LARGEST_OVERLAP:
        wrong["overlap"] = f"0 … {LARGEST_OVERLAP}"
    if wrong:
        raise Malformed("水位说明不完整 (the watermark is not complete)", fields=wrong)
    return {"column": column, "type": plan.type, "overlap": plan.overlap}


def _check_needs(source: Source, plan: Plan, by: Officer) -> set[int]:
    wanted = set(plan.needs)
    seen = set(queries.schedules(by).filter(pk__in=wanted).values_list("pk", flat=True))
    if wanted - seen:
        raise Malformed("没有这个前置计划 (no such schedule)", fields={"needs": "、".join(map(str, sorted(wanted - seen)))})
    if plan.timetable.rhythm is Rhythm.AFTER and not wanted:
        raise Malformed("选择前置计划 (choose what it comes after)", fields={"needs": "至少一个 (at least one)"})
    if domain.comes_round(source.pk, wanted, _edges()):
        raise Malformed("计划互相等待 (the schedules would wait for each other)", fields={"needs": "成环 (a circle)"})
    return wanted


def _edges() -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    pairs: Iterable[tuple[int, int]] = Schedule.needs.through.objects.values_list("from_schedule_id", "to_schedule_id")
    for one, before in pairs:
        found.setdefault(one, set()).add(before)
    return found
