# SPDX-License-Identifier: Apache-2.0
"""Control a batch: stop it, decide on one that is held, begin one that ended anew.

Kept here: only the provider's compiler decides; a batch that is held goes on with exactly the differences that were
shown; what ended stays as it ended, another try is another batch. A source that another one took the place of never
lands again.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.exchange import domain, permissions, queries
from datong.contexts.exchange.domain import BatchStage
from datong.contexts.exchange.models import Batch, Source
from datong.contexts.exchange.queries import collecting
from datong.contexts.exchange.usecases import landing, sources
from datong.contexts.periods import face as periods
from datong.kernel.actors import SYSTEM, Officer
from datong.kernel.errors import IllegalMove, Refused
from datong.kernel.stages import move


@transaction.atomic
def cancel_batch(number: int, *, by: Officer) -> Batch:
    """Stop a batch: a waiting one ends at once, a running one within two seconds; nothing of it is ever seen.

    Raises:
        Unknown: no such batch for this officer.
        Refused: not the provider's compiler.
        IllegalMove: it has ended.
    """
    batch = _decidable(number, by)
    if batch.stage == BatchStage.RUNNING:
        if not batch.stop_by:
            batch.stop_by = by.account
            landing.say(batch, "要求停止 (asked to stop)")
            batch.save(update_fields=["stop_by", "log"])
            _record("exchange.batch.stop_asked", batch, by)
        return batch
    _to(batch, BatchStage.CANCELLED)
    batch.stop_by, batch.finished_at = by.account, datetime.now(UTC)
    landing.say(batch, "已取消，湖中数据未变 (cancelled, the lake holds what it held)")
    batch.save()
    periods.done_with("batch", batch.number, by=by)
    _record(domain.TAG[BatchStage.CANCELLED], batch, by)
    return batch


@transaction.atomic
def continue_batch(number: int, *, by: Officer) -> Batch:
    """Let a batch that is held go on with the differences it was held for.

    Raises:
        Unknown: no such batch for this officer.
        Refused: not the provider's compiler, or an item that may not be empty has lost its column.
        IllegalMove: it is not held.
    """
    batch = _decidable(number, by)
    if batch.stage != BatchStage.HELD:
        raise IllegalMove(f"batch {batch.pk}", batch.stage, BatchStage.QUEUED.value)
    _check_continuable(batch)
    _to(batch, BatchStage.QUEUED)
    batch.accepted_by = by.account
    landing.say(batch, "确认按现状继续 (goes on as it is)")
    batch.save()
    sources.enqueue(batch.pk, batch.source.resource_id)
    periods.done_with("batch", batch.number, by=by)
    _record(
        "exchange.batch.accepted", batch, by, differences=[f"{one['kind']} {one['item']}".strip() for one in batch.differences]
    )
    return batch


@transaction.atomic
def retry_batch(number: int, *, by: Officer) -> Batch:
    """Begin what failed or was cancelled anew, as another batch of the same source in the same way.

    Raises:
        Unknown: no such batch for this officer.
        Refused: not the provider's compiler, or another source has taken its place.
        IllegalMove: it has not ended, or landed.
    """
    batch = _decidable(number, by)
    if batch.stage not in {BatchStage.FAILED, BatchStage.CANCELLED}:
        raise IllegalMove(f"batch {batch.pk}", batch.stage, BatchStage.QUEUED.value)
    return queued(batch.source, batch.mode, batch.watermark, by=by, retry_of=batch.pk)


def queued(source: Source, mode: str, watermark: dict[str, object], *, by: Officer, retry_of: int | None = None) -> Batch:
    """Queue a batch of a source, in the caller's transaction.

    Raises:
        Refused: another source has taken its place, or the resource is not published any more.
    """
    view = catalog.served(source.resource_id)
    if view is None or collecting.is_replaced(source):
        raise Refused(
            "这个来源不再归集：资源已撤下，或者已有更新的来源 (this source is no longer collected)",
            rule="较新的来源取代较旧的来源 (a newer source takes the place of an older one)",
            remedy="重新挂接 (attach again)",
        )
    mark = {name: watermark[name] for name in ("column", "type", "overlap", "publication") if name in watermark}
    asked_by = "" if by.account == SYSTEM.account else by.account
    said = "排队 (queued)" if retry_of is None else f"重试批次 {retry_of} (another try of batch {retry_of})"
    made = Batch.objects.create(
        source=source, version=view.version, mode=mode, watermark=mark, asked_by=asked_by, log=[landing.line(said)]
    )
    facts = {"batch": made.pk, "mode": mode, **({"retry_of": retry_of} if retry_of else {})}
    sources.enqueue(made.pk, source.resource_id)
    audit.record(domain.TAG[BatchStage.QUEUED], by=by, subject=source.resource_id, facts=facts)
    return made


def _decidable(number: int, by: Officer) -> Batch:
    batch = queries.batch(number, by=by, lock=True)
    permissions.check_may_attach(by, batch.source.resource.provider_id)
    return batch


def _check_continuable(batch: Batch) -> None:
    view = catalog.served(batch.source.resource_id)
    required = {one.field for one in landing.shared_items(view) if one.key or not one.nullable} if view else set()
    lost = {one["item"] for one in batch.differences if one["kind"] == domain.DriftKind.COLUMN} & required
    if lost:
        raise Refused(
            "必填的信息项没有了来源列，不能按现状继续 (an item that may not be empty has lost its column)",
            fields=dict.fromkeys(sorted(lost), "来源中没有这一列 (no such column)"),
            remedy="放弃本批次后，更正来源或者重新挂接 (give the batch up, then mend the source or attach again)",
        )


def _to(batch: Batch, wanted: BatchStage) -> None:
    batch.stage = move(domain.MOVES, f"batch {batch.pk}", BatchStage(batch.stage), wanted)


def _record(tag: str, batch: Batch, by: Officer, **facts: object) -> None:
    audit.record(tag, by=by, subject=batch.source.resource_id, facts={"batch": batch.pk, **facts})
