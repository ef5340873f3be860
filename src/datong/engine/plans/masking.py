# SPDX-License-Identifier: Apache-2.0
"""Masks as SQLite expressions over stored values, equal to `kernel.masks.apply` (proved in the tests).

Kept here: a value that must not leave is masked inside the look-up, so it never enters the program's memory as a row.
The keyed hash is the one function SQLite lacks; `ServingIndex` registers it as `masked_hash`.
"""

from collections.abc import Callable, Mapping

from datong.engine.base import FLOAT_TYPES
from datong.kernel.masks import REDACTED, STAR, Mask
from datong.kernel.sharing import ItemType

HASH_FUNCTION = "masked_hash"


def masked(mask: Mask, column: str, kind: ItemType) -> str:
    """Give the SQL of a masked column.

    Args:
        mask: What to hide.
        column: Quoted column.
        kind: Its type; a fraction in floating point can only be redacted.
    """
    if mask.kind == "none":
        return column
    if kind in FLOAT_TYPES:
        return _present(column, f"'{REDACTED}'")
    return _present(column, _MASKS[mask.kind](mask, f"cast({column} as text)"))


def _present(column: str, expression: str) -> str:
    return f"case when {column} is not null then {expression} end"


def _redact(mask: Mask, text: str) -> str:
    return f"'{REDACTED}'"


def _hash(mask: Mask, text: str) -> str:
    return f"{HASH_FUNCTION}({text})"


def _year(mask: Mask, text: str) -> str:
    return f"case when {text} glob '[0-9][0-9][0-9][0-9]-*' then substr({text}, 1, 4) else '{REDACTED}' end"


def _partial(mask: Mask, text: str) -> str:
    ends = mask.keep_head + mask.keep_tail
    head = f"substr({text}, 1, {mask.keep_head}) || " if mask.keep_head else ""
    tail = f" || substr({text}, -{mask.keep_tail})" if mask.keep_tail else ""
    short, hidden = _stars(f"length({text})"), _stars(f"length({text}) - {ends}")
    return f"case when length({text}) <= {ends} then {short} else {head}{hidden}{tail} end"


def _stars(count: str) -> str:
    return f"replace(hex(zeroblob({count})), '00', '{STAR}')"


_MASKS: Mapping[str, Callable[[Mask, str], str]] = {
    "redact": _redact,
    "hash": _hash,
    "year": _year,
    "partial": _partial,
}
