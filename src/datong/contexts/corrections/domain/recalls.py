# SPDX-License-Identifier: Apache-2.0
"""Recall of delivered data (数据召回, GB/T 39477-2020 6.1.4.4): who got it says what became of it.

Kept here: a recall is open until every department that could have received the data has answered.
"""

from collections.abc import Mapping

from datong.kernel.actors import Role
from datong.kernel.labels import Labelled


class RecallStage(Labelled):
    """Where a recall stands (数据召回)."""

    OPEN = "open", "召回中"
    FINISHED = "finished", "召回完成"


RECALL_MOVES: Mapping[RecallStage, frozenset[RecallStage]] = {
    RecallStage.OPEN: frozenset({RecallStage.FINISHED}),
    RecallStage.FINISHED: frozenset(),
}
"""Stage to the stages that may follow it."""
RECALL_LABELS: Mapping[RecallStage, str] = {stage: stage.label for stage in RecallStage}
RECALL_HOLDER: Mapping[RecallStage, Role | None] = {RecallStage.OPEN: Role.APPLICANT, RecallStage.FINISHED: None}
RECALL_TAG: Mapping[RecallStage, str] = {
    RecallStage.OPEN: "corrections.recall.opened",
    RecallStage.FINISHED: "corrections.recall.finished",
}
URGED = "corrections.recall.urged"


class ReceiptStage(Labelled):
    """Where one department's receipt of a recall stands (召回回执)."""

    OUTSTANDING = "outstanding", "待回执"
    ANSWERED = "answered", "已回执"


RECEIPT_MOVES: Mapping[ReceiptStage, frozenset[ReceiptStage]] = {
    ReceiptStage.OUTSTANDING: frozenset({ReceiptStage.ANSWERED}),
    ReceiptStage.ANSWERED: frozenset(),
}
"""Stage to the stages that may follow it."""
RECEIPT_LABELS: Mapping[ReceiptStage, str] = {stage: stage.label for stage in ReceiptStage}
RECEIPT_HOLDER: Mapping[ReceiptStage, Role | None] = {ReceiptStage.OUTSTANDING: Role.APPLICANT, ReceiptStage.ANSWERED: None}
RECEIPT_TAG: Mapping[ReceiptStage, str] = {
    ReceiptStage.OUTSTANDING: "corrections.receipt.asked",
    ReceiptStage.ANSWERED: "corrections.receipt.given",
}


class Disposal(Labelled):
    """What became of recalled data at a department."""

    DESTROYED = "destroyed", "已销毁"
    REPLACED = "replaced", "已用新版本替换"
    NOT_RECEIVED = "not_received", "未收到该批数据"
