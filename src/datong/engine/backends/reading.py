# SPDX-License-Identifier: Apache-2.0
"""Reading: the rows of a source staged, typed where the source itself can tell types, and split into sound and rejected.

Kept here: a typed value that some backend could not hold sends all rows back to be read as text, so what is sound, what is
rejected and what its raw text says never depends on how the rows were read. Where no row is rejected, none is sorted and
none is kept twice.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Protocol, runtime_checkable

from datong.engine.backends import bulk, staging
from datong.engine.backends.duck.engine import DuckEngine
from datong.engine.backends.sources.kinds import OddValue
from datong.engine.base import Block, Column, Inspection, Source
from datong.engine.plans import landing
from datong.engine.plans.casting import Kind
from datong.engine.plans.doubting import settled
from datong.kernel.sharing import TEXT_TYPES


@runtime_checkable
class TypedSource(Protocol):
    """A source that can give typed values beside text."""

    def kinds(self, seen: Inspection, wanted: Mapping[int, Column]) -> Mapping[int, Kind]:
        """Tell which source columns can be read typed for the items that are read from them."""

    def typed(self, seen: Inspection, kinds: Mapping[int, Kind]) -> Iterable[Block]:
        """Give all rows in blocks, those columns typed."""


def read(
    engine: bulk.BulkEngine,
    source: Source,
    seen: Inspection,
    plan: landing.LandingPlan,
    progress: Callable[[int], None] | None,
    *,
    as_text: frozenset[int] = frozenset(),
) -> tuple[landing.LandingPlan, int]:
    """Stage all rows of a source.

    Args:
        engine: Where.
        source: What is read.
        seen: Its inspection.
        plan: What will be landed.
        progress: Called with the number of rows read so far; begins anew where all is read again.
        as_text: Source columns that somebody else wants to see as text.

    Returns:
        The plan with what the cells are, and the number of rows.
    """
    width = len(seen.columns)
    if isinstance(source, TypedSource):
        wanted = {plan.positions[one.field]: one for one in plan.schema.columns if one.field in plan.positions}
        twice = len(set(plan.positions.values())) < len(plan.positions)
        kinds = {} if twice else source.kinds(seen, {at: one for at, one in wanted.items() if at not in as_text})
        if kinds:
            try:
                blocks = source.typed(seen, kinds)
                return replace(plan, kinds=kinds), engine.stage(landing.STAGED, width, staging.watched(blocks, progress), kinds)
            except OddValue:
                pass  # as the text says
    blocks = settled(source.blocks(seen), {*plan.positions.values()})
    return plan, engine.stage(landing.STAGED, width, staging.watched(blocks, progress))


def judge(engine: DuckEngine, plan: landing.LandingPlan, *, numbered: bool = False) -> int:
    """Split the staged rows into `SOUND` and `REJECTED`; gives how many are rejected.

    Args:
        engine: Where they are staged.
        plan: What is landed.
        numbered: Whether sound rows must have a row number that stays.
    """
    first, *rest = landing.steps(plan, engine.dialect)
    light = _is_light(plan)
    if light:
        engine.name(first.name, first.sql)
    else:
        engine.run(first)
    if _is_clean(engine, plan):
        sound = landing.untouched(plan, engine.dialect)
        if numbered:
            engine.run(sound)
        else:
            engine.name(sound.name, sound.sql)
        engine.run(landing.none_rejected())
        return 0
    if light:
        engine.run(first)
    for step in rest:
        engine.run(step)
    return staging.count(engine, landing.REJECTED)


def reject(engine: bulk.BulkEngine, plan: landing.LandingPlan) -> None:
    """Find the staged rows that are not sound, on whichever engine; a cluster plans all the steps as one."""
    if isinstance(engine, DuckEngine):
        judge(engine, plan)
        return
    for step in landing.steps(plan, engine.dialect):
        engine.run(step)


def _is_light(plan: landing.LandingPlan) -> bool:
    """Whether casting costs next to nothing, so that doing it twice costs less than keeping what came of it."""
    return all(
        column.type in TEXT_TYPES or plan.kinds.get(plan.positions.get(column.field, -1), Kind.TEXT) is not Kind.TEXT
        for column in plan.schema.columns
    )


def _is_clean(engine: DuckEngine, plan: landing.LandingPlan) -> bool:
    asked = [f"select count(*) from {landing.STAGED}_faults", f"select count(*) from {landing.JUDGED} where _fault is not null"]
    if plan.schema.keys:
        asked.append(landing.repeating(plan.schema, engine.dialect))
    return not any(engine.rows(sql)[0][0] for sql in asked)
