# SPDX-License-Identifier: Apache-2.0
"""What leaves in bulk, written out by DuckDB: a row as a line of CSV or JSON, as one text to compare, in a traceable order.

Kept here: every value has one text, the same in CSV, XLSX and a consumer's database: dates and instants as ISO 8601 (the
instant in China's time with its offset), decimals without needless zeros, true and false. No cell of CSV starts a formula
unless that is asked for: apostrophes before a sign that would start one get one more, so that taking one away gives the
value back. A line is made whole inside the database and passes through the program as bytes.
"""

from dataclasses import dataclass

from datong.engine.base import Schema
from datong.engine.plans.lookup import Access, quoted
from datong.kernel.sharing import DECIMAL_TYPES, FLOAT_TYPES, TEXT_TYPES, ItemType

ROWS = "given"
"""Name under which what a grant lets out stands in every statement here."""
STARTS_FORMULA = "^'*[=+@\\t\\r\\n＝＋－＠-]"
"""Texts that get an apostrophe in front (CWE-1236); those that only begin with apostrophes count, so that it can be undone."""
_EAST = 8 * 3600 * 1_000_000
_UNSHEETABLE = "[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x{FFFE}\\x{FFFF}]"
_LONGEST_CELL = 32_767


@dataclass(frozen=True, slots=True)
class Shape:
    """A column as it leaves: masked items are texts, whatever they are in the lake."""

    field: str
    type: ItemType
    scale: int = 0
    key: bool = False


def shapes(access: Access, schema: Schema) -> tuple[Shape, ...]:
    """Give the columns a grant lets out, in the order of the schema's items."""
    known = {column.field: column for column in schema.columns}
    made = []
    for name in access.readable:
        if name not in known:
            continue
        column, plain = known[name], access.granted[name].kind == "none"
        made.append(Shape(name, column.type if plain else ItemType.C, column.scale, column.key and plain))
    return tuple(made)


def identifying(given: tuple[Shape, ...], keys: tuple[str, ...]) -> tuple[str, ...]:
    """Give the columns that tell a row from others: the whole key where it leaves as it is, else all but fractions."""
    plain = tuple(one.field for one in given if one.key)
    return plain if keys and plain == keys else tuple(one.field for one in given if one.type not in FLOAT_TYPES)


def text(shape: Shape) -> str:
    """Give the text of a value, null where there is none."""
    name = quoted(shape.field)
    if shape.type in DECIMAL_TYPES:
        told = f"cast({name} as varchar)"
        return f"rtrim(rtrim({told}, '0'), '.')" if shape.scale else told
    if shape.type is ItemType.D:
        return f"strftime({name}, '%Y-%m-%d')"
    if shape.type is ItemType.T:
        local = f"make_timestamp(epoch_us({name}) + {_EAST})"
        whole, broken = (f"strftime({local}, '%Y-%m-%dT%H:%M:%S{rest}+08:00')" for rest in ("", ".%f"))
        return f"case when epoch_us({name}) % 1000000 = 0 then {whole} else {broken} end"
    if shape.type in TEXT_TYPES:
        return name
    return f"cast({name} as varchar)"


def value(shape: Shape) -> str:
    """Give the text of a value as MySQL takes it: instants in China's time without an offset, 1 and 0."""
    name = quoted(shape.field)
    if shape.type is ItemType.T:
        return f"strftime(make_timestamp(epoch_us({name}) + {_EAST}), '%Y-%m-%d %H:%M:%S.%f')"
    return f"cast(cast({name} as tinyint) as varchar)" if shape.type is ItemType.L else text(shape)


def csv_line(given: tuple[Shape, ...], *, guard: bool) -> str:
    """Give a row as a line of CSV (RFC 4180): every value in quotes, nothing at all where there is none."""
    cells = []
    for shape in given:
        shown = text(shape)
        if guard and shape.type in TEXT_TYPES:
            shown = f"case when regexp_matches({shown}, {_literal(STARTS_FORMULA)}) then '''' || {shown} else {shown} end"
        cells.append(f"coalesce('\"' || replace({shown}, '\"', '\"\"') || '\"', '')")
    return " || ',' || ".join(cells) + " || chr(13) || chr(10)"


def json_line(given: tuple[Shape, ...]) -> str:
    """Give a row as a JSON object: fractions and whole numbers as numbers, decimals as texts, so that no digit is lost."""
    plain = (*FLOAT_TYPES, ItemType.I, ItemType.L)
    packed = ", ".join(f"{quoted(one.field)} := {quoted(one.field) if one.type in plain else text(one)}" for one in given)
    return f"cast(to_json(struct_pack({packed})) as varchar) || chr(10)"


def compared(given: tuple[Shape, ...]) -> str:
    """Give a row as the text that is compared with a database's: values behind one another, an instant in UTC.

    A fraction in floating point counts by whether it is there: no two databases write all of them alike.
    """
    cells = []
    for shape in given:
        shown = text(shape)
        if shape.type in FLOAT_TYPES:
            shown = f"case when {quoted(shape.field)} is not null then '+' end"
        if shape.type is ItemType.T:
            shown = f"cast(make_timestamp(epoch_us({quoted(shape.field)})) as varchar)"
        cells.append(f"coalesce({shown}, chr(30))")
    return " || chr(31) || ".join(cells)


def row_text(given: tuple[Shape, ...], names: tuple[str, ...] | None = None) -> str:
    """Give some columns of a row as one text that no other row has: each value with its length, a dash where there is none.

    A fraction in floating point counts by whether it is there.

    Args:
        given: Columns of the rows.
        names: Only these; None for all.
    """
    cells = []
    for shape in given:
        if names is not None and shape.field not in names:
            continue
        if shape.type in FLOAT_TYPES:
            cells.append(f"case when {quoted(shape.field)} is null then '-' else '+' end")
        else:
            shown = text(shape)
            cells.append(f"coalesce(cast(length({shown}) as varchar) || ':' || {shown}, '-')")
    return " || ".join(cells)


def fingerprint(row: str) -> str:
    """Give the number of a row's text whose sum over all rows is the same in any order, in any database."""
    return f"cast('0x' || substr(md5({row}), 1, 15) as bigint)"


def place(secret: bytes, row: str) -> str:
    """Give what rows are sorted by, so that their order tells whose copy it is."""
    return f"substr(sha256('{secret.hex()}' || {row}), 1, 16)"


def unsheetable(given: tuple[Shape, ...]) -> str:
    """Give how many cells of a row a spreadsheet cannot hold as they are: control characters, too many characters."""
    texts = [one for one in given if one.type in TEXT_TYPES]
    sums = [
        f"(case when regexp_matches({text(one)}, {_literal(_UNSHEETABLE)}) or length({text(one)}) > {_LONGEST_CELL}"
        " then 1 else 0 end)"
        for one in texts
    ]
    return " + ".join(sums) or "0"


def guarded(given: tuple[Shape, ...]) -> str:
    """Give how many cells of a row get an apostrophe in front in CSV."""
    texts = [one for one in given if one.type in TEXT_TYPES]
    sums = [f"(case when regexp_matches({text(one)}, {_literal(STARTS_FORMULA)}) then 1 else 0 end)" for one in texts]
    return " + ".join(sums) or "0"


def _literal(pattern: str) -> str:
    return "'" + pattern.replace("'", "''") + "'"
