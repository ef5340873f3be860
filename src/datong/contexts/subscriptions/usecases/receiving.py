# SPDX-License-Identifier: Apache-2.0
"""Keep receivers of pushed events: an address, a secret shown once, its replacement; what was given up and is settled.

Kept here: the secret before signs beside a new one for a day, so that a receiver changes over without losing a message; no
act holds an address, only its host.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.periods import face as periods
from datong.contexts.subscriptions import permissions, queries
from datong.contexts.subscriptions.domain import DEAD_MOVES, DEAD_TAG, LONGEST_WHY, OVERLAP, DeadStage, SubscriptionStage
from datong.contexts.subscriptions.models import DeadLetter, Push, Subscription
from datong.crypto import ciphers
from datong.crypto.keys import load_secret
from datong.kernel import texts
from datong.kernel.actors import Officer
from datong.kernel.errors import Refused
from datong.kernel.stages import move
from datong.wire import posting, webhooks

SUBJECT = "subscription"


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where events go, and the secret: shown now and never again."""

    push: Push
    secret: str


@transaction.atomic
def push_to(number: str, url: str, *, by: Officer) -> Receiver:
    """Have the events of a subscription sent to an address, with a new secret; goes on where an earlier one stood.

    Raises:
        Unknown: No such subscription, or none visible.
        Refused: Not of the consumer, or the subscription has ended.
        Malformed: The address does not read, is unknown, or leads where this node does not send.
    """
    row = _kept(number, by=by)
    wanted = url.strip()
    posting.where(wanted, settings.WEBHOOK_NETWORKS)
    secret = webhooks.new_secret()
    chosen = {"url": wanted, "sealed": seal(secret, number), "sealed_before": b"", "before_until": None, "active": True}
    fresh = {"tries": 0, "error": "", "due_at": datetime.now(UTC)}
    start = {"sent_to": row.start}
    push, new = Push.objects.update_or_create(
        subscription=row, defaults=chosen | fresh, create_defaults=chosen | fresh | start
    )
    facts = {"host": posting.check_url(wanted)[1], "new": new}
    audit.record("subscriptions.push.set", by=by, subject=number, facts=facts)
    return Receiver(push, secret)


@transaction.atomic
def replace_secret(number: str, *, by: Officer) -> Receiver:
    """Make a new secret; the one before signs as well for another day.

    Raises:
        Unknown, Refused: As `push_to`; or there is no receiver.
    """
    push = _push(_kept(number, by=by))
    secret, now = webhooks.new_secret(), datetime.now(UTC)
    push.sealed_before, push.before_until = push.sealed, now + OVERLAP
    push.sealed = seal(secret, number)
    push.save()
    audit.record("subscriptions.push.secret_replaced", by=by, subject=number)
    return Receiver(push, secret)


@transaction.atomic
def stop_push(number: str, *, by: Officer) -> None:
    """Send nothing more; events can still be read.

    Raises:
        Unknown, Refused: As `push_to`; or there is no receiver.
    """
    push = _push(_kept(number, by=by))
    push.active = False
    push.save()
    audit.record("subscriptions.push.stopped", by=by, subject=number)


@transaction.atomic
def replay(number: str, key: int, *, by: Officer) -> DeadLetter:
    """Send a batch again that was given up, under the same ids, and go on after it.

    Raises:
        Unknown, Refused: As `push_to`; or there is no such batch.
        IllegalMove: It was settled already.
    """
    row = _kept(number, by=by)
    dead = _settle(row, key, DeadStage.REPLAYED, by=by)
    _go_on(row, sent_to=dead.after)
    audit.record(DEAD_TAG[DeadStage.REPLAYED], by=by, subject=number, facts={"batch": dead.key, "events": dead.events})
    return dead


@transaction.atomic
def skip(number: str, key: int, why: str, *, by: Officer) -> DeadLetter:
    """Pass a batch over that was given up and go on after it; its events can still be read by cursor.

    Raises:
        Unknown, Refused, IllegalMove: As `replay`.
        Malformed: No reason.
    """
    words = texts.line("why", why, longest=LONGEST_WHY)
    row = _kept(number, by=by)
    dead = _settle(row, key, DeadStage.SKIPPED, by=by)
    _go_on(row, sent_to=dead.until)
    facts = {"batch": dead.key, "events": dead.events, "why": words}
    audit.record(DEAD_TAG[DeadStage.SKIPPED], by=by, subject=number, facts=facts)
    return dead


def seal(secret: str, number: str) -> bytes:
    """Seal a secret for its subscription."""
    return ciphers.seal(_key(), secret.encode(), number.encode())


def unsealed(sealed: bytes, number: str) -> str:
    """Open a secret of a subscription; empty where there is none.

    Raises:
        BadSeal: It was moved from another one, or the node's key is another.
    """
    return ciphers.open_sealed(_key(), bytes(sealed), number.encode()).decode() if sealed else ""


def _key() -> bytes:
    return load_secret(settings.NODE_FOLDER.key, "subscription secrets")


def _kept(number: str, *, by: Officer) -> Subscription:
    row = queries.subscription_of(number, by=by, lock=True)
    permissions.check_may_keep(by, row.grant.consumer_id)
    if row.stage == SubscriptionStage.ENDED:
        again = "在授权页重新订阅 (subscribe again on the page of the grant)"
        raise Refused("订阅已经结束 (the subscription has ended)", remedy=again)
    return row


def _push(row: Subscription) -> Push:
    found = Push.objects.select_for_update().filter(subscription=row, active=True).first()
    if found is None:
        raise Refused("还没有设置推送地址 (there is no receiver)", remedy="先填写推送地址 (give an address first)")
    return found


def _settle(row: Subscription, key: int, wanted: DeadStage, *, by: Officer) -> DeadLetter:
    dead = queries.dead_letter_of(row, key, lock=True)
    dead.stage = move(DEAD_MOVES, f"batch {dead.pk}", DeadStage(dead.stage), wanted)
    dead.settled_by, dead.settled_at = by.account, datetime.now(UTC)
    dead.save()
    periods.done_with(SUBJECT, row.number, by=by)
    return dead


def _go_on(row: Subscription, *, sent_to: str) -> None:
    fresh = {"tries": 0, "error": "", "stuck": False, "due_at": datetime.now(UTC), "claimed_at": None}
    Push.objects.filter(subscription=row).update(sent_to=sent_to, **fresh)
