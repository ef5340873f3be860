# SPDX-License-Identifier: Apache-2.0
"""Watching the clocks: remind those who hold one shortly before its end, tell the authority when it has run out.

Kept here: each clock reminds once and escalates once, each in a transaction of its own with its act; running twice
changes nothing. A clock that stands still is left alone.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime

from django.conf import settings
from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.organisations import face as organisations
from datong.contexts.periods.domain import Holder, NoticeKind, remind_before
from datong.contexts.periods.models import Clock
from datong.contexts.periods.usecases.noticing import holder_of, subject_of, tell
from datong.kernel.actors import SYSTEM, Role
from datong.kernel.workdays import WorkCalendar, received_on

FARTHEST = 40
"""Calendar days ahead within which a clock can be due for a reminder."""


def watch_clocks(now: datetime | None = None) -> int:
    """Remind and escalate whatever is due for it.

    Args:
        now: An aware time; None is the present.

    Returns:
        How many clocks were reminded of or escalated.
    """
    moment = now or datetime.now(UTC)
    today = received_on(moment)
    calendar = organisations.working_calendar()
    late = Clock.objects.filter(stopped_at=None, paused_at=None, escalated_at=None, due__lt=today)
    done = sum(_once(pk, moment, _escalate) for pk in list(late.values_list("pk", flat=True)))
    near = Clock.objects.filter(stopped_at=None, paused_at=None, reminded_at=None, escalated_at=None, due__gte=today)
    due = [row.pk for row in near.exclude(role="") if _is_near(row, today, calendar)]
    return done + sum(_once(pk, moment, _remind) for pk in due)


def _is_near(clock: Clock, today: date, calendar: WorkCalendar) -> bool:
    if (clock.due - today).days > FARTHEST:
        return False
    return calendar.count(today, clock.due) <= remind_before(clock.days, settings.NODE.remind_days)


@transaction.atomic
def _once(pk: int, now: datetime, act: Callable[[Clock, datetime], bool]) -> bool:
    clock = Clock.objects.select_for_update().filter(pk=pk, stopped_at=None, paused_at=None).first()
    return clock is not None and act(clock, now)


def _remind(clock: Clock, now: datetime) -> bool:
    if clock.reminded_at is not None:
        return False
    clock.reminded_at = now
    clock.save(update_fields=["reminded_at"])
    words = f"{clock.due} 为最后一日，请及时办理 (the last day is {clock.due})"
    tell(NoticeKind.REMINDER, subject_of(clock), holder_of(clock), words, clock=clock)
    facts = {"rule": clock.rule, "due": clock.due.isoformat()}
    audit.record("periods.clock.reminded", by=SYSTEM, subject=clock.subject, facts=facts)
    return True


def _escalate(clock: Clock, now: datetime) -> bool:
    if clock.escalated_at is not None:
        return False
    clock.escalated_at = now
    clock.save(update_fields=["escalated_at"])
    words = f"已于 {clock.due} 到期，请立即办理并说明原因 (the period ended on {clock.due}: act and say why it is late)"
    posts = {Holder(Role.AUTHORITY, "", clock.region)} if clock.region else set()
    posts |= {holder_of(clock)} if clock.role else set()
    for post in sorted(posts, key=lambda one: one.department):
        tell(NoticeKind.OVERDUE, subject_of(clock), post, words, clock=clock)
    facts = {"rule": clock.rule, "due": clock.due.isoformat(), "department": clock.department}
    audit.record("periods.clock.overdue", by=SYSTEM, subject=clock.subject, facts=facts)
    return True
