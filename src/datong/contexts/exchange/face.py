# SPDX-License-Identifier: Apache-2.0
"""The door of exchange: what other contexts may ask of it, and what the worker does again and again."""

from datong.contexts.exchange.queries import Landed, Usage, drift, drifts_waiting, freshness, landed, stale_on, usage
from datong.contexts.exchange.usecases import Sample, collect_calls, publish_policy, sample, sweep, tend_batches

__all__ = [
    "Landed",
    "Sample",
    "Usage",
    "collect_calls",
    "drift",
    "drifts_waiting",
    "freshness",
    "landed",
    "publish_policy",
    "sample",
    "stale_on",
    "sweep",
    "tend_batches",
    "usage",
]
