# SPDX-License-Identifier: Apache-2.0
"""Reads of corrections: reports, the case at the window, recalls, what waits."""

from datong.contexts.corrections.queries.cases import case_may_continue
from datong.contexts.corrections.queries.disputed import disputed
from datong.contexts.corrections.queries.recalls import (
    recall_of,
    recallable,
    recalls,
    receipts_visible,
    sees_every_receipt,
    visible_recalls,
)
from datong.contexts.corrections.queries.reports import (
    Summary,
    correction_of,
    corrections,
    evidence_of,
    summary,
    visible_corrections,
)
from datong.contexts.corrections.queries.values import Values, masked_values, values_of
from datong.contexts.corrections.queries.waiting import under_way, waiting

__all__ = [
    "Summary",
    "Values",
    "case_may_continue",
    "correction_of",
    "corrections",
    "disputed",
    "evidence_of",
    "masked_values",
    "recall_of",
    "recallable",
    "recalls",
    "receipts_visible",
    "sees_every_receipt",
    "summary",
    "under_way",
    "values_of",
    "visible_corrections",
    "visible_recalls",
    "waiting",
]
