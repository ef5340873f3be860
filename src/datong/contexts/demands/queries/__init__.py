# SPDX-License-Identifier: Apache-2.0
"""Reads of demands: demands and responsibilities, counts, matches suggested, what waits."""

from datong.contexts.demands.queries.counting import Figures, figures
from datong.contexts.demands.queries.demands import demand_of, demands, open_responsibility, visible_demands
from datong.contexts.demands.queries.matching import Match, matches
from datong.contexts.demands.queries.proposing import Proposed, assignable, proposed_departments
from datong.contexts.demands.queries.responsibilities import responsibilities, visible_responsibilities
from datong.contexts.demands.queries.waiting import under_way, waiting

__all__ = [
    "Figures",
    "Match",
    "Proposed",
    "assignable",
    "demand_of",
    "demands",
    "figures",
    "matches",
    "open_responsibility",
    "proposed_departments",
    "responsibilities",
    "under_way",
    "visible_demands",
    "visible_responsibilities",
    "waiting",
]
