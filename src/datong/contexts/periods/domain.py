# SPDX-License-Identifier: Apache-2.0
"""Statutory periods in working days, when to remind of one, and what a notice may be.

Kept here: the law's number of days is the most there is; a node may set fewer, never more. A period is counted by the
kernel's calendar. While it is paused no working day counts: the day of the pause is used up, the day it goes on is not
(民法典 art. 201: the day of the event is not counted).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from datong.kernel.actors import Role
from datong.kernel.errors import Malformed
from datong.kernel.labels import Labelled
from datong.kernel.workdays import Due, WorkCalendar


class Rule(Labelled):
    """A period the law sets: article and what it is for."""

    UPDATE = "809-17-update", "目录更新期限"
    REVIEW = "809-17-review", "目录审核期限"
    UNCONDITIONAL = "809-21-unconditional", "无条件共享答复期限"
    CONDITIONAL = "809-21-conditional", "有条件共享答复期限"
    DELIVERY = "809-22-delivery", "提供期限"
    CORRECTION = "809-26-correction", "校核期限"
    DEMAND = "demand-answer", "需求确认期限"


STATUTE: Mapping[str, int] = {
    Rule.UPDATE: 10, Rule.REVIEW: 2, Rule.UNCONDITIONAL: 1, Rule.CONDITIONAL: 10, Rule.DELIVERY: 20,
    Rule.CORRECTION: 10, Rule.DEMAND: 15,
}  # fmt: skip
"""Rule to the working days the law gives (809 arts. 17, 21, 22, 26; a demand: 上海市数据条例 art. 39)."""
EXTENSION: Mapping[str, int] = {Rule.UPDATE: 5, Rule.CONDITIONAL: 10}
"""Rule to the working days it may be extended by, once, with the authority's consent (809 arts. 17 and 21)."""


class NoticeKind(Labelled):
    """What a notice is."""

    REMINDER = "reminder", "到期提醒"
    OVERDUE = "overdue", "超期督办"
    URGED = "urged", "人工督办"
    TOLD = "told", "通知"
    FAULT = "fault", "无人可办"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has to act: a role of a department; of a region where the department is left open.

    Attributes:
        region: Division whose authority is told when the period runs out.
    """

    role: Role
    department: str
    region: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What a period runs on or a notice is about.

    Attributes:
        kind: Such as request, grant, entry, ticket.
        code: Its number or code.
        title: What people call it.
        href: Page that shows it.
    """

    kind: str
    code: str
    title: str = ""
    href: str = ""


def days_of(rule: str, wanted: int | None = None) -> int:
    """Give the working days of a rule.

    Args:
        rule: A rule of `STATUTE`.
        wanted: What the node sets; None is as the law says.

    Raises:
        Malformed: More than the law gives, or less than one.
    """
    most = STATUTE[rule]
    days = most if wanted is None else wanted
    if not 1 <= days <= most:
        raise Malformed(
            f"{rule} 为1至{most}个工作日，可以缩短，不得延长 (1 to {most} working days: shorter, never longer)",
            fields={rule: f"1 to {most}"},
        )
    return days


def extension_of(rule: str, days: int) -> int:
    """Give the working days a rule is extended by.

    Raises:
        Malformed: None may be given, or more than the law gives.
    """
    most = EXTENSION.get(rule, 0)
    if not 1 <= days <= most:
        raise Malformed(
            f"延长不得超过{most}个工作日 (at most {most} working days more)", fields={"days": f"1 to {most}"}, rule=rule
        )
    return days


def remind_before(days: int, wanted: int) -> int:
    """Give how many working days before its end a period of `days` is reminded of: never from its first half."""
    return min(wanted, days // 2)


def due_of(calendar: WorkCalendar, start: date, days: int, pauses: Iterable[tuple[date, date]] = ()) -> Due:
    """Give the last day of a period that was paused.

    Args:
        calendar: Working days.
        start: Day of the event; not counted.
        days: Working days, an extension among them.
        pauses: Day of each pause and day on which the period went on; they do not overlap.

    Raises:
        Malformed: As `WorkCalendar.add_days`.
    """
    still = sorted(pauses)
    found = calendar.add_days(start, days)
    while True:
        lost = sum(_lost(calendar, start, found.due, pause) for pause in still)
        longer = calendar.add_days(start, days + lost)
        if longer.due == found.due:
            return longer
        found = longer


def _lost(calendar: WorkCalendar, start: date, end: date, pause: tuple[date, date]) -> int:
    """Working days of a period that lie behind the day of a pause, up to and with the day it went on."""
    first, last = max(start, pause[0]), min(end, pause[1])
    return calendar.count(first, last) if first < last else 0
