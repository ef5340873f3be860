# SPDX-License-Identifier: Apache-2.0
"""Registered interfaces of providers: how a question becomes a request, and an answer becomes typed rows.

Kept here: a value reaches the other system only in its stored form, encoded for its place, and never as more than one
piece of a path; a row is taken as a landing would take it, and one that does not fit refuses the whole answer, with the
item and the reason and never the value.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import quote, urlencode

from datong.engine.backends.remote.calls import Paging, parsed, pointed, text
from datong.engine.backends.remote.paged import following, parameters
from datong.engine.base import Column
from datong.engine.errors import FilterNotAllowed, InterfaceMisfit, SourceUnreadable
from datong.engine.plans.reasons import REASONS
from datong.engine.plans.values import Stored, form
from datong.kernel.errors import Malformed
from datong.kernel.sharing import DECIMAL_TYPES, FLOAT_TYPES, TEXT_TYPES, ItemType

PATH, QUERY, BODY = "path", "query", "body"
MOST_ROWS = 10_000
LARGEST_ANSWER = 4 * 2**20
MOST_VALUES = 500_000
"""Of an answer, each of two bytes or more: reading millions of them would hold up every other call."""
LONGEST_VALUE = 400
"""Characters of a value that is no text: the longest fraction there is has fewer."""
DIGITS = 38
"""Digits a decimal of the lake can have."""
HOLES = re.compile(r"\{([^{}]*)\}")
_OFF_THE_PATH = re.compile(r"[/\\]|^\.{0,2}\Z")
"""What would be none, or more than one, piece of a path."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """An item given to the interface: under which name, in which place, and whether it cannot do without."""

    item: str
    name: str
    place: str = QUERY
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Member:
    """Where an item stands in a row of the answer: a member's name, or a JSON pointer."""

    column: Column
    name: str


@dataclass(frozen=True, slots=True)
class Interface:
    """How a provider's interface is asked and read.

    Attributes:
        method: GET or POST.
        path: Follows the address of the connection; `{name}` stands for a parameter of the path.
        parameters: What it is given.
        members: Every item of the resource, in its order.
        rows: JSON pointer to the list of rows, or to the one record.
        single: Whether there stands one record.
        absent: Whether HTTP 404 says that there is no such record.
        paging: How it hands out its rows; None for all at once.
    """

    method: str
    path: str
    parameters: tuple[Parameter, ...]
    members: tuple[Member, ...]
    rows: str = ""
    single: bool = False
    absent: bool = False
    paging: Paging | None = None

    @property
    def columns(self) -> dict[str, ItemType]:
        """Items and their types, in order."""
        return {one.column.field: one.column.type for one in self.members}

    def check(self, searchable: Sequence[str]) -> None:
        """Check that path, parameters and items belong together.

        Args:
            searchable: Key and query items: what callers may search by.

        Raises:
            Malformed: Naming what does not.
        """
        holes, named = HOLES.findall(self.path), [one.name for one in self.parameters if one.place == PATH]
        if sorted(holes) != sorted(named):
            raise _bad("path", f"路径中的 {{…}} 与路径参数须一一对应 (path names {', '.join(holes) or 'none'})")
        places = [(one.place, one.name) for one in self.parameters]
        if not places or len(set(places)) < len(places):
            raise _bad("parameters", "至少一个参数，名称不重复 (one at least, each name once)")
        if self.method == "GET" and any(one.place == BODY for one in self.parameters):
            raise _bad("method", "GET 没有请求体，改用 POST (GET has no body)")
        if self.paging is not None:
            self._check_paging(self.paging)
        for one in self.parameters:
            if one.item not in self.columns or (one.needed and one.item not in searchable):
                raise _bad(one.item[:64], "必需的参数只能是主键或者查询项 (what is needed is a key or query item)")

    def _check_paging(self, how: Paging) -> None:
        if self.single:
            raise _bad("paging", "一条记录不分页 (one record has no pages)")
        names = {name for name in parameters(how, "0") if name}
        if names & {one.name for one in self.parameters}:
            raise _bad("paging", "分页参数与其他参数同名 (a parameter of paging has the name of another)")

    def question(
        self, asked: Mapping[str, Stored], ruled: Mapping[str, Stored] | None = None, position: str = ""
    ) -> tuple[str, bytes | None]:
        """Make the path with its query, and the body, of a question.

        Args:
            asked: Items the caller searches by, in their stored form.
            ruled: Items a rule of the grant fixes.
            position: Of the page, as `read_page` gave it; empty for the first.

        Raises:
            FilterNotAllowed: The interface needs an item that is not given.
            Malformed: A value cannot stand in a path.
        """
        given = {**(ruled or {}), **asked}
        missing = [one.item for one in self.parameters if one.needed and one.item not in given]
        if missing or not any(one.item in asked for one in self.parameters):
            names = missing or [one.item for one in self.parameters]
            raise FilterNotAllowed(
                "本资源由提供部门的接口应答，须给出它的查询条件 (the interface of the provider needs a condition)",
                fields=dict.fromkeys(names, "必需 (needed)"),
                remedy=f"search by: {', '.join(names)}",
            )
        sent = [(one, given[one.item]) for one in self.parameters if one.item in given]
        path = self.path
        for one, value in sent:
            if one.place == PATH:
                path = path.replace("{" + one.name + "}", _piece(one.item, self._plain(one, value)))
        paged = {} if self.paging is None else parameters(self.paging, position)
        pairs = [(one.name, self._plain(one, value)) for one, value in sent if one.place == QUERY]
        query = urlencode([*pairs, *(paged.items() if self.method == "GET" else ())])
        target = path + ("&" if "?" in path else "?") + query if query else path
        if position and self.paging is not None and self.paging.paging == "next":
            target = position
        return target, self._body(sent, paged) if self.method == "POST" else None

    def read(self, said: bytes) -> list[tuple[Stored | None, ...]]:
        """Read the rows of an answer in their stored form.

        Raises:
            InterfaceMisfit: No JSON, no rows where they should be, or one that does not fit; names item and reason.
        """
        return self.read_page(said, "", "")[0]

    def read_page(self, said: bytes, position: str, url: str) -> tuple[list[tuple[Stored | None, ...]], str]:
        """Read the rows of a page in their stored form, and where the next page begins; empty at the end.

        Args:
            said: The answer.
            position: It was asked by.
            url: It was asked at.

        Raises:
            InterfaceMisfit: As `read`; or the pages do not move on, or lead away.
        """
        if sum(map(said.count, (b",", b"[", b"{"))) > MOST_VALUES:
            _misfit(0, "rows", f"多于 {MOST_VALUES} 个值 (too many values)")
        try:
            document = parsed(said)
            rows = self._rows(document)
        except SourceUnreadable as error:
            raise InterfaceMisfit(error.message, fields=error.fields, remedy=error.remedy) from None
        self._check_keys(rows)
        return rows, "" if self.paging is None else following(self.paging, document, len(rows), position, url)

    def _rows(self, document: Any) -> list[tuple[Stored | None, ...]]:
        found = pointed(document, self.rows)
        if self.single:
            found = [] if found is None else [found]
        if not isinstance(found, list) or len(found) > MOST_ROWS:
            where = self.rows or "/"
            _misfit(0, "rows", f"“{where}”处不是行的列表，或者多于 {MOST_ROWS} 行 (no list of rows there, or too many)")
        return [self._row(number, one) for number, one in enumerate(found, 1)]

    def _row(self, number: int, row: Any) -> tuple[Stored | None, ...]:
        if not isinstance(row, Mapping):
            _misfit(number, "rows", REASONS["not_object"])
        return tuple(_cell(number, one, row) for one in self.members)

    def _check_keys(self, rows: Sequence[tuple[Stored | None, ...]]) -> None:
        places = [place for place, one in enumerate(self.members) if one.column.key]
        keys = {tuple(row[place] for place in places) for row in rows}
        if places and len(keys) < len(rows):
            _misfit(0, ", ".join(self.members[place].column.field for place in places), "主键重复 (the key is repeated)")

    def _plain(self, parameter: Parameter, value: Stored) -> str:
        if self.columns[parameter.item] is ItemType.L:
            return "true" if value else "false"
        return str(value)

    def _body(self, sent: Sequence[tuple[Parameter, Stored]], paged: Mapping[str, str | int]) -> bytes:
        truths = {item for item, kind in self.columns.items() if kind is ItemType.L}
        told = {one.name: bool(value) if one.item in truths else value for one, value in sent if one.place == BODY}
        return json.dumps({**told, **paged}, ensure_ascii=False, separators=(",", ":")).encode()


def _piece(item: str, value: str) -> str:
    """A value as one piece of a path: what another system might take for more is refused."""
    if _OFF_THE_PATH.search(value):
        raise Malformed("这个值不能写进接口路径 (this value cannot stand in a path)", fields={item: "不含 / 和 \\ (no slash)"})
    return quote(value, safe="")


def _cell(number: int, member: Member, row: Mapping[str, Any]) -> Stored | None:
    column = member.column
    said = text(pointed(row, member.name) if member.name.startswith("/") else row.get(member.name))
    cell = said if said is None or column.type in TEXT_TYPES else said.strip(" ")
    if not cell:
        if column.required:
            _misfit(number, column.field, REASONS["missing"])
        return None
    if column.type not in TEXT_TYPES and len(cell) > LONGEST_VALUE:
        _misfit(number, column.field, REASONS["out_of_range"])
    try:
        value = form(column.type, column.field, cell)
    except Malformed as error:
        _misfit(number, column.field, error.fields.get(column.field, error.message))
    reason = _bounded(column, cell, value)
    if reason:
        _misfit(number, column.field, REASONS[reason])
    return value


def _bounded(column: Column, cell: str, value: Stored) -> str:
    """Why a value of the right type goes beyond what the item declares; empty where it does not."""
    if column.type in TEXT_TYPES and column.length is not None and len(cell.encode()) > column.length:
        return "too_long"
    if column.type in DECIMAL_TYPES:
        whole, _, fraction = str(value).lstrip("-").partition(".")
        if len(fraction) > column.scale:
            return "too_precise"
        return "out_of_range" if len(whole.lstrip("0")) > DIGITS - column.scale else ""
    return "out_of_range" if column.type in FLOAT_TYPES and abs(float(value)) == float("inf") else ""


def _misfit(number: int, item: str, reason: str) -> NoReturn:
    place = f"第 {number} 行：" if number else ""
    raise InterfaceMisfit(
        "接口的应答与登记或者目录不符 (the answer does not fit the registration or the entry)",
        fields={item[:64]: f"{place}{reason}"},
        remedy="核对行的位置、字段对应和信息项类型 (check the place of the rows, the fields and the types)",
    )


def _bad(name: str, why: str) -> Malformed:
    return Malformed("接口登记不完整或者不一致，见各字段 (the registration does not fit: see the fields)", fields={name: why})
