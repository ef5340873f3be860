# SPDX-License-Identifier: Apache-2.0
"""Deputies (授权代办): someone lets another of the department do his work for a time, and takes it back at any moment.

Kept here: the deputy keeps his own account and name, so every act shows who did it; what he acts for is written into each
act. Whatever the one he acts for may not do because of a hand in a matter, he may not do either.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.organisations import domain, permissions, queries
from datong.contexts.organisations.models import Account, Appointment, Delegation
from datong.contexts.organisations.usecases.accounts import locked
from datong.kernel import texts
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Conflict, IllegalMove, Malformed, Unknown
from datong.kernel.workdays import received_on


@transaction.atomic
def delegate(deputy: str, roles: Iterable[str], *, by: Officer, first_day: date, last_day: date, reason: str) -> Delegation:
    """Let another account of the own department do one's work in some roles.

    Args:
        deputy: Sign-in name of the one who will do it.
        roles: Roles he gets, of those one was appointed to.
        by: Whose work it is.
        first_day: First day, in Shanghai; not in the past.
        last_day: Last day.
        reason: Why, such as leave.

    Raises:
        Malformed: A field out of shape, an unknown deputy, oneself, or days that do not fit.
        Refused: A role of 三员 (GB/T 39477-2020), one not held, or exclusive roles of the deputy.
        Conflict: This deputy does this work on one of these days already.
    """
    own = _locked_self(by)
    wanted = _roles(roles)
    why = texts.lines("reason", reason, longest=300, least=2)
    domain.check_term(first_day, last_day, received_on(datetime.now(UTC)))
    other = _deputy(deputy, own)
    held = frozenset(Role(role) for role in Appointment.objects.filter(account=own).values_list("role", flat=True))
    permissions.check_delegates(held, wanted)
    has = frozenset(Role(role) for role in Appointment.objects.filter(account=other).values_list("role", flat=True))
    domain.check_roles(has | wanted, department=other.department_id or "")
    same = Delegation.objects.filter(principal=own, deputy=other, ended_at=None, last_day__gte=first_day, first_day__lte=last_day)
    if same.filter(roles__overlap=[role.value for role in wanted]).exists():
        raise Conflict(
            "这位同事在这段时间已经代办您的工作 (this deputy does this work on some of these days already)",
            remedy="先结束原来的代办 (end the other delegation first)",
        )
    listed = sorted(role.value for role in wanted)
    made = Delegation.objects.create(
        principal=own, deputy=other, roles=listed, first_day=first_day, last_day=last_day, reason=why
    )
    facts = {"delegation": made.pk, "principal": own.username, "roles": made.roles, "first_day": first_day.isoformat(),
             "last_day": last_day.isoformat(), "reason": why}  # fmt: skip
    audit.record("organisations.delegation.made", by=by, subject=other.username, facts=facts)
    return made


@transaction.atomic
def end_delegation(delegation: int, *, by: Officer) -> Delegation:
    """End a delegation now; the deputy has lost the roles with his next request.

    Raises:
        Unknown: No such delegation, or none visible.
        Refused: Neither the one who gave it nor the security officer.
        IllegalMove: It is over.
    """
    row = queries.delegation(delegation, by=by, lock=True)
    permissions.check_ends_delegation(by, row.principal.username)
    if row.state is domain.DelegationState.OVER:
        raise IllegalMove(f"delegation {row.pk}", "over", "over", remedy="无须再办 (nothing to do)")
    row.ended_by, row.ended_at = by.account, datetime.now(UTC)
    row.save(update_fields=["ended_by", "ended_at"])
    facts = {"delegation": row.pk, "principal": row.principal.username, "roles": row.roles}
    audit.record("organisations.delegation.ended", by=by, subject=row.deputy.username, facts=facts)
    return row


def _locked_self(by: Officer) -> Account:
    own = locked(by.account)
    if own.department_id is None:
        raise Malformed(
            "您的账号不属于部门，没有可以代办的工作 (an account of no department has no work to delegate)",
            fields={"deputy": "同一部门的同事 (of the same department)"},
        )
    return own


def _deputy(username: str, own: Account) -> Account:
    """Give the deputy; unknown, suspended, of another department and oneself read alike."""
    try:
        other = queries.account(domain.check_username(username), by=queries.officer_of(own.pk))
    except (Unknown, Malformed):
        other = None
    if other is None or not other.active or other.department != own.department_id or other.username == own.username:
        raise Malformed(
            "代办人须是本部门另一位在用账号 (the deputy is another active account of the same department)",
            fields={"deputy": "本部门另一位同事 (another one of the department)"},
        )
    return Account.objects.get(username=other.username)


def _roles(roles: Iterable[str]) -> frozenset[Role]:
    named = list(roles)
    if not named or not all(role in list(Role) for role in named):
        raise Malformed(
            "请选择由谁代办哪些角色 (choose at least one role)", fields={"roles": f"one or more of {', '.join(Role)}"}
        )
    return frozenset(Role(role) for role in named)
