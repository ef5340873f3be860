# SPDX-License-Identifier: Apache-2.0
"""Exchange: the life of a batch, what a source of rows may be, and where an entry no longer tells the truth (drift).

Kept here: a batch is queued, runs and ends landed or failed; one that was interrupted is begun again, a failed one
never: its rows come as another batch. Clauses: see "batch" and "attach" in docs/glossary.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

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


class DriftStage(Labelled):
    """Stages of a case that an entry no longer matches its data (挂接资源和目录不一致)."""

    OPEN = "open", "待核实"
    ACKNOWLEDGED = "acknowledged", "整改中"
    MENDED = "mended", "已一致"
    DISMISSED = "dismissed", "无须整改"


DRIFT_MOVES: dict[DriftStage, frozenset[DriftStage]] = {
    DriftStage.OPEN: frozenset({DriftStage.ACKNOWLEDGED, DriftStage.MENDED, DriftStage.DISMISSED}),
    DriftStage.ACKNOWLEDGED: frozenset({DriftStage.MENDED, DriftStage.DISMISSED}),
    DriftStage.MENDED: frozenset(),
    DriftStage.DISMISSED: frozenset(),
}
DRIFT_LABELS = {stage: stage.label for stage in DriftStage}
DRIFT_HOLDER: dict[DriftStage, Role | None] = {
    DriftStage.OPEN: Role.COMPILER,
    DriftStage.ACKNOWLEDGED: Role.COMPILER,
    DriftStage.MENDED: None,
    DriftStage.DISMISSED: None,
}
DRIFT_TAG = {
    DriftStage.OPEN: "exchange.drift.opened",
    DriftStage.ACKNOWLEDGED: "exchange.drift.acknowledged",
    DriftStage.MENDED: "exchange.drift.mended",
    DriftStage.DISMISSED: "exchange.drift.dismissed",
}
UNSETTLED = (DriftStage.OPEN, DriftStage.ACKNOWLEDGED)


class DriftKind(Labelled):
    """In what an entry and its data differ."""

    UNREADABLE = "unreadable", "来源无法读取"
    COLUMN = "column", "缺少列"
    TYPE = "type", "类型或长度不符"
    KEY = "key", "主键重复或为空"
    ROWS = "rows", "数据量不符"
    STALE = "stale", "超过更新周期"
    EXTRA = "extra", "源有未编目的列"


INFORMATIVE = frozenset({DriftKind.EXTRA})
"""What the provider should know, though all that the entry says holds: users are not warned of it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference.

    Attributes:
        item: The item, or several joined by commas; empty where the whole resource is meant.
        promised: What the entry or the last landing says.
        found: What is there now; never a value of a row.
    """

    kind: DriftKind
    item: str
    promised: str
    found: str


def is_untrue(findings: Iterable[Mapping[str, str]]) -> bool:
    """Whether findings say more than what is merely good to know."""
    return any(one["kind"] not in INFORMATIVE for one in findings)


MISFIT_SHARE = 0.01
"""Share of rows that may fail a type or length before the entry no longer tells the truth: single dirty rows go to
quarantine at each landing and are no drift."""


def misfit_findings(misfits: Iterable[tuple[str, str, int]], rows: int, keys: frozenset[str]) -> list[Finding]:
    """Tell which items a source no longer fits.

    Args:
        misfits: Item, reason code and rows of each kind of rejected row.
        rows: Rows read.
        keys: Items of the key.
    """
    found = []
    for item, code, number in misfits:
        broken_key = code == "repeated" or (code == "missing" and item in keys)
        if broken_key:
            found.append(Finding(DriftKind.KEY, item, "unique, never empty", f"{code}: {number}"))
        elif number > rows * MISFIT_SHARE:
            found.append(Finding(DriftKind.TYPE, item, "as declared", f"{code}: {number}"))
    return found


MOST_EXTRA = 50
LONGEST_COLUMN = 64


def extra_findings(unread: Iterable[str], known: Iterable[str]) -> list[Finding]:
    """Tell the columns of a source that an entry does not name.

    Args:
        unread: Columns no item is read from.
        known: Names and fields of all items: a withheld item has its column, though it is never read.
    """
    named = {_plain(one) for one in known}
    strange = dict.fromkeys(name for column in unread if (name := _shown(column)) and _plain(column) not in named)
    return [Finding(DriftKind.EXTRA, "", "", name) for name in list(strange)[:MOST_EXTRA]]


def _shown(column: str) -> str:
    """A header as a finding keeps it: printable and short."""
    return "".join(one for one in column if one.isprintable()).strip()[:LONGEST_COLUMN]


def _plain(name: str) -> str:
    return name.strip().casefold()


def rows_finding(landed: int, now: int, percent: int) -> list[Finding]:
    """Tell whether the rows of a source moved too far from those of the last landing."""
    if abs(now - landed) * 100 <= max(landed, 1) * percent:
        return []
    return [Finding(DriftKind.ROWS, "", str(landed), str(now))]


def lamp(age: timedelta | None, allowed: timedelta | None) -> str:
    """Colour of the lamp of freshness: none where nothing was promised or nothing has landed."""
    if age is None or allowed is None:
        return "none"
    return "green" if age <= allowed else "red"
