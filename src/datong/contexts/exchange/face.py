# SPDX-License-Identifier: Apache-2.0
"""The door of exchange: what other contexts may ask of it, and what the worker does again and again."""

from datong.contexts.exchange.queries import (
    Landed,
    Usage,
    batches_waiting,
    drift,
    drifts_waiting,
    freshness,
    landed,
    landings,
    stale_on,
    usage,
)
from datong.contexts.exchange.queries.lineage import Used, with_uses
from datong.contexts.exchange.usecases import (
    Holding,
    Outlet,
    Sample,
    collect_calls,
    collect_tallies,
    held_in,
    outlet,
    plan_tables,
    publish_policy,
    queue_due,
    recall_batch,
    sample,
    sweep,
    sweep_tallies,
    tend_batches,
    upstreams_of,
)
from datong.contexts.exchange.usecases.deriving import wanted as outlets
from datong.contexts.exchange.usecases.following import add_to_policy, after_landing, with_calls
from datong.contexts.exchange.usecases.policy import outlets_of, published
from datong.contexts.exchange.usecases.processes import alone, end_with_starter, run_apart

__all__ = [
    "Holding",
    "Landed",
    "Outlet",
    "Sample",
    "Usage",
    "Used",
    "add_to_policy",
    "after_landing",
    "alone",
    "batches_waiting",
    "collect_calls",
    "collect_tallies",
    "drift",
    "drifts_waiting",
    "end_with_starter",
    "freshness",
    "held_in",
    "landed",
    "landings",
    "outlet",
    "outlets",
    "outlets_of",
    "plan_tables",
    "publish_policy",
    "published",
    "queue_due",
    "recall_batch",
    "run_apart",
    "sample",
    "stale_on",
    "sweep",
    "sweep_tallies",
    "tend_batches",
    "upstreams_of",
    "usage",
    "with_calls",
    "with_uses",
]
