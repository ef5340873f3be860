# SPDX-License-Identifier: Apache-2.0
"""Verifications in great number: questions of one shape become one statement over a table of what is asked.

Kept here: a batch says of each question what `lookup.compile_verify` would say of it alone, and gives booleans only, as
bits of one number. Columns of values are brought into their stored form at once where that is plainly safe, else value by
value. A claimed text that equals the stored one needs no folding, for what is claimed is folded already and folding twice
changes nothing.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datong.engine.base import TEXT_TYPES
from datong.engine.plans.lookup import (
    PLAIN_FUNCTION,
    TABLE,
    Access,
    Stored,
    as_stored,
    bound_rules,
    column,
    compile_verify,
    plain,
)
from datong.kernel.sharing import ItemType

ASKED = "asked"
"""What is asked: a table of the connection, one for each number of columns, filled for one batch alone."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Verifications of one shape ready to run; their rows hold the number of a question and the bits of its claims.

    Attributes:
        sql: Reads a table whose columns `a0` and so on are key items, claims and the number.
        rules: Values that row rules are bound to.
        claims: Items claimed, the lowest bit first.
        rows: What is asked, in the order of keys.
        width: How many columns it has.
    """

    sql: str
    rules: tuple[Stored, ...]
    claims: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    width: int

    @property
    def table(self) -> str:
        """Name of the table that is read."""
        return f"temp.{ASKED}_{self.width}"


def compile_batch(
    access: Access, numbers: Sequence[int], key: Mapping[str, Sequence[Any]], claims: Mapping[str, Sequence[Any]], case: str = ""
) -> Batch:
    """Compile verifications of one shape.

    Args:
        access: What may be verified.
        numbers: Of the questions, at least one.
        key: Every key item with its values, one for each number.
        claims: Item to the values claimed.
        case: Number of the case the questions are asked for.

    Raises:
        ItemNotGranted, FilterNotAllowed, Malformed: As for a single question; which one it is, is not said.
    """
    first = ({name: values[0] for name, values in part.items()} for part in (key, claims))
    compile_verify(access, *first, case)
    shape = (ASKED, tuple(claims))
    sql = access.compiled.get(shape)
    if sql is None:
        sql = access.compiled[shape] = _sql(access, tuple(claims))
    keyed = [_stored(access.columns[name], name, key[name]) for name in access.keys]
    claimed = [_claimed(access.columns[name], name, values) for name, values in claims.items()]
    rows = sorted(zip(*keyed, *claimed, numbers, strict=True))
    return Batch(sql, bound_rules(access, case), tuple(claims), rows, len(keyed) + len(claimed) + 1)


def _sql(access: Access, claims: tuple[str, ...]) -> str:
    """The number of the question stands last in a row of what is asked."""
    keys = len(access.keys)
    bits = " | ".join(f"({_holds(access, name, f'{ASKED}.a{keys + at}')} << {at})" for at, name in enumerate(claims))
    on = " and ".join(f"{column(name)} = {ASKED}.a{at}" for at, name in enumerate(access.keys))
    where = f" where {access.compiled_rules[0]}" if access.compiled_rules[0] else ""
    width = keys + len(claims) + 1
    return f"select {ASKED}.a{width - 1}, {bits} from temp.{ASKED}_{width} as {ASKED} cross join {TABLE} on {on}{where}"


def _holds(access: Access, name: str, claim: str) -> str:
    there = column(name)
    if access.columns[name] not in TEXT_TYPES:
        return f"coalesce({there} = {claim}, 0)"
    return f"case when {there} = {claim} then 1 else coalesce({PLAIN_FUNCTION}({there}) = {claim}, 0) end"


def _stored(kind: ItemType, field: str, values: Sequence[Any]) -> Sequence[Stored]:
    if kind in TEXT_TYPES and _sound(values):
        return values
    return [as_stored(kind, field, value) for value in values]


def _claimed(kind: ItemType, field: str, values: Sequence[Any]) -> Sequence[Stored]:
    texts: Sequence[Any] = _stored(kind, field, values)
    if kind not in TEXT_TYPES:
        return texts
    if unicodedata.is_normalized("NFKC", "".join(texts)):
        return [text.strip() for text in texts]
    return [plain(text) for text in texts]


def _sound(values: Sequence[Any]) -> bool:
    """Tell whether all values are texts that stand in an index as they are."""
    try:
        return b"\0" not in "".join(values).encode()
    except (TypeError, UnicodeEncodeError):
        return False
