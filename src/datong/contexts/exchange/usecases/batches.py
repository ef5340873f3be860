# SPDX-License-Identifier: Apache-2.0
"""Run a batch: rows from the source into the lake table and the serving index.

Kept here: one landing per resource at a time, the newest batch that landed serves, an older one never overtakes it; the
table and the index stand before the batch says landed; one that was interrupted begins again, a few times; a failure
says why in a sentence. One that is asked to stop never lands, and one whose source has changed its shape is held.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.exchange import domain, queries
from datong.contexts.exchange.domain import BatchStage
from datong.contexts.exchange.models import Batch
from datong.contexts.exchange.usecases import following, landing, processes, sources
from datong.contexts.periods import face as periods
from datong.engine import errors
from datong.engine import face as engine
from datong.kernel.actors import SYSTEM, Officer, Role
from datong.kernel.errors import Conflict, DatongError, Malformed, Refused, Unknown
from datong.kernel.stages import move

MOST_ATTEMPTS = 5
PATIENCE = 60.0
CHINESE = re.compile(r"[\u4e00-\u9fff]")
WORDS: Mapping[type[DatongError], str] = {
    errors.NothingLanded: "没有一行合格",
    errors.SourceUnreadable: "来源读不了",
    Malformed: "来源与目录不符",
    Conflict: "另有装载在先",
    DatongError: "平台没能完成",
}
HELD_UP = "来源的结构变了，归集已停下等待确认 (the source has changed its shape: collecting waits for a decision)"
INTERRUPTED = f"装载 {MOST_ATTEMPTS} 次均中断 (the landing was interrupted {MOST_ATTEMPTS} times)"


def run_batch(number: int) -> Batch | None:
    """Land one batch and build its index; called by the worker, may be called again.

    Returns:
        The batch as it ended, or None when it had ended before.

    Raises:
        Exception: it was hindered and may be run again.
    """
    code = Batch.objects.filter(pk=number).values_list("source__resource_id", flat=True).first()
    if code is None:
        return None
    with _alone(code):
        batch = _begin(number)
        ended = _run(batch) if batch is not None and batch.stage == BatchStage.RUNNING else batch
        if ended is not None and ended.stage == BatchStage.LANDED:
            landing.let_go(ended)
            if not ended.unchanged:
                landing.tidy(ended)
    if ended is not None and ended.stage == BatchStage.LANDED:
        following.landed(code)
    return ended


def _run(batch: Batch) -> Batch:
    try:
        landed, index = landing.carry(batch)
    except landing.Differs as found:
        return _hold(batch, found)
    except landing.Stopped:
        return end_stopped(batch.pk) or batch
    except (Malformed, Refused, Unknown) as error:
        if not isinstance(error, errors.SourceAway):  # the source's own fault: another try would find the same
            return _fail(batch, _sentence(error))
        _hindered(batch, error)
        raise
    except Exception as error:
        _hindered(batch, error)
        raise
    return _finish(batch, landed, index)


def _hindered(batch: Batch, error: Exception) -> None:
    why = _sentence(error) if isinstance(error, DatongError) else f"{type(error).__name__} (see the node's log)"
    if batch.attempts >= MOST_ATTEMPTS:
        _fail(batch, why)
    else:
        _note(batch, f"中断，将重试：{why} (hindered, tried again)")


def _alone(code: str) -> AbstractContextManager[None]:
    """Hold the lock of a resource's landings."""
    return processes.alone(f"exchange.land {code}", f"another landing of {code} is going on", patience=PATIENCE)


@transaction.atomic
def _begin(number: int) -> Batch | None:
    batch = _locked(number)
    if batch.stage not in domain.AT_WORK:
        return None
    if batch.stop_by:
        return _stop(batch)
    serves = queries.landed(batch.source.resource_id)
    if serves is not None and serves.batch > batch.pk:
        return _fail(batch, f"更新的批次 {serves.batch} 已经装载 (batch {serves.batch}, a newer one, has landed)")
    if batch.attempts >= MOST_ATTEMPTS:
        return _fail(batch, INTERRUPTED)
    if batch.stage == BatchStage.QUEUED:  # running: the worker was killed in the middle, so it starts again
        _to(batch, BatchStage.RUNNING)
    batch.attempts += 1
    batch.started_at = datetime.now(UTC)
    landing.say(batch, "开始装载 (started)" if batch.attempts == 1 else f"第 {batch.attempts} 次装载 (attempt {batch.attempts})")
    batch.save()
    return batch


def _locked(number: int) -> Batch:
    return Batch.objects.select_for_update(of=("self",)).select_related("source").get(pk=number)


@transaction.atomic
def _finish(batch: Batch, landed: engine.Collected, index: engine.IndexInfo) -> Batch:
    now = _locked(batch.pk)
    if now.stage != BatchStage.RUNNING:
        raise Conflict(f"batch {batch.pk} has ended elsewhere")
    if now.stop_by:
        return _stop(now)
    _to(batch, BatchStage.LANDED)
    for name in ("rows_read", "rows_good", "rows_bad", "inserted", "updated", "deleted"):
        setattr(batch, name, getattr(landed, name))
    batch.unchanged, batch.phase = not landed.changed, ""
    if batch.watermark:
        batch.watermark = {**batch.watermark, "last": landed.watermark, "zoned": landed.zoned}
    batch.lake_version, batch.digest = landed.delta_version, landed.digest
    batch.index = str(Path(index.path).relative_to(settings.NODE_FOLDER.path))
    batch.finished_at = datetime.now(UTC)
    landing.say(batch, f"开始服务 {index.rows} 行 (serving {index.rows} rows)")
    batch.save()
    facts = {
        "batch": batch.pk,
        "rows_good": batch.rows_good,
        "rows_bad": batch.rows_bad,
        "mode": batch.mode,
        "changes": {"inserted": batch.inserted, "updated": batch.updated, "deleted": batch.deleted},
        "lake_version": batch.lake_version,
        "digest": batch.digest,
    }
    audit.record(domain.TAG[BatchStage.LANDED], by=SYSTEM, subject=batch.source.resource_id, facts=facts)
    return batch


@transaction.atomic
def _fail(batch: Batch, why: str) -> Batch:
    now = _locked(batch.pk)
    if now.stage not in domain.AT_WORK:
        return now
    if now.stop_by:
        return _stop(now)
    landing.put_back(batch)
    _to(batch, BatchStage.FAILED)
    batch.phase = ""
    batch.error, batch.finished_at = why[:2000], datetime.now(UTC)
    landing.say(batch, f"装载失败：{why[:200]} (failed)")
    batch.save()
    facts = {"batch": batch.pk, "why": why[:500]}
    audit.record(domain.TAG[BatchStage.FAILED], by=SYSTEM, subject=batch.source.resource_id, facts=facts)
    return batch


@transaction.atomic
def _hold(batch: Batch, found: landing.Differs) -> Batch:
    """Hold a batch before anything of it is committed, and tell its provider's compilers."""
    now = _locked(batch.pk)
    if now.stop_by or now.stage != BatchStage.RUNNING:
        return _stop(now) if now.stage == BatchStage.RUNNING else now
    _to(batch, BatchStage.HELD)
    batch.differences = [asdict(one) | {"kind": one.kind.value} for one in found.findings]
    batch.phase, batch.accepted_by, batch.attempts = "", "", 0
    landing.say(batch, "来源与上次入湖时不同，没有写入，等待确认 (the source has changed its shape: nothing was written, decide)")
    batch.save()
    home = batch.source.resource
    post = periods.Holder(Role.COMPILER, home.provider_id, home.provider.region_id)
    subject = periods.Subject("batch", batch.number, home.name, f"/exchange/batches/{batch.pk}")
    periods.tell(periods.NoticeKind.TOLD, subject, post, HELD_UP)
    facts = {"batch": batch.pk, "kinds": sorted({one.kind.value for one in found.findings})}
    audit.record(domain.TAG[BatchStage.HELD], by=SYSTEM, subject=batch.source.resource_id, facts=facts)
    return batch


@transaction.atomic
def end_stopped(number: int) -> Batch | None:
    """End a batch that was asked to stop and whose landing is over; returns it, None where nobody asked."""
    batch = _locked(number)
    return _stop(batch) if batch.stop_by and batch.stage in domain.UNFINISHED else None


def _stop(batch: Batch) -> Batch:
    """Cancel a batch: what it had committed is put back, so that nothing of it is ever seen."""
    landing.put_back(batch)
    _to(batch, BatchStage.CANCELLED)
    batch.phase, batch.finished_at = "", datetime.now(UTC)
    landing.say(batch, "已取消，湖中数据未变 (cancelled, the lake holds what it held)")
    batch.save()
    facts = {"batch": batch.pk, "asked_by": batch.stop_by}
    audit.record(domain.TAG[BatchStage.CANCELLED], by=SYSTEM, subject=batch.source.resource_id, facts=facts)
    return batch


@transaction.atomic
def recall_batch(number: int, *, by: Officer) -> None:
    """Let a landed batch serve no more (数据召回): the one before it serves again, nothing where there is none.

    The lake keeps its history: what followers were told is taken back by the batch that lands next.

    Raises:
        IllegalMove: It has not landed, or was recalled before.
    """
    batch = _locked(number)
    _to(batch, BatchStage.RECALLED)
    landing.say(batch, "已召回，不再提供服务 (recalled, it serves no more)")
    batch.save()
    facts = {"batch": batch.pk, "lake_version": batch.lake_version}
    audit.record(domain.TAG[BatchStage.RECALLED], by=by, subject=batch.source.resource_id, facts=facts)


def _note(batch: Batch, words: str) -> None:
    landing.say(batch, words)
    Batch.objects.filter(pk=batch.pk).update(log=batch.log)


def _to(batch: Batch, wanted: BatchStage) -> None:
    batch.stage = move(domain.MOVES, f"batch {batch.pk}", BatchStage(batch.stage), wanted)


def _sentence(error: DatongError) -> str:
    """An error in both languages: what the engine says in one gets its Chinese, from its kind."""
    said = error.message
    if not CHINESE.search(said):
        said = f"{next(words for kind, words in WORDS.items() if isinstance(error, kind))} ({said})"
    fields = "; ".join(f"{name}: {words}" for name, words in error.fields.items())
    return "".join(sign if sign.isprintable() else "·" for sign in f"{said} {fields}".strip())


def tend_batches() -> int:
    """Queue anew each unfinished batch that no job stands for any more; returns how many.

    A job is lost when the queue gave it up; the batch itself counts its attempts and ends with a reason.
    """
    left = dict(Batch.objects.filter(stage__in=domain.AT_WORK).values_list("pk", "source__resource_id"))
    forgotten = sorted(left.keys() - sources.jobs_waiting()) if left else []
    for number in forgotten:
        with transaction.atomic():
            sources.enqueue(number, left[number])
    return len(forgotten)


def quarantine(number: int, *, by: Officer, limit: int = 100) -> list[dict[str, Any]]:
    """Rows a batch set aside: line, item, reason and the raw row.

    Raises:
        Unknown: no such batch for this officer.
    """
    batch = queries.batch(number, by=by)
    return engine.quarantine(landing.table_of(batch), str(batch.pk), limit=limit)
