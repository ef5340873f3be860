# SPDX-License-Identifier: Apache-2.0
"""Collecting: what differs between the sound rows of a source and a lake table, by key; how far a watermark has come.

Kept here: two rows of one key are the same when all their items are; origin and time of landing are no items, so a row
that did not change keeps those of the batch that brought it. Rows at the very watermark are read again, and as many
before it as the overlap says, for a source may commit late; a row without a watermark is always read. Of changes out of a
log the last one of a row counts, and a row that is told is compared as if all of the source had been read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from datong.engine.base import PROVENANCE, Column, Dialect, Schema, Step
from datong.engine.plans.casting import ZONED_TIME, cast
from datong.engine.plans.landing import JUDGED, SOUND, STAGED
from datong.engine.plans.lookup import quoted
from datong.engine.plans.serving import stored
from datong.kernel.errors import Malformed
from datong.kernel.sharing import DECIMAL_TYPES, FLOAT_TYPES, TEXT_TYPES, ItemType

LANDED, CHANGED, WRITTEN = "landed", "changed", "written"
HEARD, TOUCHED = "heard", "touched"
CHANGE = "_change"
INSERT, UPDATE, DELETE = "insert", "update", "delete"
KINDS = frozenset({ItemType.T, ItemType.D, ItemType.I, ItemType.N})
"""What a watermark may be: what has an order that every system agrees upon."""
_ZONE = ZoneInfo("Asia/Shanghai")
_LARGEST = 2**31
_TYPES: Mapping[ItemType, str] = {
    **dict.fromkeys(TEXT_TYPES, "VARCHAR"), **dict.fromkeys(FLOAT_TYPES, "DOUBLE"), ItemType.I: "BIGINT", ItemType.L: "BOOLEAN",
    ItemType.D: "DATE", ItemType.T: "TIMESTAMP WITH TIME ZONE",
}  # fmt: skip


class Mode(StrEnum):
    """How the rows of a source come into the lake."""

    FULL = "full"
    WATERMARK = "watermark"
    KEYS = "keys"
    LOG = "log"


class Told(StrEnum):
    """What a log tells of a row: what it became, or that it is gone; as of then, or as of now, which outweighs then."""

    ROW = "row"
    GONE = "gone"
    NOW = "now"
    GONE_NOW = "gone_now"


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far a source was read.

    Attributes:
        column: Column of the source.
        type: T, D, I or N.
        overlap: How much before the last value is read again: seconds of a T, days of a D, units of a number.
        last: The last value seen: a UTC instant or a day in ISO form, or a plain number; empty before the first.
        zoned: Whether the source writes its times with their offset; if not, they are Shanghai's.
    """

    column: str
    type: ItemType
    overlap: int = 0
    last: str = ""
    zoned: bool = True

    def __post_init__(self) -> None:
        if self.type not in KINDS or not 0 <= self.overlap < _LARGEST:
            raise Malformed("a watermark is a time, a day or a number", fields={"watermark": "T, D, I or N"})

    @property
    def start(self) -> str:
        """From which value on the source is read, in the source's own words; empty for all of it."""
        if not self.last:
            return ""
        if self.type is ItemType.T:
            instant = datetime.fromisoformat(self.last).astimezone(UTC) - timedelta(seconds=self.overlap)
            return str(instant) if self.zoned else str(instant.astimezone(_ZONE).replace(tzinfo=None))
        if self.type is ItemType.D:
            return str(date.fromisoformat(self.last) - timedelta(days=self.overlap))
        return str(Decimal(self.last) - self.overlap)


@dataclass(frozen=True, slots=True)
class Log:
    """How far the log of a source's database was read.

    Attributes:
        slot: Of ours there.
        publication: By which its administrator lets the table out.
        last: The place read to, and what the table was then; empty before the first.
        begun: The place that counts once the table was read whole.
    """

    slot: str
    publication: str
    last: str = ""
    begun: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """How a batch is collected.

    Attributes:
        mode: The mode.
        watermark: In the mode of watermarks, how far the source was read.
        anew: The table is written anew whatever it holds, for one because the entry names another key.
        log: In the mode of logs, how far the log was read.
    """

    mode: Mode = Mode.FULL
    watermark: Watermark | None = None
    anew: bool = False
    log: Log | None = None

    def __post_init__(self) -> None:
        if (self.mode is Mode.WATERMARK) != (self.watermark is not None):
            raise Malformed("a watermark belongs to its mode", fields={"watermark": self.mode.value})
        if (self.mode is Mode.LOG) != (self.log is not None):
            raise Malformed("a log belongs to its mode", fields={"log": self.mode.value})

    @property
    def whole(self) -> bool:
        """Whether all rows of the source are read, so that a key not among them was deleted."""
        return not any(one.last for one in (self.watermark, self.log) if one is not None)

    @property
    def from_the_start(self) -> "Way":
        """The same way as if nothing had been read before."""
        mark = None if self.watermark is None else replace(self.watermark, last="")
        return replace(self, watermark=mark, log=None if self.log is None else replace(self.log, last="", begun=""))


def lake_types(schema: Schema) -> dict[str, str]:
    """Give the columns of a lake table and their types as DuckDB names them."""
    items = {one.field: f"DECIMAL(38,{one.scale})" if one.type in DECIMAL_TYPES else _TYPES[one.type] for one in schema.columns}
    return items | dict(zip(PROVENANCE, ("VARCHAR", "VARCHAR", "TIMESTAMP WITH TIME ZONE"), strict=True))


def changed(schema: Schema, way: Way) -> Step:
    """Find the keys that were inserted, updated and deleted: `CHANGE`, the row in `SOUND`, and the key where it is gone.

    Keys and two hashes of the items are compared, not the rows themselves, so that much fits into memory.
    """
    keys = [quoted(key) for key in schema.keys]
    marks = ", ".join((_marks(schema.fields, "_one"), _marks(tuple(reversed(schema.fields)), "_two")))
    names = ", ".join(keys)
    same = " and ".join(f"now.{key} = held.{key}" for key in keys)
    gone = ", ".join(f"held.{key} as {key}" for key in keys)
    join = "left join" if way.mode is Mode.WATERMARK and not way.whole else "full outer join"
    held = f"{LANDED} semi join {TOUCHED} using ({names})" if way.mode is Mode.LOG and not way.whole else LANDED
    return Step(
        CHANGED,
        f"select case when held._two is null then '{INSERT}' when now._two is null then '{DELETE}' else '{UPDATE}' end "
        f"as {CHANGE}, now._row as _row, {gone} "
        f"from (select rowid as _row, {names}, {marks} from {SOUND}) as now "
        f"{join} (select {names}, {marks} from {held}) as held on {same} "
        "where held._two is null or now._two is null or held._one <> now._one or held._two <> now._two",
    )


def mentioned(width: int) -> Step:
    """Give all rows a log mentions, to find their keys."""
    return Step(STAGED, f"select {_cells(width)} from {HEARD}")


def touched(schema: Schema) -> Step:
    """Find the keys of the rows a log mentions; a key no item can hold is that of no row here."""
    return Step(TOUCHED, f"select distinct {', '.join(quoted(key) for key in schema.keys)} from {JUDGED} where _fault is null")


def newest(width: int, keys: Sequence[int]) -> Step:
    """Give of all that a log tells of a row what it is in the end; none where it is gone."""
    told, by = f"c{width}", ", ".join(f"c{place}" for place in keys)
    present, there = (f"{told} in ('{one}', '{other}')" for one, other in ((Told.NOW, Told.GONE_NOW), (Told.ROW, Told.NOW)))
    last = f"row_number() over (partition by {by} order by {present} desc, _line desc) = 1"
    inner = f"select *, {last} as _last from {HEARD}"
    return Step(STAGED, f"select {_cells(width)} from ({inner}) where _last and {there} order by _line")


def written(schema: Schema) -> Step:
    """Give the rows a commit carries: changed ones whole, deleted ones with their key, each with its `CHANGE`."""
    columns = (*schema.fields, *PROVENANCE)
    shown = ", ".join(
        f"case when c.{CHANGE} = '{DELETE}' then c.{quoted(one)} else s.{quoted(one)} end as {quoted(one)}"
        if one in schema.keys
        else f"s.{quoted(one)}"
        for one in columns
    )
    return Step(WRITTEN, f"select {shown}, c.{CHANGE} from {CHANGED} as c left join {SOUND} as s on s.rowid = c._row")


def inserted(schema: Schema) -> Step:
    """Give the rows of a commit that only adds some."""
    columns = ", ".join(quoted(one) for one in (*schema.fields, *PROVENANCE))
    return Step(WRITTEN, f"select {columns} from {SOUND} where rowid in (select _row from {CHANGED}) order by rowid")


def fingerprint(schema: Schema, table: str, sql: Dialect) -> Step:
    """Sum up a hash of each row: equal for the same rows in whatever order, on every machine and in every version."""
    cells = ", ".join(quoted(field) for field in schema.fields)
    text = f"cast(json_array({cells}) as varchar)"
    halves = (f"coalesce(sum(cast(md5_number_{half}({text}) as hugeint)), 0)" for half in ("upper", "lower"))
    return Step("fingerprint", f"select count(*), {', '.join(halves)} from ({stored(schema, table, sql).sql})")


def seen_last(mark: Watermark, position: int, sql: Dialect, now: datetime) -> Step:
    """Find the last value of a watermark among the staged rows and whether times carry their offset.

    A time to come never counts: a single wrong one would hide every row until then.

    Args:
        mark: The watermark.
        position: Number of its column in the source.
        sql: Words of the engine.
        now: When reading began.
    """
    cell = f"c{position}"
    value = cast(Column("watermark", mark.type), cell, sql).value
    today = now.astimezone(_ZONE).date()
    bound = {ItemType.T: f"epoch_us({value}) <= {int(now.timestamp() * 1e6)}", ItemType.D: f"{value} <= date '{today}'"}
    shown = f"cast(epoch_us(max({value})) as varchar)" if mark.type is ItemType.T else f"cast(max({value}) as varchar)"
    zoned = f"bool_or({sql.matches(cell, ZONED_TIME)})" if mark.type is ItemType.T else "true"
    return Step("seen_last", f"select {shown}, coalesce({zoned}, true) from {STAGED} where {bound.get(mark.type, 'true')}")


def later(mark: Watermark, found: str) -> str:
    """Give the later of what was seen before and what was found: a watermark never goes back."""
    if not found:
        return mark.last
    if mark.type is ItemType.T:
        found = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(found))).isoformat()
    if not mark.last:
        return found
    reads = {ItemType.T: datetime.fromisoformat, ItemType.D: date.fromisoformat}.get(mark.type, Decimal)
    return max(mark.last, found, key=reads)


def _cells(width: int) -> str:
    return ", ".join(("_line", *(f"c{place}" for place in range(width))))


def _marks(fields: Sequence[str], name: str) -> str:
    return f"hash({', '.join(quoted(field) for field in fields)}) as {name}"
