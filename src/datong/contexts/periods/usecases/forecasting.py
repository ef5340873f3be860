# SPDX-License-Identifier: Apache-2.0
"""What a period would come to if its event were on a day: the same days and calendar as a clock, and no row."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings

from datong.contexts.organisations import face as organisations
from datong.contexts.periods.domain import EXTENSION, days_of
from datong.contexts.periods.usecases.clocks import SHORTENED


@dataclass(frozen=True, slots=True)
class Forecast:
    """The last day of a period that has not begun.

    Attributes:
        days: Working days, as the law gives or the node shortened.
        published: Whether each day counted lies in a year whose holidays are announced (else 未公布).
        extended: Working days it may be extended by, with consent; 0 where it may not.
        latest: Last day if it is extended.
    """

    rule: str
    days: int
    due: date
    published: bool
    warning: str
    calendar_version: str
    extended: int
    latest: date


def forecast(rule: str, event: date) -> Forecast:
    """Give when a period would end.

    Args:
        rule: A rule of the statute.
        event: Day of the event in Shanghai; not counted.
    """
    days = days_of(rule, getattr(settings.NODE, SHORTENED[rule]) if rule in SHORTENED else None)
    calendar = organisations.working_calendar()
    due, extended = calendar.add_days(event, days), EXTENSION.get(rule, 0)
    latest = calendar.add_days(event, days + extended)
    return Forecast(
        rule=rule,
        days=days,
        due=due.due,
        published=due.published,
        warning=due.warning or "",
        calendar_version=calendar.version,
        extended=extended,
        latest=latest.due,
    )
