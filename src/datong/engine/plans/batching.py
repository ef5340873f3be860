# SPDX-License-Identifier: Apache-2.0
"""Verifications in great number: questions of one shape become statements of many rows of values.

Kept here: a batch says of each question what `lookup.compile_verify` would say of it alone, and gives booleans only, as
bits of one number. Columns of values are brought into their stored form at once where that is plainly safe, else value by
value. A claimed text that equals the stored one needs no folding, for what is claimed is folded already and folding twice
changes nothing. Stored texts that differ come back with the answer of a statement: only where folding one of them could
change it does the statement run again with folding, for calling Python from SQLite costs more than the look-up.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, Final

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
from datong.kernel.sharing import TEXT_TYPES, ItemType

ASKED = "asked"
MOST: Final = 8_192
"""Values of one statement; the rest of a batch goes by halves of it, so that few statements serve every batch."""
LONG: Final = 200
"""A stored text of more characters does not come back, but has its statement run again with folding."""
UNSEEN: Final = "-1"
"""Stands for a question whose record is not there, or not to be seen."""
_COMMA = ","


@dataclass(frozen=True, slots=True)
class Batch:
    """Verifications of one shape ready to run.

    Attributes:
        access: What may be verified.
        claims: Items claimed, the lowest bit first.
        numbers: Of the questions.
        values: What they ask, one after the other: key items, then claims.
        rules: Values that row rules are bound to, after those that are asked.
    """

    access: Access
    claims: tuple[str, ...]
    numbers: Sequence[int]
    values: list[Any]
    rules: tuple[Stored, ...]

    def pieces(self) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Give what to run, in order: of how many questions, and what is bound."""
        width = len(self.access.keys) + len(self.claims)
        start, size, left = 0, 1 << (MOST // width).bit_length() - 1, len(self.numbers)
        while left:
            while size > left:
                size //= 2
            yield size, (*self.values[start * width : (start + size) * width], *self.rules)
            start, left = start + size, left - size

    def statement(self, size: int, *, folding: bool = False) -> str:
        """Give the statement that answers so many questions by one row, to be read by `read`.

        Args:
            size: How many.
            folding: Whether it folds stored texts before it compares them.
        """
        shape = (ASKED, self.claims, folding)
        sql = self.access.compiled.get(shape)
        if sql is None:
            sql = self.access.compiled[shape] = _sql(self.access, self.claims, folding=folding)
        return f"{_values(size, len(self.access.keys) + len(self.claims))} {sql}"


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
    values = list(chain.from_iterable(zip(*keyed, *claimed, strict=True)))
    return Batch(access, tuple(claims), numbers, values, bound_rules(access, case))


def read(size: int, row: Sequence[str | None]) -> list[str]:
    """Read the row of a statement: of each question the bits of its claims as a decimal number, or `UNSEEN`."""
    codes = str(row[1]).split(_COMMA)
    return codes if row[0] == _order(size) else _ordered(size, str(row[0]), codes)


def settled(row: Sequence[str | None]) -> bool:
    """Tell whether folding changes none of the stored texts that differ from what is claimed of them."""
    text = _COMMA.join([part for part in row[2:] if part])
    if not (text.isascii() or unicodedata.is_normalized("NFKC", text)):
        return False
    parts = text.split(_COMMA)  # a comma is no blank: where a text ends, so does a part
    return parts == list(map(str.strip, parts))


@lru_cache(maxsize=32)
def _order(size: int) -> str:
    return _COMMA.join(map(str, range(size)))


def _ordered(size: int, order: str, codes: list[str]) -> list[str]:
    """Bring codes that came otherwise into order; of a key that stands twice the first record to be seen counts."""
    found: dict[str, str] = {}
    for number, code in zip(order.split(_COMMA), codes, strict=True):
        if found.get(number, UNSEEN) == UNSEEN:
            found[number] = code
    return [found[str(number)] for number in range(size)]


@lru_cache(maxsize=64)
def _values(size: int, width: int) -> str:
    """What is asked as a table: so many rows of their number and so many values."""
    names = ", ".join(f"a{at}" for at in range(width))
    marks = ", ".join("?" * width)
    return f"with {ASKED}(n, {names}) as (values {', '.join(f'({number}, {marks})' for number in range(size))})"


def _sql(access: Access, claims: tuple[str, ...], *, folding: bool) -> str:
    """One row for all, so that SQLite runs on without a halt; the rules are in the SELECT: in the WHERE it plans anew."""
    keys = len(access.keys)
    asked = {name: f"{ASKED}.a{keys + at}" for at, name in enumerate(claims)}
    bits = " | ".join(f"({_holds(access, name, asked[name], folding=folding)} << {at})" for at, name in enumerate(claims))
    rules = f" and ({access.compiled_rules[0]})" if access.compiled_rules[0] else ""
    code = f"case when {TABLE}._rowid_ is not null{rules} then {bits} else {UNSEEN} end"
    shown = [f"group_concat({ASKED}.n)", f"group_concat({code})"]
    if not folding:
        texts = [name for name in claims if access.columns[name] in TEXT_TYPES]
        shown += [f"group_concat(case when {column(name)} <> {asked[name]} then {_short(name)} end)" for name in texts]
    on = " and ".join(f"{column(name)} = {ASKED}.a{at}" for at, name in enumerate(access.keys))
    return f"select {', '.join(shown)} from {ASKED} left join {TABLE} on {on}"


def _short(name: str) -> str:
    """A stored text; for a long one a blank that folding would change."""
    return f"case when length({column(name)}) > {LONG} then char(160) else {column(name)} end"


def _holds(access: Access, name: str, claim: str, *, folding: bool) -> str:
    there = column(name)
    if not folding or access.columns[name] not in TEXT_TYPES:
        return f"coalesce({there} = {claim}, 0)"
    return f"case when {there} = {claim} then 1 else coalesce({PLAIN_FUNCTION}({there}) = {claim}, 0) end"


def _stored(kind: ItemType, field: str, values: Sequence[Any]) -> Sequence[Stored]:
    if kind in TEXT_TYPES and _joined(values) is not None:
        return values
    return [as_stored(kind, field, value) for value in values]


def _claimed(kind: ItemType, field: str, values: Sequence[Any]) -> Sequence[Stored]:
    if kind not in TEXT_TYPES:
        return _stored(kind, field, values)
    joined = _joined(values)
    if joined is None:
        return [plain(str(as_stored(kind, field, value))) for value in values]
    if not (joined.isascii() or unicodedata.is_normalized("NFKC", joined)):
        return [plain(text) for text in values]
    if joined.isprintable() and " " not in joined:
        return values
    return [text.strip() for text in values]


def _joined(values: Sequence[Any]) -> str | None:
    """All values in one, where they are texts that stand in an index as they are."""
    try:
        joined = "".join(values)
        return None if b"\0" in joined.encode() else joined
    except (TypeError, UnicodeEncodeError):
        return None
