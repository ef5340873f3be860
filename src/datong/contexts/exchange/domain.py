# SPDX-License-Identifier: Apache-2.0
"""Exchange: the life of a batch, and what a source of rows may be.

Kept here: a batch is queued, runs and ends landed or failed; one that was interrupted is begun again, a failed one
never: its rows come as another batch. Clauses: see "batch" and "attach" in docs/glossary.md.
"""

from __future__ import annotations

from datong.kernel.actors import Role
from datong.kernel.labels import Labelled


class SourceKind(Labelled):
    """Where rows come from (挂接来源)."""

    CSV = "csv", "CSV 文本文件"
    XLSX = "xlsx", "XLSX 电子表格"
    PARQUET = "parquet", "Parquet 文件"
    POSTGRES = "postgres", "PostgreSQL 库表"


SUFFIXES = {".csv": SourceKind.CSV, ".txt": SourceKind.CSV, ".xlsx": SourceKind.XLSX, ".parquet": SourceKind.PARQUET}


class BatchStage(Labelled):
    """Stages of a batch (批次)."""

    QUEUED = "queued", "排队中"
    RUNNING = "running", "装载中"
    LANDED = "landed", "已入湖"
    FAILED = "failed", "装载失败"


MOVES: dict[BatchStage, frozenset[BatchStage]] = {
    BatchStage.QUEUED: frozenset({BatchStage.RUNNING, BatchStage.FAILED}),
    BatchStage.RUNNING: frozenset({BatchStage.LANDED, BatchStage.FAILED}),
    BatchStage.LANDED: frozenset(),
    BatchStage.FAILED: frozenset(),
}
UNFINISHED = (BatchStage.QUEUED, BatchStage.RUNNING)
LABELS = {stage: stage.label for stage in BatchStage}
HOLDER: dict[BatchStage, Role | None] = {
    BatchStage.QUEUED: None,
    BatchStage.RUNNING: None,
    BatchStage.LANDED: None,
    BatchStage.FAILED: Role.COMPILER,
}
TAG = {
    BatchStage.QUEUED: "exchange.batch.queued",
    BatchStage.RUNNING: "exchange.batch.started",
    BatchStage.LANDED: "exchange.batch.landed",
    BatchStage.FAILED: "exchange.batch.failed",
}
