# SPDX-License-Identifier: Apache-2.0
"""Rows into PostgreSQL: COPY into a temporary table, then everything else in the same transaction.

Kept here: one transaction holds the table made, the rows, the comparison and the line in the ledger, so a reader over there
sees all or nothing and a push that was cut off is known by its ledger line. Readers of the target are never blocked.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from datong.engine.backends.exporting import Outflow, Sum
from datong.engine.backends.targets import pushed
from datong.engine.backends.targets.pushed import Progress, Pushed
from datong.engine.errors import TargetAway, TargetRefuses
from datong.engine.plans.delivering import Shape
from datong.engine.plans.pushing import LEDGER, STAGE, Order, PostgresWords
from datong.kernel.errors import DatongError

WORDS = PostgresWords()
SESSION = "-c timezone=Asia/Shanghai -c datestyle=ISO -c lock_timeout=60s -c idle_in_transaction_session_timeout=600s"
_COLUMNS = """
select a.attname from pg_attribute a where a.attrelid = to_regclass(%s) and a.attnum > 0 and not a.attisdropped"""
_SAID: dict[str, str] = {
    "42501": "数据库账号没有权限 (the account lacks a right)",
    "42P01": "没有这张表 (there is no such table)",
    "3F000": "没有这个模式 (there is no such schema)",
    "23505": "主键或唯一约束冲突 (a key would stand twice)",
    "23502": "目标列不能为空 (a column of the target may not be empty)",
    "23503": "违反外键约束 (a foreign key forbids it)",
    "23514": "违反检查约束 (a check of the target forbids it)",
    "22001": "目标列太短 (a column of the target is too short)",
    "22003": "目标列的数值范围太小 (a column of the target is too small for a number)",
    "42804": "目标列的类型不符 (a column of the target has another type)",
    "42883": "目标列的类型不符 (a column of the target has another type)",
    "22P02": "目标列的类型不符 (a column of the target has another type)",
    "22007": "目标列的类型不符 (a column of the target has another type)",
    "22021": "目标库的字符集存不下 (the character set of the database cannot hold a character)",
    "22P05": "目标库的字符集存不下 (the character set of the database cannot hold a character)",
    "25006": "数据库是只读的 (the database is read-only)",
    "28P01": "账号或口令不对 (wrong account or password)",
    "28000": "账号不能登录 (the account may not sign in)",
    "3D000": "没有这个库 (there is no such database)",
    "53100": "数据库磁盘已满 (the disk of the database is full)",
    "53200": "数据库内存不足 (the database is out of memory)",
    "53300": "数据库连接数已满 (the database has no connection left)",
    "55P03": "目标表被占用 (the table is locked)",
    "57P01": "数据库正在停机 (the database is being stopped)",
}
_AGAIN = ("08", "40", "53", "55", "57", "58")
"""Classes of faults that may pass."""


def push(dsn: str, out: Outflow, order: Order, *, progress: Progress, commit: Callable[[], None] | None = None) -> Pushed:
    """Bring rows into a table, exactly once for each delivery.

    Args:
        dsn: libpq address.
        out: What the grant lets out.
        order: Where and how.
        progress: Told the rows sent so far; what it raises ends the push and leaves nothing.
        commit: Called right before the commit, for the same purpose.

    Raises:
        TargetRefuses: It would not be taken if it were tried again; why is said.
        TargetAway: It may be taken later.
    """
    with _connected(dsn, order) as connection:
        before = _known(connection, order)
        if before is not None:
            return before
        going = pushed.outgoing(out, order)
        created = _prepared(connection, order, going.shapes)
        names = [order.columns[one.field] for one in going.shapes]
        connection.execute(WORDS.staged(order, names))
        _copy(connection, going, progress)
        connection.execute(WORDS.analyzed(order))
        connection.execute(f"lock table {WORDS.table(order.table)} in share row exclusive mode")
        with pushed.meanwhile(going) as ours_of:
            done = [connection.execute(statement).rowcount for statement in WORDS.apply(order, names)]
            theirs = Sum(*map(int, _row(connection, WORDS.sum(order, going.shapes))))
            ours = ours_of()
        pushed.compared(order, ours, theirs)
        _noted(connection, order, theirs)
        if commit is not None:
            commit()
        return pushed.told(order, done, ours, theirs, created=created)


def committed(dsn: str, order: Order) -> Pushed | None:
    """Give what was committed over there of a delivery, or of one it tries again; None where nothing was.

    Raises:
        TargetRefuses, TargetAway: It cannot be told.
    """
    with _connected(dsn, order) as connection:
        return _known(connection, order)


@contextmanager
def _connected(dsn: str, order: Order) -> Iterator[psycopg.Connection[Any]]:
    """A transaction over there: committed when the block ends well."""
    try:
        with psycopg.connect(dsn, connect_timeout=10, options=SESSION, passfile="/nonexistent") as connection:
            yield connection
    except psycopg.Error as error:
        raise _fault(error, order) from None


def _known(connection: psycopg.Connection[Any], order: Order) -> Pushed | None:
    """What the ledger says of this delivery, or of one it tries again."""
    place = WORDS.beside(order.table, LEDGER)
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"datong {order.table}"])
    if not _row(connection, "select to_regclass(%s) is not null", [place])[0]:
        connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"datong {place}"])
        connection.execute(WORDS.ledger(order.table))
        return None
    found = connection.execute(
        f"select row_count, row_hash from {place} where delivery = any(%s)", [[order.delivery, *order.earlier]]
    ).fetchone()
    if found is None:
        return None
    there = Sum(int(found[0]), int(found[1]))
    return Pushed(there, there, again=True)


def _prepared(connection: psycopg.Connection[Any], order: Order, shapes: Sequence[Shape]) -> bool:
    """See that the table is there and has its columns; whether it was made."""
    there = [row[0] for row in connection.execute(_COLUMNS, [WORDS.table(order.table)]).fetchall()]
    if there:
        pushed.check_columns(order, there)
        return False
    connection.execute(WORDS.create(order, shapes))
    for item, title in order.titles.items():
        if item in order.columns and title:
            column = f"{WORDS.table(order.table)}.{WORDS.name(order.columns[item])}"
            connection.execute(f"comment on column {column} is {WORDS.literal(title)}")
    return True


def _copy(connection: psycopg.Connection[Any], going: Outflow, progress: Progress) -> None:
    sent = 0
    with connection.cursor() as cursor, cursor.copy(f"copy {STAGE} from stdin (format csv)") as copy:
        for piece, rows in going.csv(guard=False):
            copy.write(piece)
            sent += rows
            progress(sent)


def _noted(connection: psycopg.Connection[Any], order: Order, there: Sum) -> None:
    connection.execute(
        f"insert into {WORDS.beside(order.table, LEDGER)} (delivery, grant_number, target, mode, source_version, row_count,"
        " row_hash) values (%s, %s, %s, %s, %s, %s, %s)",
        [order.delivery, order.grant, order.table, order.mode.value, order.version, there.rows, there.hash],
    )


def _row(connection: psycopg.Connection[Any], query: str, values: Sequence[object] | None = None) -> tuple[Any, ...]:
    found = connection.execute(query, values).fetchone()
    assert found is not None, "an aggregate gives one row"
    return tuple(found)


def _fault(error: psycopg.Error, order: Order) -> DatongError:
    """Say what the database said, without a value of any row."""
    state = error.sqlstate or ""
    place = ", ".join(filter(None, (error.diag.table_name, error.diag.column_name, error.diag.constraint_name)))
    why = _SAID.get(state, f"{type(error).__name__} {state}".strip())
    fields = {"target": place[:200] or order.table[:200]}
    if not state or state[:2] in _AGAIN:
        said = why if state in _SAID else "连接中断 (the connection broke off)" if not state else why
        return TargetAway(f"对方数据库暂时不能写入：{said}", fields=fields, remedy="稍后自动重试 (it is tried again)")
    remedy = "请使用部门处理后再交付 (put it right, then deliver again)"
    return TargetRefuses(f"对方数据库拒绝：{why}", fields=fields, remedy=remedy)
