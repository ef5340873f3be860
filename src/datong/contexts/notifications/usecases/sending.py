# SPDX-License-Identifier: Apache-2.0
"""Sending what is due: taken, sent, noted; a sender that is killed in between leaves the message to the next one.

Kept here: a message is taken in a transaction of its own before anything leaves, and keeps its id: a receiver that knows
the id of a webhook, or the Message-ID of a mail, has it once in effect. No database transaction is open while the network
is waited for. Errors are noted without address and secret.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.notifications import domain, queries
from datong.contexts.notifications.domain import MOVES, TAG, DispatchStage, MessageChannel
from datong.contexts.notifications.models import Dispatch
from datong.contexts.notifications.usecases import mailing, posting
from datong.contexts.notifications.usecases.spreading import people_of, queue_sending
from datong.contexts.organisations import face as organisations
from datong.contexts.periods import face as periods
from datong.kernel.actors import SYSTEM
from datong.kernel.errors import Unknown
from datong.kernel.stages import move

ROUND = timedelta(seconds=60)
"""How long one sender works before it lets other jobs of the node go first."""
SENDERS: dict[MessageChannel, Callable[[list[Dispatch]], str]] = {
    MessageChannel.EMAIL: mailing.send,
    MessageChannel.WEBHOOK: posting.send,
}
"""Channel to what sends some messages of one person at once; gives why it failed, "" when it went out."""


def send_due(now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> int:
    """Send what is due, one after another.

    Args:
        now: Gives the time.

    Returns:
        How many messages went out.
    """
    until, sent = now() + ROUND, 0
    while now() < until:
        taken = _take(now())
        if not taken:
            return sent
        wanted = [row for row in taken if is_wanted(row)]
        if len(wanted) < len(taken):
            _note([row for row in taken if row not in wanted], DispatchStage.DROPPED, "", now())
        if wanted:
            error = SENDERS[MessageChannel(wanted[0].channel)](wanted)
            sent += 0 if error else len(wanted)
            _note(wanted, DispatchStage.FAILED if error else DispatchStage.SENT, error, now())
    queue_sending()
    return sent


def is_wanted(row: Dispatch) -> bool:
    """Tell whether a message still has to go out: its notice is open, and its reader still at the post."""
    try:
        organisations.officer_named(row.account_id)
    except Unknown:
        return False
    return row.notice is None or (periods.is_open(row.notice) and row.account_id in people_of(row.notice))


@transaction.atomic
def _take(now: datetime) -> list[Dispatch]:
    """Take the next message, or all of one person's digest, for this sender alone."""
    rows = queries.due(now).select_related("notice__clock").select_for_update(of=("self",), skip_locked=True)
    first = rows.first()
    if first is None:
        return []
    taken = [first]
    if first.digest:
        taken = list(rows.filter(account=first.account_id, channel=first.channel, digest=True).order_by("pk"))
    for row in taken:
        row.claimed_at, row.tries = now, row.tries + 1
    Dispatch.objects.bulk_update(taken, ["claimed_at", "tries"])
    return taken


@transaction.atomic
def _note(rows: list[Dispatch], wanted: DispatchStage, error: str, now: datetime) -> None:
    for row in rows:
        pause = domain.after_failure(row.tries)
        final = posting.GONE in error or pause is None
        stage = DispatchStage.DEAD if wanted is DispatchStage.FAILED and final else wanted
        row.stage = move(MOVES, f"message {row.pk}", DispatchStage(row.stage), stage)
        row.error, row.claimed_at = error[:200], None
        row.sent_at = now if stage is DispatchStage.SENT else None
        row.due_at = now + pause if stage is DispatchStage.FAILED and pause else row.due_at
        row.save()
    for row in rows:
        if row.stage == DispatchStage.DEAD:
            facts = {"message": row.key, "channel": row.channel, "tries": row.tries, "error": row.error}
            audit.record(TAG[DispatchStage.DEAD], by=SYSTEM, subject=row.account_id, facts=facts)
