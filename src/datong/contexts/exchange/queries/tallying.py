# SPDX-License-Identifier: Apache-2.0
"""Calls, errors, times and amounts by resource, consumer or hour, as the gateways tallied them.

Kept here: who may read the calls reads their tallies; times are those of answered calls, told as the edge below which half
or 99 of 100 of them lie; an hour in which nobody called has none.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import TruncDay, TruncHour

from datong.contexts.exchange.models import CallTally
from datong.contexts.exchange.queries import use_visible
from datong.contexts.organisations import face as organisations
from datong.contexts.sharing import face as sharing
from datong.kernel.actors import Officer
from datong.kernel.workdays import SHANGHAI
from datong.wire import tallies

ANSWERED = Q(code="ok")
HOURS = {"24h": 24, "7d": 7 * 24, "30d": 30 * 24, "90d": 90 * 24}
"""Periods one may ask for, in hours."""
USUAL = "24h"
HOURLY = 7 * 24
"""Longest period told by hours; longer ones by days."""


@dataclass(slots=True)
class Figures:
    """Calls of one resource, consumer, hour or day.

    Attributes:
        key: Code, or the moment it begins.
        name: As people know it; "" where a moment says it.
        answered: Calls answered; the others were refused or failed.
        counted: As how many calls they count against the quotas of a day.
    """

    key: Any
    name: str = ""
    calls: int = 0
    answered: int = 0
    rows: int = 0
    bytes: int = 0
    counted: int = 0
    steps: Counter[int] = field(default_factory=Counter)

    @property
    def refused(self) -> int:
        """Calls that were refused or failed."""
        return self.calls - self.answered

    @property
    def median(self) -> float | None:
        """Milliseconds below which half of the answered calls lie; infinity beyond the last edge."""
        return tallies.edge_of(self.steps, 0.5)

    @property
    def slowest(self) -> float | None:
        """Milliseconds below which 99 of 100 answered calls lie; infinity beyond the last edge."""
        return tallies.edge_of(self.steps, 0.99)

    def add(self, other: Figures) -> None:
        """Add another one's figures."""
        self.calls, self.answered = self.calls + other.calls, self.answered + other.answered
        self.rows, self.bytes = self.rows + other.rows, self.bytes + other.bytes
        self.counted += other.counted
        self.steps.update(other.steps)


@dataclass(frozen=True, slots=True)
class Told:
    """Everything a page shows of a period.

    Attributes:
        period: One of `HOURS`.
        since: From which hour on.
        daily: Whether `times` are days, not hours.
        whole: All of it together.
        codes: Why calls were refused or failed, the most frequent first.
    """

    period: str
    since: datetime
    daily: bool
    whole: Figures
    times: list[Figures]
    resources: list[Figures]
    consumers: list[Figures]
    codes: list[tuple[str, int]]


def told(
    by: Officer, *, period: str = USUAL, resource: str = "", department: str = "", channel: str = "", now: datetime | None = None
) -> Told:
    """Tell the calls of a period, as far as the officer may read them.

    Args:
        by: Who reads.
        period: One of `HOURS`; anything else is the usual one.
        resource: Code; "" for all.
        department: Of the consumer; "" for all.
        channel: "" for all.
        now: The present.
    """
    period = period if period in HOURS else USUAL
    hours = HOURS[period]
    hour = (now or datetime.now(UTC)).replace(minute=0, second=0, microsecond=0)
    since = hour - timedelta(hours=hours - 1)
    found = CallTally.objects.filter(use_visible(by), hour__gte=since)
    for name, value in {"resource": resource, "department": department, "channel": channel}.items():
        if value:
            found = found.filter(**{name: value}) if value.isprintable() else found.none()
    daily = hours > HOURLY
    cut = (TruncDay if daily else TruncHour)("hour", tzinfo=SHANGHAI)
    times = _in_order(_by(found.annotate(key=cut)), since, hour, daily=daily)
    whole = Figures("")
    for one in times:
        whole.add(one)
    codes = found.exclude(ANSWERED).values_list("code").annotate(many=Sum("calls")).order_by("-many", "code")
    return Told(period, since, daily, whole, times, _resources(found, by), _consumers(found), list(codes))


def _in_order(found: list[Figures], since: datetime, until: datetime, *, daily: bool) -> list[Figures]:
    """Hours or days one after another, those without calls among them; nothing where there were none at all."""
    known = {one.key: one for one in found}
    start, step = since.astimezone(SHANGHAI), timedelta(days=1) if daily else timedelta(hours=1)
    start = start.replace(hour=0) if daily else start
    many = (until - start) // step + 1 if known else 0
    return [known.get(key, Figures(key)) for key in (start + place * step for place in range(many))]


def _by(found: QuerySet[CallTally]) -> list[Figures]:
    """Figures by `key`, one query; the most called first."""
    made: dict[Any, Figures] = {}
    rows = found.values("key", "step").annotate(
        many=Sum("calls"), fine=Sum("calls", filter=ANSWERED, default=0), given=Sum("rows"), size=Sum("bytes"),
        quota=Sum("counted"),
    )  # fmt: skip
    for row in rows.order_by():
        step = Counter({row["step"]: row["fine"]}) if row["fine"] else Counter[int]()
        one = Figures(row["key"], "", row["many"], row["fine"], row["given"], row["size"], row["quota"], step)
        made.setdefault(row["key"], Figures(row["key"])).add(one)
    return sorted(made.values(), key=lambda one: (-one.calls, str(one.key)))


def _resources(found: QuerySet[CallTally], by: Officer) -> list[Figures]:
    rows = _by(found.annotate(key=F("resource")))
    seen = sharing.grants(by).filter(resource__in=[one.key for one in rows])
    names = dict(seen.order_by().values_list("resource", "resource__name"))
    for one in rows:
        one.name = names.get(one.key, "")
    return rows


def _consumers(found: QuerySet[CallTally]) -> list[Figures]:
    rows = _by(found.annotate(key=F("department")))
    names = organisations.department_names([one.key for one in rows if one.key])
    for one in rows:
        one.name = names.get(one.key, "")
    return rows
