# SPDX-License-Identifier: Apache-2.0
"""Reads of periods: the clocks of a subject, those that run, those that are late, the notices of a post.

Kept here: `visible_clocks` and `visible_notices` are the one predicate of each model.
"""

from datetime import UTC, date, datetime

from django.db.models import Q, QuerySet

from datong.contexts.organisations import face as organisations
from datong.contexts.periods.domain import NoticeKind, due_of
from datong.contexts.periods.models import Clock, Notice
from datong.contexts.periods.permissions import sees_all_periods
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Unknown
from datong.kernel.workdays import Due, received_on


def visible_clocks(by: Officer) -> Q:
    """Which clocks an officer sees: those of the own department, as authority all of the region."""
    if sees_all_periods(by):
        return ~Q(pk__in=[])
    seen = Q(pk__in=[])
    if by.department:
        seen |= Q(department=by.department)
    if by.holds(Role.AUTHORITY) and by.region:
        seen |= Q(region=by.region)
    return seen


def visible_notices(by: Officer) -> Q:
    """Which notices an officer gets: those of a post he holds."""
    roles = [role.value for role in by.roles]
    own = Q(department=by.department) if by.department else Q(pk__in=[])
    if by.region:
        own |= Q(department="", region=by.region)
    return Q(role__in=roles) & own


def clocks_of(subject: str) -> QuerySet[Clock]:
    """Give every clock of a subject, the first started first."""
    return Clock.objects.filter(subject=subject).order_by("started_at", "pk")


def clock_of(subject: str) -> Clock | None:
    """Give the clock that runs on a subject now, else the last one that ran."""
    return clocks_of(subject).order_by("-stopped_at", "-started_at").first()


def running(subjects: list[str]) -> dict[str, Clock]:
    """Give the running clock of each of some subjects that has one."""
    rows = Clock.objects.filter(subject__in=subjects, stopped_at=None).order_by("-due")
    return {clock.subject: clock for clock in rows}


def pauses_of(clock: Clock) -> list[tuple[date, date]]:
    """Give the days on which a clock was paused and went on, of the pauses that ended."""
    ended = clock.pauses.exclude(ended_at=None).values_list("began_at", "ended_at")
    return [(received_on(began), received_on(end)) for began, end in ended]


def recomputed(clock: Clock) -> Due:
    """Compute the last day of a clock again from its row: start, days, extension, pauses, the calendar of that time.

    Raises:
        Unknown: The calendar it was computed on is not among those kept.
    """
    calendar = organisations.calendar_of(clock.calendar_version)
    days = clock.days + clock.extended_days
    return due_of(calendar, received_on(clock.started_at), days, pauses_of(clock))


def clocks(by: Officer, *, late: bool = False, today: date | None = None) -> QuerySet[Clock]:
    """Give the running clocks an officer sees, the first due first.

    Args:
        by: Who looks.
        late: Only those whose last day has passed.
        today: In Shanghai; None is the present.
    """
    rows = Clock.objects.filter(visible_clocks(by), stopped_at=None)
    if late:
        rows = rows.filter(paused_at=None, due__lt=today or received_on(datetime.now(UTC)))
    return rows.order_by("due", "pk")


def clock(pk: int, *, by: Officer, lock: bool = False) -> Clock:
    """Give one clock an officer sees.

    Raises:
        Unknown: There is none, or none visible.
    """
    rows = Clock.objects.filter(visible_clocks(by))
    found = (rows.select_for_update() if lock else rows).filter(pk=pk).first() if 0 < pk < 2**63 else None
    if found is None:
        raise Unknown("没有此期限 (there is no such period)")
    return found


def notices(by: Officer, *, settled: bool | None = False, q: str = "", kind: str = "") -> QuerySet[Notice]:
    """Give the notices of an officer's posts, newest first.

    Args:
        by: Who looks.
        settled: Those still open (False), those done with (True), all (None). A notice about a clock that has stopped is
            done with.
        q: Only those whose title or subject holds this text.
        kind: Only this kind.
    """
    rows = Notice.objects.filter(visible_notices(by)).select_related("clock")
    if kind in list(NoticeKind):
        rows = rows.filter(kind=kind)
    if q and q.isprintable():
        rows = rows.filter(Q(title__icontains=q) | Q(subject__icontains=q))
    is_open = Q(settled_at=None) & (Q(clock=None) | Q(clock__stopped_at=None))
    if settled is not None:
        rows = rows.exclude(is_open) if settled else rows.filter(is_open)
    return rows.order_by("-made_at", "-pk")


def notices_since(moment: datetime) -> QuerySet[Notice]:
    """Give every notice made since a moment, for those who carry them further; the oldest first."""
    return Notice.objects.filter(made_at__gte=moment).select_related("clock").order_by("pk")


def is_open(row: Notice) -> bool:
    """Tell whether a notice still asks for something: not settled, and the clock it is about runs."""
    return row.settled_at is None and (row.clock is None or row.clock.stopped_at is None)


def notice(pk: int, *, by: Officer, lock: bool = False) -> Notice:
    """Give one notice of an officer's posts.

    Raises:
        Unknown: There is none, or none of his.
    """
    rows = Notice.objects.filter(visible_notices(by))
    found = (rows.select_for_update() if lock else rows).filter(pk=pk).first() if 0 < pk < 2**63 else None
    if found is None:
        raise Unknown("没有此通知 (there is no such notice)")
    return found
