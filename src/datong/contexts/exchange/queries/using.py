# SPDX-License-Identifier: Apache-2.0
"""How grants are used: figures of many at once, those that nobody uses, why something is allowed with today's quota.

Kept here: figures come from the calls the gateways recorded, never from what anybody says; who sees a grant sees its use.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery, Sum

from datong.contexts.exchange.models import Call
from datong.contexts.exchange.queries import ANSWERED, REFUSED, counted_today
from datong.contexts.sharing import face as sharing
from datong.kernel.actors import Officer
from datong.kernel.workdays import received_on

LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Figures:
    """Use of one grant.

    Attributes:
        lately: Calls of the last seven days.
        failing: Those of them that were refused or failed.
        last_at: Last call that was answered.
    """

    calls: int = 0
    refused: int = 0
    rows: int = 0
    lately: int = 0
    failing: int = 0
    last_at: datetime | None = None

    @property
    def health(self) -> str:
        """`fine`, `failing` (half or more of the last week's calls), `some` (fewer), or `silent`."""
        if not self.lately:
            return "silent"
        return "failing" if self.failing * 2 >= self.lately else "some" if self.failing else "fine"


def figures_of(numbers: list[str], now: datetime | None = None) -> dict[str, Figures]:
    """Give the use of each of some grants; the caller has checked that the officer sees them."""
    since = (now or datetime.now(UTC)) - LATELY
    rows = (
        Call.objects.filter(grant__in=numbers)
        .values("grant")
        .annotate(
            made=Sum("calls"),
            refused=Sum("calls", filter=REFUSED, default=0),
            given=Sum("rows", default=0),
            lately=Sum("calls", filter=Q(at__gte=since), default=0),
            failing=Sum("calls", filter=REFUSED & Q(at__gte=since), default=0),
            last_at=Max("at", filter=ANSWERED),
        )
    )
    return {
        one["grant"]: Figures(one["made"], one["refused"], one["given"], one["lately"], one["failing"], one["last_at"])
        for one in rows
    }


def in_use(by: Officer, *, side: str = "", q: str = "", unused_days: int = 0, now: datetime | None = None) -> QuerySet[Any]:
    """Live grants an officer sees with `last_used`, the longest unused first.

    Args:
        by: Who looks.
        side: `consumer` or `provider`: only those of the own department.
        q: As in the list of grants.
        unused_days: Only those made, and last answered, before so many days; 0 gives all.
        now: The present.
    """
    answered = Call.objects.filter(ANSWERED, grant=OuterRef("number")).order_by("-at").values("at")[:1]
    live = sharing.grants(by, side=side, q=q).filter(stage__in=("active", "suspended"))
    rows = live.annotate(last_used=Subquery(answered))
    if unused_days:
        before = (now or datetime.now(UTC)) - timedelta(days=unused_days)
        rows = rows.filter(granted_at__lt=before).filter(Q(last_used=None) | Q(last_used__lt=before))
    return rows.order_by(F("last_used").asc(nulls_first=True), "number")


def unused_days(asked: str) -> int:
    """Read a number of days, the node's where none was given that fits."""
    return int(asked) if asked.isdecimal() and 1 <= int(asked[:6]) <= 3650 else settings.NODE.unused_days


def explained(
    resource: str, *, application: str = "", account: str = "", item: str = "", by: Officer
) -> tuple[sharing.Explanation, dict[str, int]]:
    """Give an explanation, and what is left of today's quota by the number of the grant.

    Raises:
        Malformed: Neither or both of application and account.
        Unknown: Nothing the officer may know about.
    """
    today: date = received_on(datetime.now(UTC))
    told = sharing.explain(resource, application=application, account=account, item=item, today=today, by=by)
    left = {
        one.grant: max(0, one.quota - counted_today(one.grant))
        for one in told.verdicts
        if one.grant and one.quota is not None
    }
    return told, left
