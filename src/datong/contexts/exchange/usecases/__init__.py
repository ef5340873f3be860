# SPDX-License-Identifier: Apache-2.0
"""The verbs of exchange: attach, run a batch, publish the policy, collect the calls, sweep, compare."""

from datong.contexts.exchange.usecases.asking import Holding, held_in
from datong.contexts.exchange.usecases.attaching import attach, inspect_upload
from datong.contexts.exchange.usecases.batches import end_stopped, quarantine, recall_batch, run_batch, tend_batches
from datong.contexts.exchange.usecases.calls import collect_calls
from datong.contexts.exchange.usecases.controlling import cancel_batch, continue_batch, retry_batch
from datong.contexts.exchange.usecases.deriving import Outlet
from datong.contexts.exchange.usecases.describing import Described, describe, described
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
from datong.contexts.exchange.usecases.links import LinkView, MadeLink, look_at_link, make_link, open_link, withdraw_link
from datong.contexts.exchange.usecases.policy import make_tables, outlet, plan_tables, publish_policy
from datong.contexts.exchange.usecases.reading import Supply, TableState, supply, table_state
from datong.contexts.exchange.usecases.recipients import issue_profile, limit_recipient, stop_recipient
from datong.contexts.exchange.usecases.sampling import Sample, sample
from datong.contexts.exchange.usecases.scheduling import (
    Plan,
    collect_now,
    pause_schedule,
    queue_due,
    resume_schedule,
    set_schedule,
)
from datong.contexts.exchange.usecases.sweeping import HELD_FOR, sweep
from datong.contexts.exchange.usecases.tallying import collect_tallies, sweep_tallies, tally_push
from datong.contexts.exchange.usecases.trying import TRIED_BY, Trial, Tried, try_call
from datong.contexts.exchange.usecases.upstreams import (
    Registration,
    register,
    serve_upstream,
    standing,
    try_upstream,
    withdraw_upstream,
)
from datong.contexts.exchange.usecases.upstreams import serving as upstreams_of
from datong.contexts.exchange.usecases.vacuuming import vacuum_lake

__all__ = [
    "HELD_FOR",
    "TRIED_BY",
    "Described",
    "Held",
    "Holding",
    "LinkView",
    "MadeLink",
    "Offer",
    "Outlet",
    "Plan",
    "Registration",
    "Sample",
    "Supply",
    "TableState",
    "Trial",
    "Tried",
    "acknowledge_drift",
    "attach",
    "cancel_batch",
    "collect_calls",
    "collect_now",
    "collect_tallies",
    "compare",
    "compare_all",
    "compare_on_demand",
    "compare_quietly",
    "continue_batch",
    "describe",
    "described",
    "dismiss_drift",
    "drop",
    "end_stopped",
    "held_in",
    "hold",
    "inspect_upload",
    "issue_profile",
    "limit_recipient",
    "look_at_link",
    "make_link",
    "make_tables",
    "open_link",
    "outlet",
    "pause_schedule",
    "plan_tables",
    "publish_policy",
    "quarantine",
    "queue_due",
    "recall_batch",
    "register",
    "resume_schedule",
    "retry_batch",
    "run_batch",
    "sample",
    "serve_upstream",
    "set_schedule",
    "shared_items",
    "standing",
    "stop_recipient",
    "supply",
    "sweep",
    "sweep_tallies",
    "table_state",
    "tally_push",
    "tend_batches",
    "try_call",
    "try_upstream",
    "upstreams_of",
    "vacuum_lake",
    "withdraw_link",
    "withdraw_upstream",
]
