# SPDX-License-Identifier: Apache-2.0
"""Figures of demands: how many stand where, and the share answered and supplied in time, from the clocks each time.

Kept here: what still runs in time counts for nothing; what runs late counts as late; what was taken from a department
before it answered does not count.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db.models import Count

from datong.contexts.demands.domain.stages import DutyStage, Stage
from datong.contexts.demands.queries.demands import demands
from datong.contexts.demands.queries.responsibilities import responsibilities
from datong.kernel.actors import Officer
from datong.kernel.workdays import received_on

Clocked = tuple[date | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Figures:
    """What the lists come to, for one officer.

    Attributes:
        stages: Stage to demands in it; stages without any are left out.
        total: Demands.
        satisfied: Demands with an entry to ask for, or granted.
        answered: Responsibilities whose answer counts: given, or late.
        answered_in_time: Those in time.
        supplied: Compile tasks that count: done, or late.
        supplied_in_time: Those in time.
    """

    stages: dict[str, int]
    total: int
    satisfied: int
    answered: int
    answered_in_time: int
    supplied: int
    supplied_in_time: int

    @property
    def answer_share(self) -> int | None:
        """Per cent answered in time, None where nothing counts yet."""
        return _share(self.answered_in_time, self.answered)

    @property
    def supply_share(self) -> int | None:
        """Per cent supplied in time, None where nothing counts yet."""
        return _share(self.supplied_in_time, self.supplied)


def _share(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None


def figures(by: Officer, *, today: date | None = None) -> Figures:
    """Count what an officer sees.

    Args:
        by: Who looks.
        today: In Shanghai; None is the present.
    """
    day = today or received_on(datetime.now(UTC))
    counted = demands(by).order_by().values_list("stage").annotate(n=Count("pk"))
    stages = {stage: number for stage, number in counted if number}
    rows = responsibilities(by).exclude(stage=DutyStage.ENDED).order_by()
    timed = list(rows.values_list("answer_due", "answer_stopped", "supply_due", "supply_stopped"))
    answered, answered_well = _in_time(((row[0], row[1]) for row in timed), day)
    supplied, supplied_well = _in_time(((row[2], row[3]) for row in timed), day)
    good = (Stage.MATCHED, Stage.ANSWERED, Stage.FULFILLED)
    satisfied = sum(stages.get(one.value, 0) for one in good)
    return Figures(stages, sum(stages.values()), satisfied, answered, answered_well, supplied, supplied_well)


def _in_time(clocks: Iterable[Clocked], today: date) -> tuple[int, int]:
    """Give how many clocks count, and how many of those were in time."""
    whole = well = 0
    for due, stopped in clocks:
        if due is None:
            continue
        if stopped is not None:
            whole, well = whole + 1, well + (received_on(stopped) <= due)
        elif today > due:
            whole += 1
    return whole, well
