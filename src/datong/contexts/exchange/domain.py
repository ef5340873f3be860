# SPDX-License-Identifier: Apache-2.0
"""Exchange: the life of a batch, what a source of rows may be, and where an entry no longer tells the truth (drift).

Kept here: a batch is queued, runs and ends landed, failed or cancelled; one that was interrupted is begun again, one
that ended never: its rows come as another batch. One whose source has changed its shape is held before anything is
committed, until its provider decides; one that is recalled serves no more. Clauses: see "batch" and "attach" in docs/glossary.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from croniter import croniter  # type: ignore[import-untyped]  # it has no types

from datong.kernel.actors import Role
from datong.kernel.errors import Malformed
from datong.kernel.labels import Labelled
from datong.kernel.workdays import SHANGHAI


class SourceKind(Labelled):
    """Where rows come from (挂接来源)."""

    CSV = "csv", "CSV 文本文件"
    XLSX = "xlsx", "XLSX 电子表格"
    PARQUET = "parquet", "Parquet 文件"
    POSTGRES = "postgres", "PostgreSQL 库表"
    CONNECTION = "connection", "数据源连接"


SUFFIXES = {".csv": SourceKind.CSV, ".txt": SourceKind.CSV, ".xlsx": SourceKind.XLSX, ".parquet": SourceKind.PARQUET}


class BatchStage(Labelled):
    """Stages of a batch (批次)."""

    QUEUED = "queued", "排队中"
    RUNNING = "running", "装载中"
    HELD = "held", "待确认"
    LANDED = "landed", "已入湖"
    FAILED = "failed", "装载失败"
    CANCELLED = "cancelled", "已取消"
    RECALLED = "recalled", "已召回"


MOVES: dict[BatchStage, frozenset[BatchStage]] = {
    BatchStage.QUEUED: frozenset({BatchStage.RUNNING, BatchStage.FAILED, BatchStage.CANCELLED}),
    BatchStage.RUNNING: frozenset({BatchStage.LANDED, BatchStage.FAILED, BatchStage.HELD, BatchStage.CANCELLED}),
    BatchStage.HELD: frozenset({BatchStage.QUEUED, BatchStage.CANCELLED}),
    BatchStage.LANDED: frozenset({BatchStage.RECALLED}),
    BatchStage.FAILED: frozenset(),
    BatchStage.CANCELLED: frozenset(),
    BatchStage.RECALLED: frozenset(),
}
UNFINISHED = (BatchStage.QUEUED, BatchStage.RUNNING, BatchStage.HELD)
AT_WORK = (BatchStage.QUEUED, BatchStage.RUNNING)
"""Unfinished, and waiting for nobody."""
LABELS = {stage: stage.label for stage in BatchStage}
HOLDER: dict[BatchStage, Role | None] = {
    BatchStage.QUEUED: None,
    BatchStage.RUNNING: None,
    BatchStage.HELD: Role.COMPILER,
    BatchStage.LANDED: None,
    BatchStage.FAILED: Role.COMPILER,
    BatchStage.CANCELLED: None,
    BatchStage.RECALLED: None,
}
TAG = {
    BatchStage.QUEUED: "exchange.batch.queued",
    BatchStage.RUNNING: "exchange.batch.started",
    BatchStage.HELD: "exchange.batch.held",
    BatchStage.LANDED: "exchange.batch.landed",
    BatchStage.FAILED: "exchange.batch.failed",
    BatchStage.CANCELLED: "exchange.batch.cancelled",
    BatchStage.RECALLED: "exchange.batch.recalled",
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


class UpstreamStage(Labelled):
    """Stages of a registered interface of a provider (代理接口)."""

    DRAFT = "draft", "待启用"
    SERVING = "serving", "应答中"
    WITHDRAWN = "withdrawn", "已撤下"


UPSTREAM_MOVES: dict[UpstreamStage, frozenset[UpstreamStage]] = {
    UpstreamStage.DRAFT: frozenset({UpstreamStage.SERVING}),
    UpstreamStage.SERVING: frozenset({UpstreamStage.WITHDRAWN}),
    UpstreamStage.WITHDRAWN: frozenset(),
}
UPSTREAM_LABELS = {stage: stage.label for stage in UpstreamStage}
UPSTREAM_HOLDER: dict[UpstreamStage, Role | None] = {
    UpstreamStage.DRAFT: Role.COMPILER,
    UpstreamStage.SERVING: None,
    UpstreamStage.WITHDRAWN: None,
}
UPSTREAM_TAG = {
    UpstreamStage.DRAFT: "exchange.upstream.registered",
    UpstreamStage.SERVING: "exchange.upstream.served",
    UpstreamStage.WITHDRAWN: "exchange.upstream.withdrawn",
}


class UpstreamPlace(Labelled):
    """Where an interface takes a parameter."""

    QUERY = "query", "查询串"
    PATH = "path", "路径"
    BODY = "body", "请求体"


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


class CollectMode(Labelled):
    """How rows are collected (归集方式)."""

    FULL = "full", "全量"
    KEYS = "keys", "按主键比对"
    WATERMARK = "watermark", "按水位增量"
    LOG = "log", "按数据库日志"


MARKED: dict[CollectMode, tuple[str, ...]] = {
    CollectMode.WATERMARK: ("column", "type"),
    CollectMode.LOG: ("publication",),
}
"""Modes that go on where the last batch stopped, and what has to be the same for that."""
EMPTIED = "TRUNCATE"
"""Told of a source that was emptied at once."""
PUBLICATION = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class Phase(Labelled):
    """What a running batch does."""

    READING = "reading", "读取来源"
    COMPARING = "comparing", "核验比对"
    WRITING = "writing", "写入数据湖"
    INDEXING = "indexing", "更新查询索引"


class WatermarkKind(Labelled):
    """What a column by which new rows are known may be (水位列类型); values are the letters of items."""

    INSTANT = "T", "日期时间"
    DAY = "D", "日期"
    WHOLE = "I", "整数"
    NUMBER = "N", "数值"


def shape_findings(
    before: Mapping[str, Iterable[str]],
    missing: Mapping[str, str],
    columns: Iterable[str],
    misfits: Iterable[tuple[str, str, int]],
    rows: int,
) -> list[Finding]:
    """Tell in what a source differs from what it was when it landed last.

    Args:
        before: `columns` it had, and `misfits`: items whose rows it was accepted to lose.
        missing: Item to the column that is not there any more.
        columns: What it has now.
        misfits: Item, reason code and rows of each kind of rejected row.
        rows: Rows read.
    """
    known = set(before.get("columns", ()))
    accepted = set(before.get("misfits", ()))
    found = [Finding(DriftKind.COLUMN, item, name, "") for item, name in missing.items() if name in known]
    found += [Finding(DriftKind.EXTRA, "", "", _shown(name)) for name in columns if name not in known]
    told: dict[str, int] = {}
    for item, _, number in misfits:
        told[item] = told.get(item, 0) + number
    codes = {item: code for item, code, _ in misfits}
    for item, number in told.items():
        if item not in accepted and number > rows * MISFIT_SHARE:
            found.append(Finding(DriftKind.TYPE, item, "as declared", f"{codes[item]}: {number} / {rows}"))
    return found


def gist(findings: Iterable[Mapping[str, str]]) -> set[tuple[str, str]]:
    """What findings are about, whatever the numbers."""
    return {(one["kind"], one["item"] or one["found"]) for one in findings}


class Rhythm(Labelled):
    """When a source is collected (归集周期)."""

    ON_DEMAND = "on_demand", "按需"
    EVERY = "every", "每隔一段时间"
    DAILY = "daily", "每天"
    WEEKLY = "weekly", "每周"
    CRON = "cron", "按时间表达式"
    AFTER = "after", "前置计划入湖后"


class Weekday(Labelled):
    """Days of the week, from Monday."""

    MONDAY = "0", "周一"
    TUESDAY = "1", "周二"
    WEDNESDAY = "2", "周三"
    THURSDAY = "3", "周四"
    FRIDAY = "4", "周五"
    SATURDAY = "5", "周六"
    SUNDAY = "6", "周日"


LONGEST_PAUSE = 31 * 24 * 60
"""Minutes, most, of every so often."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """When a source is collected; times are Shanghai's.

    Attributes:
        rhythm: Which of the others counts.
        minutes: Every so many.
        at: Time of the day.
        weekday: Monday is 0.
        cron: Minute, hour, day, month, weekday.
    """

    rhythm: Rhythm
    minutes: int = 0
    at: time = time(2)
    weekday: int = 0
    cron: str = ""

    def check(self) -> None:
        """Check what its rhythm needs.

        Raises:
            Malformed: naming what is wrong.
        """
        if self.rhythm is Rhythm.EVERY and not 1 <= self.minutes <= LONGEST_PAUSE:
            raise Malformed("间隔不可用 (no such interval)", fields={"minutes": f"1 … {LONGEST_PAUSE} 分钟 (minutes)"})
        if self.rhythm is Rhythm.WEEKLY and not 0 <= self.weekday < len(Weekday):
            raise Malformed("没有这一天 (no such weekday)", fields={"weekday": "0 … 6"})
        if self.rhythm is Rhythm.CRON and not _sound_cron(self.cron):
            words = "五段：分 时 日 月 周，例如 30 2 * * 1-5 (minute hour day month weekday)"
            raise Malformed("时间表达式不可用 (the cron expression cannot be used)", fields={"cron": words})

    def next_run(self, after: datetime) -> datetime | None:
        """When it is due next; None where the clock does not decide."""
        if self.rhythm in {Rhythm.ON_DEMAND, Rhythm.AFTER}:
            return None
        if self.rhythm is Rhythm.EVERY:
            return after + timedelta(minutes=self.minutes)
        weekday = (self.weekday + 1) % 7
        days = f"{self.at.minute} {self.at.hour} * * {weekday if self.rhythm is Rhythm.WEEKLY else '*'}"
        wanted = self.cron if self.rhythm is Rhythm.CRON else days
        found: datetime = croniter(wanted, after.astimezone(SHANGHAI)).get_next(datetime)
        return found


CRON = re.compile(r"[0-9A-Za-z*,/-]{1,40}( [0-9A-Za-z*,/-]{1,40}){4}")


def _sound_cron(text: str) -> bool:
    try:
        return bool(CRON.fullmatch(text)) and croniter.is_valid(text) and croniter(text, datetime(2026, 1, 1)).get_next() > 0  # noqa: DTZ001
    except (ValueError, KeyError):
        return False


class Waiting(Labelled):
    """Why a schedule does not run now."""

    PAUSED = "paused", "已暂停"
    REPLACED = "replaced", "来源已被取代"
    BUSY = "busy", "上一批次未结束"
    CLOCK = "clock", "未到时间"
    NEEDS = "needs", "等待前置计划"


@dataclass(frozen=True, slots=True)
class Need:
    """A schedule that another one comes after.

    Attributes:
        landed: Number of its newest landed batch; 0 before the first.
        settled: Whether its newest batch landed, and none is under way.
        due: Whether its own time has come.
    """

    landed: int
    settled: bool
    due: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How a schedule stands: what decides whether it runs."""

    rhythm: Rhythm
    next_at: datetime | None
    newest: int = 0
    busy: bool = False
    paused: bool = False
    replaced: bool = False
    needs: tuple[Need, ...] = ()


def waits_for(one: Standing, now: datetime) -> Waiting | None:
    """Why a schedule waits; None when it is due. What was missed while the node stood still runs once."""
    if one.replaced or one.paused:
        return Waiting.REPLACED if one.replaced else Waiting.PAUSED
    if one.busy:
        return Waiting.BUSY
    if one.rhythm is Rhythm.AFTER:
        fresh = bool(one.needs) and all(need.settled and need.landed > one.newest for need in one.needs)
        return None if fresh else Waiting.NEEDS
    if one.next_at is None or one.next_at > now:
        return Waiting.CLOCK
    return None if all(need.settled and not need.due for need in one.needs) else Waiting.NEEDS


def comes_round(start: int, needs: Iterable[int], known: Mapping[int, Iterable[int]]) -> bool:
    """Whether a schedule that is to come after others would come after itself."""
    edge, seen = set(needs), set()
    while edge:
        if start in edge:
            return True
        seen |= edge
        edge = {before for one in edge for before in known.get(one, ())} - seen
    return False
