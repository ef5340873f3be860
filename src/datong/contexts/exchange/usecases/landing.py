# SPDX-License-Identifier: Apache-2.0
"""Carry a batch: rows from its source into the lake table, then from the table into the serving index.

Kept here: the catalogue as it stands when the batch runs types the rows; items withheld by law (不予共享) stay outside;
what a batch that failed had committed to the lake is put back, so that the table always matches the index that serves.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from datong.contexts.catalog import face as catalog
from datong.contexts.exchange import queries
from datong.contexts.exchange.models import Batch
from datong.contexts.exchange.usecases import sources
from datong.engine import face as engine
from datong.engine.base import Column, Schema
from datong.kernel.errors import Malformed, Unknown
from datong.kernel.sharing import ItemType, SharingType

PROGRESS_ROWS = 50_000


def shared_items(view: catalog.ResourceView) -> list[catalog.ItemView]:
    """Items of a resource that may be shared with anybody at all."""
    if view.sharing_type == SharingType.WITHHELD:
        return []
    return [item for item in view.items if item.sharing_type != SharingType.WITHHELD]


def carry(batch: Batch) -> tuple[engine.Landing, engine.IndexInfo]:
    """Land the rows of a batch and build its index; the batch names the catalogue version used.

    Raises:
        Unknown: the resource is not published any more.
        Malformed: the source cannot be read, has no sound row, or lacks items of a newer catalogue version.
        Unavailable: a table or index could not be written.
    """
    view = _view(batch)
    schema, table = schema_of(view), table_of(batch)
    columns = {field: batch.source.mapping[field] for field in schema.fields}
    source = sources.opened(batch.source)
    landed = engine.land(source, schema, columns, table, batch=str(batch.pk), progress=_progress(batch))
    say(batch, f"合格 {landed.rows_good} 行，另存 {landed.rows_bad} 行 ({landed.rows_good} rows, {landed.rows_bad} set aside)")
    queried = [item.field for item in shared_items(view) if item.query]
    target = serving_of(batch)
    target.parent.mkdir(parents=True, exist_ok=True)
    return landed, engine.build_index(table, schema, queried, target, version=landed.delta_version)


def put_back(batch: Batch) -> None:
    """Undo what a batch that failed had committed to the lake."""
    serves = queries.landed(batch.source.resource_id)
    if serves is not None and serves.lake_version is not None:
        engine.put_back(table_of(batch), serves.lake_version, batch=str(batch.pk))


def table_of(batch: Batch) -> Path:
    """Folder of the lake table that a batch lands in."""
    return Path(settings.NODE_FOLDER.lake) / batch.source.resource_id.replace("/", "-")


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


def _progress(batch: Batch) -> Callable[[int], None]:
    seen = 0

    def tell(rows: int) -> None:
        nonlocal seen
        if rows - seen >= PROGRESS_ROWS:
            seen = rows
            Batch.objects.filter(pk=batch.pk).update(rows_read=rows)

    return tell
