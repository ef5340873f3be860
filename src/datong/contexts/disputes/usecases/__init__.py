# SPDX-License-Identifier: Apache-2.0
"""The verbs of disputes, from opening to the government's decision, and of complaints, from filing to closing."""

from datong.contexts.disputes.usecases.complaining import Filed, Given, Standing, file_complaint, look_up
from datong.contexts.disputes.usecases.deciding import appeal, confirm_carried_out, decide, escalate, instruct
from datong.contexts.disputes.usecases.handling import assign, close, reply, send_back
from datong.contexts.disputes.usecases.negotiating import assent, open_dispute, propose, state, withdraw

__all__ = [
    "Filed",
    "Given",
    "Standing",
    "appeal",
    "assent",
    "assign",
    "close",
    "confirm_carried_out",
    "decide",
    "escalate",
    "file_complaint",
    "instruct",
    "look_up",
    "open_dispute",
    "propose",
    "reply",
    "send_back",
    "state",
    "withdraw",
]
