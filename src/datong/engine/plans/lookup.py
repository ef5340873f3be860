# SPDX-License-Identifier: Apache-2.0
"""Look-ups: a grant and a question become one SQLite statement with bound values.

Kept here, by construction:
  * only granted items are written into the SELECT; whatever is not granted cannot come out;
  * the row rules of the grant stand ANDed in every statement; one on own cases is bound to the case of the call, and
    without a case nothing compiles;
  * a condition is allowed on key items, and on declared query items granted unmasked (searching by a masked item
    would tell what its mask hides); an item not granted and an item that does not exist are refused alike;
  * names are quoted, values are bound;
  * a verification gives booleans only, and refuses claims about masked items for the same reason as conditions. An
    absent value matches nothing. Text is compared after NFKC and without outer blanks on both sides; every other type
    by its exact stored value.
The page cursor is the row's number in the immutable index; it counts hidden rows too, so nobody may see it in the open.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from datong.engine.errors import FilterNotAllowed, ItemNotGranted
from datong.engine.plans.masking import masked
from datong.engine.plans.values import SHANGHAI, Stored, as_stored, instant_text
from datong.kernel.errors import Malformed
from datong.kernel.masks import Mask
from datong.kernel.sharing import DAY_TYPES, TEXT_TYPES, ItemType

TABLE = "records"
PLAIN_FUNCTION = "plain"
CASE = "case"
_DAYS = ("from", "until")
_MOST: Mapping[str, int | None] = {"eq": 1, "in": None, "prefix": None, "from": 1, "until": 1, CASE: 0}
"""Operator to the most values of a rule; None for any number. `in` and `case` alone may have none."""


@dataclass(frozen=True, slots=True)
class RowRule:
    """A condition every row that leaves must meet.

    `eq` one value, `in` any of some, `prefix` any of some beginnings of a text, `from` and `until` a day that counts
    (in Shanghai), `case` the number of the case the call is made for.
    """

    field: str
    op: str
    values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(self.values))
        most = _MOST.get(self.op, 0)
        fits = most is None or len(self.values) == most
        if self.op not in _MOST or not fits or (self.op == "prefix" and not self.values):
            raise Malformed(f"row rule on {self.field} is none we know", fields={self.field: "row rule"})


class _TheCase:
    """Stands among the bound values of row rules where the case of the call goes."""


_THE_CASE = _TheCase()


@dataclass(frozen=True, eq=False)
class Access:
    """What one grant may see of one index. Made once per grant and snapshot; it remembers the SQL it compiled.

    Attributes:
        columns: Every item of the resource and its type, in order.
        keys: Key items.
        queries: Declared query items.
        granted: Granted items and their masks.
        rows: Row rules of the grant.
        mask_key: Secret of the grant for hash and format masks.
        compiled: What was compiled, by the shape of the question; one shape has one kind of value.
    """

    columns: Mapping[str, ItemType]
    keys: Sequence[str]
    queries: Sequence[str]
    granted: Mapping[str, Mask]
    rows: Sequence[RowRule] = ()
    mask_key: bytes = b""
    compiled: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)
    compiled_rules: tuple[str, tuple[Stored | _TheCase, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if any(mask.keyed for mask in self.granted.values()) and not self.mask_key:
            raise Malformed("a hash or format mask needs the secret of its grant", fields={"mask_key": "missing"})
        object.__setattr__(self, "columns", {name: ItemType(kind) for name, kind in self.columns.items()})
        object.__setattr__(self, "compiled_rules", _rules(self.rows, self.columns, column))

    @cached_property
    def own_cases(self) -> bool:
        """Whether a rule is bound to the case of each call."""
        return any(isinstance(value, _TheCase) for value in self.compiled_rules[1])

    @cached_property
    def whole_key(self) -> frozenset[str]:
        """Key items: a condition on each of them is met by one record at most."""
        return frozenset(self.keys)

    @cached_property
    def readable(self) -> tuple[str, ...]:
        """Granted items that the resource has, in its order."""
        return tuple(name for name in self.columns if name in self.granted)

    @cached_property
    def searchable(self) -> tuple[str, ...]:
        """Items a condition may name."""
        open_queries = {name for name in self.queries if name in self.granted and self.granted[name].kind == "none"}
        return tuple(name for name in self.columns if name in self.keys or name in open_queries)


class LookupRequest(NamedTuple):
    """One question under one grant.

    Attributes:
        access: What may be seen.
        filters: Item to the text it must equal.
        items: Items wanted; None wants all granted ones.
        limit: Most records of the page, at least 1; the caller has already capped it by the grant.
        after: Cursor of the page before.
        case: Number of the case the question is asked for; rules on own cases are bound to it.
    """

    access: Access
    filters: Mapping[str, object] = MappingProxyType({})
    items: Sequence[str] | None = None
    limit: int = 100
    after: int | None = None
    case: str = ""


class Page(NamedTuple):
    """Records of an answer and the cursor of the next page, None at the end."""

    records: list[dict[str, Any]]
    next: int | None


class Shape(NamedTuple):
    """What questions have in common that differ in their values alone.

    Attributes:
        sql: Of all of them.
        items: Shown, in order.
        booleans: Those of them that are shown as such.
        conditions: Items that stand in conditions, with their types, in the order they are bound in.
    """

    sql: str
    items: tuple[str, ...]
    booleans: tuple[str, ...]
    conditions: tuple[tuple[str, ItemType], ...]


class Lookup(NamedTuple):
    """A statement ready to run. Its rows hold the items, then the cursor; one row more than the page may come."""

    sql: str
    params: tuple[Stored | bytes, ...]
    items: tuple[str, ...]
    limit: int
    booleans: tuple[str, ...] = ()
    mask_key: bytes = b""

    def page(self, rows: Sequence[tuple[Any, ...]]) -> Page:
        """Turn fetched rows into records by item name."""
        items, more = self.items, len(rows) > self.limit
        shown = rows[: self.limit] if more else rows
        records = [dict(zip(items, row, strict=False)) for row in shown]
        for name in self.booleans:
            for record in records:
                record[name] = None if record[name] is None else bool(record[name])
        return Page(records, shown[-1][-1] if more else None)


class Verification(NamedTuple):
    """Whether the key was found, and for each claim whether it holds; all false when it was not found."""

    found: bool
    matches: dict[str, bool]


class Verify(NamedTuple):
    """A verification ready to run; its rows hold zeros and ones only."""

    sql: str
    params: tuple[Stored, ...]
    claims: tuple[str, ...]
    mask_key: bytes = b""

    def answer(self, rows: Sequence[tuple[Any, ...]]) -> Verification:
        """Turn the fetched row, if any, into an answer of constant shape."""
        found = bool(rows)
        holds = rows[0] if found else (0,) * len(self.claims)
        return Verification(found, {name: bool(held) for name, held in zip(self.claims, holds, strict=True)})


def compile_lookup(request: LookupRequest) -> Lookup:
    """Compile a question.

    Raises:
        ItemNotGranted: An item outside the grant was asked for.
        FilterNotAllowed: A condition on an item that may not be searched by.
        Malformed: A condition's value does not fit its type, or the limit or cursor is not a number in range, or the
            grant gives own cases only and no case is named.
    """
    access, filters, items, limit, after, case = request
    ruled = bound_rules(access, case)
    asked = (None if items is None else tuple(items), tuple(filters))
    shape: Shape | None = access.compiled.get(asked)
    if shape is None:
        shape = access.compiled[asked] = _shape(access, *asked)
    bound = [as_stored(kind, name, filters[name]) for name, kind in shape.conditions]
    _check_paging(limit, after)
    return Lookup(shape.sql, (*ruled, *bound, after or 0, limit + 1), shape.items, limit, shape.booleans, access.mask_key)


def _shape(access: Access, wanted: tuple[str, ...] | None, named: tuple[str, ...]) -> Shape:
    """Compile what questions for some items under conditions on some have in common."""
    items, conditions = _wanted(access, wanted), _conditions(access, named)
    open_items = (name for name in items if access.granted[name].kind == "none")
    booleans = tuple(name for name in open_items if access.columns[name] is ItemType.L)
    return Shape(_lookup_sql(access, items, conditions), items, booleans, tuple((one, access.columns[one]) for one in conditions))


def compile_verify(access: Access, key: Mapping[str, object], claims: Mapping[str, object], case: str = "") -> Verify:
    """Compile a verification.

    Args:
        access: What may be verified.
        key: Every key item with its value.
        claims: Item to the claimed value.
        case: Number of the case the question is asked for.

    Raises:
        ItemNotGranted: A claim about an item outside the grant, or granted only masked.
        FilterNotAllowed: The resource has no key, or a part of it is missing or too much.
        Malformed: No claim, or a value does not fit its type, or the grant gives own cases only and no case is named.
    """
    ruled = bound_rules(access, case)
    _check_key(access, key)
    if not claims:
        raise Malformed("nothing is claimed", fields={"claims": "at least one item"})
    for name in claims:
        check_claim(access, name)
    stored = {name: as_stored(access.columns[name], name, value) for name, value in claims.items()}
    shape = ("verify", tuple(stored))
    sql = access.compiled.get(shape)
    if sql is None:
        sql = access.compiled[shape] = _verify_sql(access, tuple(stored))
    keyed = tuple(as_stored(access.columns[name], name, key[name]) for name in access.keys)
    held = (plain(value) if isinstance(value, str) else value for value in stored.values())
    return Verify(sql, (*held, *ruled, *keyed), tuple(stored), access.mask_key)


def plain(text: str) -> str:
    """Bring text into the form in which claims are compared: NFKC, no outer blanks."""
    return unicodedata.normalize("NFKC", text).strip()


def quoted(name: str) -> str:
    """Quote a name for SQLite."""
    return '"' + name.replace('"', '""') + '"'


def column(name: str) -> str:
    """Refer to a column of the records; with its table, for SQLite reads a lone unknown name as a text."""
    return f"{TABLE}.{quoted(name)}"


def _wanted(access: Access, items: Sequence[str] | None) -> tuple[str, ...]:
    readable = access.readable
    if items is None:
        if not readable:
            raise ItemNotGranted("the grant names no item of this resource", remedy="ask for items in a new request")
        return readable
    strange = [name for name in items if name not in readable]
    if strange or not items:
        raise ItemNotGranted(
            f"the grant does not give {', '.join(_short(name) for name in strange[:5]) or 'an empty list'}",
            fields={_short(name): "not granted" for name in strange[:5]} or {"items": "empty"},
            remedy=f"ask for items among: {', '.join(readable)}; further items need a new request",
        )
    return tuple(dict.fromkeys(items))


def _conditions(access: Access, named: Sequence[str]) -> tuple[str, ...]:
    """The items named, in the order of the resource."""
    allowed = access.searchable
    for name in named:
        if name not in allowed:
            raise FilterNotAllowed(
                f"{_short(name)} may not be searched by",
                fields={_short(name): "not a key or granted query item"},
                remedy=f"search by: {', '.join(allowed)}" if allowed else "this grant searches by nothing",
            )
    return tuple(name for name in allowed if name in named)


def _check_paging(limit: int, after: int | None) -> None:
    if not 1 <= limit < 2**31:
        raise Malformed("a page holds at least one record", fields={"limit": "1 or more"})
    if after is not None and not 0 <= after < 2**63:
        raise Malformed("this cursor was not given by a page before", fields={"after": "as given in next"})


def _check_key(access: Access, key: Mapping[str, object]) -> None:
    if not access.keys:
        raise FilterNotAllowed("this resource has no key to verify by", remedy="ask its provider to declare a key")
    wrong = {name: "missing" for name in access.keys if name not in key}
    wrong |= {_short(name): "not part of the key" for name in key if name not in access.keys}
    if wrong:
        raise FilterNotAllowed("give the whole key and nothing else", fields=wrong, remedy=f"key: {', '.join(access.keys)}")


def check_claim(access: Access, name: str) -> None:
    """Check that an item is granted, and granted open: what is said of a masked one would tell what its mask hides.

    Raises:
        ItemNotGranted: It is not.
    """
    if name not in access.granted or name not in access.columns:
        raise ItemNotGranted(
            f"the grant does not give {_short(name)}",
            fields={_short(name): "not granted"},
            remedy="further items need a new request",
        )
    if access.granted[name].kind != "none":
        raise ItemNotGranted(
            f"{name} is granted masked: a verification would tell what the mask hides",
            fields={name: "granted masked"},
            remedy="request the item unmasked for verification",
        )


def _lookup_sql(access: Access, items: tuple[str, ...], conditions: tuple[str, ...]) -> str:
    shown = ", ".join(masked(access.granted[name], column(name), access.columns[name]) for name in items)
    where = [*_part(access.compiled_rules[0]), *(f"{column(name)} = ?" for name in conditions), f"{TABLE}._rowid_ > ?"]
    return f"select {shown}, {TABLE}._rowid_ from {TABLE} where {' and '.join(where)} order by {TABLE}._rowid_ limit ?"


def _verify_sql(access: Access, claims: tuple[str, ...]) -> str:
    holds = ", ".join(f"coalesce({_compared(access, name)} = ?, 0)" for name in claims)
    where = [*_part(access.compiled_rules[0]), *(f"{column(name)} = ?" for name in access.keys)]
    return f"select {holds} from {TABLE} where {' and '.join(where)} limit 1"


def _compared(access: Access, name: str) -> str:
    return f"{PLAIN_FUNCTION}({column(name)})" if access.columns[name] in TEXT_TYPES else column(name)


def _part(sql: str) -> list[str]:
    return [sql] if sql else []


def bound_rules(access: Access, case: str) -> tuple[Stored, ...]:
    """Give the values the row rules are bound to, the case of this call among them.

    Raises:
        Malformed: The grant gives own cases only and no case is named.
    """
    if not access.own_cases:
        return access.compiled_rules[1]  # type: ignore[return-value]  # of stored values alone
    if not case:
        raise Malformed("the grant gives the rows of the case at hand only", fields={"case": "missing"})
    return tuple(case if isinstance(value, _TheCase) else value for value in access.compiled_rules[1])


def rules(access: Access, place: Callable[[str], str]) -> str:
    """Give the row rules over columns as another database writes them; bound to the same values in the same order.

    Args:
        access: What may be seen.
        place: Field to the column.
    """
    return _rules(access.rows, access.columns, place)[0]


def _rules(
    rules: Sequence[RowRule], columns: Mapping[str, ItemType], place: Callable[[str], str]
) -> tuple[str, tuple[Stored | _TheCase, ...]]:
    """Compile row rules; one that names an unknown item lets nothing out, so it is refused aloud."""
    parts: list[str] = []
    bound: list[Stored | _TheCase] = []
    for rule in rules:
        if rule.field not in columns:
            raise Malformed(f"row rule on {rule.field}, which the resource does not have", fields={rule.field: "row rule"})
        sql, values = _rule(rule, columns[rule.field], place(rule.field))
        parts.append(sql)
        bound += values
    return " and ".join(parts), tuple(bound)


def _rule(rule: RowRule, kind: ItemType, place: str) -> tuple[str, Sequence[Stored | _TheCase]]:
    """SQL of one rule and what it is bound to."""
    if rule.op in _DAYS:
        return _bounded(rule, kind, place)
    if rule.op in ("prefix", CASE) and kind not in TEXT_TYPES:
        raise Malformed(f"a {rule.op} rule needs a text item, {rule.field} is none", fields={rule.field: "row rule"})
    if rule.op == CASE:
        return f"{place} = ?", (_THE_CASE,)
    values = tuple(as_stored(kind, rule.field, value) for value in rule.values)
    if rule.op == "prefix":
        begins = " or ".join(f"substr({place}, 1, length(?)) = ?" for _ in values)
        return (f"({begins})" if len(values) > 1 else begins), [one for value in values for one in (value, value)]
    if rule.op == "eq":
        return f"{place} = ?", values
    return (f"{place} in ({', '.join('?' * len(values))})" if values else "1 = 0"), values


def _bounded(rule: RowRule, kind: ItemType, place: str) -> tuple[str, tuple[Stored, ...]]:
    """A first or last day.

    An instant is compared with the midnight of that day in Shanghai, written without its Z, so that whole seconds and
    fractions of one stand in order as texts.
    """
    if kind not in DAY_TYPES:
        raise Malformed(f"a day needs an item of dates or times, {rule.field} is none", fields={rule.field: "row rule"})
    day = str(as_stored(ItemType.D, rule.field, rule.values[0]))
    if kind is ItemType.D:
        return (f"{place} >= ?" if rule.op == "from" else f"{place} <= ?"), (day,)
    try:
        midnight = datetime.fromisoformat(day).replace(tzinfo=SHANGHAI) + timedelta(days=rule.op == "until")
        bound = instant_text(midnight).removesuffix("Z")
    except OverflowError:
        raise Malformed(f"row rule on {rule.field} names a day out of range", fields={rule.field: "row rule"}) from None
    return (f"{place} >= ?" if rule.op == "from" else f"{place} < ?"), (bound,)


def _short(name: str) -> str:
    return name if len(name) <= 64 else name[:64] + "…"
