# SPDX-License-Identifier: Apache-2.0
"""Run a batch: rows from the source into the lake table and the serving index.

Kept here: a batch runs once; the table and the index stand before the batch says landed; a failure says why in a
sentence; bad rows are set aside with line and reason, never silently changed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.exchange import domain, queries
from datong.contexts.exchange.models import Batch
from datong.contexts.exchange.usecases import sources
from datong.engine import face as engine
from datong.engine.base import Column, Schema
from datong.kernel.actors import SYSTEM, Officer
from datong.kernel.errors import DatongError
from datong.kernel.sharing import ItemType
from datong.kernel.stages import move

PROGRESS_ROWS = 50_000


def run_batch(number: int) -> Batch | None:
    """Land one queued batch and build its index; called by the worker, idempotent.

    Returns:
        The batch as it ended, or None when it was not queued any more.
    """
    batch = _begin(number)
    if batch is None:
        return None
    try:
        landing, info = _carry(batch)
    except DatongError as error:
        fields = "; ".join(f"{name}: {words}" for name, words in error.fields.items())
        return _fail(batch, f"{error.message} {fields}".strip())
    except Exception as error:
        _fail(batch, f"{type(error).__name__}: see the node's log")
        raise
    return _finish(batch, landing, info)


@transaction.atomic
def _begin(number: int) -> Batch | None:
    batch = Batch.objects.select_for_update(of=("self",)).select_related("source").filter(pk=number).first()
    if batch is None or batch.stage not in {domain.BatchStage.QUEUED, domain.BatchStage.RUNNING}:
        return None
    if batch.stage == domain.BatchStage.QUEUED:  # running: the worker was killed in the middle, so it starts again
        _to(batch, domain.BatchStage.RUNNING)
    batch.started_at = datetime.now(UTC)
    _say(batch, "started")
    batch.save()
    return batch


def _carry(batch: Batch) -> tuple[engine.Landing, engine.IndexInfo]:
    view = catalog.version(batch.source.resource_id, batch.version)
    schema, table = _schema(view), _table(batch)
    landing = engine.land(
        sources.opened(batch.source),
        schema,
        batch.source.mapping,
        table,
        batch=str(batch.pk),
        progress=_progress(batch),
    )
    _say(batch, f"landed {landing.rows_good} rows, set aside {landing.rows_bad}")
    queries_of = [item.field for item in view.items if item.query]
    target = settings.NODE_FOLDER.serving / table.name / f"{batch.pk}.sqlite"
    target.parent.mkdir(parents=True, exist_ok=True)
    info = engine.build_index(table, schema, queries_of, target)
    return landing, info


def _table(batch: Batch) -> Path:
    return Path(settings.NODE_FOLDER.lake) / batch.source.resource_id.replace("/", "-")


def _schema(view: catalog.ResourceView) -> Schema:
    columns = [
        Column(
            field=item.field,
            type=ItemType(item.type),
            length=item.length,
            nullable=item.nullable,
            key=item.key,
            precision=item.precision,
        )
        for item in view.items
    ]
    return Schema(tuple(columns))


def _progress(batch: Batch) -> Callable[[int], None]:
    seen = 0

    def tell(rows: int) -> None:
        nonlocal seen
        if rows - seen >= PROGRESS_ROWS:
            seen = rows
            Batch.objects.filter(pk=batch.pk).update(rows_read=rows)

    return tell


@transaction.atomic
def _finish(batch: Batch, landing: engine.Landing, info: engine.IndexInfo) -> Batch:
    _to(batch, domain.BatchStage.LANDED)
    batch.rows_good, batch.rows_bad = landing.rows_good, landing.rows_bad
    batch.rows_read = landing.rows_good + landing.rows_bad
    batch.lake_version, batch.digest = landing.delta_version, landing.digest
    batch.index = str(Path(info.path).relative_to(settings.NODE_FOLDER.path))
    batch.finished_at = datetime.now(UTC)
    _say(batch, f"serving {info.rows} rows")
    batch.save()
    facts = {
        "batch": batch.pk,
        "rows_good": batch.rows_good,
        "rows_bad": batch.rows_bad,
        "lake_version": batch.lake_version,
        "digest": batch.digest,
    }
    audit.record(domain.TAG[domain.BatchStage.LANDED], by=SYSTEM, subject=batch.source.resource_id, facts=facts)
    return batch


@transaction.atomic
def _fail(batch: Batch, why: str) -> Batch:
    _to(batch, domain.BatchStage.FAILED)
    batch.error, batch.finished_at = why[:2000], datetime.now(UTC)
    _say(batch, f"failed: {why[:200]}")
    batch.save()
    facts = {"batch": batch.pk, "why": why[:500]}
    audit.record(domain.TAG[domain.BatchStage.FAILED], by=SYSTEM, subject=batch.source.resource_id, facts=facts)
    return batch


def _to(batch: Batch, wanted: domain.BatchStage) -> None:
    batch.stage = move(domain.MOVES, f"batch {batch.pk}", domain.BatchStage(batch.stage), wanted)


def _say(batch: Batch, words: str) -> None:
    batch.log = [*batch.log, f"{timezone.localtime():%H:%M:%S} {words}"]


def quarantine(number: int, *, by: Officer, limit: int = 100) -> list[dict[str, Any]]:
    """Rows a batch set aside: line, item, reason and the raw row.

    Raises:
        Unknown: no such batch for this officer.
    """
    batch = queries.batch(number, by=by)
    return engine.quarantine(_table(batch), str(batch.pk), limit=limit)
