# SPDX-License-Identifier: Apache-2.0
"""Queries of a real PostgreSQL and a real MariaDB: one statement that reads, and nothing else."""

from __future__ import annotations

import psycopg
import pytest

from datong.engine import face as engine
from datong.engine.errors import SourceUnreadable
from factories import bridges, mariadb

ROWS = (("1", "赵一"), ("2", "钱二"), ("3", None))


@pytest.fixture(scope="module")
def postgres():
    address = bridges.a_business_database()
    with psycopg.connect(address, autocommit=True) as held:
        held.execute("drop table if exists asked; create table asked (id int, name text)")
        held.execute("insert into asked values (1, '赵一'), (2, '钱二'), (3, null)")
    with bridges.over_tcp(address) as found:
        yield found


@pytest.fixture(scope="module")
def mysql():
    with mariadb.served() as found:
        mariadb.run(found, "create table asked (id int, name varchar(20))")
        mariadb.run(found, "insert into asked values (1, '赵一'), (2, '钱二'), (3, null)")
        yield found


@pytest.fixture(params=["postgres", pytest.param("mysql", marks=pytest.mark.mariadb)])
def dsn(request):
    return request.getfixturevalue(request.param)


def rows(source):
    seen = source.inspect()
    return [row for block in source.blocks(seen) for row in zip(*block.columns, strict=True)]


def test_a_query_gives_rows_as_text(dsn):
    source = engine.QuerySource(dsn, "select id as 编号, name from asked order by id -- 100% sure", "人口")
    assert source.inspect().columns == ("编号", "name")
    assert rows(source) == list(ROWS)
    assert source.label == "人口"
    assert "s3cret" not in repr(source)


def test_a_query_gives_rows_from_a_value_on(dsn):
    later = engine.QuerySource(dsn, "select id, name from asked").since("id", "2")
    assert sorted(rows(later)) == [("2", "钱二"), ("3", None)]


@pytest.mark.parametrize(
    "query",
    [
        "delete from asked",
        "select 1) as x; delete from asked; select * from (select 1",
        "select id, id from asked",
        "select * from nothing_there",
        "select 1; select 2",
    ],
)
def test_what_is_no_single_statement_that_reads_is_refused(dsn, query):
    with pytest.raises(SourceUnreadable, match="查询不能用"):
        rows(engine.QuerySource(dsn, query))
    assert len(rows(engine.QuerySource(dsn, "select * from asked"))) == 3


@pytest.mark.mariadb
def test_a_table_of_mysql_is_read_from_a_value_on(mysql):
    source = engine.MysqlSource(mysql, "gov", "asked").since("id", "2")
    assert sorted(rows(source)) == [("2", "钱二"), ("3", None)]


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_a_server_that_is_not_there_is_said_without_its_address(kind):
    with pytest.raises(SourceUnreadable) as told:
        engine.QuerySource(f"{kind}://who:s3cret-1@127.0.0.1:1/gov", "select 1").inspect()
    assert "s3cret" not in f"{told.value} {told.value.fields}"
    assert "127.0.0.1" not in f"{told.value} {told.value.fields}"
