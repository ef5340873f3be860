# SPDX-License-Identifier: Apache-2.0
"""Casting: the declared type of an item as checks and one expression over a text cell.

Kept here: text (C, M, G) stays byte for byte, so codes keep their leading zeros; an empty cell is null in every type;
other types ignore blanks around the value; a value that does not fit is a fault, never rounded, cut or guessed. Times
without an offset are read as Asia/Shanghai and kept as UTC instants. A cell a source has typed itself is taken as what its
text would have become, and needs no check but whether it is there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from datong.engine.base import Column, Dialect
from datong.kernel.sharing import DECIMAL_TYPES, FLOAT_TYPES, TEXT_TYPES, ItemType

INTEGER = "[+-]?[0-9]+([.]0+)?"
DECIMAL = "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)"
FLOAT = "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?"
_DAY = "([0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2})"
_CLOCK = "[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?"
DATE = f"[0-9]{{8}}|{_DAY}([T ]00:00:00([.]0+)?)?"  # a spreadsheet's date cell may carry midnight
NAIVE_TIME = f"[0-9]{{14}}|{_DAY}[T ]{_CLOCK}"
ZONED_TIME = f"{_DAY}[T ]{_CLOCK}(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)"
TRUE = ("true", "1", "是")
FALSE = ("false", "0", "否")


class Kind(StrEnum):
    """What a staged cell is: text, or a value its source has typed, which then is one that every backend can hold.

    Days and times lie in the years 1 to 9999, fractions are finite; `plain` is the text of a decimal that fits its item.
    """

    TEXT = "text"
    WHOLE = "whole"
    PLAIN = "plain"
    FRACTION = "fraction"
    DAY = "day"
    INSTANT = "instant"
    LOCAL = "local"
    TRUTH = "truth"


FITS: Mapping[Kind, frozenset[ItemType]] = {
    Kind.WHOLE: frozenset({ItemType.I}),
    Kind.PLAIN: DECIMAL_TYPES,
    Kind.FRACTION: FLOAT_TYPES,
    Kind.DAY: frozenset({ItemType.D}),
    Kind.INSTANT: frozenset({ItemType.T}),
    Kind.LOCAL: frozenset({ItemType.T}),
    Kind.TRUTH: frozenset({ItemType.L}),
}
"""The items a typed cell may be read for; for any other its text is read."""


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that makes a cell a fault, and the code of its reason."""

    code: str
    sql: str


@dataclass(frozen=True, slots=True)
class Cast:
    """A cell's typed value and its checks; the checks run in order and the first that holds is the reason."""

    value: str
    checks: tuple[Check, ...]


def cast(column: Column, cell: str, sql: Dialect, kind: Kind = Kind.TEXT) -> Cast:
    """Compile one item.

    Args:
        column: The declared item.
        cell: SQL expression of the cell.
        sql: Words of the engine.
        kind: What the cell is.
    """
    if kind is not Kind.TEXT:
        return _typed(column, cell, sql, kind)
    text = f"nullif({cell}, '')" if column.type in TEXT_TYPES else f"nullif(trim(both ' ' from {cell}), '')"
    made = _CASTS[column.type](column, text, sql)
    missing = (Check("missing", f"{text} is null"),) if column.required else ()
    return Cast(made.value, missing + made.checks)


def shown(cell: str, kind: Kind) -> str:
    """Give the text of a cell as its source would have written it."""
    if kind in {Kind.TEXT, Kind.PLAIN}:
        return cell
    text = f"cast({cell} as varchar(64))"
    return f"regexp_replace({text}, '[.]0$', '')" if kind is Kind.FRACTION else text


def _typed(column: Column, cell: str, sql: Dialect, kind: Kind) -> Cast:
    missing = (Check("missing", f"{cell} is null"),) if column.required else ()
    if kind is Kind.PLAIN:
        value = f"try_cast({cell} as decimal(38, {column.scale}))"
        return Cast(value, (*missing, _lost(cell, value, "not_number")))
    return Cast(sql.shanghai(cell) if kind is Kind.LOCAL else cell, missing)


def _text(column: Column, text: str, sql: Dialect) -> Cast:
    if column.length is None:
        return Cast(text, ())
    return Cast(text, (Check("too_long", f"{sql.octets(text)} > {column.length}"),))


def _integer(column: Column, text: str, sql: Dialect) -> Cast:
    value = f"try_cast(try_cast({text} as decimal(38, 0)) as bigint)"
    return Cast(value, (_unlike(text, INTEGER, "not_integer", sql), _lost(text, value)))


def _decimal(column: Column, text: str, sql: Dialect) -> Cast:
    value = f"try_cast({text} as decimal(38, {column.scale}))"
    fits = f"[^.]*([.][0-9]{{0,{column.scale}}}0*)?"
    checks = (
        _unlike(text, DECIMAL, "not_number", sql),
        _unlike(text, fits, "too_precise", sql),
        _lost(text, value),
    )
    return Cast(value, checks)


def _float(column: Column, text: str, sql: Dialect) -> Cast:
    value = f"try_cast({text} as double)"
    endless = Check("out_of_range", f"{text} is not null and not coalesce(abs({value}) <= 1.7976931348623157e308, false)")
    return Cast(value, (_unlike(text, FLOAT, "not_float", sql), endless))


def _date(column: Column, text: str, sql: Dialect) -> Cast:
    compact = f"concat(substr({text}, 1, 4), '-', substr({text}, 5, 2), '-', substr({text}, 7, 2))"
    spread = f"replace(regexp_replace({text}, '[T ].*$', ''), '/', '-')"
    value = f"try_cast(case when {sql.matches(text, '[0-9]{8}')} then {compact} else {spread} end as date)"
    return Cast(value, (_unlike(text, DATE, "not_date", sql), _no_year_zero(text, value, "no_such_day")))


def _time(column: Column, text: str, sql: Dialect) -> Cast:
    parts = ", ".join(
        piece
        for start, mark in ((1, "-"), (5, "-"), (7, " "), (9, ":"), (11, ":"), (13, ""))
        for piece in (f"substr({text}, {start}, {4 if start == 1 else 2})", f"'{mark}'")
    )
    spread = f"replace(replace({text}, '/', '-'), 'T', ' ')"
    local = f"case when {sql.matches(text, '[0-9]{14}')} then concat({parts}) else {spread} end"
    value = f"case when {sql.matches(text, ZONED_TIME)} then {sql.zoned(spread)} else {sql.shanghai(local)} end"
    shape = _unlike(text, f"{NAIVE_TIME}|{ZONED_TIME}", "not_time", sql)
    return Cast(value, (shape, _no_year_zero(text, value, "no_such_time")))


def _boolean(column: Column, text: str, sql: Dialect) -> Cast:
    true, false = (", ".join(sql.literal(word) for word in words) for words in (TRUE, FALSE))
    value = f"case when lower({text}) in ({true}) then true when lower({text}) in ({false}) then false end"
    return Cast(value, (_lost(text, value, "not_boolean"),))


def _unlike(text: str, pattern: str, code: str, sql: Dialect) -> Check:
    return Check(code, f"{text} is not null and not {sql.matches(text, pattern)}")


def _lost(text: str, value: str, code: str = "out_of_range") -> Check:
    return Check(code, f"{text} is not null and {value} is null")


def _no_year_zero(text: str, value: str, code: str) -> Check:
    return Check(code, f"{text} is not null and ({value} is null or substr({text}, 1, 4) = '0000')")


_CASTS: Mapping[ItemType, Callable[[Column, str, Dialect], Cast]] = {
    ItemType.C: _text,
    ItemType.M: _text,
    ItemType.G: _text,
    ItemType.I: _integer,
    ItemType.N: _decimal,
    ItemType.Y: _decimal,
    ItemType.F: _float,
    ItemType.B: _float,
    ItemType.D: _date,
    ItemType.T: _time,
    ItemType.L: _boolean,
}
