# SPDX-License-Identifier: Apache-2.0
"""Keep subscriptions: make one under a grant, pause it, go on, end it; take note of what gateways gave.

Kept here: a subscription begins after what has landed when it is made; each change is an act, and the gateways hear of it
with the next policy, which is at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from datong.contexts.audit import face as audit
from datong.contexts.exchange import face as exchange
from datong.contexts.periods import face as periods
from datong.contexts.sharing import face as sharing
from datong.contexts.subscriptions import permissions, queries
from datong.contexts.subscriptions.domain import LONGEST_TITLE, LONGEST_WHY, MOVES, TAG, SubscriptionStage
from datong.contexts.subscriptions.models import Push, Subscription
from datong.contexts.subscriptions.usecases import streaming
from datong.kernel import texts
from datong.kernel.actors import Officer
from datong.kernel.sharing import Channel
from datong.kernel.stages import move

MADE = "subscriptions.subscription.made"


@transaction.atomic
def subscribe(grant: str, title: str, *, by: Officer) -> Subscription:
    """Follow the changes of what a grant lets out from now on.

    Args:
        grant: Its number; it covers the channel `subscription`.
        title: What it is for.
        by: An officer of the department it was given to.

    Raises:
        Unknown: No such grant in force or visible, or nothing has landed.
        Refused: Not of the consumer, or the grant does not cover the channel or wants the case of each call.
        Malformed: The title does not fit.
    """
    view = sharing.grant(grant, by=by)
    permissions.check_may_keep(by, view.consumer)
    words = texts.line("title", title, longest=LONGEST_TITLE)
    start = streaming.begin(exchange.outlet(grant, Channel.SUBSCRIPTION))
    number = periods.next_number("E", datetime.now(UTC))
    Subscription.objects.create(number=number, grant_id=grant, title=words, start=str(start), made_by=by.account)
    audit.record(MADE, by=by, subject=number, facts={"grant": grant, "start": str(start)})
    return queries.subscription_of(number, by=by)


def pause(number: str, why: str = "", *, by: Officer) -> Subscription:
    """Stop giving events out until somebody goes on; they are kept as long as all are.

    Raises:
        Unknown: No such subscription, or none visible.
        Refused: Not of the consumer.
        IllegalMove: It is not active.
        Malformed: The reason does not fit.
    """
    return _change(number, SubscriptionStage.PAUSED, why, by=by)


def resume(number: str, *, by: Officer) -> Subscription:
    """Go on where one stood.

    Raises:
        Unknown, Refused, IllegalMove: As `pause`.
    """
    return _change(number, SubscriptionStage.ACTIVE, "", by=by)


def end(number: str, why: str, *, by: Officer) -> Subscription:
    """End a subscription for good, its push too.

    Raises:
        Unknown, Refused, IllegalMove: As `pause`.
        Malformed: There is no reason, or it does not fit.
    """
    return _change(number, SubscriptionStage.ENDED, why, by=by, least=1)


@transaction.atomic
def _change(number: str, wanted: SubscriptionStage, why: str, *, by: Officer, least: int = 0) -> Subscription:
    row = queries.subscription_of(number, by=by, lock=True)
    permissions.check_may_keep(by, row.grant.consumer_id)
    row.stage = move(MOVES, f"subscription {number}", SubscriptionStage(row.stage), wanted)
    row.why = texts.line("why", why, longest=LONGEST_WHY, least=least)
    row.changed_by, row.changed_at = by.account, datetime.now(UTC)
    row.save()
    if wanted is SubscriptionStage.ENDED:
        Push.objects.filter(subscription=row).update(active=False, sealed=b"", sealed_before=b"", before_until=None)
    audit.record(TAG[wanted], by=by, subject=number, facts={"grant": row.grant_id})
    return row


def note_reads(records: Sequence[dict[str, Any]]) -> None:
    """Take note of how far gateways gave events out; runs in the transaction that collects the calls."""
    for record in records:
        number, cursor = record.get("subscription"), record.get("cursor")
        if number and cursor and record.get("rows") and record["status"] == 200:
            changes = {"read_to": str(cursor)[:64], "read_at": datetime.fromisoformat(record["at"])}
            Subscription.objects.filter(number=number).update(**changes, read_events=F("read_events") + int(record["rows"]))
