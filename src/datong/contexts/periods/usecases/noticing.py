# SPDX-License-Identifier: Apache-2.0
"""Telling a post something, and pressing for what is late (督办)."""

from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.periods import permissions, queries
from datong.contexts.periods.domain import Holder, NoticeKind, Subject
from datong.contexts.periods.models import Clock, Notice
from datong.kernel import texts
from datong.kernel.actors import SYSTEM, Officer, Role
from datong.kernel.errors import IllegalMove

LONGEST_WORDS = 1000


def tell(
    kind: NoticeKind, about: Subject, to: Holder, words: str = "", *, by: Officer = SYSTEM, clock: Clock | None = None
) -> Notice:
    """Tell a post something, in the transaction of whoever has the reason; the act is the caller's."""
    return Notice.objects.create(
        kind=kind.value,
        clock=clock,
        subject_kind=about.kind,
        subject=about.code,
        title=about.title[:300] or about.code,
        href=about.href,
        words=words[:LONGEST_WORDS],
        role=to.role.value,
        department=to.department,
        region=to.region,
        made_by=by.account,
    )


def done_with(subject_kind: str, subject: str, *, by: Officer = SYSTEM, post: Holder | None = None) -> int:
    """Settle every open notice about a subject, or those to one post, in the caller's transaction; gives how many."""
    rows = Notice.objects.filter(subject_kind=subject_kind, subject=subject, settled_at=None)
    if post is not None:
        rows = rows.filter(role=post.role.value, department=post.department, region=post.region)
    return rows.update(settled_by=by.account, settled_at=datetime.now(UTC))


@transaction.atomic
def settle(notice: int, *, by: Officer) -> Notice:
    """Note that a post has seen to a notice.

    Raises:
        Unknown: No such notice of this officer's posts.
        IllegalMove: Settled already.
    """
    row = queries.notice(notice, by=by, lock=True)
    if row.settled_at is not None:
        raise IllegalMove(f"notice {row.pk}", "settled", "settled", remedy=f"{row.settled_by} saw to it")
    row.settled_by, row.settled_at = by.account, datetime.now(UTC)
    row.save(update_fields=["settled_by", "settled_at"])
    audit.record("periods.notice.settled", by=by, subject=row.subject, facts={"kind": row.kind, "notice": row.pk})
    return row


@transaction.atomic
def urge(clock: int, words: str, *, by: Officer) -> Notice:
    """Press those who hold a running clock to act (督办), as the authority.

    Raises:
        Unknown: No such clock, or none visible.
        Refused: Not the authority of the region.
        IllegalMove: Nothing runs any more.
        Malformed: Words missing or too long.
    """
    row = queries.clock(clock, by=by, lock=True)
    permissions.check_may_urge(by, row.region)
    if row.stopped_at is not None:
        raise IllegalMove(f"period {row.pk}", "stopped", "urged")
    said = texts.lines("words", words, longest=LONGEST_WORDS, least=1)
    made = tell(NoticeKind.URGED, subject_of(row), holder_of(row), said, by=by, clock=row)
    audit.record("periods.clock.urged", by=by, subject=row.subject, facts={"rule": row.rule, "words": said})
    return made


def subject_of(clock: Clock) -> Subject:
    """Give what a clock runs on."""
    return Subject(clock.subject_kind, clock.subject, clock.title, clock.href)


def holder_of(clock: Clock) -> Holder:
    """Give who has to act before a clock runs out."""
    return Holder(Role(clock.role), clock.department, clock.region)
