# SPDX-License-Identifier: Apache-2.0
"""From filled rows to drafts: words of closed lists read as their values, what does not read flagged and kept raw.

Kept here: a word outside its list is never guessed: the field stays empty, the row says so, and the word is kept as it
stood; words of other platforms are read by a table. A code from elsewhere is checked and kept raw, for the system gives
codes. A cell that is a formula nobody computed, or an error, is a fault.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from dataclasses import fields as fields_of
from typing import Any

from datong.contexts.catalog.domain import columns
from datong.contexts.catalog.domain.entries import EntryDraft, ItemDraft, Secrecy
from datong.contexts.catalog.domain.naming import Sounds, field_of
from datong.contexts.catalog.domain.sheets import Line, plain
from datong.kernel.codes import ResourceCode
from datong.kernel.errors import Malformed
from datong.kernel.labels import Labelled
from datong.kernel.sharing import (
    BasisRank,
    Channel,
    FormatClass,
    ItemType,
    Level,
    OpeningType,
    SharingType,
    UpdateCycle,
    Usage,
)

LISTS: Mapping[str, type[Labelled]] = {
    "format_class": FormatClass, "sharing_type": SharingType, "withheld_basis_rank": BasisRank, "opening_type": OpeningType,
    "update_cycle": UpdateCycle, "level": Level, "secrecy": Secrecy, "type": ItemType, "sharing_use": Usage,
    "sharing_methods": Channel,
}  # fmt: skip
"""Field to its closed list."""
MANY = frozenset({"sharing_use", "sharing_methods", "related"})
TICKS = frozenset({"key", "nullable", "query", "personal"})
NUMBERS = frozenset({"length", "precision"})
YES = frozenset({"是", "y", "yes", "1", "true", "√", "✓"})
NO = frozenset({"否", "n", "no", "0", "false", "×", ""})
ALIKE: Mapping[str, Mapping[str, str]] = {
    "type": {
        "整数型": "I", "小数型": "N", "高精度型": "N", "数字型": "N", "字符型": "C", "日期型": "D", "日期时间型": "T",
        "时间戳型": "T", "时间型": "C", "布尔型": "L", "二进制": "G", "文本型": "M", "字符串型C": "C", "字符串型": "C",
        "字符串": "C", "长文本text": "M", "长文本": "M", "varchar": "C", "varchar2": "C", "char": "C", "text": "M", "int": "I",
        "bigint": "I", "decimal": "N", "number": "N", "date": "D", "datetime": "T", "timestamp": "T",
    },
    "opening_type": {"是": "open", "否": "closed", "开放": "open", "不开放": "closed"},
    "level": {
        "核心": "core", "重要": "important", "四级": "general_4", "三级": "general_3", "二级": "general_2", "一级": "general_1",
        "4级": "general_4", "3级": "general_3", "2级": "general_2", "1级": "general_1", "一般数据4级": "general_4",
        "一般数据3级": "general_3", "一般数据2级": "general_2", "一般数据1级": "general_1",
    },
    "update_cycle": {"每半年度": "half_yearly", "每年度": "yearly", "不定时": "irregular", "半年": "half_yearly", "年": "yearly",
                     "季度": "quarterly", "月": "monthly", "周": "weekly", "日": "daily", "按年": "yearly",
                     "按半年": "half_yearly", "按季度": "quarterly", "按月": "monthly", "按周": "weekly", "按日": "daily"},
    "secrecy": {"涉密": "state_secret", "不涉密": "none"},
    "sharing_methods": {"服务接口": "call", "接口": "call", "数据库": "table", "库表": "table", "文件": "file"},
}  # fmt: skip
"""Field to words of other platforms and the values they mean."""
SPLIT = re.compile(r"[;；,，、\n]+")
DOUBTS = {
    "formula": "单元格是公式，没有计算结果；请另存为值 (a formula without a result: paste it as a value)",
    "error": "单元格是错误值，如 #N/A (the cell shows an error such as #N/A)",
}


@dataclass(slots=True)
class Read:
    """One entry as read.

    Attributes:
        line: Row of the entry.
        item_lines: Row of each item, as (sheet, line).
        draft: What was understood.
        faults: Field to why the row cannot be taken; items as `items.0.field`.
        flags: Field to what a person should look at.
        raw: Head to the text that was not understood, as it stood.
        class_path: Names of a class, where no digits were given.
        provider: The department the row names.
    """

    line: tuple[str, int]
    draft: EntryDraft
    item_lines: list[tuple[str, int]] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    class_path: str = ""
    provider: str = ""


def read(
    entries: Iterable[Line], items: Iterable[Line], *, lonely: str, sounds: Sounds
) -> tuple[list[Read], list[tuple[Line, str]]]:
    """Read the rows of a workbook.

    Args:
        entries: Rows of entries; none when the workbook holds items alone.
        items: Rows of items.
        lonely: Name of the one entry of a workbook that holds items alone.
        sounds: How Chinese names of items sound.

    Returns:
        The entries in order, and the rows of items that belong to none with the reason.
    """
    made = [_entry(line) for line in entries]
    by_name = {one.draft.name: one for one in reversed(made)}
    orphans: list[tuple[Line, str]] = []
    gathered: dict[str, list[Line]] = {}
    for line in items:
        name = line.cells.get("entry", "") or ("" if made else lonely)
        if not made and name not in by_name:
            by_name[name] = Read((line.sheet, line.line), EntryDraft(name=name))
        if name in by_name:
            gathered.setdefault(name, []).append(line)
        else:
            orphans.append((line, f"没有名称为“{name[:60]}”的目录 (no entry of this name)"))
    for name, lines in gathered.items():
        _take_items(by_name[name], lines, sounds)
    return made or list(by_name.values()), orphans


def _entry(line: Line) -> Read:
    made = Read((line.sheet, line.line), EntryDraft(), raw=dict(line.extra))
    _doubts(made, line, "")
    values: dict[str, Any] = {}
    known = {one.name for one in fields_of(EntryDraft)}
    for name, text in line.cells.items():
        if name in known:
            values[name] = _value(made, name, text, name, columns.ENTRY.get(name, name))
    values = {name: value for name, value in values.items() if value is not None}
    made.class_path, made.provider = line.cells.get("class_path", ""), line.cells.get("provider", "")
    _conditions(values, line.cells.get("condition_or_basis", ""))
    _code(made, line.cells.get("code", ""))
    class_code = values.get("class_code", "")
    if class_code and not class_code.isdecimal():
        made.class_path, values["class_code"] = class_code, ""
    made.draft = EntryDraft(**values)
    return made


def _conditions(values: dict[str, Any], text: str) -> None:
    """One column of other platforms holds conditions of use, or the basis of withholding."""
    name = "withheld_basis" if values.get("sharing_type") == SharingType.WITHHELD else "use_conditions"
    if text and not values.get(name):
        values[name] = text


def _code(made: Read, text: str) -> None:
    if not text:
        return
    made.raw["信息资源代码"] = text
    try:
        ResourceCode.parse(text)
    except Malformed:
        made.flags["code"] = "原代码不合编码规则，已原样保留，系统另赋代码 (not a code of 1272: kept raw, the system gives one)"
    else:
        made.flags["code"] = "原代码已原样保留，系统另赋代码 (kept raw: the system gives a code of its own)"


def _take_items(made: Read, lines: Sequence[Line], sounds: Sounds) -> None:
    taken: list[str] = []
    for place, line in enumerate(lines):
        head = f"items.{place}."
        _doubts(made, line, head)
        item = _item(made, line, head)
        given = item["field"]
        item["field"] = field_of(given or item["name"], taken, place + 1, sounds)
        if given and item["field"] != given:
            made.flags[f"{head}field"] = f"字段“{given[:40]}”改写为 {item['field']} (rewritten as an identifier)"
        taken.append(item["field"])
        made.item_lines.append((line.sheet, line.line))
        made.raw |= {f"{line.sheet} {line.line} {word}": text for word, text in line.extra.items()}
        made.draft = replace(made.draft, items=(*made.draft.items, ItemDraft(**item)))


def _item(made: Read, line: Line, head: str) -> dict[str, Any]:
    known = {one.name for one in fields_of(ItemDraft)}
    values: dict[str, Any] = {"field": "", "name": ""}
    for name, text in line.cells.items():
        if name in known:
            value = _value(made, name, text, head + name, f"{line.sheet} {line.line} {columns.ITEM.get(name, name)}")
            values |= {} if value is None else {name: value}
    if values.get("key"):
        values["nullable"] = False
    if line.cells.get("code_table") and not values.get("code_list"):
        values["code_list"] = line.cells["code_table"]
    _secrets(made, line.cells, head, values)
    if values.get("type") not in (ItemType.N, ItemType.Y):
        values.pop("precision", None)
    return values


def _secrets(made: Read, cells: Mapping[str, str], head: str, values: dict[str, Any]) -> None:
    """涉密 of one item makes the entry one that may not be entered; 敏感 is taken for personal until a person looked."""
    if _word("secrecy", cells.get("secrecy", "")) not in (None, "", Secrecy.NONE.value):
        made.draft = replace(made.draft, secrecy=Secrecy.STATE_SECRET.value)
    if plain(cells.get("sensitive", "")) == "敏感":
        values["personal"] = True
        made.flags[f"{head}personal"] = "敏感属性暂按个人信息标注，请核对 (marked as personal until checked)"


def _doubts(made: Read, line: Line, head: str) -> None:
    made.faults |= {head + name: DOUBTS[doubt] for name, doubt in line.doubts.items()}


def _value(made: Read, name: str, text: str, place: str, word: str) -> Any:
    """Read a cell; None where it does not read, which is flagged and kept raw."""
    for names, reader in _READERS:
        if name in names:
            value = reader(name, text)
            break
    else:
        return text
    if value is None:
        made.flags[place] = (
            f"“{text[:40]}”不在可选范围内，已留空，原文保留；{_choices(name)} (outside the list: left empty, kept raw)"
        )
        made.raw[word] = text
    return value


def _choices(name: str) -> str:
    """What may stand in a cell, for people."""
    if name not in LISTS:
        return "请填是或否" if name in TICKS else "请填数字"
    return f"可选：{'、'.join(f'{one.value} {one.label}' if LISTS[name] is ItemType else one.label for one in LISTS[name])}"


def _word(name: str, text: str) -> str | None:
    """A word of a closed list as its value."""
    kind, wanted = LISTS[name], plain(text)
    for member in kind:
        if wanted in (plain(member.label), member.value) or wanted == plain(f"{member.value} {member.label}"):
            return member.value
    return ALIKE.get(name, {}).get(wanted)


def _words(name: str, text: str) -> tuple[str, ...] | None:
    if name == "related":
        return tuple(part for part in re.split(r"[\s,，、;；]+", text) if part)
    found = [_word(name, part) for part in SPLIT.split(text) if part.strip()]
    return None if None in found else tuple(dict.fromkeys(one for one in found if one))


def _tick(_name: str, text: str) -> bool | None:
    word = plain(text).lower()
    return True if word in YES else False if word in NO else None


def _number(_name: str, text: str) -> int | None:
    whole = re.fullmatch(r"([0-9]{1,10})(?:\.0+)?", text)
    return int(whole[1]) if whole else None


_READERS: tuple[tuple[frozenset[str], Callable[[str, str], Any]], ...] = (
    (MANY, _words),
    (frozenset(LISTS) - MANY, _word),
    (TICKS, _tick),
    (NUMBERS, _number),
)
