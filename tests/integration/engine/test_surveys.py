# SPDX-License-Identifier: Apache-2.0
"""Real databases and files looked at: tables, declared types, keys, comments, profiles."""

import sqlite3

import psycopg
import pytest

from datong.engine import face as engine
from datong.engine.base import Table
from datong.engine.errors import SourceUnreadable
from factories import mariadb
from factories.bridges import a_business_database
from factories.sheets import a_csv, a_schema, land, rows_of

ROWS = [(f"{n:04d}", f"张三{n}", n * 10 + 0.5, "00:10:00", "2020-01-05") for n in range(1, 31)]


@pytest.fixture(scope="module")
def mysql():
    with mariadb.served() as dsn:
        mariadb.run(
            dsn,
            "create table people (code char(4) primary key comment '编号，四位', name varchar(90) not null comment '姓名', amount decimal(12,2), "
            "at time, day date, ok tinyint(1), made timestamp default '2020-01-05 08:00:00', big bigint unsigned, note text, raw varbinary(4)) "
            "comment '人员表'",
            "create view adults as select code, name from people",
            "create table `or``der` (`sel``ect` int)",
        )
        for row in ROWS:
            mariadb.run(dsn, f"insert into people values {row[:5]!r}"[:-1] + ", 1, default, 18446744073709551615, '备注', x'00ff')")
        yield dsn


@pytest.mark.mariadb
def test_mariadb_says_what_its_tables_are(mysql):
    found = engine.tables(engine.database(mysql))
    assert [(one.schema, one.name, one.kind, one.comment) for one in found] == [
        ("gov", "adults", "view", ""), ("gov", "or`der", "table", ""), ("gov", "people", "table", "人员表"),
    ]  # fmt: skip
    [made] = engine.survey(engine.database(mysql), found[2:])
    told = {one.name: (one.type.value, one.length, one.precision, one.nullable, one.key) for one in made.declared}
    assert told == {
        "code": ("C", 16, None, False, True), "name": ("C", 360, None, False, False), "amount": ("N", 12, 2, True, False),
        "at": ("C", None, None, True, False), "day": ("D", None, None, True, False), "ok": ("L", None, None, True, False),
        "made": ("T", None, None, told["made"][3], False), "big": ("N", 20, 0, True, False), "note": ("M", None, None, True, False),
        "raw": ("G", None, None, True, False),
    }  # fmt: skip
    assert made.declared[0].comment == "编号，四位"
    profiles = {one.name: one for one in made.profiles}
    assert made.complete and profiles["code"].shapes["leading_zero"] == 30
    assert (profiles["at"].pattern, profiles["amount"].scale, profiles["name"].distinct) == ("9{2}:9{2}:9{2}", 2, 30)


@pytest.mark.mariadb
def test_a_mariadb_table_lands_as_it_stands(mysql, tmp_path):
    source = engine.database(mysql).source(Table("gov", "people"))
    schema = a_schema(code="C", name="C", amount="N", at="C", day="D", ok="L", made="T", big="N")
    assert land(source, schema, tmp_path / "t").rows_good == 30
    first = rows_of(tmp_path / "t")[0]
    assert (first["code"], first["name"], str(first["amount"]), first["at"], first["ok"]) == ("0001", "张三1", "10.5000000000", "00:10:00", True)
    assert (first["day"].isoformat(), first["made"].hour, str(first["big"]).split(".")[0]) == ("2020-01-05", 0, "18446744073709551615")


@pytest.mark.mariadb
def test_mariadb_names_are_quoted_and_what_is_missing_is_told(mysql):
    [made] = engine.survey(engine.database(mysql), [Table("gov", "or`der")])
    assert [one.name for one in made.profiles] == ["sel`ect"]
    for table in (Table("gov", "nothing"), Table("gov`; drop table people; --", "people"), Table("mysql", "user")):
        with pytest.raises(SourceUnreadable):
            engine.survey(engine.database(mysql), [table])
    with pytest.raises(SourceUnreadable):
        engine.inspect(engine.MysqlSource(mysql, "gov", "nothing"))


@pytest.mark.mariadb
def test_a_mariadb_session_cannot_write(mysql):
    source = engine.MysqlSource(mysql, "gov", "people")
    mariadb.run(mysql, "create or replace function spoil() returns int begin insert into people(code, name) values ('x', 'x'); return 1; end",
                "create or replace view spoiling as select spoil() as n")  # fmt: skip
    with pytest.raises(SourceUnreadable):
        engine.inspect(engine.MysqlSource(mysql, "gov", "spoiling"))
    assert engine.profile(source)[0].rows == 30
    mariadb.run(mysql, "drop view spoiling", "drop function spoil")


@pytest.mark.parametrize("dsn", ["mysql://me:s3cret@127.0.0.1:1/x", "postgresql://me:s3cret@127.0.0.1:1/x"])
def test_an_address_that_leads_nowhere_does_not_tell_its_password(dsn):
    with pytest.raises(SourceUnreadable) as caught:
        engine.apart(engine.tables, engine.database(dsn))
    assert "s3cret" not in f"{caught.value} {caught.value.fields} {caught.value.remedy} {caught.value.__cause__}"


@pytest.fixture
def postgres():
    address = a_business_database()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute('create schema "编目"; create domain "编目".uscc as varchar(18); create type "编目".sex as enum (\'男\', \'女\')')
        connection.execute(
            'create table "编目"."企业" ("统一代码" "编目".uscc primary key, name varchar(100) not null, sex "编目".sex, amount numeric(16,2),'
            " at time, day date, made timestamptz, ok boolean, tags text[], n numeric, x text, part int generated always as (1) stored)"
        )
        connection.execute('comment on table "编目"."企业" is \'企业登记\'; comment on column "编目"."企业".name is \'企业名称\'')
        connection.execute("insert into \"编目\".\"企业\" values ('0012', '甲', '男', 1.5, '00:10', '2020-01-05', now(), true, '{a}', 1, 'x')")
    yield address
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute('drop schema "编目" cascade')


def test_postgresql_says_what_its_tables_are(postgres):
    held = engine.PostgresDatabase(postgres)
    [table] = [one for one in engine.tables(held) if one.schema == "编目"]
    assert (table.name, table.kind, table.comment) == ("企业", "table", "企业登记")
    [made] = engine.apart(engine.survey, held, [table])
    told = {one.name: (one.type.value, one.length, one.precision, one.nullable, one.key) for one in made.declared}
    assert told == {
        "统一代码": ("C", 72, None, False, True), "name": ("C", 400, None, False, False), "sex": ("C", None, None, True, False),
        "amount": ("N", 16, 2, True, False), "at": ("C", None, None, True, False), "day": ("D", None, None, True, False),
        "made": ("T", None, None, True, False), "ok": ("L", None, None, True, False), "tags": ("M", None, None, True, False),
        "n": ("N", None, None, True, False), "x": ("C", None, None, True, False), "part": ("I", 4, None, True, False),
    }  # fmt: skip
    assert {one.name: one.comment for one in made.declared}["name"] == "企业名称"
    assert made.profiles[4].pattern == "9{2}:9{2}:9{2}"
    with pytest.raises(SourceUnreadable):
        engine.survey(held, [Table("编目", "nothing")])


@pytest.fixture
def sqlite(tmp_path):
    path = tmp_path / "数据 ?#.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table people (code varchar(4) primary key, name text not null, day date, n integer, m decimal(10,2), raw blob)")
        connection.executemany("insert into people values (?, ?, ?, ?, ?, ?)", [("0012", "张三", "星期一", 7, 1.5, b"\0\xff"), ("0013", "李四", None, "x", 2, None)])
        connection.execute('create view "v""w" as select code from people')
        connection.execute("create view slow as with recursive t(n) as (select 1 union all select n + 1 from t) select count(*) as n from t")
    connection.close()
    return path


def test_sqlite_declares_what_it_does_not_enforce(sqlite):
    held = engine.SqliteDatabase(sqlite)
    assert [(one.name, one.kind) for one in engine.tables(held)] == [("people", "table"), ("slow", "view"), ('v"w', "view")]
    people, view = engine.survey(held, [Table("", "people"), Table("", 'v"w')])
    told = {one.name: (one.type.value, one.length, one.precision, one.nullable, one.key, one.enforced) for one in people.declared}
    assert told["code"] == ("C", 16, None, False, True, False)
    assert told["day"] == ("D", None, None, True, False, False)
    assert told["m"] == ("N", 10, 2, True, False, False)
    assert people.profiles[2].shapes == {}
    assert [one.values for one in people.profiles] == [2, 2, 1, 2, 2, 1]
    assert view.profiles[0].samples == ("0012", "0013")
    assert not list(sqlite.parent.glob("*-journal"))


def test_sqlite_files_that_lie_are_told(sqlite, tmp_path, monkeypatch):
    torn = tmp_path / "torn.db"
    torn.write_bytes(sqlite.read_bytes()[:5000])
    text = tmp_path / "text.db"
    text.write_text("not a database", "utf-8")
    for held in (engine.SqliteDatabase(text), engine.SqliteDatabase(torn)):
        with pytest.raises(SourceUnreadable):
            engine.survey(held, engine.tables(held) or [Table("", "people")])
    monkeypatch.setattr("datong.engine.backends.sources.sqlite.SECONDS", 0.2)
    with pytest.raises(SourceUnreadable):
        engine.inspect(engine.SqliteSource(sqlite, "slow"))
    with pytest.raises(SourceUnreadable):
        engine.survey(engine.SqliteDatabase(sqlite), [Table("", "nothing")])


def test_a_sqlite_table_lands(sqlite, tmp_path):
    land(engine.SqliteSource(sqlite, "people"), a_schema(code="C", name="C", raw="G"), tmp_path / "t")
    assert rows_of(tmp_path / "t") == [{"code": "0012", "name": "张三", "raw": "00ff"}, {"code": "0013", "name": "李四", "raw": None}]


def test_a_file_declares_nothing(tmp_path):
    [made] = engine.apart(engine.survey, None, a_csv(tmp_path, "代码,星期\n0012,星期一\n0013,\n"), rows=1)
    assert (made.declared, made.complete, made.label) == ((), False, "数据.csv")
    assert [(one.name, one.rows) for one in made.profiles] == [("代码", 1), ("星期", 1)]
