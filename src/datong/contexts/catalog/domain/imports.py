# SPDX-License-Identifier: Apache-2.0
"""Life of an import of entries from a workbook, and of each of its entries.

Kept here: a job ends and is never reopened; what failed is corrected in the sheet that comes back and handed in anew.
"""

from collections.abc import Mapping

from datong.kernel.actors import Role
from datong.kernel.labels import Labelled


class ImportStage(Labelled):
    """Where an import stands (导入)."""

    QUEUED = "queued", "排队中"
    RUNNING = "running", "导入中"
    FINISHED = "finished", "已完成"
    FAILED = "failed", "导入失败"
    CANCELLED = "cancelled", "已取消"


MOVES: Mapping[ImportStage, frozenset[ImportStage]] = {
    ImportStage.QUEUED: frozenset({ImportStage.RUNNING, ImportStage.FAILED, ImportStage.CANCELLED}),
    ImportStage.RUNNING: frozenset({ImportStage.FINISHED, ImportStage.FAILED, ImportStage.CANCELLED}),
    ImportStage.FINISHED: frozenset(),
    ImportStage.FAILED: frozenset(),
    ImportStage.CANCELLED: frozenset(),
}
"""Stage to the stages that may follow it."""
LABELS: Mapping[ImportStage, str] = {stage: stage.label for stage in ImportStage}
"""Stage to what people read."""
HOLDER: Mapping[ImportStage, Role | None] = {
    ImportStage.QUEUED: None,
    ImportStage.RUNNING: None,
    ImportStage.FINISHED: Role.COMPILER,
    ImportStage.FAILED: Role.COMPILER,
    ImportStage.CANCELLED: None,
}
"""Stage to the role that acts next; nobody while the platform works."""
TAG: Mapping[ImportStage, str] = {
    ImportStage.QUEUED: "catalog.import.queued",
    ImportStage.RUNNING: "catalog.import.started",
    ImportStage.FINISHED: "catalog.import.finished",
    ImportStage.FAILED: "catalog.import.failed",
    ImportStage.CANCELLED: "catalog.import.cancelled",
}
"""Stage to the act recorded when it is reached."""


class RowState(Labelled):
    """What became of one entry of an import."""

    WAITING = "waiting", "待导入"
    IMPORTED = "imported", "已导入"
    KNOWN = "known", "以前已导入"
    REFUSED = "refused", "有误未导入"
