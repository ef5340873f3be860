# SPDX-License-Identifier: Apache-2.0
"""Clocks: the statutory periods of a request or a grant, running or stopped."""

from django.db.models import QuerySet

from datong.contexts.sharing.models import Clock


def clocks_of(subject: str) -> QuerySet[Clock]:
    """Give every clock of a request or grant, the first started first."""
    return Clock.objects.filter(subject=subject).order_by("started_at")


def clock_of(subject: str) -> Clock | None:
    """Give the clock that runs on a request or grant now, else the last one that ran."""
    return clocks_of(subject).order_by("-stopped_at", "-started_at").first()


def running(subjects: list[str]) -> dict[str, Clock]:
    """Give the running clock of each of some requests or grants that has one."""
    rows = Clock.objects.filter(subject__in=subjects, stopped_at=None).order_by("-due")
    return {clock.subject: clock for clock in rows}
