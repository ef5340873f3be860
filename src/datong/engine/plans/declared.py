# SPDX-License-Identifier: Apache-2.0
"""From a database's declared types to the letters of 发改高技〔2017〕1272号.

Kept here: the declaration decides, never the values; times of day, intervals and years are text, since none of the
letters means them and a guess would turn `00:10` into a date; a type nobody knows is text.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from datong.kernel.sharing import ItemType

C, N, Y, D, T, L, M, G, B, I, F = ItemType  # noqa: E741  the standard's letters
SIZES: Mapping[ItemType, int] = {F: 4, B: 8}
CLOCK = "时刻、时段不是日期，按文本 (a time of day is no date: text)"
YEAR = "年份按文本 (a year is text)"
UNKNOWN = "没有对应的类型字母，按文本 (no letter for this type: text)"
WIDE = "超出64位整数，按数值型 (beyond 64 bits: a decimal)"
TINY = "tinyint(1) 是 MySQL 的逻辑型写法 (how MySQL writes a boolean)"


@dataclass(frozen=True, slots=True)
class Letter:
    """A type letter, the bytes of a whole number, and why where it is not obvious."""

    type: ItemType
    length: int | None = None
    note: str = ""


POSTGRES: Mapping[str, Letter] = {
    "character varying": Letter(C), "character": Letter(C), "bpchar": Letter(C), "text": Letter(C), "name": Letter(C),
    "uuid": Letter(C, 36), "inet": Letter(C), "cidr": Letter(C),
    "macaddr": Letter(C), "bit": Letter(C), "bit varying": Letter(C),
    "time without time zone": Letter(C, note=CLOCK),
    "time with time zone": Letter(C, note=CLOCK),
    "interval": Letter(C, note=CLOCK),
    "json": Letter(M), "jsonb": Letter(M), "xml": Letter(M),
    "smallint": Letter(I, 2), "integer": Letter(I, 4), "bigint": Letter(I, 8),
    "numeric": Letter(N), "money": Letter(Y), "real": Letter(F, 4), "double precision": Letter(B, 8), "date": Letter(D),
    "timestamp without time zone": Letter(T), "timestamp with time zone": Letter(T), "boolean": Letter(L), "bytea": Letter(G),
}  # fmt: skip
MYSQL: Mapping[str, Letter] = {
    "char": Letter(C), "varchar": Letter(C), "enum": Letter(C), "set": Letter(C), "tinytext": Letter(C), "uuid": Letter(C, 36),
    "inet4": Letter(C), "inet6": Letter(C), "time": Letter(C, note=CLOCK), "year": Letter(C, 4, YEAR), "text": Letter(M),
    "mediumtext": Letter(M), "longtext": Letter(M), "json": Letter(M), "tinyint": Letter(I, 1), "smallint": Letter(I, 2),
    "mediumint": Letter(I, 3), "int": Letter(I, 4), "bigint": Letter(I, 8), "decimal": Letter(N), "numeric": Letter(N),
    "float": Letter(F, 4), "double": Letter(B, 8), "date": Letter(D), "datetime": Letter(T), "timestamp": Letter(T),
    "bit": Letter(G), "binary": Letter(G), "varbinary": Letter(G), "tinyblob": Letter(G), "blob": Letter(G),
    "mediumblob": Letter(G),
    "longblob": Letter(G), "geometry": Letter(G),
}  # fmt: skip
SQLITE: Mapping[str, Letter] = {
    "boolean": Letter(L), "bool": Letter(L), "datetime": Letter(T), "timestamp": Letter(T), "date": Letter(D),
    "time": Letter(C, note=CLOCK),
    "decimal": Letter(N), "numeric": Letter(N), "float": Letter(B, 8), "real": Letter(B, 8), "double": Letter(B, 8),
    "double precision": Letter(B, 8), "blob": Letter(G), "json": Letter(M),
}  # fmt: skip
"""Names before SQLite's own rule of affinities is asked."""


def postgres(base: str) -> Letter:
    """Give the letter of a PostgreSQL type without its length."""
    return POSTGRES.get(base, Letter(M if base.endswith("[]") else C, note=UNKNOWN))


def mysql(base: str, whole: str) -> Letter:
    """Give the letter of a MySQL type.

    Args:
        base: Such as `tinyint`.
        whole: Such as `tinyint(1) unsigned`.
    """
    if whole.startswith("tinyint(1)"):
        return Letter(L, note=TINY)
    if whole == "bit(1)":
        return Letter(L)
    if base == "bigint" and "unsigned" in whole:
        return Letter(N, 20, WIDE)
    return MYSQL.get(base, Letter(C, note=UNKNOWN))


def sqlite(declared: str) -> Letter:
    """Give the letter of a SQLite column: a known name, else the affinity by SQLite's own rule (its section 3.1)."""
    base = declared.lower().split("(")[0].strip()
    if base in SQLITE:
        return SQLITE[base]
    if "int" in base:
        return Letter(I, 8)
    if any(word in base for word in ("char", "clob", "text")):
        return Letter(C)
    return Letter(G) if "blob" in base else Letter(C, note=UNKNOWN)
