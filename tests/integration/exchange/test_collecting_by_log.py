# SPDX-License-Identifier: Apache-2.0
"""Collecting by the log of a database: chosen for a table, gone on with, held where the table was emptied, let go of."""

from __future__ import annotations

import psycopg
import pytest
from django.test import Client

from datong.contexts.exchange import usecases
from datong.contexts.exchange.domain import CollectMode, Rhythm, Timetable
from datong.contexts.exchange.models import Batch
from datong.contexts.exchange.usecases import landing
from datong.contexts.organisations.models import Account
from datong.kernel.errors import Malformed
from factories import stores
from factories.bridges import over_tcp
from factories.connections import a_keeper, of_database
from factories.exchange import HEADER, ROWS, a_landed_batch
from factories.logged import a_server_with_a_log
from factories.sheets import rows_of

pytestmark = pytest.mark.django_db
BY_LOG = usecases.Plan(Timetable(Rhythm.ON_DEMAND), CollectMode.LOG, publication="datong")


@pytest.fixture(scope="module")
def server():
    with a_server_with_a_log() as address:
        yield address


@pytest.fixture
def business(server):
    columns = ", ".join(f'"{name}" text not null' for name in HEADER)
    with psycopg.connect(server, autocommit=True) as held:
        held.execute(f'drop table if exists qu; create table qu ({columns}, primary key ("{HEADER[0]}"))')
        held.execute("drop publication if exists datong; create publication datong for table qu")
        held.cursor().executemany("insert into qu values (%s, %s, %s)", ROWS)
        yield held
        held.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots")


@pytest.fixture
def compiler(settings):
    settings.CONNECTION_NETWORKS = stores.LOOPBACK
    return a_keeper()


@pytest.fixture
def attached(server, business, compiler):
    with over_tcp(server) as dsn:
        made = of_database(compiler, dsn)
        yield a_landed_batch(offer=usecases.Offer(name="qu", connection=made.number, options={"table": "public.qu"}))


@pytest.fixture
def followed(attached, compiler):
    usecases.set_schedule(attached.source_id, BY_LOG, by=compiler)
    return attached


def again(batch, compiler):
    return usecases.run_batch(usecases.collect_now(batch.source_id, by=compiler).pk)


def slots(business):
    return [row[0] for row in business.execute("select slot_name from pg_replication_slots")]


def held_by(batch):
    return sorted(tuple(row[name] for name in batch.source.mapping) for row in rows_of(landing.table_of(batch)))


def there(batch, business):
    names = ", ".join(f'"{column}"' for column in batch.source.mapping.values())
    return sorted(business.execute(f"select {names} from qu").fetchall())


def test_a_table_is_followed_and_its_log_let_go(followed, business, compiler):
    first = again(followed, compiler)
    assert (first.stage, first.unchanged, first.error) == ("landed", True, "")
    assert slots(business) == [landing.slot_of(followed.source)]
    business.execute(f'update qu set "{HEADER[1]}" = %s where "{HEADER[0]}" = %s', ("改名", ROWS[0][0]))
    business.execute(f'delete from qu where "{HEADER[0]}" = %s', (ROWS[1][0],))
    second = again(followed, compiler)
    assert (second.rows_read, second.updated, second.deleted, second.inserted) == (2, 1, 1, 0)
    assert held_by(second) == there(second, business)
    kept = business.execute("select confirmed_flush_lsn::text from pg_replication_slots").fetchone()[0]
    assert second.watermark["last"].startswith(kept)


def test_a_batch_that_was_killed_after_its_commit_ends_with_the_same_table(followed, business, compiler, monkeypatch):
    again(followed, compiler)
    business.execute("delete from qu")
    queued = usecases.collect_now(followed.source_id, by=compiler)

    class Killed(BaseException):
        pass

    def dies(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(landing, "_indexed", dies)
        with pytest.raises(Killed):
            usecases.run_batch(queued.pk)
    ended = usecases.run_batch(queued.pk)
    assert (ended.stage, ended.attempts, ended.deleted, held_by(ended)) == ("landed", 2, 3, [])
    assert again(followed, compiler).unchanged


def test_an_emptied_table_waits_for_a_decision(followed, business, compiler):
    again(followed, compiler)
    business.execute("truncate qu")
    business.cursor().executemany("insert into qu values (%s, %s, %s)", ROWS[:2])
    stopped = again(followed, compiler)
    assert (stopped.stage, [one["found"] for one in stopped.differences]) == ("held", ["TRUNCATE"])
    assert len(held_by(stopped)) == len(ROWS)
    usecases.continue_batch(stopped.pk, by=compiler)
    ended = usecases.run_batch(stopped.pk)
    assert (ended.stage, ended.deleted) == ("landed", 1)
    assert held_by(ended) == there(ended, business)


def test_a_new_column_waits_as_in_every_other_mode(followed, business, compiler):
    again(followed, compiler)
    business.execute("alter table qu add extra text")
    business.execute("update qu set extra = 'x'")
    stopped = again(followed, compiler)
    assert (stopped.stage, [one["found"] for one in stopped.differences]) == ("held", ["extra"])
    usecases.continue_batch(stopped.pk, by=compiler)
    assert usecases.run_batch(stopped.pk).unchanged


def test_another_mode_removes_the_slot(followed, business, compiler):
    again(followed, compiler)
    usecases.set_schedule(followed.source_id, usecases.Plan(Timetable(Rhythm.ON_DEMAND), CollectMode.KEYS), by=compiler)
    business.execute("delete from qu")
    business.cursor().executemany("insert into qu values (%s, %s, %s)", ROWS)
    again(followed, compiler)
    assert slots(business) == []
    assert not Batch.objects.filter(watermark__has_key="slot").exists()
    usecases.set_schedule(followed.source_id, BY_LOG, by=compiler)
    ended = again(followed, compiler)
    assert (ended.stage, ended.rows_read) == ("landed", len(ROWS))


def test_what_cannot_be_followed_says_why(followed, business, compiler):
    business.execute("drop publication datong")
    ended = again(followed, compiler)
    assert ended.stage == "failed"
    assert "create publication" in ended.error
    for changed, field in (({"publication": ""}, "publication"), ({"publication": 'a"b'}, "publication")):
        with pytest.raises(Malformed) as refused:
            usecases.set_schedule(followed.source_id, usecases.Plan(BY_LOG.timetable, CollectMode.LOG, **changed), by=compiler)
        assert field in refused.value.fields
    uploaded = a_landed_batch()
    with pytest.raises(Malformed) as refused:
        usecases.set_schedule(uploaded.source_id, BY_LOG, by=compiler)
    assert "mode" in refused.value.fields


def test_the_page_and_the_interface_offer_it_for_tables_alone(attached, compiler, client: Client):
    client.force_login(Account.objects.get(username=compiler.account))
    assert 'value="log"' in client.get(f"/exchange/schedules/{attached.source_id}").content.decode()
    assert 'value="log"' not in client.get(f"/exchange/schedules/{a_landed_batch().source_id}").content.decode()
    form = {"rhythm": "daily", "at": "02:30", "mode": "log", "publication": "datong"}
    assert client.post(f"/exchange/schedules/{attached.source_id}", form).status_code == 302
    assert 'value="datong"' in client.get(f"/exchange/schedules/{attached.source_id}").content.decode()
    said = client.get(f"/api/v1/sources/{attached.source_id}").json()["schedule"]
    assert (said["mode"], said["watermark"]) == ("log", {"publication": "datong"})
