# SPDX-License-Identifier: Apache-2.0
"""A provider's own interface answers for its resource (接口注册与代理): register, try, put in force, withdraw.

Kept here: the provider's compiler alone; an interface is put in force only after a trial with a real record passed, and
any change asks for another trial; nothing of an answer is stored. While one is in force, what has landed does not serve;
once it is withdrawn, it does again.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.connections import face as connections
from datong.contexts.exchange.domain import UPSTREAM_MOVES, UPSTREAM_TAG, UpstreamPlace, UpstreamStage
from datong.contexts.exchange.models import Upstream
from datong.contexts.exchange.usecases.attaching import attachable
from datong.contexts.exchange.usecases.landing import schema_of, shared_items
from datong.engine import face as engine
from datong.engine.errors import InterfaceFault
from datong.engine.plans.values import as_stored
from datong.kernel import texts
from datong.kernel.actors import Officer
from datong.kernel.errors import Conflict, DatongError, IllegalMove, Malformed, Unknown
from datong.wire import policy as wire

METHODS = ("GET", "POST")
LONGEST_NAME = 64
LONGEST_WORDS = 500
START = 20.0
"""Seconds beside the interface's own that a trial may take."""
SHOWN = 3
HTTP = connections.ConnectionKind.HTTP


@dataclass(frozen=True, slots=True)
class Registration:
    """What a compiler says of an interface.

    Attributes:
        connection: Number of an HTTP connection of the department.
        path: Follows its address; `{name}` stands for a parameter of the path.
        method: GET or POST.
        parameters: Item, name, place and needed of each.
        members: Item to its member, or JSON pointer, in a row; empty: the item's own field.
        rows: JSON pointer to the rows, or to the one record.
        single: One record stands there.
        absent: HTTP 404 says that there is no such record.
        repeatable: A POST only reads.
        timeout: Seconds for a call.
        cache: Seconds an answer may be kept; 0 for not at all.
        paging: How rows are handed out in pages, as `connections.checked` takes it; empty: all at once.
    """

    connection: str
    path: str
    method: str = "GET"
    parameters: Sequence[Mapping[str, Any]] = ()
    members: Mapping[str, str] = field(default_factory=dict)
    rows: str = ""
    single: bool = False
    absent: bool = False
    repeatable: bool = False
    timeout: int = 5
    cache: int = 0
    paging: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tried:
    """What a trial found: kept words in the row, and the first rows for whoever tried, shown once."""

    row: Upstream
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()


def standing(code: str, *, by: Officer) -> dict[str, Upstream]:
    """Give the draft and the one in force of a resource, by stage.

    Raises:
        Unknown, Refused: as `attachable`.
    """
    attachable(code, by)
    rows = Upstream.objects.filter(resource_id=code, stage__in=[UpstreamStage.DRAFT, UpstreamStage.SERVING])
    return {row.stage: row for row in rows.select_related("connection")}


@transaction.atomic
def register(code: str, said: Registration, *, by: Officer) -> Upstream:
    """Register an interface, or change the registration that waits; it is not in force yet.

    Raises:
        Unknown, Refused: no such resource or connection, or not the provider's compiler.
        Malformed: naming each field that does not fit.
    """
    view = attachable(code, by)
    chosen = connections.check_usable(said.connection, by=by, kinds={HTTP})
    place = connections.checked(chosen.number, {**said.paging, "path": said.path, "rows": said.rows})
    row = _draft(code, lock=True) or Upstream(resource_id=code)
    row.connection, row.path, row.rows, row.method = chosen, place["path"], place["rows"], said.method
    row.paging = _paging(place)
    row.single, row.absent, row.repeatable = said.single, said.absent, said.repeatable
    row.timeout = _seconds("timeout", said.timeout, 1, wire.LONGEST_WAIT)
    row.cache = _seconds("cache", said.cache, 0, wire.LONGEST_CACHE)
    row.parameters = [_parameter(one) for one in said.parameters]
    row.members = _members(view, said.members)
    if row.method not in METHODS:
        raise Malformed("选择请求方法 (choose the method)", fields={"method": " / ".join(METHODS)})
    interface_of(view, row).check(_searchable(view))
    row.tried_at, row.try_passed, row.try_words, row.try_ms = None, None, "", None
    row.made_by, row.made_at = by.account, datetime.now(UTC)
    row.save()
    facts = {"connection": chosen.number, "method": row.method, "path": row.path}
    audit.record(UPSTREAM_TAG[UpstreamStage.DRAFT], by=by, subject=code, facts=facts)
    return row


def try_upstream(code: str, sample: Mapping[str, str], *, by: Officer) -> Tried:
    """Ask the registered interface for one real record, as a call would, and keep what came of it.

    Args:
        code: of the resource.
        sample: Item to a value that is really there.
        by: a compiler of the provider.

    Raises:
        Unknown, Refused: as `register`; or nothing is registered.
        Malformed: the sample lacks what the interface needs, or does not fit.
    """
    view = attachable(code, by)
    row = _needed(_draft(code))
    interface = interface_of(view, row)
    kinds = interface.columns
    given = {name: as_stored(kinds[name], name, text.strip()) for name, text in sample.items() if text.strip() and name in kinds}
    interface.question(given)
    caller = connections.calling(row.connection_id, department=view.provider)
    rows: list[tuple[Any, ...]] = []
    taken = None
    try:
        rows, taken = engine.apart(
            engine.try_proxied, caller, interface, given, float(row.timeout), seconds=row.timeout + START
        )  # fmt: skip
        words = f"接口应答 {len(rows)} 行，全部合格 (rows answered, all of them fit)" if rows else NOTHING
    except InterfaceFault as fault:
        words = _said(fault)
    kept = _keep_trial(row, words, taken, passed=bool(rows), by=by)
    return Tried(kept, _heads(view, row), tuple(rows[:SHOWN]))


def _heads(view: catalog.ResourceView, row: Upstream) -> tuple[str, ...]:
    return tuple(item.name for item in shared_items(view) if item.field in row.members)


NOTHING = "接口没有找到这个样例，换一个确实存在的 (nothing was found: give a sample that is there)"


@transaction.atomic
def _keep_trial(tried: Upstream, words: str, taken: int | None, *, passed: bool, by: Officer) -> Upstream:
    row = _needed(_draft(tried.resource_id, lock=True))
    if row.made_at != tried.made_at:
        raise Conflict("登记在测试期间改动过，重新测试 (it was changed meanwhile: try it again)")
    row.tried_at, row.try_passed, row.try_words, row.try_ms = datetime.now(UTC), passed, words[:LONGEST_WORDS], taken
    row.save()
    facts = {"passed": passed} | ({} if taken is None else {"milliseconds": taken})
    audit.record("exchange.upstream.tried", by=by, subject=row.resource_id, facts=facts)
    return row


@transaction.atomic
def serve_upstream(code: str, *, by: Officer) -> Upstream:
    """Put the registered interface in force; it takes the place of landed rows, and of the one before it.

    Raises:
        Unknown, Refused: as `register`; nothing is registered, or its connection was retired.
        Conflict: its last trial did not pass, or there was none.
    """
    view = attachable(code, by)
    row = _needed(_draft(code, lock=True))
    if not row.try_passed:
        raise Conflict(
            "先用一条真实记录测试通过，再启用 (it is put in force after a trial with a real record has passed)",
            fields={"try": "未通过 (not passed)"},
            remedy="填写样例，点“测试接口” (give a sample and try it)",
        )
    before = _serving(code)
    if before is not None:
        _end(before, by)
    connections.take_up(row.connection_id, subject=_subject(code), title=view.name, href=f"/exchange/upstream/{code}")
    row.stage, row.served_by, row.served_at = _moved(row, UpstreamStage.SERVING), by.account, datetime.now(UTC)
    row.save()
    facts = {"connection": row.connection_id, "method": row.method, "path": row.path}
    audit.record(UPSTREAM_TAG[UpstreamStage.SERVING], by=by, subject=code, facts=facts)
    return row


@transaction.atomic
def withdraw_upstream(code: str, *, by: Officer) -> Upstream:
    """Take the interface out of force; what has landed serves again, or nothing.

    Raises:
        Unknown, Refused: as `register`; or none is in force.
    """
    attachable(code, by)
    row = _needed(_serving(code))
    _end(row, by)
    audit.record(UPSTREAM_TAG[UpstreamStage.WITHDRAWN], by=by, subject=code, facts={"connection": row.connection_id})
    return row


def serving(codes: Collection[str]) -> dict[str, Upstream]:
    """The interface in force of each resource that has one."""
    rows = Upstream.objects.filter(resource_id__in=codes, stage=UpstreamStage.SERVING).select_related("connection")
    return {row.resource_id: row for row in rows}


def proxied(plain: wire.Resource, view: catalog.ResourceView, row: Upstream) -> wire.Resource:
    """A resource as its interface answers for it.

    An item new since the registration comes with the next one; where a parameter or key is gone, nothing is answered.

    Args:
        plain: The resource as the catalogue has it now, without rows.
        view: The same.
        row: The interface in force.
    """
    told = [item for item in plain.items if item.field in row.members]
    names = {item.field for item in told}
    used = {*plain.keys, *(one["item"] for one in row.parameters)}
    try:
        address, account, sealed = connections.sealed_of(row.connection_id, department=view.provider)
    except DatongError:
        return plain
    if not used <= names:
        return plain
    upstream = wire.Upstream(
        connection=row.connection_id,
        base=address["base"],
        signing=address["signing"],  # type: ignore[arg-type]  one of them, as connections keep it
        account=account,
        header=address["header"],
        sealed=b64encode(sealed).decode(),
        method=row.method,  # type: ignore[arg-type]  one of METHODS
        path=row.path,
        parameters=[wire.UpstreamParameter(**one) for one in row.parameters],
        members=[
            wire.UpstreamMember(
                item=item.field,
                name=row.members[item.field],
                length=item.length,
                precision=item.precision,
                nullable=item.nullable,
            )
            for item in shared_items(view)
            if item.field in names
        ],
        rows=row.rows, single=row.single, absent=row.absent, repeatable=row.repeatable, timeout=row.timeout, cache=row.cache,
        paging=wire.UpstreamPaging(**row.paging) if row.paging else None,
    )  # fmt: skip
    return msgspec.structs.replace(
        plain, items=told, queries=[name for name in plain.queries if name in names], upstream=upstream
    )  # fmt: skip


def interface_of(view: catalog.ResourceView, row: Upstream) -> engine.Interface:
    """The registered interface as the engine asks and reads it."""
    members = (engine.Member(one, row.members[one.field]) for one in schema_of(view).columns if one.field in row.members)
    return engine.Interface(
        row.method, row.path, tuple(engine.Parameter(**one) for one in row.parameters), tuple(members),
        row.rows, row.single, row.absent, engine.Paging(rows=row.rows, **row.paging) if row.paging else None,
    )  # fmt: skip


def _searchable(view: catalog.ResourceView) -> list[str]:
    return [item.field for item in shared_items(view) if item.key or item.query]


def _parameter(said: Mapping[str, Any]) -> dict[str, Any]:
    item, name = str(said.get("item", "")), str(said.get("name", ""))
    place = str(said.get("place", UpstreamPlace.QUERY.value))
    if place not in list(UpstreamPlace):
        raise Malformed("选择参数的位置 (choose its place)", fields={item[:LONGEST_NAME]: "、".join(UpstreamPlace)})
    return {"item": item, "name": _name(item, name), "place": place, "needed": bool(said.get("needed"))}


def _members(view: catalog.ResourceView, said: Mapping[str, str]) -> dict[str, str]:
    fields = [item.field for item in shared_items(view)]
    strange = {name[:LONGEST_NAME]: "不是本资源可共享的信息项 (no shared item)" for name in said if name not in fields}
    if strange:
        raise Malformed("字段对应中有多余的信息项 (members name items there are not)", fields=strange)
    return {field: _name(field, said.get(field) or field) for field in fields}


def _name(item: str, said: str) -> str:
    try:
        name = texts.line(item, said, longest=200)
    except Malformed as error:
        raise Malformed("名称不合要求 (the name does not fit)", fields={item[:LONGEST_NAME]: error.message}) from None
    if set(name) & set("{}"):
        raise Malformed("名称不含花括号 (no braces in a name)", fields={item[:LONGEST_NAME]: "{ }"})
    return name


def _paging(place: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of the way of paging; nothing where all rows come at once."""
    if place["paging"] == connections.Paging.NONE:
        return {}
    return {name: value for name, value in place.items() if name not in {"path", "rows", "columns"}}


def _seconds(name: str, said: int, least: int, most: int) -> int:
    if not least <= said <= most:
        raise Malformed("秒数超出范围 (out of range)", fields={name: f"{least} … {most}"})
    return said


def _draft(code: str, *, lock: bool = False) -> Upstream | None:
    rows = Upstream.objects.filter(resource_id=code, stage=UpstreamStage.DRAFT)
    return (rows.select_for_update() if lock else rows).first()


def _serving(code: str) -> Upstream | None:
    return Upstream.objects.select_for_update().filter(resource_id=code, stage=UpstreamStage.SERVING).first()


def _needed(row: Upstream | None) -> Upstream:
    if row is None:
        raise Unknown("没有登记的接口 (no interface is registered)", remedy="先登记接口 (register one first)")
    return row


def _end(row: Upstream, by: Officer) -> None:
    row.stage, row.ended_by, row.ended_at = _moved(row, UpstreamStage.WITHDRAWN), by.account, datetime.now(UTC)
    row.save()
    connections.let_go(subject=_subject(row.resource_id))


def _moved(row: Upstream, wanted: UpstreamStage) -> UpstreamStage:
    if wanted not in UPSTREAM_MOVES[UpstreamStage(row.stage)]:
        raise IllegalMove("upstream", row.stage, wanted)
    return wanted


def _subject(code: str) -> str:
    return f"{code} upstream"


def _said(error: DatongError) -> str:
    """What the provider reads of a failed trial: the sentence, the item and reason, what to do."""
    parts = [error.message, *(f"{name}：{why}" for name, why in error.fields.items()), error.remedy or ""]
    return "；".join(part for part in parts if part)[:LONGEST_WORDS]
