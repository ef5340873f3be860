# SPDX-License-Identifier: Apache-2.0
"""Rows into MySQL and MariaDB: many at a time into a temporary table, then one transaction.

Kept here: a table is made before the transaction, for these databases commit with each definition; one made in vain is
taken away again. Otherwise as for PostgreSQL: all or nothing, known by a line in the ledger.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pymysql

from datong.engine.backends.exporting import Outflow, Sum
from datong.engine.backends.sources import addresses
from datong.engine.backends.targets import pushed
from datong.engine.backends.targets.pushed import Progress, Pushed
from datong.engine.errors import TargetAway, TargetRefuses
from datong.engine.plans.delivering import Shape, value
from datong.engine.plans.pushing import LEDGER, STAGE, MysqlWords, Order
from datong.kernel.errors import DatongError

WORDS = MysqlWords()
SECONDS = 3600
ROWS = 1_000
"""Rows of one INSERT."""
_SAID: dict[int, str] = {
    1044: "数据库账号没有权限 (the account lacks a right)",
    1142: "数据库账号没有权限 (the account lacks a right)",
    1143: "数据库账号没有权限 (the account lacks a right)",
    1227: "数据库账号没有权限 (the account lacks a right)",
    1045: "账号或口令不对 (wrong account or password)",
    1049: "没有这个库 (there is no such database)",
    1146: "没有这张表 (there is no such table)",
    1062: "主键或唯一约束冲突 (a key would stand twice)",
    1048: "目标列不能为空 (a column of the target may not be empty)",
    1364: "目标列不能为空 (a column of the target may not be empty)",
    1452: "违反外键约束 (a foreign key forbids it)",
    1451: "违反外键约束 (a foreign key forbids it)",
    1406: "目标列太短 (a column of the target is too short)",
    1264: "目标列的数值范围太小 (a column of the target is too small for a number)",
    1366: "目标列的类型或者字符集不符 (a column of the target has another type or character set)",
    1292: "目标列的类型不符 (a column of the target has another type)",
    1290: "数据库是只读的 (the database is read-only)",
    1021: "数据库磁盘已满 (the disk of the database is full)",
    1114: "数据库磁盘已满 (the disk of the database is full)",
    1040: "数据库连接数已满 (the database has no connection left)",
    1205: "目标表被占用 (the table is locked)",
    1213: "与其他事务冲突 (another transaction was in the way)",
    1053: "数据库正在停机 (the database is being stopped)",
}
_AGAIN = frozenset({1021, 1114, 1040, 1205, 1213, 1053, 1317, 2002, 2003, 2005, 2006, 2013, 2014, 2055, 0})
"""Faults that may pass; those from 2000 on are the client's own."""


def push(dsn: str, out: Outflow, order: Order, *, progress: Progress, commit: Callable[[], None] | None = None) -> Pushed:
    """Bring rows into a table, exactly once for each delivery; as `targets.postgres.push`."""
    with _connected(dsn, order) as connection:
        before = _known(connection, order)
        if before is not None:
            return before
        going = pushed.outgoing(out, order)
        created = _prepared(connection, order, going.shapes)
        try:
            return _carried(connection, going, order, progress, commit, created=created)
        except BaseException:
            connection.rollback()
            if created:
                with suppress(pymysql.MySQLError):
                    _run(connection, f"drop table {WORDS.table(order.table)}")
            raise


def committed(dsn: str, order: Order) -> Pushed | None:
    """Give what was committed over there of a delivery, or of one it tries again; None where nothing was.

    Raises:
        TargetRefuses, TargetAway: It cannot be told.
    """
    with _connected(dsn, order) as connection:
        return _known(connection, order)


def _carried(
    connection: Any, going: Outflow, order: Order, progress: Progress, commit: Callable[[], None] | None, *, created: bool
) -> Pushed:
    names = [order.columns[one.field] for one in going.shapes]
    _run(connection, WORDS.staged(order, names))
    connection.begin()
    _fill(connection, going, progress)
    with pushed.meanwhile(going) as ours_of:
        done = [_run(connection, statement) for statement in WORDS.apply(order, names)]
        theirs = Sum(*map(int, _row(connection, WORDS.sum(order, going.shapes))))
        ours = ours_of()
    pushed.compared(order, ours, theirs)
    _noted(connection, order, theirs)
    if commit is not None:
        commit()
    connection.commit()
    return pushed.told(order, done, ours, theirs, created=created)


@contextmanager
def _connected(dsn: str, order: Order) -> Iterator[Any]:
    where = addresses.mysql(dsn)
    try:
        connection = pymysql.connect(
            host=where.host, port=where.port, user=where.user, password=where.password, database=where.database,
            charset="utf8mb4", connect_timeout=10, read_timeout=SECONDS, write_timeout=SECONDS, local_infile=False,
            ssl={"check_hostname": False} if where.ssl else None,
            init_command="set session time_zone = '+08:00', sql_mode = 'STRICT_ALL_TABLES', innodb_lock_wait_timeout = 60",
        )  # fmt: skip
    except (pymysql.MySQLError, OSError, RuntimeError) as error:
        raise _fault(error, order) from None
    try:
        yield connection
    except pymysql.MySQLError as error:
        raise _fault(error, order) from None
    finally:
        connection._force_close()  # noqa: SLF001  whatever is open over there ends with the line


def _known(connection: Any, order: Order) -> Pushed | None:
    _run(connection, WORDS.ledger(order.table))
    numbers = [order.delivery, *order.earlier]
    marks = ", ".join(["%s"] * len(numbers))
    place = WORDS.beside(order.table, LEDGER)
    with connection.cursor() as cursor:
        cursor.execute(f"select row_count, row_hash from {place} where delivery in ({marks})", numbers)
        found = cursor.fetchone()
    if found is None:
        return None
    there = Sum(int(found[0]), int(found[1]))
    return Pushed(there, there, again=True)


def _prepared(connection: Any, order: Order, shapes: Sequence[Shape]) -> bool:
    schema, _, table = order.table.rpartition(".")
    with connection.cursor() as cursor:
        cursor.execute(
            "select column_name from information_schema.columns where table_schema = coalesce(nullif(%s, ''), database())"
            " and table_name = %s",
            [schema, table],
        )
        there = [row[0] for row in cursor.fetchall()]
    if there:
        pushed.check_columns(order, there)
        return False
    _run(connection, WORDS.create(order, shapes))
    return True


def _fill(connection: Any, going: Outflow, progress: Progress) -> None:
    sent = 0
    marks = "(" + ", ".join(["%s"] * len(going.shapes)) + ")"
    with connection.cursor() as cursor:
        for piece in going.texts(value):
            for start in range(0, len(piece), ROWS):
                rows = piece[start : start + ROWS]
                cells = [cell for row in rows for cell in row]
                cursor.execute(f"insert into {STAGE} values {', '.join([marks] * len(rows))}", cells)
            sent += len(piece)
            progress(sent)


def _noted(connection: Any, order: Order, there: Sum) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {WORDS.beside(order.table, LEDGER)} (delivery, grant_number, target, mode, source_version, row_count,"
            " row_hash) values (%s, %s, %s, %s, %s, %s, %s)",
            [order.delivery, order.grant, order.table, order.mode.value, order.version, there.rows, there.hash],
        )


def _run(connection: Any, statement: str) -> int:
    with connection.cursor() as cursor:
        return int(cursor.execute(statement))


def _row(connection: Any, query: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return tuple(cursor.fetchone())


def _fault(error: Exception, order: Order) -> DatongError:
    """Say what the database said, without a value of any row."""
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    why = _SAID.get(code, f"{type(error).__name__} {code or ''}".strip())
    fields = {"target": order.table[:200]}
    if code in _AGAIN or code >= 2000 or isinstance(error, OSError):
        said = why if code in _SAID else "连接中断 (the connection broke off)"
        return TargetAway(f"对方数据库暂时不能写入：{said}", fields=fields, remedy="稍后自动重试 (it is tried again)")
    remedy = "请使用部门处理后再交付 (put it right, then deliver again)"
    return TargetRefuses(f"对方数据库拒绝：{why}", fields=fields, remedy=remedy)
