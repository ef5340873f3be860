# SPDX-License-Identifier: Apache-2.0
"""Taking a published resource off the catalogue: the head asks, the authority decides, users are heard first (809 art. 27).

Kept here: what is live is asked again at the decision, for grants come and go; a successor is published itself; the
versions stay as history.
"""

from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import permissions, queries
from datong.contexts.catalog.domain import MOVES, TAG, UNDER_WAY, Stage
from datong.contexts.catalog.domain.removals import REMOVAL_MOVES, REMOVAL_TAG, RemovalKind, RemovalStage
from datong.contexts.catalog.models import Removal, Resource, Version
from datong.contexts.catalog.queries import updating
from datong.contexts.catalog.usecases import answering, clocks, guarding
from datong.contexts.organisations import face as organisations
from datong.kernel import texts
from datong.kernel.actors import Officer
from datong.kernel.errors import Conflict, IllegalMove, Malformed, Unknown
from datong.kernel.stages import move

LONGEST = 2000
HELD = (Stage.FILED, Stage.CONSENTED)


@transaction.atomic
def ask_removal(code: str, reason: str, *, by: Officer, negotiation: str = "", successor: str = "") -> Removal:
    """Ask to withdraw a published resource, or to let another one take its place.

    Args:
        code: Of the resource.
        reason: Why.
        by: The provider's head.
        negotiation: What was settled with those who used it, in words; live grants end by a change of the service first.
        successor: Code of the resource that takes its place; empty is a plain withdrawal.

    Raises:
        Unknown: No such published resource, or none visible.
        Refused: Not the provider's head, or live grants.
        Conflict: Asked already, or a version is being reviewed.
        Malformed: No reason, or a successor that is not published or is the resource itself.
    """
    home = updating.home_of(code, by=by, lock=True)
    permissions.check_may_ask_removal(by, home.provider_id)
    if home.current_id is None or home.withdrawn_at is not None:
        raise IllegalMove(f"entry {code}", Stage.WITHDRAWN, RemovalStage.ASKED)
    why = texts.lines("reason", reason, longest=LONGEST, least=1)
    settled = texts.lines("negotiation", negotiation, longest=LONGEST)
    heir = _successor(home, successor, by) if successor else None
    guarding.check_unused(code)
    _check_quiet(home)
    _check_first(home)
    kind = RemovalKind.SUPERSESSION if heir else RemovalKind.WITHDRAWAL
    row = Removal.objects.create(
        resource=home, kind=kind, successor=heir, reason=why, negotiation=settled, asked_by=by.account,
        asked_at=datetime.now(UTC),
    )  # fmt: skip
    clock = clocks.removing(row, row.asked_at)
    facts = {"removal": row.number, "kind": kind.value, "reason": why, "negotiation": settled,
             "successor": heir.code if heir else "", "due": clock.due.isoformat()}  # fmt: skip
    audit.record(REMOVAL_TAG[RemovalStage.ASKED], by=by, subject=code, facts=facts)
    return row


@transaction.atomic
def decide_removal(removal: int, *, approve: bool, opinion: str, by: Officer) -> Removal:
    """Decide a removal as the authority; approved, the resource leaves the catalogue at once.

    Raises:
        Unknown: No such removal, or none visible.
        Refused: Not the authority of the region, or live grants.
        IllegalMove: Decided already.
        Conflict: A version is being reviewed.
        Malformed: Declined without an opinion.
    """
    row = updating.removal_of(removal, by=by, lock=True)
    home = row.resource
    permissions.check_may_review(by, home.provider.region_id, organisations.behind([(row.asked_by, row.asked_at)]))
    wanted = RemovalStage.APPROVED if approve else RemovalStage.DECLINED
    _to(row, wanted)
    row.opinion = texts.lines("opinion", opinion, longest=LONGEST, least=0 if approve else 1)
    row.decided_by, row.decided_at = by.account, datetime.now(UTC)
    if approve:
        guarding.check_unused(home.code)
        _check_quiet(home)
        _take_off(row)
    row.save()
    clocks.stop(row.number, row.decided_at, REMOVAL_TAG[wanted])
    if approve:
        answering.removed(home, row.decided_at, by=by)
        tag = TAG[Stage.SUPERSEDED if row.successor else Stage.WITHDRAWN]
        audit.record(tag, by=by, subject=home.code, facts={"removal": row.number, "reason": row.reason})
    audit.record(REMOVAL_TAG[wanted], by=by, subject=home.code, facts={"removal": row.number, "opinion": row.opinion})
    return row


@transaction.atomic
def retract_removal(removal: int, *, by: Officer) -> Removal:
    """Take a request to remove back, as the provider's head.

    Raises:
        Unknown: No such removal, or none visible.
        Refused: Not the provider's head.
        IllegalMove: Decided already.
    """
    row = updating.removal_of(removal, by=by, lock=True)
    permissions.check_may_ask_removal(by, row.resource.provider_id)
    _to(row, RemovalStage.RETRACTED)
    row.save()
    clocks.stop(row.number, datetime.now(UTC), REMOVAL_TAG[RemovalStage.RETRACTED])
    tag = REMOVAL_TAG[RemovalStage.RETRACTED]
    audit.record(tag, by=by, subject=row.resource.code, facts={"removal": row.number})
    return row


def _to(row: Removal, wanted: RemovalStage) -> None:
    row.stage = move(REMOVAL_MOVES, f"removal {row.number}", RemovalStage(row.stage), wanted)


def _successor(home: Resource, code: str, by: Officer) -> Resource:
    found = Resource.objects.filter(queries.visible(by), code=code).first() if code.isprintable() else None
    if found is None or found.pk == home.pk:
        raise Malformed(
            "取代资源须是另一条已发布的目录 (the successor is another published resource)",
            fields={"successor": "填写已发布资源的代码 (the code of a published resource)"},
        )
    return found


def _check_first(home: Resource) -> None:
    asked = home.removals.filter(stage=RemovalStage.ASKED).first()
    if asked is not None:
        raise Conflict(
            f"已有撤销申请 {asked.number} 待审批 (asked already)",
            fields={"removal": str(asked.pk)},
            remedy="等待主管部门审批，或者先收回 (wait for the authority, or take it back)",
        )


def _check_quiet(home: Resource) -> None:
    """Check that no version is with the head or the authority."""
    held = home.versions.filter(stage__in=HELD).first()
    if held is not None:
        raise Conflict(
            f"第{held.number}版正在审核，先办结 (version {held.number} is being reviewed)",
            fields={"version": str(held.pk)},
            remedy="先退回或发布该版本 (return or publish it first)",
        )


def _take_off(row: Removal) -> None:
    home = row.resource
    shown = Version.objects.select_for_update().filter(resource=home, stage=Stage.PUBLISHED).first()
    if shown is None:
        raise Unknown("没有已发布的版本 (nothing is published)")
    ends = Stage.SUPERSEDED if row.successor else Stage.WITHDRAWN
    shown.stage = move(MOVES, f"entry {home.code}", Stage(shown.stage), ends)
    shown.save(update_fields=["stage", "changed_at"])
    home.withdrawn_at, home.withdrawn_reason, home.successor = row.decided_at, row.reason, row.successor
    home.save()
    home.versions.filter(stage__in=UNDER_WAY - set(HELD)).update(stage=Stage.WITHDRAWN)
