# SPDX-License-Identifier: Apache-2.0
"""Starting, pausing, stopping and extending statutory clocks, in the transaction of whoever has the reason.

Kept here: a clock notes the calendar it was computed on, so that anyone can compute it again; the node may shorten a
period (`node.toml`), never lengthen it; an extension is given once; whatever moves a last day computes it anew from start,
days, extension and pauses.
"""

from datetime import datetime

from django.conf import settings
from django.db.models import Value
from django.db.models.functions import Greatest

from datong.contexts.organisations import face as organisations
from datong.contexts.periods.domain import Holder, Rule, Subject, days_of, due_of, extension_of
from datong.contexts.periods.models import Clock, Pause
from datong.contexts.periods.queries import pauses_of
from datong.kernel.errors import IllegalMove, Refused
from datong.kernel.workdays import received_on

SHORTENED = {
    Rule.UPDATE: "catalog_update_days",
    Rule.REVIEW: "catalog_review_days",
    Rule.CONDITIONAL: "answer_days",
    Rule.DELIVERY: "delivery_days",
    Rule.DEMAND: "demand_days",
}
"""Rule to the setting of the node that may shorten it."""
LONGEST_TITLE = 300


def start(rule: str, subject: Subject, holder: Holder, at: datetime) -> Clock:
    """Start the clock of a rule; the day of the event is not counted.

    Args:
        rule: A rule of the statute.
        subject: What it runs on.
        holder: Who has to act before it runs out.
        at: When the event was; its day in Shanghai counts.
    """
    wanted = getattr(settings.NODE, SHORTENED[rule]) if rule in SHORTENED else None
    days = days_of(rule, wanted)
    calendar = organisations.working_calendar()
    due = calendar.add_days(received_on(at), days)
    return Clock.objects.create(
        subject_kind=subject.kind,
        subject=subject.code,
        title=subject.title[:LONGEST_TITLE],
        href=subject.href,
        role=holder.role.value,
        department=holder.department,
        region=holder.region,
        rule=rule,
        started_at=at,
        days=days,
        due=due.due,
        calendar_version=calendar.version,
        published=due.published,
        warning=due.warning or "",
    )


def stop(subject: str, at: datetime, tag: str, *, rule: str = "") -> int:
    """Stop whatever runs on a subject, or the clock of one rule; gives how many clocks that were."""
    rows = Clock.objects.filter(subject=subject, stopped_at=None)
    rows = rows.filter(rule=rule) if rule else rows
    still = Pause.objects.filter(clock__in=rows, ended_at=None)
    still.update(ended_at=Greatest("began_at", Value(at)), ended_by=tag)
    return rows.update(stopped_at=Greatest("started_at", Value(at)), stopped_by=tag, paused_at=None)


def resume(clock: Clock) -> None:
    """Let a stopped clock go on as if it had never stopped: its last day stays."""
    clock.stopped_at, clock.stopped_by = None, ""
    clock.save(update_fields=["stopped_at", "stopped_by"])


def pause(clock: Clock, reason: str, at: datetime, tag: str) -> Pause:
    """Let a running clock stand still.

    Args:
        clock: Runs, and stands not still yet.
        reason: Why.
        at: Its day in Shanghai is the last one that counts.
        tag: Of the act that pauses it.

    Raises:
        IllegalMove: It is stopped, or stands still already.
    """
    if clock.stopped_at or clock.paused_at:
        raise IllegalMove(f"period of {clock.subject}", "stopped" if clock.stopped_at else "paused", "paused")
    began = max(at, clock.started_at)
    made = Pause.objects.create(clock=clock, reason=reason[:LONGEST_TITLE], began_at=began, began_by=tag)
    clock.paused_at = began
    clock.save(update_fields=["paused_at"])
    return made


def go_on(clock: Clock, at: datetime, tag: str) -> Clock:
    """Let a clock that stands still go on; the working days it stood still are added to its last day.

    Raises:
        IllegalMove: It does not stand still.
    """
    still = clock.pauses.filter(ended_at=None).first()
    if clock.stopped_at or still is None:
        raise IllegalMove(f"period of {clock.subject}", "running", "running")
    still.ended_at, still.ended_by = max(at, still.began_at), tag
    still.save(update_fields=["ended_at", "ended_by"])
    clock.paused_at = None
    return _computed(clock)


def extend(clock: Clock, days: int, *, consent: str = "") -> Clock:
    """Extend a running clock, once; whoever calls has checked the authority's consent.

    Args:
        clock: Runs.
        days: Working days more.
        consent: What the authority's consent is known by.

    Raises:
        Malformed: More days than the law gives.
        Refused: Extended already, or stopped.
    """
    extra = extension_of(clock.rule, days)
    if clock.extended_days or clock.stopped_at:
        raise Refused(
            "期限只能延长一次 (a period is extended once)",
            remedy="请在期限内办结 (finish within the period)",
            rule="政务数据共享条例第十七条、第二十一条",
        )
    clock.extended_days, clock.consent = extra, consent
    return _computed(clock)


def _computed(clock: Clock) -> Clock:
    """Compute the last day anew on the calendar as it stands; reminders begin again where it moved."""
    calendar = organisations.working_calendar()
    before, days = clock.due, clock.days + clock.extended_days
    due = due_of(calendar, received_on(clock.started_at), days, pauses_of(clock))
    clock.due, clock.calendar_version = due.due, calendar.version
    clock.published, clock.warning = due.published, due.warning or ""
    if clock.due != before:
        clock.reminded_at = clock.escalated_at = None
    clock.save()
    return clock
