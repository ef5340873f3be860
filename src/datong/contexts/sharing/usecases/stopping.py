# SPDX-License-Identifier: Apache-2.0
"""The life of a grant after it is made: suspended, resumed, revoked, expired, delivered (809 arts. 22, 25, 27).

Kept here: the signed document stays as it is; only the stage beside it moves, each time with reason, officer and act.
The act itself tells the follower that builds the gateways' policy.
"""

from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.sharing import permissions, queries
from datong.contexts.sharing.domain import GRANT_MOVES, GRANT_TAG, GrantStage
from datong.contexts.sharing.models import Grant
from datong.contexts.sharing.usecases import clocks
from datong.contexts.sharing.usecases.requesting import needed
from datong.kernel.actors import SYSTEM, Officer
from datong.kernel.stages import move
from datong.kernel.workdays import received_on

DELIVERED = "sharing.grant.delivered"


def suspend_grant(number: str, reason: str, *, by: Officer) -> Grant:
    """Suspend an active grant.

    Raises:
        Unknown: No such grant, or none visible.
        Refused: Neither the provider's head nor the authority nor the security officer.
        IllegalMove: Not active.
        Malformed: No reason.
    """
    return _stop(number, GrantStage.SUSPENDED, reason, by)


def resume_grant(number: str, reason: str, *, by: Officer) -> Grant:
    """Let a suspended grant work again; raises as `suspend_grant`."""
    return _stop(number, GrantStage.ACTIVE, reason, by)


def revoke_grant(number: str, reason: str, *, by: Officer) -> Grant:
    """End a grant for good; raises as `suspend_grant`."""
    return _stop(number, GrantStage.REVOKED, reason, by)


def expire_grants(now: datetime | None = None) -> int:
    """Expire each grant whose last day has passed in Shanghai, each in a transaction of its own.

    Args:
        now: An aware time; None is the present.

    Returns:
        How many expired.
    """
    moment = now or datetime.now(UTC)
    live = [GrantStage.ACTIVE, GrantStage.SUSPENDED]
    late = Grant.objects.filter(stage__in=live, valid_until__lt=received_on(moment)).order_by("number")
    return sum(_expire(pk, moment) for pk in list(late.values_list("pk", flat=True)))


@transaction.atomic
def record_delivery(number: str, *, at: datetime | None = None, by: Officer = SYSTEM) -> bool:
    """Stop the delivery clock of a grant at its first truly successful use or landing (809 art. 22).

    Returns:
        Whether this was the first one; otherwise nothing is written.
    """
    moment = at or datetime.now(UTC)
    if not clocks.stop(number, moment, DELIVERED):
        return False
    audit.record(DELIVERED, by=by, subject=number, facts={"at": moment.astimezone(UTC).isoformat()})
    return True


@transaction.atomic
def _stop(number: str, wanted: GrantStage, reason: str, by: Officer) -> Grant:
    row = queries.grant_of(number, by=by, lock=True)
    permissions.check_may_stop(by, row.provider_id)
    move(GRANT_MOVES, f"grant {number}", GrantStage(row.stage), wanted)
    return _to(row, wanted, needed("reason", reason), by, datetime.now(UTC))


@transaction.atomic
def _expire(pk: int, now: datetime) -> bool:
    row = Grant.objects.select_for_update().get(pk=pk)
    if GrantStage.EXPIRED not in GRANT_MOVES[GrantStage(row.stage)]:
        return False
    _to(row, GrantStage.EXPIRED, f"授权期满 (the term ended on {row.valid_until})", SYSTEM, now)
    return True


def _to(row: Grant, wanted: GrantStage, reason: str, by: Officer, now: datetime) -> Grant:
    row.stage, row.stage_reason = wanted, reason
    row.changed_by, row.changed_at = by.account, now
    row.save(update_fields=["stage", "stage_reason", "changed_by", "changed_at"])
    if wanted in (GrantStage.REVOKED, GrantStage.EXPIRED):
        clocks.stop(row.number, now, GRANT_TAG[wanted])
    audit.record(GRANT_TAG[wanted], by=by, subject=row.number, facts={"reason": reason})
    return row
