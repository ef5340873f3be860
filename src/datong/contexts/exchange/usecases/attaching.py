# SPDX-License-Identifier: Apache-2.0
"""Attach data to a resource (挂接): keep the file or the sealed connection, and queue the batch that lands it.

Kept here: the provider's compiler attaches; every item finds its column by name or by the mapping given, or the source
is refused with all missing items at once; a connection string is sealed at rest and never shown again.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.exchange import domain, permissions
from datong.contexts.exchange.models import Batch, Source
from datong.contexts.exchange.usecases import sources
from datong.kernel.actors import Officer
from datong.kernel.errors import Malformed

LARGEST_UPLOAD = 2 * 2**30


@dataclass(frozen=True, slots=True)
class Held:
    """A file kept below the uploads folder, and its SHA-256."""

    stored: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a provider hands in: a file's pieces, a file held since the last step, or a table behind a connection string."""

    name: str
    pieces: Iterable[bytes] = ()
    dsn: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    mapping: Mapping[str, str] = field(default_factory=dict)
    held: Held | None = None


def attach(code: str, offer: Offer, *, by: Officer) -> Batch:
    """Attach rows to a published resource and queue their landing (挂接; Order 809 art. 22).

    Args:
        code: resource code.
        offer: the file or table; `mapping` is item field -> column where the names differ.
        by: a compiler of the providing department.

    Raises:
        Unknown: no such published resource.
        Refused: the officer is no compiler of the provider.
        Malformed: the file is unreadable or lacks columns; every field is named.
    """
    view = _attachable(code, by)
    held = offer.held or hold(offer)
    source = _source(offer, held)
    source.resource_id, source.attached_by = view.code, by.account
    try:
        source.mapping = _match(view, sources.inspect(source).columns, offer.mapping)
        return _enrol(view, source, by)
    except BaseException:
        if offer.held is None:
            drop(held)
        raise


@transaction.atomic
def _enrol(view: catalog.ResourceView, source: Source, by: Officer) -> Batch:
    source.save()
    made = Batch.objects.create(source=source, version=view.version, log=[_line("queued")])
    facts = {"source": source.name, "kind": source.kind, "digest": source.digest, "batch": made.pk}
    audit.record("exchange.source.attached", by=by, subject=view.code, facts=facts)
    audit.record(domain.TAG[domain.BatchStage.QUEUED], by=by, subject=view.code, facts={"batch": made.pk})
    sources.enqueue(made.pk)
    return made


def inspect_upload(code: str, offer: Offer, *, by: Officer) -> dict[str, Any]:
    """Show what a source holds before attaching: columns, first rows, encoding, and the columns proposed for each item.

    Raises:
        Unknown, Refused, Malformed: as `attach`.
    """
    view = _attachable(code, by)
    held = offer.held or hold(offer)
    try:
        seen = sources.inspect(_source(offer, held))
    finally:
        if offer.held is None:
            drop(held)
    return {
        "columns": list(seen.columns),
        "rows": [list(row) for row in seen.rows[:5]],
        "encoding": seen.encoding or "",
        "sheets": list(seen.sheets),
        "proposed": _propose(view, seen.columns, offer.mapping),
    }


def _attachable(code: str, by: Officer) -> catalog.ResourceView:
    view = catalog.resource(code, by=by)
    permissions.check_may_attach(by, view.provider)
    return view


def _source(offer: Offer, held: Held) -> Source:
    return Source(
        kind=_kind(offer),
        name=offer.name[:200],
        stored=held.stored,
        digest=held.digest,
        options=dict(offer.options),
        secret=sources.seal(offer.dsn) if offer.dsn else b"",
    )


def _propose(view: catalog.ResourceView, columns: Iterable[str], given: Mapping[str, str]) -> dict[str, str]:
    known = {column.strip(): column for column in columns}
    proposed = {}
    for item in view.items:
        wanted = (given[item.field],) if given.get(item.field) else (item.name, item.field)
        found = next((known[name] for name in wanted if name in known), None)
        if found is not None:
            proposed[item.field] = found
    return proposed


def _match(view: catalog.ResourceView, columns: Iterable[str], given: Mapping[str, str]) -> dict[str, str]:
    matched = _propose(view, columns, given)
    missing = {
        item.field: f"来源中没有列“{given.get(item.field) or item.name}” (no such column)"
        for item in view.items
        if item.field not in matched
    }
    known = {item.field for item in view.items}
    missing |= {name: "目录中没有这个信息项 (no such item in the entry)" for name in given if name not in known}
    if missing:
        raise Malformed(
            "来源没有包含目录的全部信息项 (the source does not carry every item of the entry)",
            fields=missing,
            remedy="为每个信息项指定列，或者更正目录 (name the column of each item, or correct the entry)",
        )
    return matched


def _kind(offer: Offer) -> domain.SourceKind:
    if offer.dsn:
        return domain.SourceKind.POSTGRES
    kind = domain.SUFFIXES.get(Path(offer.name).suffix.lower())
    if kind is None:
        raise Malformed(
            "这种文件不能挂接 (this kind of file cannot be attached)",
            fields={"file": f"{'、'.join(domain.SUFFIXES)} (one of these)"},
            remedy="另存为 CSV 或 XLSX (save it as CSV or XLSX)",
        )
    return kind


def hold(offer: Offer) -> Held:
    """Keep the file of an offer below the uploads folder; a table is held nowhere.

    Raises:
        Malformed: the file is empty, too large or of a kind that cannot be attached.
    """
    if _kind(offer) is domain.SourceKind.POSTGRES:
        return Held()
    uploads = settings.NODE_FOLDER.uploads
    folder = uploads / timezone.localdate().strftime("%Y%m")
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{uuid.uuid4().hex}.part"
    try:
        digest = _write(offer.pieces, part)
        final = part.with_suffix(Path(offer.name).suffix.lower())
        part.rename(final)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return Held(str(final.relative_to(uploads)), digest)


def _write(pieces: Iterable[bytes], part: Path) -> str:
    digest, size = hashlib.sha256(), 0
    with part.open("xb") as out:
        for piece in pieces:
            size += len(piece)
            if size > LARGEST_UPLOAD:
                raise Malformed(
                    "文件太大 (the file is too large)",
                    fields={"file": "最大 2 GiB (at most 2 GiB)"},
                    remedy="改为挂接库表 (attach the table instead)",
                )
            digest.update(piece)
            out.write(piece)
    if not size:
        raise Malformed(
            "文件是空的 (the file is empty)",
            fields={"file": "没有内容 (holds no bytes)"},
            remedy="重新选择文件 (choose the file again)",
        )
    return digest.hexdigest()


def drop(held: Held) -> None:
    """Remove a held file that was not attached."""
    if held.stored:
        (settings.NODE_FOLDER.uploads / held.stored).unlink(missing_ok=True)


def _line(words: str) -> str:
    return f"{timezone.localtime():%H:%M:%S} {words}"
