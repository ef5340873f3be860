# SPDX-License-Identifier: Apache-2.0
"""Collecting again: what changed alone moves, another shape waits for a decision, stopping leaves nothing, schedules come due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from deltalake import DeltaTable
from django.conf import settings
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from datong.contexts.audit.models import Act
from datong.contexts.exchange import usecases
from datong.contexts.exchange.domain import CollectMode, Rhythm, Timetable
from datong.contexts.exchange.models import Batch, Schedule
from datong.contexts.exchange.queries import collecting
from datong.contexts.exchange.queries import lineage as tracing
from datong.contexts.exchange.queries.lineage import lineage
from datong.contexts.exchange.usecases import batches, landing
from datong.contexts.periods.models import Notice
from datong.engine import face as engine
from datong.engine.base import Schema
from datong.engine.errors import SourceAway
from datong.kernel.actors import Role
from datong.kernel.errors import Conflict, IllegalMove, Malformed, Refused, Unknown
from factories import stores
from factories.bridges import a_business_database, over_tcp
from factories.catalog import PROVIDER, a_compiler, an_authority, someone
from factories.exchange import (
    HEADER,
    ROWS,
    a_batch,
    a_call,
    a_csv_text,
    a_landed_batch,
    a_shared_resource,
    an_offer,
    index_of,
    some_calls,
)
from factories.organisations import a_department, an_account
from factories.sharing import CONSUMER, a_grant
from factories.sheets import rows_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.CONNECTION_NETWORKS = stores.LOOPBACK


def hand_in(batch, rows, header=HEADER):
    """Let the file of a source read otherwise from now on."""
    (settings.NODE_FOLDER.uploads / batch.source.stored).write_text(a_csv_text(rows, header), "utf-8")


def again(batch, mode=CollectMode.FULL):
    made = usecases.collect_now(batch.source_id, by=a_compiler())
    Batch.objects.filter(pk=made.pk).update(mode=mode)
    return usecases.run_batch(made.pk)


def titles(batch):
    return sorted(row["title"] for row in rows_of(landing.table_of(batch)))


def tags():
    return list(Act.objects.order_by("seq").values_list("tag", flat=True))


@pytest.mark.parametrize("mode", [CollectMode.FULL, CollectMode.KEYS])
def test_only_what_changed_moves_and_the_index_follows(mode):
    first = a_landed_batch()
    hand_in(first, [ROWS[0], ("330100000000", "杭州", ""), ("330200000000", "宁波市", "")])
    second = again(first, mode)
    assert (second.inserted, second.updated, second.deleted) == ((1, 1, 1) if mode is CollectMode.KEYS else (3, 0, 3))
    assert second.lake_version == first.lake_version + 1 and titles(second) == sorted(["浙江省", "杭州", "宁波市"])
    assert engine.rows_of(landing.table_of(second)) == 3 and index_of(second).exists()


def test_an_unchanged_source_says_so_and_serves_on():
    first = a_landed_batch()
    second = again(first)
    assert second.unchanged and second.lake_version == first.lake_version
    assert "不产生新版本" in str(second.log)
    assert index_of(second).samefile(index_of(first)) and index_of(second) != index_of(first)


def test_another_shape_stops_before_anything_is_written_and_asks():
    first = a_landed_batch()
    hand_in(first, [("1", "2", "x", "y")], ("区划代码", "内部备注", "名称改了", "新列"))
    second = again(first)
    assert second.stage == "held" and DeltaTable(str(landing.table_of(first))).version() == first.lake_version
    assert {(one["kind"], one["promised"] or one["found"]) for one in second.differences} >= {("column", "区划名称"), ("extra", "新列")}
    assert Notice.objects.filter(href=f"/exchange/batches/{second.pk}").exists()
    assert tags()[-1] == "exchange.batch.held" and usecases.run_batch(second.pk) is None
    assert usecases.tend_batches() == 0


def changed_type(first):
    hand_in(first, [("3301", "好", ""), ("3302", "名" * 300, ""), ("3303", "好", "")])
    return again(first)


def test_rows_that_no_longer_fit_are_asked_about_and_go_on_when_told():
    first = a_landed_batch()
    held = changed_type(first)
    assert [(one["kind"], one["item"]) for one in held.differences] == [("type", "title")]
    assert usecases.quarantine(held.pk, by=a_compiler())[0]["field"] == "title"
    usecases.continue_batch(held.pk, by=a_compiler())
    landed = usecases.run_batch(held.pk)
    assert (landed.stage, landed.rows_good, landed.rows_bad, landed.share_bad) == ("landed", 2, 1, "33.3%"), landed.error
    assert again(first).stage == "landed", "what was accepted once is not asked again"


def test_giving_up_leaves_the_lake_as_it_was():
    first = a_landed_batch()
    held = changed_type(first)
    given_up = usecases.cancel_batch(held.pk, by=a_compiler())
    assert given_up.stage == "cancelled" and titles(first) == sorted(row[1] for row in ROWS)
    with pytest.raises(IllegalMove):
        usecases.continue_batch(held.pk, by=a_compiler())
    retried = usecases.retry_batch(held.pk, by=a_compiler())
    assert retried.pk > held.pk and usecases.run_batch(retried.pk).stage == "held"


def test_the_shape_is_known_although_the_batch_was_killed_after_its_commit():
    first = a_batch()
    landing.carry(batches._begin(first.pk))  # killed here
    landed = usecases.run_batch(first.pk)
    assert (landed.stage, landed.attempts, landed.shape["columns"]) == ("landed", 2, sorted(HEADER))
    assert again(first).stage == "landed"


def test_a_key_without_a_column_cannot_go_on():
    first = a_landed_batch()
    hand_in(first, [("一",)], ("区划名称",))
    held = again(first)
    with pytest.raises(Refused, match="必填"):
        usecases.continue_batch(held.pk, by=a_compiler())


def test_a_waiting_batch_ends_at_once_and_a_running_one_at_its_next_look():
    first = a_landed_batch()
    waiting = usecases.collect_now(first.source_id, by=a_compiler())
    with pytest.raises(Conflict):
        usecases.collect_now(first.source_id, by=a_compiler())
    assert usecases.cancel_batch(waiting.pk, by=a_compiler()).stage == "cancelled" and usecases.run_batch(waiting.pk) is None
    running = usecases.collect_now(first.source_id, by=a_compiler())
    begun = batches._begin(running.pk)
    usecases.cancel_batch(running.pk, by=a_compiler())
    with pytest.raises(landing.Stopped):
        landing.carry(begun)
    assert usecases.run_batch(running.pk).stage == "cancelled"
    with pytest.raises(IllegalMove):
        usecases.cancel_batch(running.pk, by=a_compiler())


def test_a_batch_stopped_after_its_commit_is_put_back(monkeypatch):
    first = a_landed_batch()
    hand_in(first, [("1", "一", "")])
    made = usecases.collect_now(first.source_id, by=a_compiler())
    real = landing.carry

    def carry(batch):
        done = real(batch)
        usecases.cancel_batch(made.pk, by=a_compiler())
        return done

    monkeypatch.setattr(landing, "carry", carry)
    assert usecases.run_batch(made.pk).stage == "cancelled"
    assert titles(first) == sorted(row[1] for row in ROWS)
    monkeypatch.undo()
    assert again(first).stage == "landed" and titles(first) == ["一"]


@pytest.mark.parametrize("verb", [usecases.cancel_batch, usecases.continue_batch, usecases.retry_batch])
def test_only_the_providers_compiler_decides(verb):
    batch = a_batch()
    with pytest.raises(Unknown):
        verb(batch.pk, by=a_compiler("没有这样的部门"))
    with pytest.raises(Refused):
        verb(batch.pk, by=an_authority())


# --- tables of a real PostgreSQL, and schedules -----------------------------------------------------------------------


@pytest.fixture
def business():
    """A table of a business system: its attached source, and a way to change it."""
    address = a_business_database()
    with psycopg.connect(address, autocommit=True) as theirs, over_tcp(address) as url:
        theirs.execute("drop table if exists regions")
        theirs.execute('create table regions ("区划代码" text primary key, "区划名称" text, "内部备注" text, changed timestamptz default now())')
        theirs.execute("insert into regions select lpad(n::text, 12, '0'), '村' || n from generate_series(1, 30) n")
        offer = usecases.Offer(name="regions", dsn=url, options={"table": "regions"})
        yield usecases.attach(a_shared_resource().resource.code, offer, by=a_compiler()), theirs.execute


def same_as(batch, run):
    """The lake holds what the business table holds."""
    there = sorted(run('select "区划代码", "区划名称" from regions').fetchall())
    return sorted((row["code"], row["title"]) for row in rows_of(landing.table_of(batch))) == there


def test_a_table_is_followed_by_its_watermark_and_whole_when_deletions_count(business):
    queued, run = business
    plan = usecases.Plan(Timetable(Rhythm.EVERY, 5), CollectMode.WATERMARK, "changed", "T", 60)
    usecases.set_schedule(queued.source_id, plan, by=a_compiler())
    usecases.run_batch(queued.pk)
    first = usecases.run_batch(usecases.collect_now(queued.source_id, by=a_compiler()).pk)
    assert first.unchanged and first.rows_read == 30 and first.watermark["last"]
    run("update regions set changed = changed - interval '1 hour' where \"区划代码\" > '000000000003'")
    run("insert into regions values ('000000000099', '新村', null, now() - interval '30 seconds'), ('1', '无时村', null, null)")
    run("update regions set \"区划名称\" = '改名', changed = now() where \"区划代码\" = '000000000001'")
    second = usecases.run_batch(usecases.collect_now(queued.source_id, by=a_compiler()).pk)
    assert (second.rows_read, second.inserted, second.updated, second.deleted) == (5, 2, 1, 0), second.error
    assert same_as(second, run) and second.rows_good == 32
    run("delete from regions where \"区划代码\" <> '1'")
    third = again(queued, CollectMode.KEYS)
    assert third.deleted == 31 and same_as(third, run)


def test_a_source_that_goes_away_is_tried_again_a_few_times_and_nothing_is_half_seen(business):
    queued, run = business
    usecases.run_batch(queued.pk)
    made = usecases.collect_now(queued.source_id, by=a_compiler())
    run("create function breaks(text) returns text language plpgsql as $$ begin return 1 / 0; end $$")
    run("alter table regions rename to away")
    run('create view regions as select "区划代码", breaks("区划名称") as "区划名称", "内部备注", changed from away')
    for _ in range(batches.MOST_ATTEMPTS):
        with pytest.raises(SourceAway):
            usecases.run_batch(made.pk)
    ended = Batch.objects.get(pk=made.pk)
    assert ended.stage == "failed" and "来源读不了" in ended.error and len(titles(ended)) == 30
    run("drop view regions; drop function breaks(text); alter table away rename to regions")
    assert usecases.run_batch(usecases.retry_batch(made.pk, by=a_compiler()).pk).stage == "landed"


def test_what_is_due_is_queued_once_and_never_twice_at_a_time(business):
    queued, _ = business
    usecases.run_batch(queued.pk)
    usecases.set_schedule(queued.source_id, usecases.Plan(Timetable(Rhythm.EVERY, 10), CollectMode.KEYS), by=a_compiler())
    soon = datetime.now(UTC) + timedelta(days=3)
    assert usecases.queue_due() == 0
    assert usecases.queue_due(soon) == 1, "missed many times, it runs once"
    assert usecases.queue_due(soon + timedelta(days=3)) == 0, "its batch has not ended"
    made = Batch.objects.first()
    assert (made.mode, made.asked_by) == ("keys", "") and usecases.run_batch(made.pk).unchanged
    assert Schedule.objects.get().next_at == soon + timedelta(minutes=10)
    usecases.pause_schedule(queued.source_id, by=a_compiler())
    assert usecases.queue_due(soon + timedelta(days=9)) == 0
    with pytest.raises(Conflict):
        usecases.pause_schedule(queued.source_id, by=a_compiler())
    usecases.resume_schedule(queued.source_id, by=a_compiler())
    assert usecases.queue_due(datetime.now(UTC) + timedelta(days=1)) == 1


def test_a_schedule_comes_after_others_and_never_round():
    one, other = a_landed_batch(), a_landed_batch(a_shared_resource(name="另一个"))
    by = a_compiler()
    usecases.set_schedule(one.source_id, usecases.Plan(Timetable(Rhythm.ON_DEMAND), CollectMode.FULL), by=by)
    other.source.stored, _ = "", other.source.save
    type(other.source).objects.filter(pk=other.source_id).update(stored="")
    after = usecases.Plan(Timetable(Rhythm.AFTER), CollectMode.FULL, needs=(one.source_id,))
    usecases.set_schedule(other.source_id, after, by=by)
    assert usecases.queue_due() == 0, "nothing has landed since"
    again(one)
    assert usecases.queue_due() == 1 and Batch.objects.first().source_id == other.source_id
    with pytest.raises(Malformed, match="互相等待"):
        usecases.set_schedule(one.source_id, usecases.Plan(Timetable(Rhythm.ON_DEMAND), CollectMode.FULL, needs=(other.source_id,)), by=by)


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        (usecases.Plan(Timetable(Rhythm.EVERY, 5), CollectMode.FULL), "rhythm"),
        (usecases.Plan(Timetable(Rhythm.CRON, cron="x"), CollectMode.FULL), "cron"),
        (usecases.Plan(Timetable(Rhythm.EVERY, 0), CollectMode.FULL), "minutes"),
        (usecases.Plan(Timetable(Rhythm.ON_DEMAND), CollectMode.WATERMARK, "", "X"), "column"),
        (usecases.Plan(Timetable(Rhythm.ON_DEMAND), CollectMode.WATERMARK, "a", "T", -1), "overlap"),
        (usecases.Plan(Timetable(Rhythm.ON_DEMAND), CollectMode.FULL, needs=(10**6,)), "needs"),
    ],
)
def test_a_schedule_that_cannot_be_is_told_by_field(plan, field):
    batch = a_batch()
    with pytest.raises(Malformed) as told:
        usecases.set_schedule(batch.source_id, plan, by=a_compiler())
    assert field in told.value.fields and not Schedule.objects.exists()


def test_a_replaced_source_is_not_collected_any_more():
    first = a_landed_batch()
    a_landed_batch(first.source.resource.current, an_offer(a_csv_text([("1", "一", "")])))
    assert collecting.is_replaced(first.source)
    with pytest.raises(Refused, match="不再归集"):
        usecases.collect_now(first.source_id, by=a_compiler())


def test_lineage_shows_each_side_what_it_may_see():
    grant = a_grant()
    code = grant.resource_id
    provider = lineage(code, by=a_compiler(PROVIDER))
    consumer = lineage(code, by=someone(Role.APPLICANT, CONSUMER))
    stranger = lineage(code, by=someone(Role.APPLICANT, "没有这样的部门"))
    assert provider.origin is None and [one.number for one in consumer.grants] == [grant.number]
    assert stranger.grants == [] and stranger.origin is None
    assert any(one.grants == (grant.number,) for one in consumer.items)


def test_lineage_counts_calls_and_what_others_tell_of(monkeypatch):
    grant = a_grant()
    some_calls("gateway-0", [a_call(one, grant=grant.number, resource=grant.resource_id, rows=2) for one in (1, 2)])
    usecases.collect_calls()
    told = tracing.Used("delivery", "交付", 3, 30, NOW)
    monkeypatch.setattr(tracing, "_others", [lambda numbers: {number: [told] for number in numbers}])
    uses = lineage(grant.resource_id, by=a_compiler(PROVIDER)).grants[0].uses
    assert [(one.channel, one.times, one.rows) for one in uses] == [("call", 2, 4), ("delivery", 3, 30)]


def signed_in(role=Role.COMPILER, department=PROVIDER):
    client = Client()
    client.force_login(an_account(roles=[role], department=a_department(department)))
    return client


def test_pages_of_a_held_batch_a_schedule_and_a_lineage():
    first = a_landed_batch()
    held, client = changed_type(first), signed_in()
    page = client.get(f"/exchange/batches/{held.pk}").content.decode()
    assert "按现状继续" in page and "放弃本批次" in page and "hx-get" not in page
    assert client.post(f"/exchange/batches/{held.pk}/retry").status_code == 409
    assert client.post(f"/exchange/batches/{held.pk}/cancel").status_code == 302
    where = f"/exchange/schedules/{first.source_id}"
    assert client.post(where, {"rhythm": "every", "mode": "keys", "minutes": "5"}).status_code == 422
    assert client.post(where, {"rhythm": "on_demand", "mode": "watermark", "column": "区划代码", "type": "I", "overlap": "1"}).status_code == 302
    assert Schedule.objects.get().watermark == {"column": "区划代码", "type": "I", "overlap": 1}
    assert client.post(f"{where}/pause").status_code == 302 and client.post(f"{where}/none").status_code == 404
    assert "已暂停" in client.get(where).content.decode()
    assert "立即归集" in client.get("/exchange/schedules").content.decode()
    assert client.post(f"{where}/run").status_code == 302
    assert "立即归集" not in client.get("/exchange/schedules").content.decode(), "one batch at a time"
    assert "hx-get" in client.get(f"/exchange/batches/{Batch.objects.first().pk}").content.decode()
    traced = client.get(f"/resources/{first.source.resource_id}/lineage").content.decode()
    assert "<svg" in traced and "区划名称" in traced
    outside = signed_in(Role.COMPILER, "没有这样的部门")
    assert {outside.get(path).status_code for path in (where, f"/exchange/batches/{held.pk}")} == {404}


def test_the_interface_sets_a_schedule_and_runs_it():
    first, client = a_landed_batch(), signed_in()
    where = f"/api/v1/sources/{first.source_id}"
    made = client.put(f"{where}/schedule", {"rhythm": "on_demand", "mode": "keys"}, content_type="application/json")
    assert (made.status_code, made.json()["schedule"]["mode"]) == (200, "keys")
    assert client.post(f"{where}/pause").json()["waits"] == "paused" and client.post(f"{where}/resume").status_code == 200
    run = client.post(f"{where}/collect")
    assert (run.status_code, run.json()["mode"]) == (202, "keys")
    number = run.json()["number"]
    assert client.post(f"/api/v1/batches/{number}/cancel").json()["stage"] == "cancelled"
    assert client.post(f"/api/v1/batches/{number}/continue").status_code == 409
    assert client.post(f"/api/v1/batches/{number}/retry").status_code == 202
    assert client.get("/api/v1/sources").json()["items"][0]["batch"] > number
    assert client.get(f"/api/v1/resources/{first.source.resource_id}/lineage").json()["origin"]["name"] == first.source.name
    assert ProcrastinateJob.objects.filter(task_name="exchange.land").exists()
    assert Schema(landing.schema_of(landing.catalog.served(first.source.resource_id)).columns).keys == ("code",)
