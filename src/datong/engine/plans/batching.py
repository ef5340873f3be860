# SPDX-License-Identifier: Apache-2.0
"""Verifications in great number: questions of one shape become statements of many rows of values.

Kept here: a batch says of each question what `lookup.compile_verify` would say of it alone, and gives booleans only, as
bits of one number. Columns of values are brought into their stored form at once where that is plainly safe, else value by
value. A claimed text that equals the stored one needs no folding, for what is claimed is folded already and folding twice
changes nothing.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from datong.engine.base import TEXT_TYPES
from datong.engine.plans.lookup import (
    PLAIN_FUNCTION,
    TABLE,
    Access,
    bound_rules,
    column,
    compile_verify,
    plain,
)
from datong.engine.plans.values import Stored, as_stored
from datong.kernel.sharing import ItemType

ASKED = "asked"
MOST = 256
"""Questions of one statement; the rest of a batch goes by halves of it, so that few statements serve every batch."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Verifications of one shape ready to run.

    Attributes:
        statement: Gives the statement that answers so many questions by one text: numbers with commas between them, one for
            each question whose record is to be seen, its place among them above the bits of its claims; see `read`.
        rules: Values that row rules are bound to, after those that are asked.
        claims: Items claimed, the lowest bit first.
        numbers: Of the questions.
        rows: What each asks: key items, then claims.
    """

    statement: Callable[[int], str]
    rules: tuple[Stored, ...]
    claims: tuple[str, ...]
    numbers: Sequence[int]
    rows: Sequence[tuple[Any, ...]]

    def read(self, start: int, text: str | None) -> list[tuple[int, int]]:
        """Give the number of each question whose record is to be seen, and the bits of its claims."""
        width = len(self.claims)
        mask, numbers = (1 << width) - 1, self.numbers
        return [(numbers[start + (one >> width)], one & mask) for one in map(int, text.split(",") if text else ())]

    def pieces(self) -> Iterator[tuple[int, str, tuple[Any, ...]]]:
        """Give the statements to run with their values, each with the place of its first question."""
        start, size = 0, MOST
        while start < len(self.rows):
            while size > len(self.rows) - start:
                size //= 2
            asked = chain.from_iterable(self.rows[start : start + size])
            yield start, self.statement(size), (*asked, *self.rules)
            start += size


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
    first_key, first_claims = ({name: values[0] for name, values in part.items()} for part in (key, claims))
    compile_verify(access, first_key, first_claims, case)
    keyed = [_stored(access.columns[name], name, key[name]) for name in access.keys]
    claimed = [_claimed(access.columns[name], name, values) for name, values in claims.items()]
    rows = list(zip(*keyed, *claimed, strict=True))
    return Batch(partial(_statement, access, tuple(claims)), bound_rules(access, case), tuple(claims), numbers, rows)


def _statement(access: Access, claims: tuple[str, ...], size: int) -> str:
    shape = (ASKED, claims, size)
    sql = access.compiled.get(shape)
    if sql is None:
        sql = access.compiled[shape] = _sql(access, claims, size)
    return sql


def _sql(access: Access, claims: tuple[str, ...], size: int) -> str:
    """One row for all, so that SQLite runs on without a halt; the rules are its filter: in the WHERE SQLite plans anew."""
    keys = len(access.keys)
    names = ", ".join(f"a{at}" for at in range(keys + len(claims)))
    values = ", ".join(f"({number}, {', '.join('?' * (keys + len(claims)))})" for number in range(size))
    bits = " | ".join(f"({_holds(access, name, f'{ASKED}.a{keys + at}')} << {at})" for at, name in enumerate(claims))
    rules = access.compiled_rules[0]
    seen = f"group_concat(({ASKED}.n << {len(claims)}) | {bits}){f' filter (where {rules})' if rules else ''}"
    on = " and ".join(f"{column(name)} = {ASKED}.a{at}" for at, name in enumerate(access.keys))
    return f"with {ASKED}(n, {names}) as (values {values}) select {seen} from {ASKED} cross join {TABLE} on {on}"


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
