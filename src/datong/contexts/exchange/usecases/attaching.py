# SPDX-License-Identifier: Apache-2.0
"""Attach data to a resource (挂接): a file or a table whose columns carry the entry's items, and the batch that lands it.

Kept here: the provider's compiler attaches; every item that is shared finds its column by name or by the mapping given,
or the source is refused with all missing items at once; items withheld by law (不予共享) never enter the exchange.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.connections import face as connections
from datong.contexts.exchange import domain, permissions
from datong.contexts.exchange.domain import SourceKind
from datong.contexts.exchange.models import Batch, Source
from datong.contexts.exchange.usecases import landing, sources
from datong.contexts.exchange.usecases.holding import LONGEST_NAME, Held, Offer, check_texts, drop, hold, kind_of
from datong.kernel.actors import Officer
from datong.kernel.errors import Malformed, Refused

PREVIEW = 5


def attach(code: str, offer: Offer, *, by: Officer) -> Batch:
    """Attach rows to a published resource and queue their landing (挂接; Order 809 art. 22).

    Args:
        code: resource code.
        offer: the file or table; `mapping` is item field -> column where the names differ.
        by: a compiler of the providing department.

    Raises:
        Unknown: no such published resource.
        Refused: the officer is no compiler of the provider, or nothing of the resource is shared.
        Malformed: the file is unreadable or lacks columns; every field is named.
        Unavailable: the file cannot be kept now.
    """
    view = attachable(code, by)
    check_texts(offer)
    held = offer.held or hold(offer)
    try:
        source = _source(view, offer, held, by)
        seen = sources.inspect(source)
        source.mapping = _match(view, seen.columns, offer.mapping)
        if source.options.get("paging"):  # what an interface leaves out of its first rows another time is still known
            source.options["columns"] = list(seen.columns)
        return _enrol(view, source, by)
    except BaseException:
        if offer.held is None:
            drop(held)
        raise


@transaction.atomic
def _enrol(view: catalog.ResourceView, source: Source, by: Officer) -> Batch:
    source.save()
    connections.let_go(subject=view.code)
    if source.connection_id:
        connections.take_up(source.connection_id, subject=view.code, title=view.name, href=f"/resources/{view.code}")
    made = Batch.objects.create(source=source, version=view.version, log=[landing.line("排队 (queued)")])
    facts = {"source": source.name, "kind": source.kind, "digest": source.digest, "batch": made.pk}
    audit.record("exchange.source.attached", by=by, subject=view.code, facts=facts)
    audit.record(domain.TAG[domain.BatchStage.QUEUED], by=by, subject=view.code, facts={"batch": made.pk})
    sources.enqueue(made.pk, view.code)
    return made


def inspect_upload(code: str, offer: Offer, *, by: Officer) -> dict[str, Any]:
    """Show what a source holds before attaching: columns, first rows, encoding, and the columns proposed for each item.

    Raises:
        Unknown, Refused, Malformed, Unavailable: as `attach`.
    """
    view = attachable(code, by)
    check_texts(offer)
    held = offer.held or hold(offer)
    try:
        seen = sources.inspect(_source(view, offer, held, by))
    finally:
        if offer.held is None:
            drop(held)
    return {
        "columns": list(seen.columns),
        "rows": [list(row) for row in seen.rows[:PREVIEW]],
        "encoding": seen.encoding or "",
        "sheets": list(seen.sheets),
        "proposed": _propose(view, seen.columns, offer.mapping),
    }


def attachable(code: str, by: Officer) -> catalog.ResourceView:
    """Give a resource to which an officer may attach data, or register an interface.

    Raises:
        Unknown: no such published resource.
        Refused: the officer is no compiler of the provider, or nothing of the resource is shared.
    """
    view = catalog.resource(code, by=by)
    permissions.check_may_attach(by, view.provider)
    if not landing.shared_items(view):
        raise Refused(
            "不予共享的资源不挂接数据 (nothing of a withheld resource is attached)",
            rule="政务数据共享条例第十四条 (Order 809 art. 14)",
            remedy="共享属性变更并发布后再挂接 (attach after the sharing type was changed and published)",
        )
    return view


def _source(view: catalog.ResourceView, offer: Offer, held: Held, by: Officer) -> Source:
    made = Source(resource_id=view.code, attached_by=by.account, name=offer.name[:LONGEST_NAME], options=dict(offer.options))
    if offer.connection:
        chosen = connections.check_usable(offer.connection, by=by)
        made.kind, made.connection = SourceKind.CONNECTION, chosen
        made.options = connections.checked(chosen.number, offer.options)
        said = made.options.get("table") or made.options.get("path") or ""
        made.name = (f"{chosen.name}: {said}" if said else chosen.name)[:LONGEST_NAME]
        return made
    made.kind = kind_of(Offer(offer.name, held=held))
    made.stored, made.digest, made.secret = held.stored, held.digest, held.secret
    return made


def _propose(view: catalog.ResourceView, columns: Iterable[str], given: Mapping[str, str]) -> dict[str, str]:
    known = {column.strip(): column for column in columns}
    proposed = {}
    for item in landing.shared_items(view):
        wanted = (given[item.field].strip(),) if given.get(item.field) else (item.name, item.field)
        found = next((known[name] for name in wanted if name in known), None)
        if found is not None:
            proposed[item.field] = found
    return proposed


def _match(view: catalog.ResourceView, columns: Iterable[str], given: Mapping[str, str]) -> dict[str, str]:
    matched = _propose(view, columns, given)
    items = landing.shared_items(view)
    missing = {
        item.field: f"来源中没有列“{given.get(item.field) or item.name}” (no such column)"
        for item in items
        if item.field not in matched
    }
    known = {item.field for item in items}
    missing |= {name[:100]: "目录中没有这个可共享的信息项 (no such shared item)" for name in given if name not in known}
    if missing:
        raise Malformed(
            "来源没有包含目录的全部信息项 (the source does not carry every item of the entry)",
            fields=missing,
            remedy="为每个信息项指定列，或者更正目录 (name the column of each item, or correct the entry)",
        )
    return matched
