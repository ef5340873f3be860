# SPDX-License-Identifier: Apache-2.0
"""Carry a batch: rows from its source into the lake table, then from the table into the serving index.

Kept here: the catalogue as it stands when the batch runs types the rows; items withheld by law (不予共享) stay outside;
a source that is no longer what it was when it landed last stops the batch before anything is committed; what a batch
that failed had committed to the lake is put back, so that the table always matches the index that serves.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from datong.contexts.catalog import face as catalog
from datong.contexts.exchange import domain, queries
from datong.contexts.exchange.domain import CollectMode, Phase
from datong.contexts.exchange.models import Batch, Source
from datong.contexts.exchange.usecases import sources
from datong.engine import face as engine
from datong.engine import places
from datong.engine.base import Column, Rehearsal, Schema
from datong.engine.places import Place
from datong.engine.plans.collecting import Log, Mode, Watermark, Way
from datong.kernel.errors import DatongError, Malformed, Unknown
from datong.kernel.sharing import ItemType, SharingType

PROGRESS_ROWS = 20_000
RENEWED = 0.05
"""Share of changed rows up to which an index is renewed rather than built: of 300,000 rows of nine items renewing took a
third of building at 0.1 %, half at 1 %, two thirds at 5 %, twice as long at 20 %."""


MOST_FILES = 200
"""Files of a table beyond which small ones are put together: one is added by every batch that changes something."""


class Differs(Exception):
    """The source is no longer what it was: the batch is held.

    Attributes:
        findings: In what.
    """

    def __init__(self, findings: list[domain.Finding]) -> None:
        super().__init__("the source has changed its shape")
        self.findings = findings


class Stopped(Exception):
    """Somebody asked the batch to stop."""


def shared_items(view: catalog.ResourceView) -> list[catalog.ItemView]:
    """Items of a resource that may be shared with anybody at all."""
    if view.sharing_type == SharingType.WITHHELD:
        return []
    return [item for item in view.items if item.sharing_type != SharingType.WITHHELD]


def carry(batch: Batch) -> tuple[engine.Collected, engine.IndexInfo]:
    """Collect the rows of a batch and bring its index up; the batch names the catalogue version used.

    Raises:
        Differs: the source is no longer what it was; nothing was committed.
        Stopped: somebody asked so.
        Unknown: the resource is not published any more.
        Malformed: the source cannot be read, has no sound row, or lacks items of a newer catalogue version.
        Unavailable: a table or index could not be written.
    """
    view = _view(batch)
    schema, table = schema_of(view), table_of(batch)
    columns = {field: batch.source.mapping[field] for field in schema.fields}
    before = landed_before(batch)
    collected = engine.collect(
        sources.opened(batch.source),
        schema,
        columns,
        table,
        batch=str(batch.pk),
        way=_way(batch, before),
        review=_review(batch, before, columns),
        watch=_watch(batch),
    )
    say(batch, _told(collected))
    _watch(batch)(Phase.INDEXING, collected.rows_read)
    queried = [item.field for item in shared_items(view) if item.query]
    target = serving_of(batch)
    target.parent.mkdir(parents=True, exist_ok=True)
    return collected, _indexed(batch, collected, schema, queried, target)


def tidy(batch: Batch) -> None:
    """Put small files of the table together after many small batches; where that fails the next batch tries again."""
    with suppress(DatongError):
        engine.compact(table_of(batch), MOST_FILES)


def let_go(batch: Batch) -> None:
    """Let the databases of this resource forget the log that was kept; where that fails the next batch tries again.

    A source that is followed no longer, because another took its place or it is collected another way, loses its slot.
    """
    following = batch.source_id if batch.mode == CollectMode.LOG else None
    if following is not None:
        with suppress(DatongError):
            engine.advance_log(sources.address_of(batch.source), _log(batch, batch.watermark["last"]))
    left = Batch.objects.filter(source__resource_id=batch.source.resource_id, mode=CollectMode.LOG, watermark__has_key="slot")
    for one in left.exclude(source=following).select_related("source").order_by("source_id", "-id").distinct("source_id"):
        with suppress(DatongError):
            engine.drop_log(sources.address_of(one.source), _log(one).slot)
            for told in Batch.objects.filter(source=one.source_id, watermark__has_key="slot"):
                Batch.objects.filter(pk=told.pk).update(watermark={"publication": told.watermark["publication"]})


def slot_of(source: Source) -> str:
    """Name of the slot by which the database of a source keeps its log: one of this node and source alone."""
    return f"datong_{re.sub('[^a-z0-9]', '_', settings.NODE.code.lower())}_{source.pk}"[:63]


def _log(batch: Batch, last: str = "") -> Log:
    return Log(batch.watermark.get("slot") or slot_of(batch.source), batch.watermark["publication"], last)


def landed_before(batch: Batch) -> Batch | None:
    """The newest landed batch of the same source."""
    return Batch.objects.filter(source=batch.source_id, stage=domain.BatchStage.LANDED).first()


def _way(batch: Batch, before: Batch | None) -> Way:
    """How the batch is collected: a watermark goes on where the last batch of the same column stopped."""
    mode = CollectMode(batch.mode)
    serves = queries.landed(batch.source.resource_id)
    anew = serves is not None and serves.version != batch.version
    if mode not in domain.MARKED:
        return Way(Mode(mode), anew=anew)
    said = batch.watermark
    marked = Batch.objects.filter(source=batch.source_id, stage=domain.BatchStage.LANDED, mode=mode).first()
    last = marked.watermark if marked is not None else {}
    same = not anew and all(last.get(name) == said[name] for name in domain.MARKED[mode])
    if mode is CollectMode.LOG:
        batch.watermark = {**said, "slot": slot_of(batch.source)}
        Batch.objects.filter(pk=batch.pk).update(watermark=batch.watermark)
        goes_on = same and serves is not None and before is not None and serves.batch == before.pk
        return Way(Mode.LOG, log=_log(batch, last.get("last", "") if goes_on else ""), anew=anew)
    mark = Watermark(said["column"], ItemType(said["type"]), int(said["overlap"]))
    if same and serves is not None and before is not None and serves.batch == before.pk:
        mark = Watermark(mark.column, mark.type, mark.overlap, last.get("last", ""), last.get("zoned", True))
    return Way(Mode.WATERMARK, mark, anew=anew)


def _review(batch: Batch, before: Batch | None, columns: dict[str, str]) -> Callable[[Rehearsal], None]:
    """Compare what is found with what was there when the source landed last; the batch keeps what it found."""
    accepted = domain.gist(batch.differences) if batch.accepted_by else set()
    shape: dict[str, Any] = batch.shape or {"columns": [], "misfits": []}
    batch.shape = shape

    def look(seen: Rehearsal) -> None:
        if seen.emptied:
            return _stop_unless(accepted, [domain.Finding(domain.DriftKind.ROWS, "", "", domain.EMPTIED)])
        missing = {item: columns[item] for item in seen.missing}
        if not seen.rows:
            shape["columns"] = sorted({*seen.unread, *(name for item, name in columns.items() if item not in missing)})
        told = [(one.field, one.code, one.rows) for one in seen.misfits]
        if before is None or not before.shape.get("columns"):
            _check_complete(missing)
            shape["misfits"] = sorted({item for item, _, _ in told})
            return _keep(batch)
        now = () if seen.rows else shape["columns"]
        found = domain.shape_findings(before.shape, missing, now, told, seen.rows)
        misfits = {one.item for one in found if one.kind == domain.DriftKind.TYPE}
        shape["misfits"] = sorted({*before.shape.get("misfits", ()), *misfits})
        _stop_unless(accepted, found)
        return _keep(batch)

    return look


def _stop_unless(accepted: set[tuple[str, str]], found: list[domain.Finding]) -> None:
    if any(domain.gist([asdict(one)]) - accepted for one in found):
        raise Differs(found)


def _keep(batch: Batch) -> None:
    """Write the shape down before anything is committed: an attempt that finds its commit does not look again."""
    Batch.objects.filter(pk=batch.pk).update(shape=batch.shape)


def _check_complete(missing: dict[str, str]) -> None:
    """A source lands the first time with all the columns it was attached with."""
    if missing:
        raise Malformed(
            "来源没有挂接时的全部列 (the source lacks columns it was attached with)",
            fields={item: f"来源中没有列“{name}” (no such column)" for item, name in missing.items()},
            remedy="重新挂接 (attach it again)",
        )


def _told(made: engine.Collected) -> str:
    aside = f"，另存 {made.rows_bad} 行" if made.rows_bad else ""
    share = f" ({made.rows_bad / made.rows_read:.1%})" if made.rows_bad else ""
    if not made.changed:
        return f"读取 {made.rows_read} 行{aside}{share}：与湖中相同，不产生新版本 ({made.rows_read} rows read, nothing changed)"
    counts = f"新增 {made.inserted}，修改 {made.updated}，删除 {made.deleted}"
    counted = f"{made.inserted} inserted, {made.updated} updated, {made.deleted} deleted"
    return f"读取 {made.rows_read} 行{aside}{share}：{counts}，现有 {made.rows_good} 行 ({counted}, {made.rows_good} rows now)"


def _indexed(batch: Batch, made: engine.Collected, schema: Schema, queried: list[str], target: Path) -> engine.IndexInfo:
    """Bring the index up from the one that serves where few rows changed, or build it."""
    table, version = table_of(batch), made.delta_version
    serves = queries.landed(batch.source.resource_id)
    if serves is not None and serves.version == batch.version and serves.lake_version is not None:
        previous = Path(settings.NODE_FOLDER.path) / serves.index
        if serves.lake_version == version and previous.is_file():
            return _same(previous, target, serves.rows)
        few = made.inserted + made.updated + made.deleted <= RENEWED * max(made.rows_good, 1)
        if serves.lake_version == version - 1 and not made.anew and few:
            renewed = engine.renew_index(previous, table, schema, queried, target, version=version)
            if renewed is not None:
                return renewed
    return engine.build_index(table, schema, queried, target, version=version)


def _same(previous: Path, target: Path, rows: int) -> engine.IndexInfo:
    """Give the file that serves another name: it is never written to."""
    target.unlink(missing_ok=True)
    os.link(previous, target)
    return engine.IndexInfo(str(target), rows, "")


def put_back(batch: Batch) -> None:
    """Undo what a batch that failed had committed to the lake."""
    serves = queries.landed(batch.source.resource_id)
    if serves is not None and serves.lake_version is not None:
        engine.put_back(table_of(batch), serves.lake_version, batch=str(batch.pk))


def table_of(batch: Batch) -> Place:
    """Where the lake table lies that a batch lands in."""
    return place_of(batch.source.resource_id)


def place_of(code: str) -> Place:
    """Where the lake table of a resource lies."""
    folder = settings.NODE_FOLDER
    return places.table(Path(folder.lake), Path(folder.kept), settings.LAKE_BUCKET, code.replace("/", "-"))


def serving_of(batch: Batch) -> Path:
    """File of the index that a batch builds."""
    return Path(settings.NODE_FOLDER.serving) / table_of(batch).name / f"{batch.pk}.sqlite"


def schema_of(view: catalog.ResourceView) -> Schema:
    """The shared items of a resource as the engine types them."""
    columns = [
        Column(
            field=item.field,
            type=ItemType(item.type),
            length=item.length,
            nullable=item.nullable,
            key=item.key,
            precision=item.precision,
        )
        for item in shared_items(view)
    ]
    return Schema(tuple(columns))


def line(words: str) -> str:
    """One line of a batch's log."""
    return f"{timezone.localtime():%H:%M:%S} {words}"


def say(batch: Batch, words: str) -> None:
    """Add a line to the log of a batch; who calls saves it."""
    batch.log = [*batch.log, line(words)]


def _view(batch: Batch) -> catalog.ResourceView:
    """The published version; it may be newer than the one attached to, as long as the source carries its items."""
    code = batch.source.resource_id
    view = catalog.served(code)
    if view is None:
        raise Unknown("信息资源已撤下，不再装载 (the resource was withdrawn)", remedy="重新发布后再挂接 (publish it again first)")
    lacking = [item for item in shared_items(view) if item.field not in batch.source.mapping]
    if lacking or not shared_items(view):
        raise Malformed(
            f"目录已更新到第 {view.version} 版，来源没有它的全部信息项 (the entry is now version {view.version})",
            fields={item.field: f"没有指定“{item.name}”的列 (no column named)" for item in lacking},
            remedy="按新目录重新挂接 (attach again to the new version)",
        )
    if view.version != batch.version:
        say(batch, f"按目录第 {view.version} 版装载 (typed by version {view.version})")
        batch.version = view.version
    return view


def _watch(batch: Batch) -> Callable[[str, int], None]:
    """Write down how far a batch is; raises `Stopped` where it was asked to stop."""
    seen, doing = -PROGRESS_ROWS, ""

    def tell(phase: str, rows: int) -> None:
        nonlocal seen, doing
        if phase == doing and rows - seen < PROGRESS_ROWS:
            return
        seen, doing = rows, phase
        if not Batch.objects.filter(pk=batch.pk, stop_by="").update(rows_read=rows, phase=phase):
            raise Stopped

    return tell
