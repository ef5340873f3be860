# SPDX-License-Identifier: Apache-2.0
"""From notices to messages: for each new notice, one row for each person of its post and each channel he wants.

Kept here: a notice and its messages are written together or not at all; what is written is queued for a sender of its own,
so that a slow receiver holds nothing up.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from datong.contexts.notifications import domain, queries
from datong.contexts.notifications.domain import MessageChannel
from datong.contexts.notifications.models import Dispatch, Preference, Spread, Webhook
from datong.contexts.organisations import face as organisations
from datong.contexts.periods import face as periods
from datong.kernel.actors import Role

SEND = "notifications.send"
QUEUE = "notifications"
AT_ONCE = 500


def spread(now: datetime | None = None) -> int:
    """Make the messages of new notices and have what is due sent; may run at any time.

    Args:
        now: An aware time; None is the present.

    Returns:
        How many messages were made.
    """
    moment = now or datetime.now(UTC)
    made = sum(_spread(row.pk, moment) for row in queries.unspread(moment)[:AT_ONCE])
    if queries.due(moment).exists():
        queue_sending()
    return made


def queue_sending() -> None:
    """Ask for a sender, unless one is asked for already."""
    try:
        with transaction.atomic():
            app.configure_task(SEND, queue=QUEUE, queueing_lock=SEND, lock=SEND).defer()
    except AlreadyEnqueued:
        return


@transaction.atomic
def _spread(pk: int, now: datetime) -> int:
    notice = periods.notices_since(now - domain.SPREAD_WITHIN).select_for_update(of=("self",)).filter(pk=pk).first()
    if notice is None or Spread.objects.filter(notice=pk).exists():
        return 0
    people = people_of(notice)
    rows = _messages(notice, people, now) if people and periods.is_open(notice) else []
    Dispatch.objects.bulk_create(rows)
    Spread.objects.create(notice=notice, messages=len(rows))
    return len(rows)


def people_of(notice: periods.Notice) -> list[str]:
    """Give the accounts a notice is for today: the holders of its post and their deputies."""
    if not notice.department and not notice.region:
        return []
    place = {"department": notice.department} if notice.department else {"region": notice.region}
    return organisations.people_at(Role(notice.role), **place)


def _messages(notice: periods.Notice, people: list[str], now: datetime) -> list[Dispatch]:
    chosen = {row.account_id: row for row in Preference.objects.filter(account__in=people)}
    hooked = set(Webhook.objects.filter(account__in=people, active=True).values_list("account_id", flat=True))
    rows = []
    for account in people:
        choice = chosen.get(account)
        if choice is None or notice.kind not in (*choice.at_once, *choice.digest):
            continue
        if choice.email and settings.MAIL_SERVER:
            rows.append(_message(notice, account, MessageChannel.EMAIL, choice, now))
        if account in hooked:
            rows.append(_message(notice, account, MessageChannel.WEBHOOK, choice, now))
    return rows


def _message(notice: periods.Notice, account: str, channel: MessageChannel, choice: Preference, now: datetime) -> Dispatch:
    gathered = channel is MessageChannel.EMAIL and notice.kind in choice.digest
    return Dispatch(
        key=domain.key_of(settings.NODE.code, notice.pk, account, channel.value),
        notice=notice,
        account_id=account,
        channel=channel.value,
        digest=gathered,
        due_at=domain.next_digest(now, choice.digest_hour) if gathered else now,
    )
