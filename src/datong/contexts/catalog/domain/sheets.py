# SPDX-License-Identifier: Apache-2.0
"""Sheets of entries and items as people fill them in: which row is the head, which column means what.

Kept here: a column is known by its head and not by its place, in our own template and in those of other platforms; the
head is the row that names most columns we know, so that instructions and group heads above it do no harm; where a head
is merged downwards its word stands in the row above and is read from there.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from datong.contexts.catalog.domain import columns
from datong.engine.base import Row

DEEPEST_HEAD = 12
LEAST_KNOWN = 2
EXAMPLE = "【示例】"
HINT = "※"
RESULT = "导入结果"
FAULTS = "错误说明"
OURS = frozenset({RESULT, FAULTS})
"""Heads of the two columns that come back; handed in again they say nothing."""


class Kind(Enum):
    """What a sheet holds."""

    ENTRIES = "entries"
    ITEMS = "items"


def plain(head: str) -> str:
    """A head without stars, blanks, brackets' width and line ends, to be compared."""
    text = unicodedata.normalize("NFKC", head)
    return re.sub(r"[\s*＊:：]", "", re.sub(r"[(（][^)）]*[)）]$", "", text.strip()))


def _known(own: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
    return {plain(word): name for name, word in own.items()} | {plain(word): name for word, name in others.items()}


ENTRY_HEADS: Mapping[str, str] = _known(
    columns.ENTRY,
    {
        "数据资源目录名称": "name", "信息资源目录名称": "name", "目录名称": "name", "资源名称": "name",
        "数据资源目录描述": "abstract", "信息资源目录描述": "abstract", "摘要": "abstract",
        "信息资源分类": "class_code", "信息资源代码": "code", "资源属性分类": "class_path",
        "资源属性分类一": "class_path", "共享属性": "sharing_type",
        "共享条件/不予共享依据": "condition_or_basis", "共享条件": "use_conditions",
        "不予共享依据": "withheld_basis", "开放类型": "opening_type", "所属信息系统": "system",
        "关联信息系统": "system", "来源系统": "system", "分级": "level", "数据更新频率": "update_cycle",
        "信息资源格式分类": "format_class", "信息资源格式类型": "format_type", "目录提供方": "provider",
        "信息资源来源部门": "provider", "信息资源提供方": "provider", "来源部门": "provider", "提供部门": "provider",
        "提供单位": "provider", "数据集名称": "name", "数据目录名称": "name", "数据描述": "abstract", "简介": "abstract",
        "更新频率": "update_cycle", "开放状态": "opening_type", "安全级别": "level", "资源编码": "code",
    },
)  # fmt: skip
"""Head of a sheet of entries to a field of `EntryDraft`, or to code, class_path, condition_or_basis, provider."""
ITEM_HEADS: Mapping[str, str] = _known(
    {"entry": "信息资源名称", **columns.ITEM},
    {
        "数据集名称": "entry", "数据目录名称": "entry", "中文名": "name", "中文名称": "name", "英文名": "field",
        "字段名": "field",
        "数据资源目录名称": "entry", "信息资源目录名称": "entry", "目录名称": "entry",
        "信息项业务名称": "name", "信息项技术名称": "field", "映射字段": "field", "英文名称": "field",
        "数据长度": "length", "数据精度": "precision", "数据值域": "code_list", "关联码表": "code_table",
        "关联代码集": "code_table", "共享属性": "sharing_type", "开放类型": "opening_type",
        "敏感属性": "sensitive", "涉密属性": "secrecy", "是否主键": "key", "是否为空": "nullable",
        "是否可空": "nullable", "信息项描述": "description", "分级": "level", "类型": "type",
    },
)  # fmt: skip
"""Head of a sheet of items to a field of `ItemDraft`, or to entry, code_table, sensitive, secrecy."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row below the head.

    Attributes:
        sheet: Name of its sheet.
        line: The number Excel shows.
        cells: Known column to its text.
        extra: Head nobody knows to its text, kept raw.
        doubts: Known column to "formula" or "error".
    """

    sheet: str
    line: int
    cells: Mapping[str, str]
    extra: Mapping[str, str] = field(default_factory=dict)
    doubts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a sheet: its row, what the sheet holds, column from 0 to name, column from 0 to unknown word."""

    line: int
    kind: Kind
    known: Mapping[int, str]
    strange: Mapping[int, str]


def find_head(rows: Sequence[Row]) -> Head | None:
    """Find the head among the first rows of a sheet; None when nothing like one is there."""
    best: Head | None = None
    for place, row in enumerate(rows[:DEEPEST_HEAD]):
        above = rows[place - 1] if place and rows[place - 1].line == row.line - 1 else None
        for kind, heads, needed in ((Kind.ITEMS, ITEM_HEADS, "name"), (Kind.ENTRIES, ENTRY_HEADS, "name")):
            found = _head(row, above, kind, heads)
            if needed in found.known.values() and _own(found) and (best is None or len(found.known) > len(best.known)):
                best = found
    return best


def _own(found: Head) -> bool:
    """A sheet of entries is told by its name column and another; one of items by a name and a type."""
    return len(found.known) >= LEAST_KNOWN and (found.kind is Kind.ENTRIES or "type" in found.known.values())


def _head(row: Row, above: Row | None, kind: Kind, heads: Mapping[str, str]) -> Head:
    known: dict[int, str] = {}
    strange: dict[int, str] = {}
    for place, cell in enumerate(row.cells):
        word = (cell or "").strip() or _over(above, place)
        name = heads.get(plain(word)) if word else None
        if name is not None and name not in known.values():
            known[place] = name
        elif word and word not in OURS:
            strange[place] = " ".join(word.lstrip("*＊").split())[:60]
    return Head(row.line, kind, known, strange)


def _over(above: Row | None, place: int) -> str:
    """The word in the row above, where a head is merged downwards."""
    if above is None or place >= len(above.cells):
        return ""
    return (above.cells[place] or "").strip()


def lines(sheet: str, head: Head, rows: Iterable[Row]) -> Iterable[Line]:
    """Give the filled rows below a head; hints and examples of our own template are passed over."""
    for row in rows:
        if row.line <= head.line:
            continue
        cells = {name: text for place, name in head.known.items() if (text := _at(row, place))}
        doubts = {name: row.doubts[place] for place, name in head.known.items() if place in row.doubts}
        extra = {word: text for place, word in head.strange.items() if (text := _at(row, place))}
        first = next((cell for cell in row.cells if cell), "") or ""
        if first.startswith((HINT, EXAMPLE)) or not (cells or doubts):
            continue
        yield Line(sheet, row.line, cells, extra, doubts)


def _at(row: Row, place: int) -> str:
    return (row.cells[place] or "").strip() if place < len(row.cells) else ""
