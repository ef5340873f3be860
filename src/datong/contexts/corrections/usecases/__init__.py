# SPDX-License-Identifier: Apache-2.0
"""The verbs of corrections: report, show proof, take up, correct, reject, rate, withdraw; take in; recall, acknowledge."""

from datong.contexts.corrections.usecases.answering import candidates, correct, reject, take_up
from datong.contexts.corrections.usecases.rating import rate
from datong.contexts.corrections.usecases.recalling import acknowledge, recall, urge_receipts
from datong.contexts.corrections.usecases.reporting import report, show_proof, withdraw
from datong.contexts.corrections.usecases.taking_in import take_in

__all__ = [
    "acknowledge",
    "candidates",
    "correct",
    "rate",
    "recall",
    "reject",
    "report",
    "show_proof",
    "take_in",
    "take_up",
    "urge_receipts",
    "withdraw",
]
