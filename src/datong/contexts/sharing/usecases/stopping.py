# SPDX-License-Identifier: Apache-2.0
"""The life of a grant after it is made: suspended, resumed, ended by either side or by time, delivered (809 arts. 22, 27).

Kept here: the signed document stays as it is; only the stage beside it moves, each time with reason, officer and act.
The act itself tells the follower that builds the gateways' policy.
"""

from datetime import UTC, date, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.sharing import permissions, queries
from datong.contexts.sharing.domain import GRANT_MOVES, LIVE, GrantStage, TerminationCause
from datong.contexts.sharing.models import Grant
from datong.contexts.sharing.usecases import clocks, moving
from datong.contexts.sharing.usecases.requesting import LONGEST_NOTE, needed
from datong.kernel import texts
from datong.kernel.actors import SYSTEM, Officer
from datong.kernel.errors import Malformed
from datong.kernel.stages import move
from datong.kernel.workdays import received_on

DELIVERED = "sharing.grant.delivered"


def suspend_grant(number: str, reason: str, *, by: Officer, mend_by: date | None = None) -> Grant:
    """Suspend an active grant on misuse, until it is put right (809 art. 27).

    Args:
        number: Of the grant.
        reason: What is wrong.
        by: The provider's head, the authority or the security officer.
        mend_by: Last day to put it right; None sets none.

    Raises:
        Unknown: No such grant, or none visible.
        Refused: Neither the provider's head nor the authority nor the security officer.
        IllegalMove: Not active.
        Malformed: No reason, or a day that has passed.
    """
    return _stop(number, GrantStage.SUSPENDED, reason, by, mend_by)


def resume_grant(number: str, reason: str, *, by: Officer) -> Grant:
    """Let a suspended grant work again; raises as `suspend_grant`."""
    return _stop(number, GrantStage.ACTIVE, reason, by)


def revoke_grant(number: str, reason: str, *, by: Officer) -> Grant:
    """End a grant for good; raises as `suspend_grant`.

    The provider alone ends only what it suspended and what was not put right: a service in order is not stopped by one
    side, it takes a change that is negotiated and filed (809 art. 27).
    """
    return _stop(number, GrantStage.REVOKED, reason, by)


def expire_grants(now: datetime | None = None) -> int:
    """Expire each grant whose last day has passed in Shanghai, each in a transaction of its own.

    Args:
        now: An aware time; None is the present.

    Returns:
        How many expired.
    """
    moment = now or datetime.now(UTC)
    late = Grant.objects.filter(stage__in=LIVE, valid_until__lt=received_on(moment)).order_by("number")
    return sum(_expire(pk, moment) for pk in list(late.values_list("pk", flat=True)))


@transaction.atomic
def terminate_grant(number: str, cause: str, note: str = "", *, by: Officer) -> Grant:
    """End a grant as its consumer: the purpose is met, cannot be met, or the data are no longer needed (809 art. 27).

    Raises:
        Unknown: No such grant, or none visible.
        Refused: Neither applicant nor head of the consumer.
        IllegalMove: Ended already.
        Malformed: A cause not in the list, or a note that does not read.
    """
    row = queries.grant_of(number, by=by, lock=True)
    permissions.check_may_terminate(by, row.consumer_id)
    if cause not in list(TerminationCause):
        choose = f"请从列表中选择 (choose one of): {', '.join(TerminationCause)}"
        raise Malformed("请选择终止原因 (say why it ends)", fields={"cause": choose}, rule=permissions.RULE_27)
    said = texts.lines("note", note, longest=LONGEST_NOTE)
    why = TerminationCause(cause).label + (f"：{said}" if said else "")
    return moving.shift(row, GrantStage.TERMINATED, why, by=by, at=datetime.now(UTC), cause=cause)


@transaction.atomic
def record_delivery(number: str, *, at: datetime | None = None, by: Officer = SYSTEM) -> bool:
    """Mark a grant delivered and stop its clock at its first truly successful use or landing (809 art. 22).

    Returns:
        Whether this was the first one; otherwise nothing is written.
    """
    moment = at or datetime.now(UTC)
    marked = Grant.objects.filter(number=number, delivered_at=None).update(delivered_at=moment)
    if not clocks.stop(number, moment, DELIVERED) and not marked:
        return False
    audit.record(DELIVERED, by=by, subject=number, facts={"at": moment.astimezone(UTC).isoformat()})
    return True


@transaction.atomic
def _stop(number: str, wanted: GrantStage, reason: str, by: Officer, mend_by: date | None = None) -> Grant:
    row = queries.grant_of(number, by=by, lock=True)
    permissions.check_may_stop(by, row.provider_id)
    move(GRANT_MOVES, f"grant {number}", GrantStage(row.stage), wanted)
    if wanted is GrantStage.REVOKED:
        permissions.check_may_revoke(by, in_order=row.stage == GrantStage.ACTIVE)
    why, now = needed("reason", reason), datetime.now(UTC)
    row.mend_by = _mend_by(mend_by, received_on(now))
    facts = {"mend_by": row.mend_by.isoformat()} if row.mend_by else {}
    return moving.shift(row, wanted, why, by=by, at=now, **facts)


def _mend_by(day: date | None, today: date) -> date | None:
    if day is not None and day < today:
        raise Malformed(
            "整改期限已过 (the day has passed)", fields={"mend_by": "不早于今天 (today or later)"}, rule=permissions.RULE_27
        )
    return day


@transaction.atomic
def _expire(pk: int, now: datetime) -> bool:
    row = Grant.objects.select_for_update(of=("self",)).select_related(*queries.SIDES).get(pk=pk)
    if GrantStage.EXPIRED not in GRANT_MOVES[GrantStage(row.stage)]:
        return False
    moving.shift(row, GrantStage.EXPIRED, f"授权期满 (the term ended on {row.valid_until})", by=SYSTEM, at=now)
    return True
