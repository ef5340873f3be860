# SPDX-License-Identifier: Apache-2.0
"""Life of a grant: active, perhaps suspended, ended in one of four ways, its data destroyed (809 arts. 25 and 27).

Kept here: a grant is never edited, only its stage moves beside the signed document; delivery is a mark with a date, for a
grant that was delivered is as active as before. What ended never lives again; what takes its place is a new grant.
"""

from collections.abc import Mapping

from datong.kernel.actors import Role
from datong.kernel.labels import Labelled


class GrantStage(Labelled):
    """Where a grant stands."""

    ACTIVE = "active", "有效"
    SUSPENDED = "suspended", "已暂停"
    REVOKED = "revoked", "已撤销"
    EXPIRED = "expired", "已到期"
    TERMINATED = "terminated", "使用方已终止"
    SUPERSEDED = "superseded", "已由新授权取代"
    DISPOSED = "disposed", "数据已销毁"


LIVE = (GrantStage.ACTIVE, GrantStage.SUSPENDED)
"""Stages in which a grant may still be used, now or after it is put right."""
TO_DISPOSE = (GrantStage.REVOKED, GrantStage.EXPIRED, GrantStage.TERMINATED)
"""Ends after which the consumer destroys what it got; under a superseding grant it goes on using it."""

GRANT_MOVES: Mapping[GrantStage, frozenset[GrantStage]] = {
    GrantStage.ACTIVE: frozenset(
        {GrantStage.SUSPENDED, GrantStage.REVOKED, GrantStage.EXPIRED, GrantStage.TERMINATED, GrantStage.SUPERSEDED}
    ),
    GrantStage.SUSPENDED: frozenset({GrantStage.ACTIVE, GrantStage.REVOKED, GrantStage.EXPIRED, GrantStage.TERMINATED}),
    GrantStage.REVOKED: frozenset({GrantStage.DISPOSED}),
    GrantStage.EXPIRED: frozenset({GrantStage.DISPOSED}),
    GrantStage.TERMINATED: frozenset({GrantStage.DISPOSED}),
    GrantStage.SUPERSEDED: frozenset(),
    GrantStage.DISPOSED: frozenset(),
}
"""Stage to the stages that may follow it. What is suspended is put right before anything takes its place."""

GRANT_LABELS: Mapping[GrantStage, str] = {stage: stage.label for stage in GrantStage}
"""Stage to what people read."""

GRANT_HOLDER: Mapping[GrantStage, Role | None] = {
    GrantStage.ACTIVE: None,
    GrantStage.SUSPENDED: Role.PROVIDER_HEAD,
    GrantStage.REVOKED: Role.APPLICANT,
    GrantStage.EXPIRED: Role.APPLICANT,
    GrantStage.TERMINATED: Role.APPLICANT,
    GrantStage.SUPERSEDED: None,
    GrantStage.DISPOSED: None,
}
"""Stage to the role that acts next."""

GRANT_TAG: Mapping[GrantStage, str] = {
    GrantStage.ACTIVE: "sharing.grant.resumed",
    GrantStage.SUSPENDED: "sharing.grant.suspended",
    GrantStage.REVOKED: "sharing.grant.revoked",
    GrantStage.EXPIRED: "sharing.grant.expired",
    GrantStage.TERMINATED: "sharing.grant.terminated",
    GrantStage.SUPERSEDED: "sharing.grant.superseded",
    GrantStage.DISPOSED: "sharing.grant.disposed",
}
"""Stage to the act recorded when it is reached from another one."""
GRANT_MADE = "sharing.grant.made"


class TerminationCause(Labelled):
    """Why the consumer ends a grant itself (809 art. 27)."""

    MET = "met", "共享目的已实现"
    IMPOSSIBLE = "impossible", "共享目的无法实现"
    UNNEEDED = "unneeded", "不再需要使用"


REMIND_ON = (30, 7, 1)
"""Days before the last one on which both sides are reminded of the end."""


def reminder_due(left: int) -> int | None:
    """Give the reminder that belongs to so many days left, None while it is too early or the term is over."""
    fitting = [days for days in REMIND_ON if 0 <= left <= days]
    return min(fitting) if fitting else None
