# SPDX-License-Identifier: Apache-2.0
"""Types of a PostgreSQL column that mean, for an item, exactly what their text would have been cast to.

Kept here: a column is read typed only where that is certain from its declaration; days and times outside the years 1 to
9999, infinite ones and fractions that are no number are told, so that the whole table is read as text and its rows are
judged by what the server writes.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

import psycopg
import pyarrow as pa
import pyarrow.compute as pc

from datong.engine.base import Column
from datong.engine.plans.casting import FITS, Kind
from datong.kernel.errors import DatongError

_OIDS: Final[Mapping[int, Kind]] = {
    16: Kind.TRUTH, 20: Kind.WHOLE, 21: Kind.WHOLE, 23: Kind.WHOLE, 701: Kind.FRACTION, 1082: Kind.DAY, 1114: Kind.LOCAL,
    1184: Kind.INSTANT, 1700: Kind.PLAIN,
}  # fmt: skip
"""pg_type: bool, int8, int2, int4, float8, date, timestamp, timestamptz, numeric (float4 is not: its text says less)."""
_MOST_DIGITS: Final = 38
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS: Final = tuple((one - _EPOCH.date()).days for one in (date(1, 1, 1), date(9999, 12, 31)))
_MICROSECONDS: Final = (_DAYS[0] * 86_400_000_000, (_DAYS[1] + 1) * 86_400_000_000 - 1)


class OddValue(DatongError):
    """A typed column holds a value that not every backend can, or cannot be read typed at all."""


def kinds(described: Sequence[psycopg.Column], wanted: Mapping[int, Column]) -> dict[int, Kind]:
    """Tell which columns can be read typed.

    Args:
        described: Columns of the source.
        wanted: Number of a source column to the item read from it.
    """
    found = {}
    for place, item in wanted.items():
        kind = _OIDS.get(described[place].type_code)
        if kind is not None and item.type in FITS[kind] and (kind is not Kind.PLAIN or _fits(described[place], item)):
            found[place] = kind
    return found


def is_sent(kind: Kind | None) -> bool:
    """Whether the server sends the value itself; a decimal comes as its text."""
    return kind is not None and kind is not Kind.PLAIN


def check(batch: Any, kinds: Mapping[int, Kind]) -> None:
    """See that all typed values are ones every backend can hold.

    Raises:
        OddValue: One is not.
    """
    for place, kind in kinds.items():
        column = batch.column(place)
        if kind is Kind.DAY:
            sound = _within(column.cast(pa.int32()), _DAYS)
        elif kind in {Kind.INSTANT, Kind.LOCAL}:
            sound = _within(column.cast(pa.int64()), _MICROSECONDS)
        else:
            sound = kind is not Kind.FRACTION or pc.all(pc.is_finite(column)).as_py() is not False
        if not sound:
            raise OddValue("a value no typed column can hold")


def _fits(column: psycopg.Column, item: Column) -> bool:
    """Whether no digit can be lost: not after the point, not before it."""
    if column.precision is None or column.scale is None:
        return False
    return 0 <= column.scale <= item.scale and column.precision - column.scale + item.scale <= _MOST_DIGITS


def _within(column: Any, bounds: tuple[int, ...]) -> bool:
    ends = pc.min_max(column).as_py()
    return ends["min"] is None or (bounds[0] <= ends["min"] and ends["max"] <= bounds[1])
