# SPDX-License-Identifier: Apache-2.0
"""What a person chooses: address, kinds, hour; his webhook, whose secret is shown once; a message sent again.

Kept here: no act holds an address, only whether there is one and the host a webhook leads to.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.notifications import permissions, queries
from datong.contexts.notifications.domain import MOVES, TAG, DispatchStage, MessageChannel
from datong.contexts.notifications.models import Dispatch, Preference, Webhook
from datong.contexts.notifications.usecases.sealing import seal_secret
from datong.contexts.periods import face as periods
from datong.kernel import texts
from datong.kernel.actors import Officer
from datong.kernel.errors import Malformed, Refused
from datong.kernel.stages import move
from datong.wire import posting, webhooks

LONGEST_EMAIL = 254


@dataclass(frozen=True, slots=True)
class Hooked:
    """A webhook, and its secret: shown now and never again."""

    webhook: Webhook
    secret: str


@transaction.atomic
def prefer(
    *, by: Officer, email: str = "", at_once: Iterable[str] = (), digest: Iterable[str] = (), digest_hour: int = 8
) -> Preference:
    """Choose what reaches oneself outside the pages, and when; the page shows everything in any case.

    Args:
        by: Who chooses, for himself.
        email: Address, "" for no mails.
        at_once: Kinds of notices sent at once.
        digest: Kinds gathered into one mail a day.
        digest_hour: Hour of that mail, in Shanghai.

    Raises:
        Malformed: An address, a kind or an hour out of shape; a kind both at once and in the digest.
        Refused: An address on a node without a mail server.
    """
    address, now, later = _email(email), _kinds("at_once", at_once), _kinds("digest", digest)
    both = set(now) & set(later)
    if both or not 0 <= digest_hour <= 23:
        faults = {"digest": "不能既即时又汇总 (either at once or in the digest)"} if both else {"digest_hour": "0–23"}
        raise Malformed("消息设置不合要求，见各字段 (the choice does not fit: see the fields)", fields=faults)
    if address:
        permissions.check_mail_is_sent(settings.MAIL_SERVER)
    chosen = {"email": address, "at_once": now, "digest": later, "digest_hour": digest_hour}
    row, _ = Preference.objects.update_or_create(account_id=by.account, defaults=chosen)
    facts = {"email": bool(address), "at_once": now, "digest": later, "digest_hour": digest_hour}
    audit.record("notifications.preference.chosen", by=by, subject=by.account, facts=facts)
    return row


@transaction.atomic
def hook(url: str, *, by: Officer) -> Hooked:
    """Have messages sent to a program; a new secret each time, the old one ends at once.

    Raises:
        Malformed: The address does not read, is unknown, or leads where this node does not send.
    """
    wanted = url.strip()
    posting.where(wanted, settings.WEBHOOK_NETWORKS)
    secret = webhooks.new_secret()
    chosen = {"url": wanted, "sealed": seal_secret(secret, by.account), "active": True}
    row, new = Webhook.objects.update_or_create(account_id=by.account, defaults=chosen)
    facts = {"host": posting.check_url(wanted)[1], "new": new}
    audit.record("notifications.webhook.set", by=by, subject=by.account, facts=facts)
    return Hooked(row, secret)


@transaction.atomic
def unhook(*, by: Officer) -> None:
    """Stop one's webhook; a second time changes nothing."""
    row = Webhook.objects.select_for_update().filter(account=by.account, active=True).first()
    if row is not None:
        row.active = False
        row.save()
        audit.record("notifications.webhook.stopped", by=by, subject=by.account)


@transaction.atomic
def try_webhook(*, by: Officer) -> Dispatch:
    """Send a trial message to one's webhook.

    Raises:
        Refused: There is no webhook.
    """
    if queries.webhook(by) is None:
        raise Refused("还没有设置回调地址 (there is no webhook)", remedy="先填写地址并保存 (set one first)")
    made = Dispatch.objects.create(
        key=f"msg_{secrets.token_hex(16)}", account_id=by.account, channel=MessageChannel.WEBHOOK.value, due_at=datetime.now(UTC)
    )
    audit.record("notifications.webhook.tried", by=by, subject=by.account, facts={"message": made.key})
    return made


@transaction.atomic
def replay(message: int, *, by: Officer) -> Dispatch:
    """Send a message again that was given up or waits for its next try; it keeps its id.

    Raises:
        Unknown: No such message of his.
        IllegalMove: Sent, or waiting to be sent anyway.
    """
    row = queries.dispatch(message, by=by, lock=True)
    row.stage = move(MOVES, f"message {row.pk}", DispatchStage(row.stage), DispatchStage.QUEUED)
    row.tries, row.due_at, row.claimed_at = 0, datetime.now(UTC), None
    row.save()
    audit.record(TAG[DispatchStage.QUEUED], by=by, subject=by.account, facts={"message": row.key, "channel": row.channel})
    return row


def _email(text: str) -> str:
    address = texts.line("email", text, longest=LONGEST_EMAIL, least=0)
    if address:
        try:
            EmailValidator()(address)
        except ValidationError:
            why = "如 name@example.gov.cn (such as name@example.gov.cn)"
            raise Malformed("邮件地址不合格式 (the address does not read)", fields={"email": why}) from None
    return address


def _kinds(field: str, given: Iterable[str]) -> list[str]:
    wanted = sorted(set(given))
    if not set(wanted) <= set(periods.NoticeKind):
        raise Malformed(
            "没有这一类通知 (there is no such kind of notice)", fields={field: f"one or more of {', '.join(periods.NoticeKind)}"}
        )
    return wanted
