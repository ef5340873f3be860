# SPDX-License-Identifier: Apache-2.0
"""Collecting: a lake table brought to what its source holds, by as few changes as there are (归集).

Kept here: a batch makes one commit or none, and one that is begun again after it was killed ends with the same table;
nothing is committed before whoever asked for it has seen in what the source differs from what it was.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol, runtime_checkable

from datong.engine.backends import commits, following, reading, staging
from datong.engine.backends import lake as tables
from datong.engine.backends.duck.dialect import DuckDialect
from datong.engine.backends.duck.engine import DuckEngine
from datong.engine.backends.landings import quarantine_of
from datong.engine.backends.sources.logged import WholeNeeded
from datong.engine.base import Inspection, Misfit, Rehearsal, Schema, Source, Stamp, Step
from datong.engine.errors import NothingLanded, SourceUnreadable
from datong.engine.places import Place
from datong.engine.plans import collecting, digesting, landing
from datong.engine.plans.collecting import Mode, Way
from datong.kernel.errors import Malformed

Review = Callable[[Rehearsal], None]
Watch = Callable[[str, int], None]
MOSTLY = 0.5
"""Share of changed rows beyond which writing the table anew costs less than changing it (full mode only)."""


@runtime_checkable
class Narrowed(Protocol):
    """A source that can leave out what was read before."""

    def since(self, column: str, start: str) -> Source:
        """Give the source of the rows whose column is at or after a value, or empty."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What a batch did.

    Attributes:
        rows_read: Rows of the source that were read, the rejected ones included.
        rows_good: Rows now in the table.
        rows_bad: Rows now in quarantine.
        delta_version: Version of the table after it.
        digest: SHA-256 (hex) over the sound rows read, in source order.
        inserted: Rows whose key is new; of a table without key, or written anew, all of them.
        updated: Rows of known keys with another content.
        deleted: Rows that are gone.
        anew: Whether the whole table was written.
        watermark: The last value seen.
        zoned: Whether the source writes times with their offset.
    """

    rows_read: int
    rows_good: int
    rows_bad: int
    delta_version: int
    digest: str
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    anew: bool = False
    watermark: str = ""
    zoned: bool = True

    @property
    def changed(self) -> bool:
        """Whether a commit was made."""
        return bool(self.inserted or self.updated or self.deleted or self.anew)


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is asked for."""

    source: Source
    schema: Schema
    columns: Mapping[str, str]
    lake: Place
    batch: str
    way: Way
    review: Review


@dataclass(frozen=True, slots=True)
class _Work:
    """A batch whose rows are staged: whether the table stands, and has the columns and types that rows have now."""

    engine: DuckEngine
    wish: _Wish
    exists: bool
    same: bool


def collect(
    source: Source,
    schema: Schema,
    columns: Mapping[str, str],
    lake: Place,
    *,
    batch: str,
    way: Way | None = None,
    review: Review | None = None,
    watch: Watch | None = None,
) -> Collected:
    """Bring a lake table to what a source holds, in one commit or none.

    Args:
        source: Where the rows come from.
        schema: Declared items; types are never guessed.
        columns: Field to the source column it is read from.
        lake: Where the Delta table lies.
        batch: Identifier; a batch whose commit is the newest is known and not done again.
        way: Mode and watermark; None is full.
        review: Shown what was found, before rows are read and before they are committed; what it raises ends the batch.
        watch: Called with the phase (reading, comparing, writing) and the number of rows read so far; may raise.

    Raises:
        Malformed: The columns do not fit, or the mode wants a key.
        SourceUnreadable: The source cannot be read to its end; nothing is changed.
        NothingLanded: No row was sound; the table is unchanged and the reasons are in quarantine.
        Conflict: Another landing into the same table was first.
    """
    version, by, said = commits.newest(lake)
    if by == batch and said:
        return Collected(**said, delta_version=version)
    tell = watch or (lambda *_: None)
    wish = _Wish(source, schema, columns, lake, batch, _settled(way or Way(), schema, lake), review or (lambda _: None))
    plan, seen = _planned(wish, lenient=review is not None)
    try:
        return _collect(replace(wish, way=following.begun(source, wish.way, plan)), plan, seen, version, tell)
    except WholeNeeded as needed:
        if needed.emptied:
            wish.review(Rehearsal((), 0, emptied=True))
        return _collect(replace(wish, way=following.begun(source, wish.way.from_the_start, plan)), plan, seen, version, tell)


def _collect(wish: _Wish, plan: landing.LandingPlan, seen: Inspection, version: int, tell: Watch) -> Collected:
    schema, lake = wish.schema, wish.lake
    with staging.session(lake.parent) as engine:
        tell("reading", 0)
        plan, read, mark, zoned = _read(engine, wish, plan, seen, tell)
        if not read and wish.way.whole:
            raise SourceUnreadable("there are no rows below the header", fields={"file": "no rows"})
        tell("comparing", read)
        same = version >= 0 and _fits(engine, lake, schema) and not wish.way.anew
        bad = _judge(engine, wish, plan, read, numbered=same)
        digest = digesting.digest(schema.fields, engine.stream(Step("digest", f"select * from {landing.SOUND}")))
        found = Collected(read, 0, bad, version, digest, watermark=mark, zoned=zoned)
        return _commit(_Work(engine, wish, version >= 0, same), found, tell)


def _read(
    engine: DuckEngine, wish: _Wish, plan: landing.LandingPlan, seen: Inspection, tell: Watch
) -> tuple[landing.LandingPlan, int, str, bool]:
    """Stage the rows; gives the plan, how many they are, and how far the source is read now."""
    way, watch, began = wish.way, partial(tell, "reading"), datetime.now(UTC)
    if way.log is not None and not way.whole:
        read, place = following.read(engine, wish.source, way, plan, watch)
        return plan, read, place, True
    marked = frozenset({seen.columns.index(way.watermark.column)} if way.watermark is not None else ())
    plan, read = reading.read(engine, _narrowed(wish.source, way), seen, plan, watch, as_text=marked)
    if way.log is not None:
        return plan, read, way.log.begun, True
    return plan, read, *_mark(engine, way, seen, began)


def _settled(way: Way, schema: Schema, lake: Place) -> Way:
    """The way as it can be gone: where the table cannot take a part of the rows, all are read."""
    if way.mode is not Mode.FULL and not schema.keys:
        raise Malformed("only rows with a key can be compared", fields={"mode": "the entry names no key"})
    if way.whole:
        return way
    if not way.anew and commits.newest(lake)[0] >= 0:
        with staging.session(lake.parent) as engine:
            if _fits(engine, lake, schema):
                return way
    return way.from_the_start


def _planned(wish: _Wish, *, lenient: bool) -> tuple[landing.LandingPlan, Inspection]:
    """Look at the source and settle from which column each item is read; lenient leaves out what may be empty."""
    schema, columns, seen = wish.schema, wish.columns, wish.source.inspect()
    missing = {one.field for one in schema.columns if columns.get(one.field) and columns[one.field] not in seen.columns}
    wish.review(Rehearsal(tuple(sorted(missing)), 0, (), _unread(columns, seen)))
    if lenient:
        spared = missing - {one.field for one in schema.columns if one.required}
        columns = {field: name for field, name in columns.items() if field not in spared}
    positions = staging.positions(schema, columns, seen)
    mark = wish.way.watermark
    if mark is not None and mark.column not in seen.columns:
        raise Malformed("the column of the watermark is not there", fields={"watermark": mark.column[:64]})
    stamp = Stamp(wish.source.label, wish.batch, datetime.now(UTC))
    return landing.LandingPlan(schema, positions, seen.columns, stamp), seen


def _narrowed(source: Source, way: Way) -> Source:
    mark = way.watermark
    return source.since(mark.column, mark.start) if mark is not None and mark.start and isinstance(source, Narrowed) else source


def _fits(engine: DuckEngine, lake: Place, schema: Schema) -> bool:
    engine.open_table(collecting.LANDED, lake)
    return engine.columns(collecting.LANDED) == collecting.lake_types(schema)


def _unread(columns: Mapping[str, str], seen: Inspection) -> tuple[str, ...]:
    return tuple(name for name in seen.columns if name not in set(columns.values()))


def _judge(engine: DuckEngine, wish: _Wish, plan: landing.LandingPlan, read: int, *, numbered: bool) -> int:
    """Split the rows into sound and rejected ones, keep the latter, and show what was found; returns how many are bad."""
    bad = reading.judge(engine, plan, numbered=numbered)
    if bad or tables.exists(quarantine_of(wish.lake)):
        reader = engine.reader(Step("quarantine", f"select * from {landing.REJECTED}"))
        tables.replace_batch(quarantine_of(wish.lake), reader, batch=wish.batch)
    told = engine.rows(f"select field, code, count(*) from {landing.REJECTED} group by all order by all")
    misfits = tuple(Misfit(field or "", code, int(number)) for field, code, number in told)
    wish.review(Rehearsal((), read, misfits))
    if wish.way.whole and bad == read:
        raise NothingLanded(f"none of {bad} rows is sound", fields=staging.faults(engine), remedy="see the quarantine")
    return bad


def _mark(engine: DuckEngine, way: Way, seen: Inspection, began: datetime) -> tuple[str, bool]:
    mark = way.watermark
    if mark is None:
        return "", True
    step = collecting.seen_last(mark, seen.columns.index(mark.column), engine.dialect, began)
    found, zoned = engine.rows(step.sql)[0]
    return collecting.later(mark, found or ""), bool(zoned) if found else mark.zoned


def _commit(work: _Work, found: Collected, tell: Watch) -> Collected:
    engine, wish = work.engine, work.wish
    before = staging.count(engine, collecting.LANDED) if work.exists else 0
    sound = staging.count(engine, landing.SOUND)
    if not work.same or not wish.schema.keys:
        return _commit_whole(work, found, before, sound, tell)
    engine.run(collecting.changed(wish.schema, wish.way))
    counts: dict[str, int] = dict(engine.rows(f"select {collecting.CHANGE}, count(*) from {collecting.CHANGED} group by all"))
    inserted, updated, deleted = (counts.get(one, 0) for one in (collecting.INSERT, collecting.UPDATE, collecting.DELETE))
    made = replace(found, inserted=inserted, updated=updated, deleted=deleted, rows_good=before + inserted - deleted)
    if not made.changed:
        return made
    if wish.way.mode is Mode.FULL and inserted + updated + deleted > MOSTLY * before:
        return _written_anew(work, replace(made, updated=0, inserted=sound, deleted=before), sound, tell)
    tell("writing", found.rows_read)
    return replace(made, delta_version=_write_changes(work, made))


def _write_changes(work: _Work, made: Collected) -> int:
    engine, wish, said = work.engine, work.wish, _said(made)
    if not made.updated and not made.deleted:
        return commits.append(wish.lake, engine.reader(collecting.inserted(wish.schema)), batch=wish.batch, said=said)
    columns = tuple(collecting.lake_types(wish.schema))
    rows = engine.reader(collecting.written(wish.schema))
    return commits.merge(wish.lake, rows, columns, wish.schema.keys, batch=wish.batch, said=said)


def _commit_whole(work: _Work, found: Collected, before: int, sound: int, tell: Watch) -> Collected:
    """Rows without a key, or of other columns than before: equal as a whole, or all of them anew."""
    if work.same and before == sound:
        held, now = (work.engine.rows(_sum(work.wish.schema, one)) for one in (collecting.LANDED, landing.SOUND))
        if held == now:
            return replace(found, rows_good=sound)
    return _written_anew(work, replace(found, inserted=sound, deleted=before), sound, tell)


def _written_anew(work: _Work, made: Collected, sound: int, tell: Watch) -> Collected:
    tell("writing", made.rows_read)
    made = replace(made, rows_good=sound, anew=True)
    rows = work.engine.reader(Step("collected", f"select * from {landing.SOUND}"))
    return replace(made, delta_version=commits.replace(work.wish.lake, rows, batch=work.wish.batch, said=_said(made)))


def _said(made: Collected) -> dict[str, Any]:
    return {name: value for name, value in asdict(made).items() if name != "delta_version"}


def _sum(schema: Schema, table: str) -> str:
    return collecting.fingerprint(schema, table, DuckDialect()).sql


def fingerprint(lake: Place, schema: Schema, version: int | None = None) -> str:
    """Give a fingerprint of the rows of a lake table: equal for equal rows, whatever their order and origin.

    Raises:
        Unknown: Nothing has landed yet.
    """
    with staging.session(lake.parent) as engine:
        engine.open_table(collecting.LANDED, lake, version)
        count, upper, lower = engine.rows(_sum(schema, collecting.LANDED))[0]
    return f"{count}-{int(upper):x}-{int(lower):x}"
