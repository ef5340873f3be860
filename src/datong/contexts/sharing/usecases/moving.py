# SPDX-License-Identifier: Apache-2.0
"""Moving a grant from one stage to the next, in the transaction of whoever has the reason.

Kept here: what follows from a move follows everywhere: the clocks of an ended grant stop, its open notices are settled,
both sides are told, and what has to be destroyed becomes a task (809 art. 27).
"""

from datetime import UTC, date, datetime, timedelta

from django.conf import settings

from datong.contexts.audit import face as audit
from datong.contexts.periods import face as periods
from datong.contexts.sharing.domain import GRANT_MOVES, GRANT_TAG, LIVE, TO_DISPOSE, GrantStage
from datong.contexts.sharing.domain.disposals import DISPOSAL_TAG, DisposalStage
from datong.contexts.sharing.models import DisposalTask, Grant
from datong.contexts.sharing.usecases import clocks
from datong.kernel.actors import SYSTEM, Officer, Role
from datong.kernel.stages import move
from datong.kernel.workdays import received_on

NAMES: dict[GrantStage, tuple[str, str]] = {
    GrantStage.ACTIVE: ("已恢复", "works again"),
    GrantStage.SUSPENDED: ("已暂停", "is suspended"),
    GrantStage.REVOKED: ("已撤销", "was revoked"),
    GrantStage.EXPIRED: ("已到期", "has expired"),
    GrantStage.TERMINATED: ("已由使用方终止", "was ended by its consumer"),
    GrantStage.SUPERSEDED: ("已由新授权取代", "is superseded by a new one"),
    GrantStage.DISPOSED: ("的数据已销毁", "is over and its data are destroyed"),
}
"""Stage to what a notice says of it, in both languages."""


def shift(row: Grant, wanted: GrantStage, reason: str, *, by: Officer, at: datetime, **facts: object) -> Grant:
    """Move a locked grant, with its reason and everything that follows.

    Raises:
        IllegalMove: That stage may not follow.
    """
    row.stage = move(GRANT_MOVES, f"grant {row.number}", GrantStage(row.stage), wanted)
    row.stage_reason, row.changed_by, row.changed_at = reason, by.account, at
    if wanted is not GrantStage.SUSPENDED:
        row.mend_by = None
    row.save(update_fields=["stage", "stage_reason", "changed_by", "changed_at", "mend_by"])
    if wanted not in LIVE:
        clocks.stop(row.number, at, GRANT_TAG[wanted])
    periods.done_with("grant", row.number, by=by)
    _tell(row, wanted, reason, by)
    if wanted in TO_DISPOSE:
        facts = {"disposal": order_disposal(row, at, by).number, **facts}
    audit.record(GRANT_TAG[wanted], by=by, subject=row.number, facts={"reason": reason, **facts})
    return row


def order_disposal(row: Grant, at: datetime, by: Officer) -> DisposalTask:
    """Order the destruction of what was got under a grant that ended; due after the node's days."""
    day = received_on(at)
    task = DisposalTask.objects.create(
        number=periods.next_number("X", at), grant=row, ordered_at=at, due=day + timedelta(days=settings.NODE.disposal_days)
    )
    words = (
        f"请于 {task.due} 前销毁依据 {row.number} 取得的数据并提交销毁证明"
        f" (destroy what was got under {row.number} by {task.due} and hand in the certificate)"
    )
    tell_consumer(row, words, kind="disposal", code=task.number, href=f"/disposals/{task.number}", by=by)
    facts = {"grant": row.number, "due": task.due.isoformat()}
    audit.record(DISPOSAL_TAG[DisposalStage.OPEN], by=by, subject=task.number, facts=facts)
    return task


def settle_disposal(task: DisposalTask, wanted: DisposalStage, *, by: Officer, at: datetime) -> None:
    """Close a locked task whose stage moved, its notices too."""
    task.stage, task.settled_by, task.settled_at = wanted, by.account, at
    task.save()
    periods.done_with("disposal", task.number, by=by)


def tell_consumer(
    row: Grant, words: str, *, kind: str = "grant", code: str = "", href: str = "", by: Officer = SYSTEM,
    what: periods.NoticeKind = periods.NoticeKind.TOLD,
) -> None:  # fmt: skip
    """Tell the applicants of the consumer."""
    _post(row, Role.APPLICANT, words, kind=kind, code=code, href=href, by=by, what=what)


def tell_provider(
    row: Grant, words: str, *, kind: str = "grant", code: str = "", href: str = "", by: Officer = SYSTEM,
    what: periods.NoticeKind = periods.NoticeKind.TOLD,
) -> None:  # fmt: skip
    """Tell the head of the provider."""
    _post(row, Role.PROVIDER_HEAD, words, kind=kind, code=code, href=href, by=by, what=what)


def tell_authority(row: Grant, words: str, *, kind: str, code: str, href: str) -> None:
    """Tell the authority of the consumer's region."""
    about = periods.Subject(kind, code, row.resource.name, href)
    post = periods.Holder(Role.AUTHORITY, "", row.consumer.region_id)
    periods.tell(periods.NoticeKind.OVERDUE, about, post, words)


def _post(row: Grant, role: Role, words: str, *, kind: str, code: str, href: str, by: Officer, what: periods.NoticeKind) -> None:
    side = row.consumer if role is Role.APPLICANT else row.provider
    about = periods.Subject(kind, code or row.number, row.resource.name, href or f"/grants/{row.number}")
    periods.tell(what, about, periods.Holder(role, side.uscc, side.region_id), words, by=by)


def _tell(row: Grant, wanted: GrantStage, reason: str, by: Officer) -> None:
    chinese, english = NAMES[wanted]
    why = reason.partition(" (")[0]
    words = f"{row.number} {chinese}：{why} ({row.number} {english})"
    if wanted in (GrantStage.TERMINATED, GrantStage.DISPOSED):
        tell_provider(row, words, by=by)
    else:
        tell_consumer(row, words, by=by)


def today() -> date:
    """The day in Shanghai."""
    return received_on(datetime.now(UTC))
