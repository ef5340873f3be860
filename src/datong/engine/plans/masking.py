# SPDX-License-Identifier: Apache-2.0
"""Masks as SQL expressions over stored values, equal to `kernel.masks.apply` (proved in the tests).

Kept here: a value that must not leave is masked inside the statement, so it never enters the program's memory as a row.
Look-ups (SQLite) and derived tables (DuckDB, Spark) share the expressions and differ in a few words, such as the keyed
hash, which SQLite lacks (`ServingIndex` registers it as `masked_hash`) and DuckDB computes from its own SHA-256.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from datong.engine.base import FLOAT_TYPES, Dialect
from datong.kernel.masks import REDACTED, STAR, Mask
from datong.kernel.sharing import ItemType

HASH_FUNCTION = "masked_hash"


@dataclass(frozen=True, slots=True)
class Words:
    """The words in which a database masks.

    Attributes:
        stars: Number of characters to that many stars.
        hashed: Text to its keyed hash.
        dated: Text to whether it begins with a year.
        text: Name of the type of texts.
    """

    stars: Callable[[str], str]
    hashed: Callable[[str], str]
    dated: Callable[[str], str]
    text: str = "text"


def _zeros(count: str) -> str:
    return f"replace(hex(zeroblob({count})), '00', '{STAR}')"


def _globbed(text: str) -> str:
    return f"{text} glob '[0-9][0-9][0-9][0-9]-*'"


SQLITE = Words(_zeros, lambda text: f"{HASH_FUNCTION}({text})", _globbed)


def words(sql: Dialect, key: bytes) -> Words:
    """Give the words of an engine.

    Args:
        sql: The engine's.
        key: Secret of the grant; no hash mask may be compiled without one.
    """
    return Words(
        stars=lambda count: f"repeat('{STAR}', {count})",
        hashed=lambda text: sql.keyed_hash(text, key),
        dated=lambda text: sql.begins(text, "[0-9]{4}-"),
        text=sql.text,
    )


def masked(mask: Mask, column: str, kind: ItemType, words: Words = SQLITE) -> str:
    """Give the SQL of a masked column.

    Args:
        mask: What to hide.
        column: Quoted column.
        kind: Its type; a fraction in floating point can only be redacted.
        words: The words of the database it is for.
    """
    if mask.kind == "none":
        return column
    if kind in FLOAT_TYPES:
        return _present(column, f"'{REDACTED}'")
    return _present(column, _MASKS[mask.kind](mask, f"cast({column} as {words.text})", words))


def _present(column: str, expression: str) -> str:
    return f"case when {column} is not null then {expression} end"


def _redact(mask: Mask, text: str, words: Words) -> str:
    return f"'{REDACTED}'"


def _hash(mask: Mask, text: str, words: Words) -> str:
    return words.hashed(text)


def _year(mask: Mask, text: str, words: Words) -> str:
    return f"case when {words.dated(text)} then substr({text}, 1, 4) else '{REDACTED}' end"


def _partial(mask: Mask, text: str, words: Words) -> str:
    ends = mask.keep_head + mask.keep_tail
    head = f"substr({text}, 1, {mask.keep_head}) || " if mask.keep_head else ""
    tail = f" || substr({text}, -{mask.keep_tail})" if mask.keep_tail else ""
    short, hidden = words.stars(f"length({text})"), words.stars(f"length({text}) - {ends}")
    return f"case when length({text}) <= {ends} then {short} else {head}{hidden}{tail} end"


_MASKS: Mapping[str, Callable[[Mask, str, Words], str]] = {
    "redact": _redact,
    "hash": _hash,
    "year": _year,
    "partial": _partial,
}
