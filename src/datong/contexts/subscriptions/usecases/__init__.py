# SPDX-License-Identifier: Apache-2.0
"""The verbs of subscriptions: subscribe, pause, go on, end; make events; push them and settle what was given up."""

from datong.contexts.subscriptions.usecases.keeping import end, note_reads, pause, resume, subscribe
from datong.contexts.subscriptions.usecases.pushing import push_due
from datong.contexts.subscriptions.usecases.receiving import Receiver, push_to, replace_secret, replay, skip, stop_push
from datong.contexts.subscriptions.usecases.streaming import into_policy, plan, sweep, tell

__all__ = [
    "Receiver",
    "end",
    "into_policy",
    "note_reads",
    "pause",
    "plan",
    "push_due",
    "push_to",
    "replace_secret",
    "replay",
    "resume",
    "skip",
    "stop_push",
    "subscribe",
    "sweep",
    "tell",
]
