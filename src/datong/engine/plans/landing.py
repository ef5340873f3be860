# SPDX-License-Identifier: Apache-2.0
"""Landing: staged text cells become sound rows and rejected rows, as a chain of steps any backend runs.

`staged` (`_line`, `c0` …) and `staged_faults` (`line`, `code`, `raw`) come from the reader. `judged` casts every item
and finds the first fault of each row; `firsts` and `repeats` find keys that stand more than once among sound rows:
the first line is kept, the others are rejected naming it. `sound` and `rejected` are what is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from datong.engine.base import Column, Dialect, Schema, Stamp, Step
from datong.engine.plans.casting import Cast, Kind, cast, shown
from datong.engine.plans.reasons import REASONS

STAGED, JUDGED, FIRSTS, REPEATS, SOUND, REJECTED = "staged", "judged", "firsts", "repeats", "sound", "rejected"
_READER_FAULTS = ("ragged", "bad_quotes", "nul", "cell_too_long", "uncomputed", "error_cell", "not_object")


@dataclass(frozen=True, slots=True)
class LandingPlan:
    """What to land.

    Attributes:
        schema: Declared items.
        positions: Field to the number of its source column; a nullable field may be absent.
        headers: Names of the source columns, for the raw text of rejected rows.
        stamp: Provenance of the batch.
        kinds: Number of a source column to what its cells are; the others are text.
    """

    schema: Schema
    positions: Mapping[str, int]
    headers: Sequence[str]
    stamp: Stamp
    kinds: Mapping[int, Kind] = field(default_factory=dict)


def steps(plan: LandingPlan, sql: Dialect) -> tuple[Step, ...]:
    """Compile a landing into steps, in order."""
    casts = _casts(plan, sql)
    chain = [_judged(casts, sql)]
    if plan.schema.keys:
        chain += [_firsts(plan.schema, sql), _repeats(plan.schema, sql)]
    return (*chain, _sound(plan, sql), _rejected(plan, casts, sql))


def repeating(schema: Schema, sql: Dialect) -> str:
    """Ask whether any key may stand more than once: no for certain, or yes perhaps, since only its hashes are compared."""
    keys = ", ".join(sql.identifier(key) for key in schema.keys)
    return f"select count(*) from (select 1 from {JUDGED} group by hash({keys}) having count(*) > 1) as several"


def untouched(plan: LandingPlan, sql: Dialect) -> Step:
    """Compile the sound rows where no row is rejected, in the order they were staged in."""
    return Step(SOUND, f"select {_stamped(plan, sql)} from {JUDGED}")


def none_rejected() -> Step:
    """Compile the rejected rows where there are none."""
    columns = ", ".join(f"cast(null as varchar(1)) as {name}" for name in ("field", "code", "reason", "raw", "_batch"))
    return Step(REJECTED, f"select cast(null as bigint) as line, {columns} from (select 1 as one) as nothing where one = 0")


def _casts(plan: LandingPlan, sql: Dialect) -> list[tuple[Column, Cast]]:
    return [(column, cast(column, *_cell(column, plan, sql))) for column in plan.schema.columns]


def faults(casts: Sequence[tuple[Column, Cast]]) -> list[tuple[str, str, str]]:
    """List every (field, code, condition) in the order in which the first one counts."""
    return [(column.field, check.code, check.sql) for column, made in casts for check in made.checks]


def _cell(column: Column, plan: LandingPlan, sql: Dialect) -> tuple[str, Dialect, Kind]:
    position = plan.positions.get(column.field)
    if position is None:
        return "cast(null as varchar(1))", sql, Kind.TEXT
    return f"c{position}", sql, plan.kinds.get(position, Kind.TEXT)


def _judged(casts: Sequence[tuple[Column, Cast]], sql: Dialect) -> Step:
    values = ", ".join(f"{made.value} as {sql.identifier(column.field)}" for column, made in casts)
    found = faults(casts)
    whens = " ".join(f"when {condition} then {number}" for number, (_, _, condition) in enumerate(found))
    fault = f"case {whens} end" if whens else "cast(null as int)"
    return Step(JUDGED, f"select _line, {fault} as _fault, {values} from {STAGED}")


def _firsts(schema: Schema, sql: Dialect) -> Step:
    keys = ", ".join(sql.identifier(key) for key in schema.keys)
    return Step(
        FIRSTS,
        f"select {keys}, min(_line) as _first from {JUDGED} where _fault is null group by {keys} having count(*) > 1",
    )


def _repeats(schema: Schema, sql: Dialect) -> Step:
    same = " and ".join(f"judged.{sql.identifier(key)} = firsts.{sql.identifier(key)}" for key in schema.keys)
    return Step(
        REPEATS,
        f"select judged._line as _line, firsts._first as _first from {JUDGED} join {FIRSTS} on {same} "
        "where judged._fault is null and judged._line > firsts._first",
    )


def _sound(plan: LandingPlan, sql: Dialect) -> Step:
    once = f" and _line not in (select _line from {REPEATS})" if plan.schema.keys else ""
    return Step(SOUND, f"select {_stamped(plan, sql)} from {JUDGED} where _fault is null{once} order by _line")


def _stamped(plan: LandingPlan, sql: Dialect) -> str:
    fields = ", ".join(sql.identifier(field) for field in plan.schema.fields)
    stamp = plan.stamp
    return (
        f"{fields}, {sql.literal(stamp.source)} as _source, {sql.literal(stamp.batch)} as _batch, "
        f"{sql.zoned(sql.literal(stamp.landed_at.isoformat(sep=' ')))} as _landed_at"
    )


def _rejected(plan: LandingPlan, casts: Sequence[tuple[Column, Cast]], sql: Dialect) -> Step:
    cells = [shown(f"staged.c{number}", plan.kinds.get(number, Kind.TEXT)) for number in range(len(plan.headers))]
    raw = sql.row_text(plan.headers, cells)
    unsound = [(str(number), field, code, REASONS[code]) for number, (field, code, _) in enumerate(faults(casts))]
    parts = [_reader_part(sql)]
    if unsound:
        parts.append(
            f"select judged._line as line, why.field as field, why.code as code, why.reason as reason, {raw} as raw "
            f"from {JUDGED} join {_table(unsound, ('id', 'field', 'code', 'reason'), sql)} "
            f"on cast(why.id as int) = judged._fault join {STAGED} on staged._line = judged._line"
        )
    if plan.schema.keys:
        before, after = (sql.literal(part) for part in REASONS["repeated"].split("{first}"))
        parts.append(
            f"select staged._line as line, {sql.literal(','.join(plan.schema.keys))} as field, 'repeated' as code, "
            f"concat({before}, cast(repeats._first as varchar(20)), {after}) as reason, {raw} as raw "
            f"from {REPEATS} join {STAGED} on staged._line = repeats._line"
        )
    return Step(
        REJECTED,
        f"select line, field, code, reason, raw, {sql.literal(plan.stamp.batch)} as _batch "
        f"from ({' union all '.join(parts)}) as rejects order by line",
    )


def _reader_part(sql: Dialect) -> str:
    known = [(code, REASONS[code]) for code in _READER_FAULTS]
    return (
        f"select f.line as line, '' as field, f.code as code, why.reason as reason, f.raw as raw "
        f"from {STAGED}_faults as f join {_table(known, ('code', 'reason'), sql)} on why.code = f.code"
    )


def _table(rows: Sequence[tuple[str, ...]], names: tuple[str, ...], sql: Dialect) -> str:
    """Write a few constant rows as a table called why."""
    body = ", ".join("(" + ", ".join(sql.literal(cell) for cell in row) + ")" for row in rows)
    return f"(select * from (values {body}) as listed({', '.join(names)})) as why"
