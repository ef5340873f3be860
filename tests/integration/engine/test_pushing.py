# SPDX-License-Identifier: Apache-2.0
"""Rows into other people's databases: whole or not at all, once for each delivery, the same on both sides."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path

import psycopg
import pytest

from datong.engine import face as engine
from datong.engine.backends.targets import postgres
from datong.engine.base import Column
from datong.engine.errors import TargetAway, TargetRefuses
from datong.engine.plans.pushing import Order, PushMode
from datong.kernel.errors import Malformed
from datong.kernel.sharing import ItemType
from factories import mariadb
from factories.bridges import a_business_database
from factories.outflows import a_lake, an_access

COLUMNS = (
    Column("code", ItemType.C, key=True), Column("name", ItemType.C), Column("amount", ItemType.N, precision=4),
    Column("born", ItemType.D), Column("at", ItemType.T), Column("alive", ItemType.L), Column("rank", ItemType.I),
    Column("share", ItemType.F),
)  # fmt: skip
ROWS = [
    ("001", '张"三,\r\n\\N', Decimal("1.50"), date(1949, 10, 1), datetime(2024, 1, 1, 16, 0, 0, 5, UTC), True, 1, 0.1),
    ("002", "", Decimal("-0.0001"), None, datetime(2024, 1, 1, tzinfo=UTC), False, -5, None),
    ("003", None, None, date(2024, 2, 29), None, None, None, 1e300),
    ("0000", "𠮷\t'`", Decimal("12345678901234567890.1234"), None, None, None, 2**62, 2.5),
]
TITLES = {"name": "姓名'\\", "amount": "金额"}
numbers = count(1)


class Target:
    """One database with its own way of asking."""

    def __init__(self, dsn, mark, run, ask):
        self.dsn, self.mark, self.run, self.ask = dsn, mark, run, ask

    def name(self, text):
        return f"{self.mark}{text}{self.mark}"


@pytest.fixture(scope="module")
def server():
    if not mariadb.program():
        yield None
        return
    with mariadb.served() as dsn:
        yield dsn


@pytest.fixture
def target():
    dsn = a_business_database()

    def run(*statements):
        with psycopg.connect(dsn, autocommit=True) as held:
            for one in statements:
                held.execute(one)

    def ask(query):
        with psycopg.connect(dsn) as held:
            return held.execute(query).fetchall()

    return Target(dsn, '"', run, ask)


@pytest.fixture(params=["postgres", pytest.param("mysql", marks=pytest.mark.mariadb)])
def either(request):
    """One of both; the rules that are ours alone are tried on PostgreSQL."""
    if request.param == "postgres":
        return request.getfixturevalue("target")
    dsn = request.getfixturevalue("server")
    return Target(dsn, "`", lambda *some: mariadb.run(dsn, *some), lambda query: mariadb.answer(dsn, query))


@pytest.fixture
def out(tmp_path):
    with opened(tmp_path, ROWS) as found:
        yield found


def opened(folder, rows, columns=COLUMNS):
    schema = a_lake(folder / f"lake{next(numbers)}", columns, rows)
    lake = folder / f"lake{next(numbers) - 1}"
    return engine.outflow(lake, schema, an_access(schema), 0, beside=folder)


def an_order(mode=PushMode.FULL, table="", **changes):
    facts = {
        "delivery": f"J{next(numbers)}", "table": table or f"人口_{next(numbers)}", "columns": {one.field: one.field for one in COLUMNS},
        "mode": mode, "keys": ("code",), "titles": TITLES, "grant": "G1", "version": 3,
    }  # fmt: skip
    return Order(**(facts | changes))


def push(target, out, order, **more):
    return engine.push(target.dsn, out, order, progress=more.pop("progress", lambda _rows: None), **more)


def rows_of(target, table, columns="code, name"):
    return sorted(tuple(row) for row in target.ask(f"select {columns} from {target.name(table)}"))


def test_a_new_table_is_made_and_holds_the_same(either, out):
    order = an_order()
    done = push(either, out, order)
    assert done.ours == done.theirs and done.ours.rows == 4 and done.created and (done.inserted, done.again) == (4, False)
    assert rows_of(either, order.table) == sorted((row[0], row[1]) for row in ROWS)
    ledger = either.ask(f"select grant_number, target, mode, source_version, row_count from datong_deliveries where delivery = '{order.delivery}'")
    assert [tuple(row) for row in ledger] == [("G1", order.table, "full", 3, 4)]


def test_each_mode_does_what_it_says(either, tmp_path):
    table = f"modes_{next(numbers)}"
    few = (COLUMNS[0], COLUMNS[1])
    columns = {"code": "code", "name": "name"}

    def go(mode, rows):
        with opened(tmp_path, rows, few) as out:
            done = push(either, out, an_order(mode, table, columns=columns))
        return done, rows_of(either, table)

    _, held = go(PushMode.FULL, [("1", "a"), ("2", "b")])
    assert held == [("1", "a"), ("2", "b")]
    done, held = go(PushMode.UPSERT, [("2", "B"), ("3", None), ("1", "a")])
    assert held == [("1", "a"), ("2", "B"), ("3", None)] and (done.inserted, done.updated) == (1, 1)
    assert done.ours == done.theirs
    done, held = go(PushMode.UPSERT, [("3", "c")])
    assert held == [("1", "a"), ("2", "B"), ("3", "c")] and done.ours.rows == 1
    done, held = go(PushMode.APPEND, [("4", "d")])
    assert len(held) == 4 and done.inserted == 1
    done, held = go(PushMode.FULL, [("9", "z")])
    assert held == [("9", "z")] and done.deleted == 4


def test_a_delivery_counts_once_however_often_it_is_tried(either, out):
    order = an_order(PushMode.APPEND, keys=())
    assert not push(either, out, order).again
    assert push(either, out, order).again and len(rows_of(either, order.table)) == 4
    later = replace(order, delivery="J-later", earlier=(order.delivery,))
    assert push(either, out, later).again and len(rows_of(either, order.table)) == 4
    assert engine.committed(either.dsn, order).theirs.rows == 4
    assert engine.committed(either.dsn, replace(order, delivery="J-other")) is None


class Killed(BaseException):
    """As if the process were gone."""


@pytest.mark.parametrize("when", ["sending", "before the commit"])
def test_what_is_cut_off_leaves_nothing_and_is_done_by_the_next_attempt(target, out, when):
    order = an_order(PushMode.UPSERT)

    def gone(*_):
        raise Killed

    cut = {"progress": gone} if when == "sending" else {"commit": gone}
    with pytest.raises(Killed):
        push(target, out, order, **cut)
    there = target.ask(f"select count(*) from information_schema.tables where table_name = '{order.table}'")
    assert there[0][0] == 0
    assert push(target, out, order).inserted == 4


PUSHING = """
import sys, time
from pathlib import Path
from datong.engine import face as engine
from test_pushing import an_order, opened, ROWS
def slow(rows):
    print(rows, flush=True)
    time.sleep(60)
with opened(Path(sys.argv[2]), ROWS) as out:
    engine.push(sys.argv[1], out, an_order(table=sys.argv[3], delivery="J-killed"), progress=slow)
"""


def test_a_process_that_is_killed_leaves_nothing(tmp_path, out):
    dsn, table = a_business_database(), f"killed_{next(numbers)}"
    places = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    command = [sys.executable, "-c", PUSHING, dsn, str(tmp_path), table]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": places}) as process:
        assert process.stdout.readline() == b"4\n"
        process.kill()
    with psycopg.connect(dsn) as there:
        assert there.execute("select to_regclass(%s)", [table]).fetchone() == (None,)
    assert engine.push(dsn, out, an_order(table=table, delivery="J-killed"), progress=lambda _rows: None).inserted == 4


def test_columns_are_mapped_to_those_of_a_table_there_is(either, out):
    table = f"mapped_{next(numbers)}"
    either.run(f"create table {table} (id integer, 代码 varchar(10), 姓名 varchar(40), 金额 numeric(30, 6))")
    order = an_order(PushMode.FULL, table, columns={"code": "代码", "name": "姓名", "amount": "金额"})
    done = push(either, out, order)
    assert done.ours == done.theirs and not done.created
    assert rows_of(either, table, "代码, 金额")[0] == ("0000", Decimal("12345678901234567890.123400"))


@pytest.mark.parametrize(
    ("definition", "word"),
    [
        ("code varchar(10), name varchar(2)", "太短"),
        ("code varchar(10) not null, other integer not null, name text", "不能为空"),
        ("code integer, name text", "对账不一致"),
        ("kode integer", "缺少列"),
    ],
)
def test_a_target_that_does_not_fit_is_told_in_words_and_unchanged(target, out, definition, word):
    table = f"wrong_{next(numbers)}"
    target.run(f"create table {table} ({definition})")
    with pytest.raises(TargetRefuses) as caught:
        push(target, out, an_order(PushMode.FULL, table, columns={"code": "code", "name": "name"}))
    assert word in f"{caught.value.message} {caught.value.fields}", caught.value.message
    assert "张" not in f"{caught.value.message} {caught.value.fields}"
    assert target.ask(f"select count(*) from {table}")[0][0] == 0


def test_a_constraint_of_the_target_takes_all_back(target, tmp_path):
    table = f"keyed_{next(numbers)}"
    target.run(f"create table {table} (code varchar(10) primary key)", f"insert into {table} values ('1')")
    with opened(tmp_path, [("1", "a"), ("2", "b")], COLUMNS[:2]) as out, pytest.raises(TargetRefuses, match="冲突"):
        push(target, out, an_order(PushMode.APPEND, table, columns={"code": "code"}))
    assert rows_of(target, table, "code") == [("1",)]


def test_a_database_that_is_away_may_be_asked_again(out):
    for dsn in ("postgresql://a:b@127.0.0.1:1/x", "mysql://a:b@127.0.0.1:1/x"):
        with pytest.raises(TargetAway):
            engine.push(dsn, out, an_order(), progress=lambda _rows: None)


def test_rights_that_lack_are_told(tmp_path):
    dsn = a_business_database()
    role = f"reader_{next(numbers)}"
    with psycopg.connect(dsn, autocommit=True) as held:
        held.execute(f"create role {role} login")  # type: ignore[arg-type]  a name of our own
    with opened(tmp_path, ROWS) as out, pytest.raises(TargetRefuses, match="没有权限"):
        engine.push(dsn.replace("postgres:", f"{role}:", 1).replace("postgres@", f"{role}@", 1), out, an_order(), progress=lambda _r: None)


def test_names_are_quoted_whatever_they_hold(out):
    words = postgres.WORDS
    assert words.table('a".b";drop') == '"a"""."b"";drop"'
    assert words.literal("a'b") == "'a''b'"


def test_an_order_that_cannot_be_kept_is_no_order():
    with pytest.raises(Malformed):
        an_order(PushMode.UPSERT, keys=())
    with pytest.raises(Malformed):
        an_order(columns={"code": "a", "name": "a"})


def test_an_item_outside_the_grant_goes_nowhere(target, out):
    with pytest.raises(TargetRefuses, match="授权以外"):
        push(target, out, an_order(columns={"secret": "code"}, keys=()))
