# SPDX-License-Identifier: Apache-2.0
"""The verbs of exchange: attach, run a batch, publish the policy, collect the calls, sweep, compare."""

from datong.contexts.exchange.usecases.asking import Holding, held_in
from datong.contexts.exchange.usecases.attaching import attach, inspect_upload
from datong.contexts.exchange.usecases.batches import end_stopped, quarantine, run_batch, tend_batches
from datong.contexts.exchange.usecases.calls import collect_calls
from datong.contexts.exchange.usecases.controlling import cancel_batch, continue_batch, retry_batch
from datong.contexts.exchange.usecases.deriving import Outlet
from datong.contexts.exchange.usecases.drifting import (
    acknowledge_drift,
    compare,
    compare_all,
    compare_on_demand,
    compare_quietly,
    dismiss_drift,
)
from datong.contexts.exchange.usecases.holding import Held, Offer, drop, hold
from datong.contexts.exchange.usecases.landing import shared_items
from datong.contexts.exchange.usecases.policy import make_tables, outlet, plan_tables, publish_policy
from datong.contexts.exchange.usecases.recipients import issue_profile
from datong.contexts.exchange.usecases.sampling import Sample, sample
from datong.contexts.exchange.usecases.sweeping import HELD_FOR, sweep

from datong.contexts.exchange.usecases.scheduling import (
    Plan,
    collect_now,
    pause_schedule,
    queue_due,
    resume_schedule,
    set_schedule,
)
__all__ = [
    "HELD_FOR",
    "Held",
    "Holding",
    "Offer",
    "Outlet",
    "Sample",
    "acknowledge_drift",
    "attach",
    "collect_calls",
    "Plan",
    "compare",
    "compare_all",
    "compare_on_demand",
    "compare_quietly",
    "dismiss_drift",
    "cancel_batch",
    "drop",
    "collect_now",
    "held_in",
    "hold",
    "inspect_upload",
    "issue_profile",
    "continue_batch",
    "make_tables",
    "outlet",
    "end_stopped",
    "plan_tables",
    "publish_policy",
    "quarantine",
    "run_batch",
    "sample",
    "shared_items",
    "sweep",
    "tend_batches",
]
    "pause_schedule",
    "queue_due",
    "resume_schedule",
    "retry_batch",
    "set_schedule",
