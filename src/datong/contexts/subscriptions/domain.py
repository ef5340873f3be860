# SPDX-License-Identifier: Apache-2.0
"""Subscriptions (订阅): who follows the changes under a grant, and how events that a receiver does not take are tried again.

Kept here: a subscription gives no right of its own, it follows its grant; one that ended never lives again; a batch that
was given up stops its subscription until a person sends it again or passes it over, so that order is never broken unseen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any

from datong.engine.plans.values import decimal_text, instant_text
from datong.kernel.actors import Role
from datong.kernel.labels import Labelled

LONGEST_TITLE = 100
LONGEST_WHY = 500
LARGEST_TELLING = 1_000_000
"""Events of one landing; beyond, followers read everything anew."""
KEPT_DAYS = 7
"""Days for which events are kept."""
BATCH = 100
"""Most events of one push."""
OVERLAP = timedelta(hours=24)
"""How long the secret before still signs beside a new one."""
BACK_OFF: Sequence[timedelta] = tuple(
    timedelta(seconds=seconds) for seconds in (2, 10, 30, 120, 600, 1_800, 3_600, 3 * 3_600, 6 * 3_600, 12 * 3_600)
)
"""How long to wait after each failure; one failure more and the batch is given up."""
CLAIMED_FOR = timedelta(minutes=2)
"""After this a batch taken by a sender that was killed is sent by another, under the same id."""


class SubscriptionStage(Labelled):
    """Where a subscription stands."""

    ACTIVE = "active", "订阅中"
    PAUSED = "paused", "已暂停订阅"
    ENDED = "ended", "已结束订阅"


MOVES: Mapping[SubscriptionStage, frozenset[SubscriptionStage]] = {
    SubscriptionStage.ACTIVE: frozenset({SubscriptionStage.PAUSED, SubscriptionStage.ENDED}),
    SubscriptionStage.PAUSED: frozenset({SubscriptionStage.ACTIVE, SubscriptionStage.ENDED}),
    SubscriptionStage.ENDED: frozenset(),
}
LABELS: Mapping[SubscriptionStage, str] = {stage: stage.label for stage in SubscriptionStage}
HOLDER: Mapping[SubscriptionStage, Role | None] = {
    SubscriptionStage.ACTIVE: None,
    SubscriptionStage.PAUSED: Role.APPLICANT,
    SubscriptionStage.ENDED: None,
}
TAG: Mapping[SubscriptionStage, str] = {
    SubscriptionStage.ACTIVE: "subscriptions.subscription.resumed",
    SubscriptionStage.PAUSED: "subscriptions.subscription.paused",
    SubscriptionStage.ENDED: "subscriptions.subscription.ended",
}
LIVE = (SubscriptionStage.ACTIVE, SubscriptionStage.PAUSED)


class DeadStage(Labelled):
    """Where a batch of events stands that was given up."""

    WAITING = "waiting", "待处理"
    REPLAYED = "replayed", "已重发"
    SKIPPED = "skipped", "已跳过"


DEAD_MOVES: Mapping[DeadStage, frozenset[DeadStage]] = {
    DeadStage.WAITING: frozenset({DeadStage.REPLAYED, DeadStage.SKIPPED}),
    DeadStage.REPLAYED: frozenset(),
    DeadStage.SKIPPED: frozenset(),
}
DEAD_LABELS: Mapping[DeadStage, str] = {stage: stage.label for stage in DeadStage}
DEAD_HOLDER: Mapping[DeadStage, Role | None] = {
    DeadStage.WAITING: Role.APPLICANT,
    DeadStage.REPLAYED: None,
    DeadStage.SKIPPED: None,
}
DEAD_TAG: Mapping[DeadStage, str] = {
    DeadStage.WAITING: "subscriptions.push.given_up",
    DeadStage.REPLAYED: "subscriptions.push.replayed",
    DeadStage.SKIPPED: "subscriptions.push.skipped",
}


def after_failure(tries: int) -> timedelta | None:
    """Give how long to wait after so many failures, None when the batch is given up."""
    return BACK_OFF[tries - 1] if tries <= len(BACK_OFF) else None


Told = tuple[int, str, str, dict[str, dict[str, Any]]]
"""Version, UTC time of the commit, insert|update|delete, images."""


def told(rows: Iterator[dict[str, Any]]) -> Iterator[Told]:
    """Turn rows of the engine's changes into events: the two images of an update are one.

    Args:
        rows: `_change_type`, columns, `_commit_version`, `_commit_timestamp`; images of an update side by side.
    """
    before: dict[str, Any] = {}
    for row in rows:
        kind = row.pop("_change_type")
        version, at = row.pop("_commit_version"), instant_text(row.pop("_commit_timestamp"))
        image = {name: shown(value) for name, value in row.items()}
        if kind == "update_preimage":
            before = image
        elif kind == "update_postimage":
            yield version, at, "update", {"before": before, "after": image}
        else:
            yield version, at, kind, {"after" if kind == "insert" else "before": image}


def shown(value: object) -> object:
    """Give a value as the answers of calls show it: exact numbers as text, days and instants in ISO form."""
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, datetime):
        return instant_text(value)
    return value.isoformat() if isinstance(value, date) else value


def pairs(batches: Any) -> Iterator[dict[str, Any]]:
    """Give the rows of Arrow batches, one after another."""
    return chain.from_iterable(batch.to_pylist() for batch in batches)
