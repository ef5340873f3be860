# SPDX-License-Identifier: Apache-2.0
"""Following the log of a source's database: its changes staged as if they were rows that were read.

Kept here: of one row only what it became in the end is staged; the keys of all that was mentioned are kept beside, so that
a row which is gone, or cannot be taken any more, goes from the lake as well.
"""

from collections.abc import Callable
from dataclasses import replace

from datong.engine.backends import staging
from datong.engine.backends.duck.engine import DuckEngine
from datong.engine.backends.sources import logged
from datong.engine.backends.sources.relational import PostgresSource
from datong.engine.base import Schema, Source, Step
from datong.engine.plans import collecting, landing
from datong.engine.plans.collecting import Way
from datong.kernel.errors import Malformed


def begun(source: Source, way: Way, plan: landing.LandingPlan) -> Way:
    """Give the way with the place in the log to go on from, or to be read whole.

    Raises:
        Malformed: The source is no table of PostgreSQL.
        SourceUnreadable, SourceAway: As `logged.begin`.
    """
    if way.log is None:
        return way
    if not isinstance(source, PostgresSource):
        raise Malformed("only a table of PostgreSQL has a log to follow", fields={"mode": "not a table of PostgreSQL"})
    keys = [plan.headers[plan.positions[key]] for key in plan.schema.keys]
    return replace(way, log=logged.begin(source, way.log, keys))


def read(
    engine: DuckEngine, source: Source, way: Way, plan: landing.LandingPlan, watch: Callable[[int], None]
) -> tuple[int, str]:
    """Stage what became of rows since the last place, and their keys.

    Returns:
        Number of changes, and the place the log was read to.

    Raises:
        WholeNeeded: The log does not tell all.
        SourceAway: The source broke off.
    """
    if way.log is None or not isinstance(source, PostgresSource):
        raise Malformed("there is no log to follow", fields={"mode": way.mode.value})
    width, places = len(plan.headers), [plan.positions[key] for key in plan.schema.keys]
    changes = logged.LoggedChanges(source, way.log, places)
    rows = engine.stage(collecting.HEARD, width + 1, staging.watched(changes.blocks(), watch))
    engine.run(Step(f"{landing.STAGED}_faults", f"select * from {collecting.HEARD}_faults"))
    engine.run(collecting.mentioned(width))
    keyed = replace(plan, schema=Schema(tuple(one for one in plan.schema.columns if one.key)))
    engine.run(landing.steps(keyed, engine.dialect)[0])
    engine.run(collecting.touched(plan.schema))
    engine.run(collecting.newest(width, places))
    return rows, changes.end
