# SPDX-License-Identifier: Apache-2.0
"""What may be asked for: files in a form, fetched or sent to a store; rows into a table of a database.

Kept here: what is named must fit the channel, the form and the target; each field at fault is said at once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from datong.engine.plans.pushing import PushMode
from datong.kernel import texts
from datong.kernel.errors import Malformed
from datong.kernel.labels import Labelled
from datong.kernel.sharing import Channel

CHANNELS = (Channel.FILE, Channel.TABLE)
LONGEST_PLACE = 200
LONGEST_COLUMN = 63
TABLE = re.compile(r"[^\s.\"'`;\\/]{1,63}(?:\.[^\s.\"'`;\\/]{1,63})?")
OWN_TABLES = ("datong_deliveries", "datong_stage")


class FileForm(Labelled):
    """Forms of a delivered file (文件格式)."""

    CSV = "csv", "CSV 文本"
    XLSX = "xlsx", "XLSX 电子表格"
    JSONL = "jsonl", "JSON Lines 文本"
    PARQUET = "parquet", "Parquet 列式文件"


class CharacterSet(Labelled):
    """Character sets of CSV (字符集)."""

    UTF8 = "utf-8", "UTF-8（带 BOM）"
    GB18030 = "gb18030", "GB 18030"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for.

    Attributes:
        grant: Number of the grant.
        channel: file or table.
        form: Of the files.
        encoding: Of CSV.
        guard: Whether texts of CSV that would start a formula get an apostrophe in front.
        traced: Whether the rows stand in an order that tells whose copy it is.
        connection: Number of the connection it goes to; empty: files to be fetched.
        place: Folder below the store, or table of the database.
        mode: How rows come into the table.
        columns: Item to column of the table; empty takes each item under its own name.
        repeats: Whether it is done again in the grant's update cycle.
    """

    grant: str
    channel: str = Channel.FILE.value
    form: str = FileForm.CSV.value
    encoding: str = CharacterSet.UTF8.value
    guard: bool = True
    traced: bool = False
    connection: str = ""
    place: str = ""
    mode: str = PushMode.FULL.value
    columns: Mapping[str, str] = field(default_factory=dict)
    repeats: bool = False


def settled(wanted: Wanted, items: Collection[str], keys: Collection[str]) -> Wanted:
    """Check what is asked for and clean it.

    Args:
        wanted: As it came.
        items: What the grant lets out.
        keys: The whole key where it leaves unmasked, else nothing.

    Raises:
        Malformed: Naming every field at fault.
    """
    if wanted.channel not in CHANNELS:
        raise _bad({"channel": "、".join(one.label for one in CHANNELS)})
    if not wanted.connection.isprintable():
        raise _bad({"connection": "选择列出的连接 (choose one of the connections)"})
    return _as_table(wanted, items, keys) if wanted.channel == Channel.TABLE else _as_file(wanted)


def _as_file(wanted: Wanted) -> Wanted:
    faults: dict[str, str] = {}
    if wanted.form not in list(FileForm):
        faults["form"] = "、".join(FileForm)
    if wanted.encoding not in list(CharacterSet):
        faults["encoding"] = "、".join(CharacterSet)
    place = ""
    try:
        place = texts.line("place", wanted.place, longest=LONGEST_PLACE, least=0).strip("/")
    except Malformed as fault:
        faults |= fault.fields
    if not wanted.connection and wanted.repeats:
        faults["repeats"] = "按周期交付须送到一个连接 (what repeats goes to a connection)"
    if ".." in place.split("/") or "\\" in place:
        faults["place"] = "目录不含 .. (no ..)"
    if faults:
        raise _bad(faults)
    is_text = wanted.form == FileForm.CSV
    return replace(
        wanted, place=place if wanted.connection else "", mode="", columns={}, guard=wanted.guard and is_text,
        encoding=wanted.encoding if is_text else CharacterSet.UTF8.value,
    )  # fmt: skip


def _as_table(wanted: Wanted, items: Collection[str], keys: Collection[str]) -> Wanted:
    faults: dict[str, str] = {}
    place = wanted.place.strip()
    if not wanted.connection:
        faults["connection"] = "选择使用部门的数据库连接 (choose a database of your department)"
    if not TABLE.fullmatch(place) or not place.isprintable() or place.rsplit(".", 1)[-1].lower() in OWN_TABLES:
        faults["place"] = "写成 表名 或 模式.表名 (table, or schema.table)"
    if wanted.mode not in list(PushMode):
        faults["mode"] = "、".join(PushMode)
    columns = {item: column.strip() for item, column in wanted.columns.items() if column.strip()} or {one: one for one in items}
    faults |= _column_faults(columns, items)
    if wanted.mode == PushMode.UPSERT and (not keys or not set(keys) <= set(columns)):
        faults["mode"] = "按主键更新需要完整的、未脱敏的主键 (an upsert needs the whole key, unmasked)"
    if faults:
        raise _bad(faults)
    return replace(wanted, place=place, columns=columns, form="", encoding="", guard=False, traced=False)


def _column_faults(columns: Mapping[str, str], items: Collection[str]) -> dict[str, str]:
    faults = {f"columns.{item}"[:100]: "不在授权内 (not granted)" for item in columns if item not in items}
    seen: set[str] = set()
    for item, column in columns.items():
        if len(column) > LONGEST_COLUMN or not column.isprintable():
            faults[f"columns.{item}"[:100]] = f"至多 {LONGEST_COLUMN} 个字符 (at most {LONGEST_COLUMN} characters)"
        if column.lower() in seen:
            faults[f"columns.{item}"[:100]] = "两个信息项写入同一列 (two items go into one column)"
        seen.add(column.lower())
    return faults


def _bad(fields: dict[str, str]) -> Malformed:
    return Malformed("交付要求不合格式，见各字段 (what is asked for does not fit: see the fields)", fields=fields)
