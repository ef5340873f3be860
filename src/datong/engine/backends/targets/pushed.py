# SPDX-License-Identifier: Apache-2.0
"""What became of a push, and what is common to all databases: which columns there are, what is compared before it counts."""

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from datong.engine.backends.exporting import Outflow, Sum
from datong.engine.errors import TargetRefuses
from datong.engine.plans.pushing import Order, PushMode

Progress = Callable[[int], None]
"""Told the rows sent so far; what it raises ends the push, and nothing of it stays."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """A push that is committed.

    Attributes:
        ours: Rows and their sum, as the grant lets them out.
        theirs: The same, computed by the consumer's database.
        inserted: Rows that were new there.
        updated: Rows that were there and changed.
        deleted: Rows that went before (a whole table replaced).
        created: Whether the table was made.
        again: Whether it had been committed before, by an attempt that was cut off.
    """

    ours: Sum
    theirs: Sum
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    created: bool = False
    again: bool = False


def outgoing(out: Outflow, order: Order) -> Outflow:
    """Give the columns that go, in their order here.

    Raises:
        TargetRefuses: None goes, or an item is named that the grant does not let out.
    """
    strange = sorted(set(order.columns) - {one.field for one in out.shapes})
    if strange or not order.columns:
        raise TargetRefuses(
            "对应关系里有授权以外的信息项 (an item outside the grant is mapped)",
            fields=dict.fromkeys(strange[:20], "不在授权内 (not granted)") or {"columns": "至少一项 (at least one)"},
        )
    return out.only(order.columns)


def check_columns(order: Order, there: Collection[str]) -> None:
    """Check that a table has every column it is to get.

    Raises:
        TargetRefuses: Naming those that lack.
    """
    lacking = [column for column in order.columns.values() if column not in there]
    if lacking:
        raise TargetRefuses(
            f"目标表 {order.table[:100]} 缺少列 (the table lacks columns)",
            fields=dict.fromkeys(lacking[:50], "没有这一列 (no such column)"),
            remedy="对应到已有的列，或者换一个表名由平台建表 (map to columns there are, or name a new table)",
        )


@contextmanager
def meanwhile(going: Outflow) -> Iterator[Callable[[], Sum]]:
    """Add up this side while the other side works; what is given waits for it."""
    with ThreadPoolExecutor(1, thread_name_prefix="sum") as beside:
        yield beside.submit(going.sum).result


def compared(order: Order, ours: Sum, theirs: Sum) -> None:
    """Check that both sides hold the same before it counts.

    Raises:
        TargetRefuses: They do not; nothing of the push stays.
    """
    if ours == theirs:
        return
    what = "行数" if ours.rows != theirs.rows else "内容"
    raise TargetRefuses(
        f"对账不一致，已全部撤回：{what}不同 (the sides differ; all was taken back)",
        fields={
            "source": f"{ours.rows} 行 (rows), {ours.hash}",
            order.table[:100]: f"{theirs.rows} 行 (rows), {theirs.hash}",
        },
        remedy="核对目标列的类型、长度和触发器 (check types, lengths and triggers of the target)",
    )


def told(order: Order, done: list[int], ours: Sum, theirs: Sum, *, created: bool) -> Pushed:
    """Say what the statements of a mode did, by the rows each of them touched."""
    first = done[0] if len(done) > 1 else 0
    deleted, updated = (first, 0) if order.mode is PushMode.FULL else (0, first)
    return Pushed(ours, theirs, inserted=done[-1], updated=updated, deleted=deleted, created=created)
