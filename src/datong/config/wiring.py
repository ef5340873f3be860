# SPDX-License-Identifier: Apache-2.0
"""Wiring: what the node calls in the contexts, and when. The one place where the process tree meets the contexts.

Kept here: a beat is a function that brings something up to date and may run at any time, any number of times. One that
follows the acts runs whenever an act was committed; each runs at least once in its period, should a notice be lost.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Beat:
    """Something the worker does again and again.

    Attributes:
        name: for the logs.
        run: the work; it returns when all is up to date.
        period: seconds after which it runs in any case.
        on_act: also run as soon as an act is committed.
    """

    name: str
    run: Callable[[], object]
    period: float
    on_act: bool = False


def beats() -> tuple[Beat, ...]:
    """The beats of the worker, in the order in which they run."""
    from datong.contexts.audit import face as audit
    from datong.contexts.catalog import face as catalog
    from datong.contexts.corrections import face as corrections
    from datong.contexts.deliveries import face as deliveries
    from datong.contexts.demands import face as demands
    from datong.contexts.exchange import face as exchange
    from datong.contexts.notifications import face as notifications
    from datong.contexts.organisations import face as organisations
    from datong.contexts.periods import face as periods
    from datong.contexts.sharing import face as sharing
    from datong.contexts.subscriptions import face as subscriptions

    return (
        Beat("seal the acts", audit.seal, period=5, on_act=True),
        Beat("follow the search index", catalog.follow_search, period=5, on_act=True),
        Beat("expire grants", sharing.expire_grants, period=30),
        Beat("remind of grants that end", sharing.remind_grants, period=600),
        Beat("watch the destructions", sharing.watch_disposals, period=300),
        Beat("plan the tables", exchange.plan_tables, period=15, on_act=True),
        Beat("follow the landings", subscriptions.plan, period=15, on_act=True),
        Beat("let old events go", subscriptions.sweep, period=600),
        Beat("collect the calls", exchange.collect_calls, period=2),
        Beat("collect the tallies", exchange.collect_tallies, period=30),
        Beat("follow the demands", demands.follow, period=60, on_act=True),
        Beat("take in corrections", corrections.take_in, period=2),
        Beat("queue what is due", exchange.queue_due, period=10, on_act=True),
        Beat("tend the batches", exchange.tend_batches, period=60),
        Beat("tend the deliveries", deliveries.tend, period=30),
        Beat("sweep the files", exchange.sweep, period=600),
        Beat("let old tallies go", exchange.sweep_tallies, period=3600),
        Beat("watch the clocks", periods.watch_clocks, period=300),
        Beat("carry the notices", notifications.spread, period=10, on_act=True),
        Beat("prepare the proofs", audit.prepare_proofs, period=10),
        Beat("merge the checkpoints", audit.merge_checkpoints, period=60),
        Beat("sum up the calls of today", sum_up_calls, period=10),
        Beat("forget answers", organisations.forget_answers, period=3600),
    )


def sum_up_calls() -> None:
    """Read on in the gateways' logs, so that a gateway that starts has little to read."""
    from django.conf import settings

    from datong.gateway import past

    place = settings.NODE_FOLDER
    past.sum_up(place.evidence, place.board.parent, time.time())


@dataclass(frozen=True, slots=True)
class Sender:
    """Something that waits for no beat, or that no beat should wait for: it runs in a thread of its own.

    Attributes:
        name: for the logs.
        run: the work; it returns when nothing is left to send.
        channel: of PostgreSQL; a notification is a hint to run.
        period: seconds after which it runs in any case.
    """

    name: str
    run: Callable[[], object]
    channel: str
    period: float


def senders() -> tuple[Sender, ...]:
    """What the worker sends."""
    from datong.contexts.audit import face as audit
    from datong.contexts.exchange import face as exchange
    from datong.contexts.subscriptions import face as subscriptions
    from datong.wire import events

    return (
        Sender("publish the policy", exchange.publish_policy, audit.CHANNEL, period=15),
        Sender("push the events", subscriptions.push_due, events.CHANNEL, period=2),
    )


def seeds() -> tuple[Callable[[], object], ...]:
    """What a new database is filled with; each may run again and then changes nothing."""
    from datong.contexts.catalog.usecases import seed_classes, seed_synonyms
    from datong.contexts.catalog.usecases.laws import seed_laws
    from datong.contexts.organisations import face as organisations

    return (organisations.seed, seed_classes, seed_synonyms, seed_laws)


def first_administrator() -> tuple[str, str] | None:
    """Make the first system administrator where there is none.

    Returns:
        Account and password, to be shown once; None when there is an administrator already.
    """
    from datong.contexts.organisations import face as organisations

    return organisations.first_administrator()
