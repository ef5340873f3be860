# SPDX-License-Identifier: Apache-2.0
"""Push events: taken, put on record, sent, noted; a sender killed in between leaves the batch to the next one.

Kept here: one batch of a subscription at a time, in order; receivers do not wait for one another, and those that fail have
half of the places at most; nothing leaves before its evidence is durable. A batch is noted by whoever took it last, so
that a slow one overtaken by its successor changes nothing. Names are resolved and sockets opened without a transaction.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from datong.contexts.audit import face as audit
from datong.contexts.exchange import face as exchange
from datong.contexts.organisations import face as organisations
from datong.contexts.periods import face as periods
from datong.contexts.subscriptions import domain
from datong.contexts.subscriptions.domain import CLAIMED_FOR, DEAD_TAG, DeadStage, SubscriptionStage
from datong.contexts.subscriptions.models import DeadLetter, Push
from datong.contexts.subscriptions.usecases.batching import KIND, Batch, next_batch
from datong.contexts.subscriptions.usecases.receiving import SUBJECT, unsealed
from datong.crypto.keys import load_signer
from datong.kernel import canonical
from datong.kernel.actors import SYSTEM, Role
from datong.kernel.errors import DatongError
from datong.kernel.sharing import Channel
from datong.ledger.log import Log
from datong.wire import posting, webhooks
from datong.wire.instants import text_of

LOG = "gateway-push"
PLACES = 16
"""Receivers that are sent to at once."""
IDLE = timedelta(seconds=60)
"""After this a push with nothing to send is looked at again, were it not woken."""
BLINK = 0.2
GONE = "HTTP 410"
"""The receiver wants nothing more: given up at once."""
Flight = dict[Future[str], Batch]


def push_due(now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> int:
    """Send what is due until nothing is and nothing is on its way.

    Args:
        now: Gives the time.

    Returns:
        How many batches their receivers took.
    """
    if not _due(now()).exists():
        return 0
    place, flying, taken = settings.NODE_FOLDER.evidence / LOG, {}, 0
    signer = load_signer(settings.NODE_FOLDER.key)
    with (
        Log.open(place, origin=f"{settings.NODE.code}/{LOG}", signer=signer, wait=True) as log,
        ThreadPoolExecutor(PLACES, thread_name_prefix="push") as pool,
    ):
        while True:
            fresh = _take(now(), PLACES - len(flying), failing=_failing(flying))
            if fresh:
                log.append([_record("push", batch, 0, now()) for batch, *_ in fresh])
            flying |= {pool.submit(_post, *one): one[0] for one in fresh}
            if not flying:
                return taken
            done, _ = wait(flying, timeout=BLINK, return_when=FIRST_COMPLETED)
            ended = [(flying.pop(one), one.result()) for one in done]
            took = [batch for batch, error in ended if not error]
            if took:
                log.append([_record("call" if batch.events else "push", batch, 200, now()) for batch in took])
            for batch, error in ended:
                _note(batch, error, now())
            taken += len(took)


def wake(grants: list[str]) -> None:
    """Have the pushes of some grants looked at at once, except those that wait for their next try."""
    Push.objects.filter(subscription__grant__in=grants, tries=0).update(due_at=datetime.now(UTC))


def _due(now: datetime) -> Any:
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIMED_FOR)
    rows = Push.objects.filter(free, active=True, stuck=False, due_at__lte=now, subscription__stage=SubscriptionStage.ACTIVE)
    return rows.select_related("subscription").order_by("due_at")


def _failing(flying: Flight) -> int:
    """How many places are left to those that failed before."""
    numbers = [one.number for one in flying.values()]
    held = Push.objects.filter(subscription__number__in=numbers, tries__gt=0).count() if numbers else 0
    return max(0, PLACES // 2 - held)


@transaction.atomic
def _take(now: datetime, most: int, *, failing: int) -> list[tuple[Batch, str, str, str]]:
    """Take the next batches, each of another subscription, with address and secrets."""
    locked = _due(now).select_for_update(of=("self",), skip_locked=True)
    rows = [*locked.filter(tries=0)[:most]]
    rows += [*locked.filter(tries__gt=0)[: min(failing, most - len(rows))]]
    taken = []
    for push in rows:
        batch = next_batch(push, now)
        if batch is None:
            push.due_at = now + IDLE
        else:
            push.claimed_at, push.batch = now, batch.events
            before = push.sealed_before if push.before_until and push.before_until > now else b""
            secrets = [unsealed(sealed, batch.number) for sealed in (push.sealed, before)]
            taken.append((batch, push.url, *secrets))
        push.save(update_fields=["due_at", "claimed_at", "batch"])
    return taken


def _post(batch: Batch, url: str, secret: str, before: str) -> str:
    """Send a batch; gives why it failed, "" when the receiver took it. Runs beside, without the database."""
    try:
        address = posting.where(url, settings.WEBHOOK_NETWORKS)
    except DatongError as refused:
        return refused.message.partition(" (")[0]
    headers = webhooks.headers(secret, batch.key, int(time.time()), batch.body, before=before) | {"content-type": KIND}
    status = posting.post(url, address, headers, batch.body)
    return "" if status.startswith("HTTP 2") else status


@transaction.atomic
def _note(batch: Batch, error: str, now: datetime) -> None:
    push = Push.objects.select_for_update(of=("self",)).select_related("subscription__grant__resource")
    row = push.filter(subscription__number=batch.number, sent_to=batch.after, claimed_at=batch.claimed).first()
    if row is None:
        return
    row.claimed_at = None
    _tally(batch, error, now)
    if not error:
        row.sent_to, row.sent_at, row.tries, row.batch, row.error, row.due_at = batch.until, now, 0, 0, "", now
        row.save()
        Push.objects.filter(pk=row.pk).update(sent_events=F("sent_events") + batch.events)
        return
    row.tries, row.error = row.tries + 1, error[:200]
    pause = None if error == GONE else domain.after_failure(row.tries)
    row.stuck, row.due_at = pause is None, now + (pause or timedelta())
    row.save()
    if row.stuck:
        _give_up(row, batch, now)


def _tally(batch: Batch, error: str, now: datetime) -> None:
    rows, size = (0, 0) if error else (batch.events, len(batch.body))
    code = "push_failed" if error else "ok"
    exchange.tally_push(now, batch.grant, code, took=max(now - batch.claimed, timedelta()), rows=rows, size=size)


def _give_up(row: Push, batch: Batch, now: datetime) -> None:
    """Put a batch among the dead, and tell those who keep the subscription."""
    subscription = row.subscription
    DeadLetter.objects.create(
        subscription=subscription, key=batch.key, after=batch.after, until=batch.until, events=batch.events,
        tries=row.tries, error=row.error, at=now,
    )  # fmt: skip
    consumer = organisations.department(subscription.grant.consumer_id)
    about = periods.Subject(SUBJECT, subscription.number, subscription.title, f"/subscriptions/{subscription.number}")
    words = "推送多次失败已停止，请处理死信 (pushing failed and stopped: settle the dead letter)"
    periods.tell(periods.NoticeKind.TOLD, about, periods.Holder(Role.APPLICANT, consumer.uscc, consumer.region), words)
    facts = {"batch": batch.key, "events": batch.events, "tries": row.tries, "error": row.error}
    audit.record(DEAD_TAG[DeadStage.WAITING], by=SYSTEM, subject=subscription.number, facts=facts)


def _record(kind: str, batch: Batch, status: int, now: datetime) -> bytes:
    """The evidence of a batch: that it leaves (`push`), that it was taken (`call`)."""
    grant = batch.grant
    told = {
        "at": text_of(now.timestamp()), "channel": Channel.SUBSCRIPTION.value, "client": grant.client_id, "code": "ok",
        "cursor": batch.until, "department": grant.department, "grant": grant.number,
        "items": [item.field for item in grant.items], "kind": kind, "policy_version": batch.policy_version,
        "purpose": grant.purpose, "request_id": batch.key.removeprefix("msg_"), "resource": grant.resource,
        "rows": batch.events, "status": status, "pushed": batch.number, "versions": list(batch.versions),
    }  # fmt: skip
    return canonical.dumps(told)
