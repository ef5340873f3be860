# SPDX-License-Identifier: Apache-2.0
"""Starting, stopping and extending statutory clocks, in the transaction of whoever has the reason.

Kept here: a clock notes the calendar it was computed on, so that anyone can compute it again; the node may shorten a
period (`node.toml`), never lengthen it; an extension is given once.
"""

from datetime import datetime

from django.conf import settings
from django.db.models import Value
from django.db.models.functions import Greatest

from datong.contexts.organisations import face as organisations
from datong.contexts.periods.domain import Holder, Rule, Subject, days_of, extension_of
from datong.contexts.periods.models import Clock
from datong.kernel.errors import Refused
from datong.kernel.workdays import received_on

SHORTENED = {Rule.UPDATE: "catalog_update_days", Rule.REVIEW: "catalog_review_days"}
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
    return rows.update(stopped_at=Greatest("started_at", Value(at)), stopped_by=tag)


def resume(clock: Clock) -> None:
    """Let a stopped clock go on as if it had never stopped: its last day stays."""
    clock.stopped_at, clock.stopped_by = None, ""
    clock.save(update_fields=["stopped_at", "stopped_by"])


def extend(clock: Clock, days: int) -> Clock:
    """Extend a running clock, once; whoever calls has checked the authority's consent.

    Raises:
        Malformed: More days than the law gives.
        Refused: Extended already, or stopped.
    """
    extra = extension_of(clock.rule, days)
    if clock.extended_days or clock.stopped_at:
        raise Refused(
            "期限只能延长一次 (a period is extended once)",
            remedy="请在期限内办结 (finish within the period)",
            rule="政务数据共享条例第十七条",
        )
    calendar = organisations.working_calendar()
    due = calendar.add_days(received_on(clock.started_at), clock.days + extra)
    clock.extended_days, clock.due, clock.calendar_version = extra, due.due, calendar.version
    clock.published, clock.warning = due.published, due.warning or ""
    clock.reminded_at = clock.escalated_at = None
    clock.save()
    return clock
