# SPDX-License-Identifier: Apache-2.0
"""Collecting by the log of a PostgreSQL: whatever happened there, and wherever a batch was killed, the lake is what it holds."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from datong.engine import face as engine
from datong.engine.backends import commits
from datong.engine.backends.sources import logged
from datong.engine.base import Column, Rehearsal, Schema
from datong.engine.errors import SourceUnreadable
from datong.engine.plans.collecting import Log, Mode, Way
from datong.kernel.errors import Malformed
from datong.kernel.sharing import ItemType
from factories.logged import a_server_with_a_log
from factories.sheets import a_csv, rows_of

SCHEMA = Schema(
    (
        Column("id", ItemType.I, key=True),
        Column("v", ItemType.C),
        Column("n", ItemType.N, precision=2),
        Column("ok", ItemType.C),
        Column("at", ItemType.T),
    )
)
SLOT = Log("datong_test", "datong")
TABLE = "create table t (id int primary key, v text, n numeric(9, 2), ok bool, at timestamptz, padded char(4))"


class Killed(BaseException):
    """The process was killed here."""


class Held(Exception):
    """Somebody has to decide."""


@pytest.fixture(scope="module")
def server():
    with a_server_with_a_log() as address:
        yield address


@pytest.fixture
def source(server):
    with psycopg.connect(server, autocommit=True) as held:
        held.execute("drop publication if exists datong; drop table if exists t")
        held.execute(TABLE + "; create publication datong for table t; insert into t values (1, '甲', 1.5, true, now(), 'a')")
        yield held
        held.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots")


class Follower:
    """Batches one after another, each going on where the one before stopped."""

    def __init__(self, server: str, folder: Path, schema: Schema = SCHEMA) -> None:
        self.server, self.folder, self.schema, self.last, self.number = server, folder, schema, "", 0

    def collect(self, *, batch: str = "", log: Log = SLOT, **more) -> engine.Collected:
        self.number += 1
        table = engine.PostgresSource(self.server, "public.t")
        way = Way(Mode.LOG, log=replace(log, last=self.last))
        columns = {one: one for one in self.schema.fields}
        made = engine.collect(table, self.schema, columns, self.folder / "lake", batch=batch or str(self.number), way=way, **more)
        self.last = made.watermark
        return made

    def advance(self) -> None:
        logged.advance(self.server, replace(SLOT, last=self.last))

    def held(self) -> dict[int, tuple[str, str, str]]:
        return {
            row["id"]: (row["v"], row["n"] if row["n"] is None else str(row["n"]), row["ok"])
            for row in rows_of(self.folder / "lake")
        }


def there(source) -> dict[int, tuple[str, str, str]]:
    rows = source.execute("select id, v, n::text, ok::text from t").fetchall()
    return {row[0]: row[1:] for row in rows}


def confirmed(source) -> str:
    return source.execute("select confirmed_flush_lsn::text from pg_replication_slots").fetchone()[0]


@pytest.fixture
def follower(server, source, tmp_path):
    return Follower(server, tmp_path)


def test_the_first_batch_reads_all_and_the_next_what_changed(source, follower):
    first = follower.collect()
    assert (first.rows_read, first.inserted) == (1, 1)
    source.execute("insert into t values (2, '乙', 2, false, now()), (3, '丙', 3, null, now())")
    source.execute("update t set v = '丁' where id = 1; delete from t where id = 3; update t set id = 9 where id = 2")
    made = follower.collect()
    assert (made.inserted, made.updated, made.deleted, made.rows_good) == (1, 1, 0, 2)
    assert follower.held() == there(source) == {1: ("丁", "1.50", "true"), 9: ("乙", "2.00", "false")}
    assert not follower.collect().rows_read or not follower.collect().changed


def test_the_log_is_let_go_once_it_was_kept(source, follower):
    follower.collect()
    source.execute("delete from t")
    before = confirmed(source)
    made = follower.collect()
    assert confirmed(source) == before
    follower.advance()
    follower.advance()
    assert confirmed(source) == made.watermark.partition(" ")[0] != before
    assert (follower.collect().rows_read, follower.held()) == (0, {})


STEP = st.tuples(
    st.lists(st.sampled_from(["insert", "update", "move", "delete"]), min_size=1, max_size=4),
    st.lists(st.integers(1, 4), min_size=4, max_size=4),
    st.sampled_from(["no", "before", "after", "unadvanced"]),
)
DO = {
    "insert": "insert into t values ({0}, 'new', {0}) on conflict (id) do update set v = 'again'",
    "update": "update t set n = n + 1, ok = not ok where id = {0}",
    "move": "update t set id = id + 4 where id = {0} and not exists (select from t as o where o.id = {0} + 4)",
    "delete": "delete from t where id = {0}",
}


@settings(max_examples=3, phases=[Phase.generate])
@given(st.lists(STEP, min_size=2, max_size=3))
def test_whatever_happened_and_wherever_it_was_killed(server, history):
    with psycopg.connect(server, autocommit=True) as source, tempfile.TemporaryDirectory() as root:
        source.execute("drop publication if exists datong; drop table if exists t")
        source.execute(TABLE + "; create publication datong for table t; insert into t values (1), (2)")
        one = Follower(server, Path(root))
        one.collect()
        for number, (verbs, rows, kill) in enumerate(history):
            for verb, row in zip(verbs, rows, strict=False):
                source.execute(DO[verb].format(row))
            if kill in {"before", "after"}:
                _killed(one, f"b{number}", after=kill == "after")
            made = one.collect(batch=f"b{number}")
            assert made.rows_good == len(one.held())
            assert one.held() == there(source)
            if kill != "unadvanced":
                one.advance()
        logged.drop(server, SLOT.slot)


def _killed(one: Follower, batch: str, *, after: bool) -> None:
    """Be killed before or after the commit of a batch: nothing of it is told to whoever keeps the place."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("merge", "append", "replace"):
            real = getattr(commits, name)

            def dying(*given, real=real, **named):
                if after:
                    real(*given, **named)
                raise Killed

            patch.setattr(commits, name, dying)
        with suppress(Killed):
            one.collect(batch=batch)


def test_a_long_value_that_did_not_change_is_read_again(source, follower):
    source.execute(
        "alter table t alter v set storage external; insert into t values (2, repeat('长', 5000)), (3, repeat('x', 9000))"
    )
    follower.collect()
    source.execute("update t set n = 7 where id in (2, 3); delete from t where id = 3; update t set n = 8, id = 5 where id = 2")
    assert follower.collect().changed
    assert follower.held() == there(source)
    assert len(follower.held()[5][0]) == 5000


@pytest.mark.parametrize("identity", ["full", "using index by_v"])
def test_other_replica_identities(source, follower, identity):
    schema = Schema((Column("v", ItemType.C, key=True), Column("id", ItemType.I)))
    source.execute("alter table t alter v set not null; create unique index by_v on t (v); insert into t values (2, '乙', 0)")
    follower = Follower(follower.server, follower.folder, schema)
    with pytest.raises(SourceUnreadable, match="日志") as refused:
        follower.collect()
    assert "replica identity full" in refused.value.fields["replica_identity"]
    source.execute(f"alter table t replica identity {identity}")
    follower.collect()
    source.execute("update t set v = '丙' where id = 1; delete from t where id = 2")
    assert follower.collect().deleted == 2
    assert [(row["v"], row["id"]) for row in rows_of(follower.folder / "lake")] == [("丙", 1)]


def test_an_emptied_table_asks_and_is_then_read_whole(source, follower):
    follower.collect()
    source.execute("truncate t; insert into t values (5, '戊')")
    asked: list[Rehearsal] = []

    def review(seen: Rehearsal) -> None:
        asked.append(seen)
        if seen.emptied:
            raise Held

    before = follower.held()
    with pytest.raises(Held):
        follower.collect(review=review)
    assert follower.held() == before
    follower.collect(review=asked.append)
    assert asked[-1].rows == 1
    assert follower.held() == there(source)


@pytest.mark.parametrize(
    "change",
    [
        "alter table t alter n type numeric(12, 2)",
        "alter publication datong drop table t; update t set v = '漏'; alter publication datong add table t",
        "alter publication datong set (publish = 'insert'); update t set v = '漏'; alter publication datong set (publish = 'insert, update, delete, truncate')",
        "select pg_drop_replication_slot('datong_test'); update t set v = '漏'",
        "select pg_replication_slot_advance('datong_test', pg_current_wal_lsn())",
    ],
)
def test_where_the_log_cannot_tell_all_the_table_is_read_whole(source, follower, change):
    follower.collect()
    for statement in ("insert into t values (2, '乙')", *change.split("; "), "update t set n = 4 where id = 2"):
        source.execute(statement)
    assert follower.collect().rows_read == 2
    assert follower.held() == there(source)
    source.execute("delete from t where id = 2")
    assert follower.collect().deleted == 1


def test_a_column_that_was_another_for_a_while_is_not_taken_by_its_text(source, follower):
    follower.collect()
    source.execute(
        "alter table t alter ok type text; insert into t values (2, '乙', 1, 't'); alter table t alter ok type bool using ok::bool"
    )
    follower.collect()
    assert follower.held() == there(source)


def test_a_row_that_can_no_longer_be_taken_goes_and_is_set_aside(source, follower):
    follower = Follower(
        follower.server, follower.folder, Schema((SCHEMA.columns[0], Column("v", ItemType.C, length=6, nullable=False)))
    )
    follower.collect()
    source.execute("update t set v = 'much too long' where id = 1; insert into t values (2, '乙')")
    made = follower.collect()
    assert (made.rows_bad, made.inserted, made.deleted) == (1, 1, 1)
    assert engine.quarantine(follower.folder / "lake", "2")[0]["field"] == "v"


def test_what_is_not_allowed_is_refused_with_what_to_set(source, follower, tmp_path):
    def refusal(**log) -> tuple[str, str]:
        with pytest.raises(Malformed) as refused:
            follower.collect(log=replace(SLOT, **log))
        return next(iter(refused.value.fields.items()))

    assert "create publication" in refusal(publication="none")[1]
    source.execute(
        "create publication part for table t where (id > 1); create publication added for table t with (publish = 'insert')"
    )
    assert refusal(publication="part")[0] == refusal(publication="added")[0] == "publication"
    source.execute("create role reader login; grant select on t to reader")
    follower.server = follower.server.replace("postgres@", "reader@")
    assert "replication" in refusal()[1]
    source.execute("alter role reader replication")
    follower.collect()
    source.execute("drop owned by reader; drop publication part, added")
    with pytest.raises(SourceUnreadable):
        follower.collect()
    source.execute("drop role reader")


def test_slots_run_out(source, follower):
    for number in range(3):
        source.execute("select pg_create_logical_replication_slot(%s, 'pgoutput')", (f"other{number}",))
    with pytest.raises(SourceUnreadable) as refused:
        follower.collect()
    assert "max_replication_slots" in refused.value.fields["slot"]


def test_only_a_table_of_postgresql_has_a_log(tmp_path):
    way = Way(Mode.LOG, log=SLOT)
    with pytest.raises(Malformed, match="log"):
        engine.collect(
            a_csv(tmp_path, "id,v,n,ok,at\n1,a,,,\n"),
            SCHEMA,
            {one: one for one in SCHEMA.fields},
            tmp_path / "lake",
            batch="1",
            way=way,
        )
    with pytest.raises(Malformed):
        Way(Mode.LOG)
