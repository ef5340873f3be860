# SPDX-License-Identifier: Apache-2.0
"""What a call asks, read from its query or body.

Kept here: only the form is judged; what the grant allows is the engine's to say (`engine.plans.lookup`). At least one
filter is needed, since whole tables travel by their own channel.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import msgspec

from datong.engine.errors import FilterNotAllowed
from datong.engine.plans.aggregating import MOST_ITEMS
from datong.gateway import asking
from datong.gateway.config import Limits
from datong.kernel.errors import Malformed
from datong.kernel.sharing import MEASURE_TYPES

CONTROLS: Final = frozenset({"items", "limit", "after"})
COUNT: Final = "count"
DEFAULT_ROWS: Final = 100
LONGEST_VALUE: Final = 1_000
LONGEST_CURSOR: Final = 2_000
"""Characters: that of an interface's page holds a position of the interface's own."""

Scalar = str | int | float | bool


class RecordsQuestion(NamedTuple):
    """Records asked for: items wanted or None for all, filters that all hold, limit, cursor or empty."""

    items: tuple[str, ...] | None
    filters: dict[str, str]
    limit: int
    after: str


@dataclass(frozen=True, slots=True)
class AggregateQuestion:
    """An aggregate asked for: items to group by, measures as function and item, filters that all hold."""

    by: tuple[str, ...]
    measures: tuple[tuple[str, str], ...]
    filters: dict[str, str]

    @property
    def items(self) -> set[str]:
        """Every item it names."""
        return {*self.by, *(item for _, item in self.measures), *self.filters}


@dataclass(frozen=True, slots=True)
class VerifyQuestion:
    """A record named by `key`, and what the caller believes of it."""

    key: dict[str, Scalar]
    claims: dict[str, Scalar]


class Asked(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A question to verify as it stands in a body."""

    key: dict[str, Scalar]
    claims: dict[str, Scalar]


_bodies = msgspec.json.Decoder(Asked)


def records_question(raw: bytes, most: int, limits: Limits) -> RecordsQuestion:
    """Read a records query.

    Args:
        raw: the query string.
        most: rows the grant allows.
        limits: of this gateway.

    Raises:
        Malformed, FilterNotAllowed: naming the parameter.
    """
    values = asking.query(raw, limits)
    limit = asking.whole(values, "limit", DEFAULT_ROWS, min(most, limits.max_rows))
    after = values.get("after", "")
    if len(after) > LONGEST_CURSOR:
        raise Malformed("after is no cursor of ours", fields={"after": "take it from `next`"})
    wanted = values.get("items")
    filters = {name: value for name, value in values.items() if name not in CONTROLS}
    if not filters:
        raise FilterNotAllowed("a filter is needed", fields={"query": "missing"}, remedy="filter by a key: ?field=value")
    for name, value in filters.items():
        if len(value) > LONGEST_VALUE:
            raise _too_long(name)
    return RecordsQuestion(None if wanted is None else tuple(wanted.split(",")), filters, limit, after)


def aggregate_question(raw: bytes, limits: Limits) -> AggregateQuestion:
    """Read an aggregate query: `by=region&measures=count,sum:income`; the count of rows comes in any case.

    Raises:
        Malformed: naming the parameter.
    """
    values = asking.query(raw, limits)
    by = _listed(values.get("by", ""), "by", MOST_ITEMS)
    measures = []
    for said in _listed(values.get("measures", COUNT), "measures", asking.MAX_FIELDS):
        function, colon, item = said.partition(":")
        if colon and item and function in MEASURE_TYPES:
            measures.append((function, item))
        elif said != COUNT:
            ours = ", ".join(f"{name}:item" for name in MEASURE_TYPES)
            raise Malformed("a measure is none we know", fields={"measures": f"{COUNT}, {ours}"})
    filters = {name: value for name, value in values.items() if name not in {"by", "measures"}}
    for name, value in filters.items():
        _check_length(name, value)
    return AggregateQuestion(by, tuple(measures), filters)


def _listed(text: str, field: str, most: int) -> tuple[str, ...]:
    """Names with commas between them, each once."""
    names = tuple(text.split(",")) if text else ()
    if len(set(names)) != len(names) or len(names) > most or "" in names:
        raise Malformed(f"{field} names too much, or one thing twice", fields={field: f"at most {most}, each once"})
    return names


def verify_question(raw: bytes) -> VerifyQuestion:
    """Read a verify body.

    Raises:
        Malformed: naming the field.
    """
    try:
        body = _bodies.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Malformed(
            "the body is not a question to verify",
            fields={"body": 'write {"key": {field: value}, "claims": {field: value}} with plain values'},
        ) from None
    check_asked(body)
    return VerifyQuestion(body.key, body.claims)


def check_asked(body: Asked) -> None:
    """Check how much a question names, and how long its values are.

    Raises:
        Malformed: naming the field.
    """
    for part, fields in (("key", body.key), ("claims", body.claims)):
        if not 0 < len(fields) <= asking.MAX_FIELDS:
            raise Malformed(f"{part} names nothing, or too much", fields={part: f"1 to {asking.MAX_FIELDS} fields"})
        for name, value in fields.items():
            _check_length(name, value)


def _check_length(name: str, value: Scalar) -> None:
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise Malformed("a number is out of range", fields={asking.shown(name): "64 bits"})
    if isinstance(value, str):
        if len(value) > LONGEST_VALUE:
            raise _too_long(name)
        asking.check_text(value, asking.shown(name))


def _too_long(name: str) -> Malformed:
    return Malformed("a value is too long", fields={asking.shown(name): f"at most {LONGEST_VALUE} characters"})
