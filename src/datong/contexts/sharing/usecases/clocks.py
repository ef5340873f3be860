# SPDX-License-Identifier: Apache-2.0
"""Starting and stopping statutory clocks.

Kept here: a clock notes the calendar it was computed on, so that anyone can compute it again.
"""

from datetime import datetime

from datong.contexts.organisations import face as organisations
from datong.contexts.sharing.domain import DAYS
from datong.contexts.sharing.models import Clock
from datong.kernel.workdays import received_on


def start(kind: str, subject: str, rule: str, at: datetime) -> Clock:
    """Start the clock of a rule on a request or grant; the day of the event is not counted."""
    calendar = organisations.working_calendar()
    due = calendar.add_days(received_on(at), DAYS[rule])
    return Clock.objects.create(
        subject_kind=kind,
        subject=subject,
        rule=rule,
        started_at=at,
        days=DAYS[rule],
        due=due.due,
        calendar_version=calendar.version,
        published=due.published,
        warning=due.warning or "",
    )


def stop(subject: str, at: datetime, tag: str) -> int:
    """Stop whatever runs on a request or grant; gives how many clocks that were."""
    return Clock.objects.filter(subject=subject, stopped_at=None, started_at__lte=at).update(stopped_at=at, stopped_by=tag)
