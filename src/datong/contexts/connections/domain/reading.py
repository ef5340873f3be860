# SPDX-License-Identifier: Apache-2.0
"""What is read through a connection: a table or a query, a file, or the rows of an interface page by page.

Kept here: one table says what may be said for each kind, and a query is one statement that reads. What is said here may be
shown and stored: it never holds a secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from datong.contexts.connections.domain.kinds import DATABASES, ConnectionKind
from datong.kernel import texts
from datong.kernel.errors import Malformed
from datong.kernel.labels import Labelled

LONGEST_QUERY = 20_000
LONGEST_PATH = 500
MOST_PAGE = 10_000
SQLITE = (".sqlite", ".sqlite3", ".db")
SUFFIXES = (".csv", ".txt", ".xlsx", ".parquet", *SQLITE)
READS = re.compile(r"\s*(select|with|values|table)\b", re.IGNORECASE)


class Paging(Labelled):
    """How an interface hands out its rows."""

    NONE = "none", "一次返回全部"
    PAGE = "page", "按页码"
    OFFSET = "offset", "按起始位置"
    CURSOR = "cursor", "按游标"
    NEXT = "next", "按下一页链接"


_FILE = ("path", "encoding", "delimiter", "sheet", "header_row", "table")
_PAGES = (
    "path", "rows", "paging", "page_parameter", "first_page", "size_parameter", "page_size", "cursor_parameter", "next",
    "columns",
)  # fmt: skip
READINGS: dict[ConnectionKind, tuple[str, ...]] = {
    ConnectionKind.POSTGRES: ("table", "query"),
    ConnectionKind.MYSQL: ("table", "query"),
    ConnectionKind.S3: _FILE,
    ConnectionKind.SFTP: _FILE,
    ConnectionKind.HTTP: _PAGES,
    ConnectionKind.FOLDER: _FILE,
}
COUNTED = (Paging.PAGE, Paging.OFFSET)
NEXT_USUAL = {Paging.CURSOR: "/next_cursor", Paging.NEXT: "/next"}


def checked(kind: ConnectionKind, what: Mapping[str, Any]) -> dict[str, Any]:
    """Check what is to be read through a connection of a kind.

    Args:
        kind: of the connection.
        what: databases: `table` (schema.table) or `query`; S3, SFTP and folders: `path`, and `encoding`, `delimiter`,
            `sheet`, `header_row`, or `table` of a SQLite file; interfaces: `path`,
            `rows` (JSON pointer), `paging` and its parameters, `columns`.

    Returns:
        What may be stored as it is, without what says nothing.

    Raises:
        Malformed: naming each field that does not fit.
    """
    said = {name: value for name, value in what.items() if value not in (None, "", [])}
    strange = sorted(set(said) - set(READINGS[kind]))
    if strange:
        raise _bad({name[:40]: "这种连接没有这一项 (not for this kind of connection)" for name in strange[:10]})
    if kind in DATABASES:
        return _database(said)
    return _interface(said) if kind is ConnectionKind.HTTP else _file(said)


def _database(said: dict[str, Any]) -> dict[str, Any]:
    if ("table" in said) == ("query" in said):
        raise _bad({"table": "填写库表或者查询，二者取一 (a table or a query: one of both)"})
    if "table" in said:
        return {"table": texts.line("table", str(said["table"]), longest=LONGEST_PATH)}
    query = texts.lines("query", str(said["query"]), longest=LONGEST_QUERY, least=1).rstrip("; \n\t")
    if not READS.match(query):
        raise _bad({"query": "只能是一条 SELECT 查询 (one statement that reads: SELECT or WITH)"})
    return {"query": query}


def _file(said: dict[str, Any]) -> dict[str, Any]:
    path = texts.line("path", str(said.get("path", "")), longest=LONGEST_PATH)
    if ".." in path.split("/") or not path.lower().endswith(SUFFIXES):
        raise _bad({"path": f"以 {'、'.join(SUFFIXES)} 结尾，不含 .. (ends with one of these, without ..)"})
    kept: dict[str, Any] = {"path": path}
    if path.lower().endswith(SQLITE) != ("table" in said):
        raise _bad({"table": "SQLite 文件填写库表，其他文件不填 (name the table of a SQLite file, and of no other file)"})
    if "table" in said:
        return kept | {"table": texts.line("table", str(said["table"]), longest=LONGEST_PATH)}
    for name in ("encoding", "delimiter", "sheet"):
        if name in said:
            kept[name] = texts.lines(name, str(said[name]), longest=200) if name == "delimiter" else _word(name, said[name])
    if "header_row" in said:
        kept["header_row"] = _number("header_row", said["header_row"], 1000)
    return kept


def _interface(said: dict[str, Any]) -> dict[str, Any]:
    path = texts.line("path", str(said.get("path", "")), longest=LONGEST_PATH, least=0)
    if path and (not path.startswith(("/", "?")) or path.startswith("//") or "\\" in path or "#" in path):
        raise _bad({"path": "以 / 或 ? 开头的路径，如 /v1/rows (a path such as /v1/rows)"})
    paging = str(said.get("paging", Paging.NONE.value))
    if paging not in list(Paging):
        raise _bad({"paging": "、".join(Paging)})
    kept: dict[str, Any] = {"path": path, "rows": _pointer("rows", said.get("rows", "")), "paging": paging}
    if "columns" in said:
        kept["columns"] = _columns(said["columns"])
    return kept | _pages(Paging(paging), said)


def _pages(paging: Paging, said: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    if "size_parameter" in said:
        kept["size_parameter"] = _word("size_parameter", said["size_parameter"])
        kept["page_size"] = _number("page_size", said.get("page_size", 1000), MOST_PAGE)
    if paging in COUNTED:
        kept["page_parameter"] = _word("page_parameter", said.get("page_parameter", paging.value))
    if paging == Paging.PAGE:
        kept["first_page"] = _number("first_page", said.get("first_page", 1), 1, least=0)
    if paging == Paging.CURSOR:
        kept["cursor_parameter"] = _word("cursor_parameter", said.get("cursor_parameter", "cursor"))
    if paging in NEXT_USUAL:
        kept["next"] = _pointer("next", said.get("next", NEXT_USUAL[paging]))
    return kept


def _columns(said: Any) -> list[str]:
    if not isinstance(said, list) or len(said) > 2000 or not all(isinstance(one, str) for one in said):
        raise _bad({"columns": "列名的列表 (a list of names)"})
    return [texts.line("columns", one, longest=200) for one in said]


def _pointer(name: str, said: Any) -> str:
    """A JSON pointer (RFC 6901); empty is the whole answer."""
    text = texts.line(name, str(said), longest=200, least=0)
    if text and not text.startswith("/"):
        raise _bad({name: "JSON 指针，如 /data/items (a JSON pointer such as /data/items)"})
    return text


def _word(name: str, said: Any) -> str:
    return texts.line(name, str(said), longest=200)


def _number(name: str, said: Any, most: int, *, least: int = 1) -> int:
    text = str(said)
    if not (text.isascii() and text.isdecimal() and len(text) <= 6 and least <= int(text) <= most):
        raise _bad({name: f"{least} … {most}"})
    return int(text)


def _bad(fields: dict[str, str]) -> Malformed:
    return Malformed("读取内容不合要求，见各字段 (what is to be read does not fit: see the fields)", fields=fields)
