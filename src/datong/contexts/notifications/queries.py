# SPDX-License-Identifier: Apache-2.0
"""Reads of notifications: what a person chose, his messages, what is due.

Kept here: `visible_dispatches` is the one predicate: everybody sees the own messages only.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from datong.contexts.notifications.domain import CLAIMED_FOR, SPREAD_WITHIN, WAITING, DispatchStage, Mail, MessageChannel
from datong.contexts.notifications.models import Dispatch, Preference, Spread, Webhook
from datong.contexts.periods import face as periods
from datong.kernel.actors import Officer
from datong.kernel.errors import Unknown

LARGEST_KEY = 2**62


def mail_server() -> Mail | None:
    """Give the node's mail server, None where it has none."""
    return Mail(**settings.MAIL_SERVER) if settings.MAIL_SERVER else None


def preference(by: Officer) -> Preference:
    """Give what a person chose; who never chose gets nothing outside the pages."""
    kinds = periods.NoticeKind
    usual = {
        "at_once": [kinds.OVERDUE.value, kinds.URGED.value, kinds.FAULT.value],
        "digest": [kinds.REMINDER.value, kinds.TOLD.value],
    }
    return Preference.objects.filter(account=by.account).first() or Preference(account_id=by.account, **usual)


def webhook(by: Officer) -> Webhook | None:
    """Give a person's webhook, None where he has none in use."""
    return Webhook.objects.filter(account=by.account, active=True).first()


def visible_dispatches(by: Officer) -> Q:
    """Which messages an officer sees: his own."""
    return Q(account=by.account)


def dispatches(by: Officer, *, stage: str = "", channel: str = "") -> QuerySet[Dispatch]:
    """Give a person's messages, the newest first.

    Args:
        by: Who looks.
        stage: Only this stage.
        channel: Only this channel.
    """
    rows = Dispatch.objects.select_related("notice").filter(visible_dispatches(by))
    if stage in list(DispatchStage):
        rows = rows.filter(stage=stage)
    if channel in list(MessageChannel):
        rows = rows.filter(channel=channel)
    return rows.order_by("-made_at", "-pk")


def dispatch(pk: int, *, by: Officer, lock: bool = False) -> Dispatch:
    """Give one message of a person.

    Raises:
        Unknown: There is none, or it is another's.
    """
    rows = Dispatch.objects.select_related("notice").filter(visible_dispatches(by))
    rows = rows.select_for_update(of=("self",)) if lock else rows
    found = rows.filter(pk=pk).first() if 0 < pk < LARGEST_KEY else None
    if found is None:
        raise Unknown("没有此消息 (there is no such message)")
    return found


def unspread(now: datetime) -> QuerySet[periods.Notice]:
    """Give the recent notices of which no messages were made yet."""
    rows = periods.notices_since(now - SPREAD_WITHIN)
    return rows.exclude(Exists(Spread.objects.filter(notice=OuterRef("pk"))))


def due(now: datetime) -> QuerySet[Dispatch]:
    """Give the messages to send now: due, and in the hands of no sender that lives."""
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIMED_FOR)
    return Dispatch.objects.filter(free, stage__in=WAITING, due_at__lte=now).order_by("due_at", "pk")
