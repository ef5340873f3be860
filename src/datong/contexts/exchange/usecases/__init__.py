# SPDX-License-Identifier: Apache-2.0
"""The verbs of exchange: attach, run a batch, publish the policy, collect the calls."""

from datong.contexts.exchange.usecases.attaching import Held, Offer, attach, hold, inspect_upload
from datong.contexts.exchange.usecases.batches import quarantine, run_batch
from datong.contexts.exchange.usecases.calls import collect_calls
from datong.contexts.exchange.usecases.policy import publish_policy

__all__ = ["Held", "Offer", "attach", "collect_calls", "hold", "inspect_upload", "publish_policy", "quarantine", "run_batch"]
