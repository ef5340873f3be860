# SPDX-License-Identifier: Apache-2.0
"""The verbs of exchange: attach, run a batch, publish the policy, collect the calls."""

from datong.contexts.exchange.usecases.attaching import attach, columns_of, inspect_upload
from datong.contexts.exchange.usecases.batches import quarantine, run_batch
from datong.contexts.exchange.usecases.calls import collect_calls
from datong.contexts.exchange.usecases.policy import publish_policy

__all__ = ["attach", "collect_calls", "columns_of", "inspect_upload", "publish_policy", "quarantine", "run_batch"]
