# SPDX-License-Identifier: Apache-2.0
"""Masks as SQL expressions over stored values, equal to `kernel.masks.apply` (proved in the tests).

Kept here: a value that must not leave is masked inside the statement, so it never enters the program's memory as a row.
Look-ups (SQLite) and derived tables (DuckDB, Spark) share the expressions and differ in a few words, such as the keyed
hash, which SQLite lacks (`ServingIndex` registers it as `masked_hash`) and DuckDB computes from its own SHA-256. Neither has
a cipher that keeps forms: both call the reference for it, as `masked_format`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from datong.engine.base import Dialect
from datong.kernel.masks import LARGEST, REDACTED, STAR, Mask
from datong.kernel.sharing import FLOAT_TYPES, ItemType

HASH_FUNCTION = "masked_hash"
FORMAT_FUNCTION = "masked_format"


@dataclass(frozen=True, slots=True)
class Words:
    """The words in which a database masks.

    Attributes:
        stars: Number of characters to that many stars.
        hashed: Text to its keyed hash.
        formed: Text and name of a form to another text of that form.
        dated: Text to whether it begins with a year.
        whole: Text of a decimal to the whole number it begins with, none where that is too large.
        below: Floating point number to the largest whole number that is not above it; it is not too large.
        text: Name of the type of texts.
    """

    stars: Callable[[str], str]
    hashed: Callable[[str], str]
    formed: Callable[[str, str], str]
    dated: Callable[[str], str]
    whole: Callable[[str], str]
    below: Callable[[str], str]
    text: str = "text"


def _zeros(count: str) -> str:
    return f"replace(hex(zeroblob({count})), '00', '{STAR}')"


def _globbed(text: str) -> str:
    return f"{text} glob '[0-9][0-9][0-9][0-9]-*'"


def _integer(text: str) -> str:
    return f"cast({text} as integer)"


def _below(number: str) -> str:
    return f"(cast({number} as integer) - ({number} < cast({number} as integer)))"


SQLITE = Words(
    stars=_zeros,
    hashed=lambda text: f"{HASH_FUNCTION}({text})",
    formed=lambda text, form: f"{FORMAT_FUNCTION}({text}, '{form}')",
    dated=_globbed,
    whole=_integer,
    below=_below,
)


def words(sql: Dialect, key: bytes) -> Words:
    """Give the words of an engine.

    Args:
        sql: The engine's.
        key: Secret of the grant; no hash or format mask may be compiled without one.
    """
    return Words(
        stars=lambda count: f"repeat('{STAR}', {count})",
        hashed=lambda text: sql.keyed_hash(text, key),
        formed=lambda text, form: sql.keyed_form(text, form, key),
        dated=lambda text: sql.begins(text, "[0-9]{4}-"),
        whole=lambda text: f"try_cast(split_part({text}, '.', 1) as bigint)",
        below=lambda number: f"cast(floor({number}) as bigint)",
        text=sql.text,
    )


def masked(mask: Mask, column: str, kind: ItemType, words: Words = SQLITE) -> str:
    """Give the SQL of a masked column.

    Args:
        mask: What to hide.
        column: Quoted column.
        kind: Its type; what the mask is not made for is redacted.
        words: The words of the database it is for.
    """
    if mask.kind == "none":
        return column
    if mask.kind == "null":
        return f"cast(null as {words.text})"
    if not mask.suits(kind):
        return _present(column, f"'{REDACTED}'")
    if mask.kind == "band":
        return _present(column, _band(mask.width, column, kind, words))
    return _present(column, _MASKS[mask.kind](mask, f"cast({column} as {words.text})", words))


def _present(column: str, expression: str) -> str:
    return f"case when {column} is not null then {expression} end"


def _redact(mask: Mask, text: str, words: Words) -> str:
    return f"'{REDACTED}'"


def _hash(mask: Mask, text: str, words: Words) -> str:
    return words.hashed(text)


def _format(mask: Mask, text: str, words: Words) -> str:
    return words.formed(text, mask.form)


def _year(mask: Mask, text: str, words: Words) -> str:
    return f"case when {words.dated(text)} then substr({text}, 1, 4) else '{REDACTED}' end"


def _partial(mask: Mask, text: str, words: Words) -> str:
    ends = mask.keep_head + mask.keep_tail
    head = f"substr({text}, 1, {mask.keep_head}) || " if mask.keep_head else ""
    tail = f" || substr({text}, -{mask.keep_tail})" if mask.keep_tail else ""
    short, hidden = words.stars(f"length({text})"), words.stars(f"length({text}) - {ends}")
    return f"case when length({text}) <= {ends} then {short} else {head}{hidden}{tail} end"


def _band(width: int, column: str, kind: ItemType, words: Words) -> str:
    number = _floor(column, kind, words)
    low = f"({number} - (({number} % {width}) + {width}) % {width})"
    band = f"'[' || cast({low} as {words.text}) || ',' || cast({low} + {width} as {words.text}) || ')'"
    return f"case when {number} > -{LARGEST} and {number} < {LARGEST} then {band} else '{REDACTED}' end"


def _floor(column: str, kind: ItemType, words: Words) -> str:
    """The largest whole number that is not above a stored number; none where that is too large to be reckoned with.

    A branch that is not taken may be computed all the same, so what is too large must be gone before any sum.
    """
    if kind is ItemType.I:
        return _bounded(column, f"cast({column} as bigint)", str(LARGEST))
    if kind in FLOAT_TYPES:
        return _bounded(column, words.below(column), "1e18")
    text = f"cast({column} as {words.text})"
    return f"({_bounded(words.whole(text), words.whole(text), str(LARGEST))} - case when {text} like '-%.%' then 1 else 0 end)"


def _bounded(number: str, shown: str, end: str) -> str:
    return f"(case when {number} > -{end} and {number} < {end} then {shown} end)"


_MASKS: Mapping[str, Callable[[Mask, str, Words], str]] = {
    "redact": _redact,
    "hash": _hash,
    "format": _format,
    "year": _year,
    "partial": _partial,
}
