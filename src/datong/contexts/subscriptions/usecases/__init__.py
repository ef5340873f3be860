# SPDX-License-Identifier: Apache-2.0
"""The verbs of subscriptions: subscribe, pause, go on, end; make events; push them and settle what was given up."""

from datong.contexts.subscriptions.usecases.keeping import end, note_reads, pause, resume, subscribe
from datong.contexts.subscriptions.usecases.streaming import into_policy, plan, sweep, tell

__all__ = ["end", "into_policy", "note_reads", "pause", "plan", "resume", "subscribe", "sweep", "tell"]
