# SPDX-License-Identifier: Apache-2.0
"""The verbs of demands: write, consent, match, assign, decline, answer, follow, request."""

from datong.contexts.demands.usecases.answering import accept_demand, give_back, supply_entry
from datong.contexts.demands.usecases.consenting import endorse_demand, return_demand
from datong.contexts.demands.usecases.following import follow
from datong.contexts.demands.usecases.requesting import request_entry
from datong.contexts.demands.usecases.reviewing import (
    assign_demand,
    decline_demand,
    match_demand,
    reopen_demand,
    take_entry,
)
from datong.contexts.demands.usecases.writing import draft_demand, file_demand, revise_demand, withdraw_demand

__all__ = [
    "accept_demand",
    "assign_demand",
    "decline_demand",
    "draft_demand",
    "endorse_demand",
    "file_demand",
    "follow",
    "give_back",
    "match_demand",
    "reopen_demand",
    "request_entry",
    "return_demand",
    "revise_demand",
    "supply_entry",
    "take_entry",
    "withdraw_demand",
]
