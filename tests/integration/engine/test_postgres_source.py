# SPDX-License-Identifier: Apache-2.0
"""A table of another PostgreSQL as a source."""

from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pytest

from datong.engine import face as engine
from datong.engine.errors import SourceUnreadable
from factories.bridges import a_business_database
from factories.sheets import a_schema, land, rows_of


@pytest.fixture
def dsn():
    address = a_business_database()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute('create schema if not exists "来源"')
        connection.execute('drop table if exists "来源"."人员 表"')
        connection.execute(
            'create table "来源"."人员 表" ("编号" char(4), n numeric(9,2), d date, t timestamptz, l timestamp, b boolean, i bigint, x text)'
        )
        connection.execute(
            "insert into \"来源\".\"人员 表\" values ('0012', 1.50, '2020-01-05', '2020-01-05 08:00+08', '2020-01-05 08:00', true, 7, E'两\\n行\\t\\\\N'),"
            "('0013', null, null, null, null, null, null, '')"
        )
    yield address
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute('drop schema "来源" cascade')


def test_a_table_lands_with_its_types(dsn, tmp_path):
    source = engine.PostgresSource(dsn, "来源.人员 表")
    seen = engine.inspect(source)
    assert seen.columns == ("编号", "n", "d", "t", "l", "b", "i", "x")
    assert seen.rows[0][0] == "0012"
    schema = a_schema(k="C", n="N", d="D", t="T", l="T", b="L", i="I", x="M")
    land(source, schema, tmp_path / "t", columns={name: name for name in schema.fields} | {"k": "编号"})
    moment = datetime(2020, 1, 5, tzinfo=UTC)
    first, second = rows_of(tmp_path / "t")
    assert first == {"k": "0012", "n": Decimal("1.5"), "d": date(2020, 1, 5), "t": moment, "l": moment, "b": True, "i": 7, "x": "两\n行\t\\N"}  # fmt: skip
    assert set(second.values()) == {"0013", None}


@pytest.mark.parametrize("table", ["", "nothing", "来源.nothing", "来源", 'x"; drop schema "来源"; --', "a.b.c", "(select 1)"])
def test_a_table_that_is_not_there_is_named_and_nothing_else_happens(dsn, table):
    with pytest.raises(SourceUnreadable) as caught:
        engine.inspect(engine.PostgresSource(dsn, table))
    assert "table" in caught.value.fields
    assert engine.inspect(engine.PostgresSource(dsn, "来源.人员 表")).rows


@pytest.mark.parametrize("address", ["postgresql://me:s3cret@127.0.0.1:1/x", "not an address s3cret", "host=/nowhere password=s3cret"])
def test_an_address_that_leads_nowhere_does_not_tell_its_password(address):
    source = engine.PostgresSource(address, "t")
    with pytest.raises(SourceUnreadable) as caught:
        engine.inspect(source)
    said = f"{caught.value} {caught.value.fields} {caught.value.remedy} {source!r} {caught.value.__cause__}"
    assert "s3cret" not in said


def test_a_table_that_breaks_off_is_told_and_nothing_lands(dsn, tmp_path):
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute('create view "来源".broken as select 7 / (50 - n) as k from generate_series(1, 60) as n')
    source = engine.PostgresSource(dsn, "来源.broken")
    with pytest.raises(SourceUnreadable, match="broke off"):
        land(source, a_schema(k="i"), tmp_path / "t")
    assert not (tmp_path / "t").exists()
