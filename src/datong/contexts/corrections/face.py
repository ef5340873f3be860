# SPDX-License-Identifier: Apache-2.0
"""The front door of corrections: take in what the gateways hold, what waits, whether a case goes on, how a resource stands."""

from datong.contexts.corrections.domain.checks import CaseAnswer
from datong.contexts.corrections.queries import (
    Summary,
    case_may_continue,
    corrections,
    disputed,
    recalls,
    summary,
    under_way,
    waiting,
)
from datong.contexts.corrections.usecases import report, take_in

__all__ = [
    "CaseAnswer",
    "Summary",
    "case_may_continue",
    "corrections",
    "disputed",
    "recalls",
    "report",
    "summary",
    "take_in",
    "under_way",
    "waiting",
]
