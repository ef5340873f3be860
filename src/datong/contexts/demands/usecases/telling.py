# SPDX-License-Identifier: Apache-2.0
"""Who is told what of a demand, and how its stage changes: by its table, with what ran or was asked before settled."""

from collections.abc import Iterable

from datong.contexts.demands.domain.stages import DUTY_MOVES, MOVES, DutyStage, Stage
from datong.contexts.demands.models import Demand, Responsibility
from datong.contexts.periods import face as periods
from datong.kernel.actors import Officer, Role
from datong.kernel.stages import move

KIND = "demand"
TOLD = periods.NoticeKind.TOLD


def subject(row: Demand) -> periods.Subject:
    """Give what notices of a demand are about."""
    return periods.Subject(KIND, row.number, row.name, row.href)


def duty(row: Responsibility) -> periods.Subject:
    """Give what the clock of a responsibility runs on."""
    return periods.Subject(KIND, row.number, row.demand.name, row.href)


def to(row: Demand, wanted: Stage, *, by: Officer) -> None:
    """Move a demand by its table; what posts were told of it is done with."""
    row.stage = move(MOVES, f"demand {row.number}", Stage(row.stage), wanted)
    periods.done_with(KIND, row.number, by=by)


def duty_to(row: Responsibility, wanted: DutyStage, *, by: Officer) -> None:
    """Move a responsibility by its table; what posts were told of it is done with."""
    row.stage = move(DUTY_MOVES, f"responsibility {row.number}", DutyStage(row.stage), wanted)
    periods.done_with(KIND, row.number, by=by)


def demander(row: Demand, words: str, *, by: Officer, roles: Iterable[Role] = (Role.APPLICANT,)) -> None:
    """Tell posts of the department that demands."""
    for role in roles:
        periods.tell(TOLD, subject(row), periods.Holder(role, row.department_id, row.department.region_id), words, by=by)


def authority(row: Demand, words: str, *, by: Officer) -> None:
    """Tell the authority of the demander's region."""
    periods.tell(TOLD, subject(row), periods.Holder(Role.AUTHORITY, "", row.department.region_id), words, by=by)


def responsible(row: Responsibility, words: str, *, by: Officer) -> None:
    """Tell compiler and head of the responsible department."""
    for role in (Role.COMPILER, Role.PROVIDER_HEAD):
        periods.tell(TOLD, duty(row), periods.Holder(role, row.department_id, row.department.region_id), words, by=by)
