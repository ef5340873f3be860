# SPDX-License-Identifier: Apache-2.0
"""Reads of delegations: who does whose work today, and whose hands an act of the past was.

Kept here: a deputy has what the account he acts for still holds: a role taken from that one is taken from him too; one who
is suspended has no deputy. `visible_delegations` is the one predicate.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from datong.contexts.organisations.domain import DelegationState, DelegationView
from datong.contexts.organisations.models import Appointment, Delegation
from datong.contexts.organisations.permissions import sees_all_accounts
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Unknown
from datong.kernel.workdays import received_on

NEEDED = ("principal__department", "deputy")


def today() -> date:
    """The day in Shanghai."""
    return received_on(datetime.now(UTC))


def valid_on(day: date) -> Q:
    """Which delegations let the deputy act on a day."""
    same = Q(principal__active=True, deputy__active=True, principal__department=F("deputy__department"))
    return same & Q(ended_at=None, first_day__lte=day, last_day__gte=day)


def lent(day: date) -> ArraySubquery:
    """What is lent to an account of an outer query on a day: for each delegation principal, roles lent, roles he holds."""
    held = ArraySubquery(Appointment.objects.filter(account=OuterRef("principal")).values("role"))
    rows = Delegation.objects.filter(valid_on(day), deputy=OuterRef("pk")).order_by("pk")
    return ArraySubquery(rows.values(one=JSONObject(principal="principal__username", roles="roles", held=held)))


def deputies_of(role: Role, accounts: Iterable[str]) -> list[str]:
    """Give the sign-in names of those who act today in a role for one of some accounts that hold it."""
    rows = Delegation.objects.filter(valid_on(today()), principal__username__in=list(accounts), roles__contains=[role.value])
    return sorted(set(rows.values_list("deputy__username", flat=True)))


def behind(acts: Iterable[tuple[str, datetime | None]]) -> frozenset[str]:
    """Give the accounts whose hands some acts were: those who acted, and those for whom they acted at that time.

    Args:
        acts: Account and moment of each act; an act without a moment is of the account alone.
    """
    done = [(account, at) for account, at in acts if account]
    moments = Q(pk__in=[])
    for account, at in done:
        if at is not None:
            before_end = Q(ended_at=None) | Q(ended_at__gt=at)
            moments |= Q(deputy__username=account, first_day__lte=received_on(at), last_day__gte=received_on(at)) & before_end
    principals = Delegation.objects.filter(moments).values_list("principal__username", flat=True)
    return frozenset(account for account, _ in done) | frozenset(principals)


def visible_delegations(by: Officer) -> Q:
    """Which delegations an officer sees: all, or those he gave or was given."""
    if sees_all_accounts(by):
        return ~Q(pk__in=[])
    return Q(principal__username=by.account) | Q(deputy__username=by.account)


def delegations(by: Officer, *, state: str = "", q: str = "") -> QuerySet[Delegation]:
    """Give the delegations an officer sees, newest first.

    Args:
        by: Who looks.
        state: Only those that stand so today (`DelegationState`).
        q: Only those whose accounts, names or department hold this text.
    """
    rows = Delegation.objects.select_related(*NEEDED).filter(visible_delegations(by))
    day, over = today(), Q(ended_at__isnull=False) | Q(last_day__lt=today())
    if state == DelegationState.OVER:
        rows = rows.filter(over)
    elif state in list(DelegationState):
        begun = Q(first_day__lte=day)
        rows = rows.filter(begun if state == DelegationState.VALID else ~begun).exclude(over)
    if q and q.isprintable():
        sides = [f"{side}__{name}__icontains" for side in ("principal", "deputy") for name in ("username", "name")]
        wanted = Q(principal__department__name__icontains=q)
        for side in sides:
            wanted |= Q(**{side: q})
        rows = rows.filter(wanted)
    return rows.order_by("-made_at", "-pk")


def delegation(pk: int, *, by: Officer, lock: bool = False) -> Delegation:
    """Give one delegation an officer sees.

    Raises:
        Unknown: There is none, or none visible.
    """
    rows = Delegation.objects.select_related(*NEEDED).filter(visible_delegations(by))
    rows = rows.select_for_update(of=("self",)) if lock else rows
    found = rows.filter(pk=pk).first() if 0 < pk < 2**63 else None
    if found is None:
        raise Unknown("没有此代办授权 (there is no such delegation)")
    return found


def delegation_view(row: Delegation) -> DelegationView:
    """Give the view of a delegation whose accounts are at hand."""
    home = row.principal.department
    return DelegationView(
        id=row.pk,
        principal=row.principal.username,
        principal_name=row.principal.name,
        deputy=row.deputy.username,
        deputy_name=row.deputy.name,
        department=home.uscc if home else "",
        department_name=home.name if home else "",
        roles=tuple(row.roles),
        first_day=row.first_day,
        last_day=row.last_day,
        reason=row.reason,
        made_at=row.made_at,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
        state=row.state.value,
    )
