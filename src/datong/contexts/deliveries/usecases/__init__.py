# SPDX-License-Identifier: Apache-2.0
"""The verbs of deliveries: ask, ask again, withdraw, carry out, give the address of a file, trace."""

from datong.contexts.deliveries.usecases.asking import ask, let_out, retry, stop_schedule, withdraw
from datong.contexts.deliveries.usecases.carrying import run_delivery
from datong.contexts.deliveries.usecases.planning import tend
from datong.contexts.deliveries.usecases.taking import MOST_HOURS, give_address
from datong.contexts.deliveries.usecases.tracing import Trace, trace

__all__ = [
    "MOST_HOURS",
    "Trace",
    "ask",
    "give_address",
    "let_out",
    "retry",
    "run_delivery",
    "stop_schedule",
    "tend",
    "trace",
    "withdraw",
]
