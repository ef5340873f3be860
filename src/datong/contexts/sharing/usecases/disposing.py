# SPDX-License-Identifier: Apache-2.0
"""Destruction after the end of a grant: the provider's demand, the consumer's certificate, the breach (809 art. 27).

Kept here: the task stands from the moment the grant ends; a breach is told to provider and authority once, and remains
to be seen until the certificate comes; the provider may lift a task with a reason, nobody else.
"""

import hashlib
from datetime import UTC, date, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.periods import face as periods
from datong.contexts.sharing import permissions, queries
from datong.contexts.sharing.domain import GrantStage
from datong.contexts.sharing.domain.disposals import (
    DISPOSAL_MOVES,
    DISPOSAL_TAG,
    RULE_27,
    Certificate,
    DisposalStage,
    check_certificate,
)
from datong.contexts.sharing.models import DisposalTask, Grant
from datong.contexts.sharing.usecases import moving
from datong.contexts.sharing.usecases.requesting import needed
from datong.kernel import texts
from datong.kernel.actors import SYSTEM, Officer
from datong.kernel.errors import IllegalMove, Malformed
from datong.kernel.stages import move
from datong.kernel.workdays import received_on

DEMANDED = "sharing.disposal.demanded"


@transaction.atomic
def demand_disposal(number: str, due: date, demand: str, *, by: Officer) -> DisposalTask:
    """Say until when and how data are destroyed, as the provider's head.

    Raises:
        Unknown: No such task, or none visible.
        Refused: Not the provider's head.
        IllegalMove: Settled already.
        Malformed: A day that has passed, or no demand.
    """
    row = queries.disposal_of(number, by=by, lock=True)
    permissions.check_may_lift(by, row.grant.provider_id)
    if row.stage != DisposalStage.OPEN:
        raise IllegalMove(f"disposal {number}", row.stage, "demanded")
    if due < moving.today():
        raise Malformed("期限已过 (the day has passed)", fields={"due": "不早于今天 (today or later)"}, rule=RULE_27)
    row.due, row.demand = due, texts.lines("demand", demand, longest=1000, least=1)
    row.save(update_fields=["due", "demand"])
    words = f"提供部门要求 {due} 前销毁：{row.demand} (the provider wants it destroyed by {due})"
    moving.tell_consumer(row.grant, words, kind="disposal", code=number, href=f"/disposals/{number}", by=by)
    audit.record(DEMANDED, by=by, subject=number, facts={"due": due.isoformat(), "demand": row.demand})
    return row


@transaction.atomic
def certify_disposal(number: str, given: Certificate, *, by: Officer) -> DisposalTask:
    """Hand in the certificate of destruction, as the consumer; the grant is then over for good.

    Raises:
        Unknown: No such task, or none visible.
        Refused: Neither applicant nor head of the consumer.
        IllegalMove: Settled already.
        Malformed: With every field that is missing or does not read.
    """
    row = queries.disposal_of(number, by=by, lock=True)
    permissions.check_may_terminate(by, row.grant.consumer_id)
    wanted = move(DISPOSAL_MOVES, f"disposal {number}", DisposalStage(row.stage), DisposalStage.CERTIFIED)
    now = datetime.now(UTC)
    check_certificate(given, received_on(now))
    row.what = texts.lines("what", given.what, longest=1000)
    row.performed_by = texts.line("performed_by", given.performed_by, longest=200)
    row.method, row.performed_on = given.method, given.performed_on
    row.file_name = texts.line("file", given.file_name, longest=200, least=0)
    row.file, row.file_digest = given.file, hashlib.sha256(given.file).hexdigest() if given.file else ""
    moving.settle_disposal(row, wanted, by=by, at=now)
    why = f"已提交销毁证明 {number} (certificate {number})"
    grant = Grant.objects.select_for_update(of=("self",)).select_related(*queries.SIDES).get(pk=row.grant_id)
    moving.shift(grant, GrantStage.DISPOSED, why, by=by, at=now)
    facts = {"grant": grant.number, "method": row.method, "performed_on": str(row.performed_on), "file": row.file_digest}
    audit.record(DISPOSAL_TAG[wanted], by=by, subject=number, facts=facts)
    return row


@transaction.atomic
def lift_disposal(number: str, reason: str, *, by: Officer) -> DisposalTask:
    """Let a consumer keep what it got, as the provider's head, with a reason.

    Raises:
        Unknown: No such task, or none visible.
        Refused: Not the provider's head.
        IllegalMove: Settled already.
        Malformed: No reason.
    """
    row = queries.disposal_of(number, by=by, lock=True)
    permissions.check_may_lift(by, row.grant.provider_id)
    wanted = move(DISPOSAL_MOVES, f"disposal {number}", DisposalStage(row.stage), DisposalStage.LIFTED)
    row.reason = needed("reason", reason)[:1000]
    moving.settle_disposal(row, wanted, by=by, at=datetime.now(UTC))
    moving.tell_consumer(row.grant, f"{number} 已免除：{row.reason} ({number} was lifted)", by=by)
    audit.record(DISPOSAL_TAG[wanted], by=by, subject=number, facts={"reason": row.reason})
    return row


def watch_disposals(now: datetime | None = None) -> int:
    """Mark each task that is overdue as a breach, each in a transaction of its own; gives how many."""
    moment = now or datetime.now(UTC)
    late = DisposalTask.objects.filter(stage=DisposalStage.OPEN, due__lt=received_on(moment)).order_by("number")
    return sum(_breach(pk, moment) for pk in list(late.values_list("pk", flat=True)))


@transaction.atomic
def _breach(pk: int, now: datetime) -> bool:
    row = DisposalTask.objects.select_for_update().get(pk=pk)
    if DisposalStage.BREACHED not in DISPOSAL_MOVES[DisposalStage(row.stage)] or row.due >= received_on(now):
        return False
    row.stage, row.breached_at = DisposalStage.BREACHED, now
    row.save(update_fields=["stage", "breached_at"])
    grant = Grant.objects.select_related(*queries.SIDES).get(pk=row.grant_id)
    words = (
        f"{grant.consumer.name} 未在 {row.due} 前提交 {grant.number} 的销毁证明"
        f" ({grant.consumer.name} did not certify the destruction of {grant.number} by {row.due})"
    )
    place = {"kind": "disposal", "code": row.number, "href": f"/disposals/{row.number}"}
    moving.tell_consumer(grant, words, what=periods.NoticeKind.OVERDUE, **place)
    moving.tell_provider(grant, words, what=periods.NoticeKind.OVERDUE, **place)
    moving.tell_authority(grant, words, **place)
    facts = {"grant": grant.number, "due": row.due.isoformat(), "consumer": grant.consumer_id}
    audit.record(DISPOSAL_TAG[DisposalStage.BREACHED], by=SYSTEM, subject=row.number, facts=facts)
    return True
