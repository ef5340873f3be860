# SPDX-License-Identifier: Apache-2.0
"""Reads of disputes and complaints."""

from datong.contexts.disputes.queries.complaints import complaint_of, complaints, visible_complaints
from datong.contexts.disputes.queries.disputes import dispute_of, disputes, paper_of, visible_disputes
from datong.contexts.disputes.queries.seats import Seat, highest, route, seat
from datong.contexts.disputes.queries.subjects import disputed
from datong.contexts.disputes.queries.waiting import under_way, waiting

__all__ = [
    "Seat",
    "complaint_of",
    "complaints",
    "dispute_of",
    "disputed",
    "disputes",
    "highest",
    "paper_of",
    "route",
    "seat",
    "under_way",
    "visible_complaints",
    "visible_disputes",
    "waiting",
]
