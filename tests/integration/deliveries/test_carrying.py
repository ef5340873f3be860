# SPDX-License-Identifier: Apache-2.0
"""A delivery from the asking to its end: files and tables, cut off, withdrawn, without a grant, again."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import UTC, datetime, timedelta

import psycopg
import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.db import connection, transaction
from openpyxl import load_workbook

from datong.contexts.audit import face as audit
from datong.contexts.connections import face as connections
from datong.contexts.deliveries import usecases
from datong.contexts.deliveries.domain.asking import Wanted
from datong.contexts.deliveries.models import Delivery, Schedule
from datong.contexts.deliveries.usecases import carrying, planning, queueing, sending, writing
from datong.contexts.periods.models import Notice
from datong.contexts.sharing import usecases as sharing
from datong.crypto import digests
from datong.engine import face as engine
from datong.engine.errors import TargetAway
from datong.kernel.actors import Role
from datong.kernel.errors import IllegalMove, Malformed, Refused, Unknown
from datong.wire import deliveries as wire
from factories.bridges import a_business_database
from factories.catalog import a_provider_head, someone
from factories.deliveries import a_bulk_grant, a_carried_delivery, a_delivery, land
from factories.exchange import ROWS
from factories.sharing import an_applicant

pytestmark = pytest.mark.django_db
PAIRS = [(code, title) for code, title, _ in ROWS]


@pytest.fixture(scope="module")
def grant(django_db_setup, django_db_blocker):
    """A grant that every test finds as it was: each undoes what it did."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield a_bulk_grant()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _no_files_of_other_tests():
    shutil.rmtree(settings.NODE_FOLDER.path / wire.FOLDER, ignore_errors=True)


def file_of(row, ending):
    (name,) = [one["name"] for one in row.files if one["name"].endswith(ending)]
    return writing.home(row.number) / name


def tags_of(row):
    return [one.tag.rpartition(".")[2] for one in audit.acts() if one.subject == row.number]


def test_a_csv_is_made_with_digests_beside_it_and_told_in_the_acts(grant):
    row = a_carried_delivery(grant)
    assert (row.stage, row.rows, row.error) == ("ready", 3, "")
    data = file_of(row, ".csv").read_bytes()
    assert list(csv.reader(io.StringIO(data.decode("utf-8-sig")))) == [["区划代码", "区划名称"], *map(list, PAIRS)]
    entry = row.data_files[0]
    assert digests.SHA256.hash(data).hex() == entry["sha256"] and digests.SM3.hash(data).hex() == entry["sm3"]
    assert file_of(row, ".csv.sm3").read_text() == f"{entry['sm3']}  {entry['name']}\n"
    held = wire.read(writing.home(row.number))
    assert held.rows == 3 and held.columns[1] == {"field": "title", "name": "区划名称", "type": "C"}
    act = next(one for one in audit.acts() if one.tag == "deliveries.delivery.ready")
    assert act.facts["rows"] == 3 and act.facts["files"] == [[entry["name"], entry["sha256"], entry["sm3"]]]
    assert tags_of(row) == ["ready", "started", "queued"]


@pytest.mark.parametrize("form", ["xlsx", "jsonl", "parquet", "csv"])
def test_every_form_holds_the_rows(grant, form):
    row = a_carried_delivery(grant, form=form, encoding="gb18030")
    place = file_of(row, f".{form}")
    if form == "xlsx":
        assert list(load_workbook(place).worksheets[0].values) == [("区划代码", "区划名称"), *PAIRS]
    if form == "jsonl":
        assert [tuple(json.loads(line).values()) for line in place.read_text().splitlines()] == PAIRS
    if form == "parquet":
        assert list(zip(*pq.read_table(place).to_pydict().values(), strict=True)) == PAIRS
    if form == "csv":
        assert list(csv.reader(io.StringIO(place.read_bytes().decode("gb18030"))))[1:] == list(map(list, PAIRS))


def test_a_workbook_is_split_where_it_is_full(grant):
    row = a_delivery(grant, form="xlsx")
    outlet, _, _ = usecases.let_out(row.grant_id, "file")
    job = writing.Job(row.number, outlet, "xlsx", "utf-8", guard=False, sheet_rows=2)
    made = writing.write(job, lambda _rows: None)
    names = [one for one in made.manifest.files if one.rows]
    assert [(one.name[-7:], one.rows) for one in names] == [(f"{row.number}.xlsx"[-7:], 2), ("-2.xlsx", 1)]
    assert [len(list(load_workbook(writing.home(row.number) / one.name).worksheets[0].values)) for one in names] == [3, 2]


def test_no_cell_starts_a_formula(grant):
    land(grant.resource.current, [("330000000000", "=1+1", None)])
    row = a_carried_delivery(grant, form="xlsx")
    assert row.rows == 1 and [cell.value for cell in load_workbook(file_of(row, ".xlsx")).worksheets[0][2]] == ["330000000000", "=1+1"]
    guarded = a_carried_delivery(grant)
    assert "'=1+1" in file_of(guarded, ".csv").read_text("utf-8-sig") and any("撇号" in line for line in guarded.log)


def test_who_was_not_given_the_data_gets_no_delivery(grant):
    with pytest.raises((Refused, Unknown)):
        usecases.ask(Wanted(grant.number), by=a_provider_head())
    with pytest.raises(Unknown):
        usecases.ask(Wanted(grant.number), by=someone(Role.APPLICANT, "浙江省水利厅"))
    with pytest.raises(Refused, match="不含"):
        usecases.ask(Wanted(a_bulk_grant(("file",)).number, channel="table", connection="x", place="t"), by=an_applicant())
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"form": "doc"}, "form"), ({"encoding": "big5"}, "encoding"), ({"channel": "call"}, "channel"), ({"place": "../x"}, "place"),
        ({"repeats": True}, "repeats"), ({"connection": "a\0b"}, "connection"), ({"channel": "table"}, "connection"), ({"channel": "table", "place": "a;b"}, "place"),
        ({"channel": "table", "place": "datong_deliveries"}, "place"), ({"channel": "table", "mode": "wild"}, "mode"),
        ({"channel": "table", "columns": {"police_note": "x"}}, "columns.police_note"),
        ({"channel": "table", "columns": {"code": "x", "title": "X"}}, "columns.title"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_by_field(grant, wanted, field):
    with pytest.raises(Malformed) as caught:
        a_delivery(grant, **wanted)
    assert field in caught.value.fields


def test_a_suspended_grant_delivers_nothing_and_gives_no_address(grant):
    row, waiting = a_carried_delivery(grant), a_delivery(grant)
    address, ends = usecases.give_address(row.number, row.files[0]["name"], by=an_applicant())
    assert address.startswith(f"{settings.NODE.gateway_address}/v1/deliveries/") and ends > 0
    sharing.suspend_grant(grant.number, "查用途", by=a_provider_head())
    with pytest.raises(Refused, match="有效"):
        usecases.give_address(row.number, row.files[0]["name"], by=an_applicant())
    assert usecases.run_delivery(waiting.number).stage == "failed"
    assert not writing.home(waiting.number).exists()


def test_a_grant_suspended_on_the_way_delivers_nothing(grant, monkeypatch, django_capture_on_commit_callbacks):
    row, real = a_delivery(grant), writing.write

    def slow(*given):
        made = real(*given)
        sharing.suspend_grant(grant.number, "查用途", by=a_provider_head())
        return made

    monkeypatch.setattr(writing, "write", slow)
    with django_capture_on_commit_callbacks(execute=True):
        assert usecases.run_delivery(row.number).stage == "failed"
    assert not writing.home(row.number).exists()


def test_addresses_are_for_the_consumer_some_hours_and_files_there_are(grant):
    row = a_carried_delivery(grant)
    name = row.files[0]["name"]
    with pytest.raises(Refused):
        usecases.give_address(row.number, name, by=a_provider_head())
    with pytest.raises(Malformed):
        usecases.give_address(row.number, name, by=an_applicant(), hours=1000)
    with pytest.raises(Unknown):
        usecases.give_address(row.number, "../node.key", by=an_applicant())
    assert "given" not in tags_of(row) and usecases.give_address(row.number, name, by=an_applicant())
    assert tags_of(row)[0] == "given"


def test_what_waits_is_withdrawn_at_once_and_what_runs_stops(grant, monkeypatch):
    waiting = a_delivery(grant)
    assert usecases.withdraw(waiting.number, by=an_applicant()).stage == "withdrawn"
    assert usecases.run_delivery(waiting.number) is None
    running, real = a_delivery(grant), writing.write

    def withdrawn(*given):
        usecases.withdraw(running.number, by=an_applicant())
        return real(*given)

    monkeypatch.setattr(writing, "write", withdrawn)
    assert usecases.run_delivery(running.number).stage == "withdrawn"
    assert not writing.home(running.number).exists() and Delivery.objects.get(pk=running.pk).rows is None
    with pytest.raises(IllegalMove):
        usecases.withdraw(running.number, by=an_applicant())
    monkeypatch.undo()
    assert usecases.run_delivery(usecases.retry(running.number, by=an_applicant()).number).stage == "ready"


def test_files_to_fetch_go_when_they_are_withdrawn_or_old(grant, django_capture_on_commit_callbacks):
    row, old = a_carried_delivery(grant), a_carried_delivery(grant)
    with django_capture_on_commit_callbacks(execute=True):
        usecases.withdraw(row.number, by=an_applicant())
    assert not writing.home(row.number).exists() and writing.home(old.number).exists()
    assert planning.let_lapse(datetime.now(UTC) + timedelta(days=6)) == 0
    assert planning.let_lapse(datetime.now(UTC) + timedelta(days=8)) >= 1
    assert Delivery.objects.get(pk=old.pk).stage == "lapsed"
    with pytest.raises(Refused):
        usecases.give_address(old.number, old.files[0]["name"], by=an_applicant())


class Killed(BaseException):
    """As if the process were gone."""


def notices_of(row):
    return list(Notice.objects.filter(subject=row.number).values_list("role", "department", "settled_by"))


def test_the_applicant_is_told_of_files_that_wait_until_somebody_takes_them(grant):
    row = a_carried_delivery(grant)
    mine = (Role.APPLICANT.value, grant.consumer_id)
    assert notices_of(row) == [(*mine, "")]
    usecases.give_address(row.number, row.files[0]["name"], by=an_applicant())
    assert notices_of(row) == [(*mine, an_applicant().account)]


def test_files_that_were_cut_off_are_made_again(grant, monkeypatch):
    row = a_delivery(grant)

    def gone(*_given):
        raise Killed

    monkeypatch.setattr(carrying, "_end", gone)
    with pytest.raises(Killed):
        usecases.run_delivery(row.number)
    assert Delivery.objects.get(pk=row.pk).stage == "running"
    monkeypatch.undo()
    made = usecases.run_delivery(row.number)
    assert (made.stage, made.attempts, made.rows) == ("ready", 2, 3)


def test_a_full_disk_is_tried_again_and_then_told(grant, monkeypatch):
    row = a_delivery(grant)

    def full(*_given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, "_settle", full)
    for _ in range(carrying.MOST_ATTEMPTS - 1):
        with pytest.raises(OSError, match="No space"):
            usecases.run_delivery(row.number)
    ended = usecases.run_delivery(row.number)
    assert Notice.objects.get(subject=row.number).words.endswith(ended.error)
    assert ended.stage == "failed" and not list(writing.home(row.number).parent.glob(f"*{row.number}*"))


class Shelf:
    """A store in a folder."""

    def __init__(self, root):
        self.root = root

    def put(self, local, name):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_bytes(local.read_bytes())

    def stat(self, name):
        place = self.root / name
        return engine.Entry(name, place.stat().st_size, "1") if place.exists() else None

    def fetch(self, entry, target):
        target.write_bytes((self.root / entry.name).read_bytes())


@pytest.fixture
def known(monkeypatch, tmp_path):
    """A connection of the consumer to its own database and store, as connections would open it."""
    dsn = a_business_database()
    monkeypatch.setattr(connections, "check_usable", lambda number, **_more: type("C", (), {"name": f"业务库 {number}"}))
    monkeypatch.setattr(connections, "take_up", lambda *_given, **_more: None)
    monkeypatch.setattr(connections, "database", lambda _number, **_more: dsn)
    monkeypatch.setattr(connections, "writing", lambda _number, **_more: Shelf(tmp_path))
    return dsn


def held(dsn, table):
    with psycopg.connect(dsn) as there:
        return there.execute(f"select code, title from {table} order by 1").fetchall()


def test_rows_arrive_in_the_consumers_table_and_both_sides_agree(grant, known):
    row = a_carried_delivery(grant, channel="table", connection="C1", place="quhua_1", mode="upsert")
    assert row.stage == "delivered", row.error
    assert held(known, "quhua_1") == PAIRS and row.sides["source"] == row.sides["target"] and row.sides["inserted"] == 3
    act = next(one for one in audit.acts() if one.tag == "deliveries.delivery.delivered")
    assert act.facts["sides"]["target"] == [3, row.sides["target"]["sum"]]
    assert any(one.tag == "sharing.grant.delivered" for one in audit.acts())


def test_a_commit_whose_answer_was_lost_is_found_and_not_repeated(grant, known, monkeypatch):
    row = a_delivery(grant, channel="table", connection="C1", place="quhua_2", mode="append")

    def gone(*_given):
        raise Killed

    monkeypatch.setattr(carrying, "_arrived", gone)
    with pytest.raises(Killed):
        usecases.run_delivery(row.number)
    monkeypatch.undo()
    monkeypatch.setattr(connections, "database", lambda _number, **_more: known)
    monkeypatch.setattr(connections, "let_go", lambda **_more: None)
    sharing.suspend_grant(row.grant_id, "查用途", by=a_provider_head())
    made = usecases.run_delivery(row.number)
    assert (made.stage, made.sides["again"]) == ("delivered", True) and held(known, "quhua_2") == PAIRS


def test_a_database_that_refuses_fails_in_words_and_one_that_is_away_is_tried_again(grant, known, monkeypatch):
    with psycopg.connect(known, autocommit=True) as there:
        there.execute("create table if not exists quhua_3 (code varchar(3), title text)")
    row = a_carried_delivery(grant, channel="table", connection="C1", place="quhua_3")
    assert row.stage == "failed" and "太短" in row.error and held(known, "quhua_3") == []
    monkeypatch.setattr(connections, "database", lambda _number, **_more: "postgresql://a:b@127.0.0.1:1/x")
    away = a_delivery(grant, channel="table", connection="C1", place="quhua_4")
    with pytest.raises(TargetAway):
        usecases.run_delivery(away.number)
    assert Delivery.objects.get(pk=away.pk).stage == "running"


def test_files_arrive_in_the_consumers_store_and_are_read_back(grant, known, tmp_path):
    row = a_carried_delivery(grant, connection="C2", place="进/来", form="jsonl")
    assert row.stage == "delivered", row.error
    names = sorted(one.name for one in (tmp_path / "进" / "来").iterdir())
    data = row.data_files[0]["name"]
    assert names == sorted([data, f"{data}.sha256", f"{data}.sm3", f"{row.number}.manifest.json"])
    assert not writing.home(row.number).exists()


def test_a_file_that_arrives_otherwise_is_sent_again(grant, known, monkeypatch):
    monkeypatch.setattr(Shelf, "fetch", lambda _self, _entry, target: target.write_bytes(b"other"))
    row = a_delivery(grant, connection="C2")
    with pytest.raises(TargetAway, match="不一致"):
        usecases.run_delivery(row.number)


def test_a_schedule_asks_when_there_is_something_new_and_ends_with_its_grant(grant, known, monkeypatch):
    monkeypatch.setattr(planning.organisations, "officer_named", lambda _name: an_applicant())
    row = a_carried_delivery(grant, channel="table", connection="C1", place="quhua_5", repeats=True)
    schedule = Schedule.objects.get()
    later = datetime.now(UTC) + timedelta(days=400)
    assert planning.ask_for_due(later) == 0, "the same version is not delivered twice"
    land(row.grant.resource.current, [("110000000000", "北京市", None)])
    assert planning.ask_for_due(later) == 1 and planning.ask_for_due(later) == 0
    made = usecases.run_delivery(schedule.deliveries.first().number)
    assert made.stage == "delivered" and held(known, "quhua_5") == [("110000000000", "北京市")]
    Delivery.objects.filter(pk=made.pk).update(stage="failed", asked_at=later)
    assert planning.ask_for_due(later) == 0 and planning.ask_for_due(later + timedelta(days=1)) == 1, "the day after, again"
    usecases.withdraw(schedule.deliveries.first().number, by=an_applicant())
    sharing.suspend_grant(row.grant_id, "查用途", by=a_provider_head())
    assert planning.ask_for_due(later) == 0
    sharing.revoke_grant(row.grant_id, "拒不整改", by=a_provider_head())
    assert planning.ask_for_due(later) == 0
    schedule.refresh_from_db()
    assert schedule.ended_at is not None and schedule.ending


def test_what_the_queue_lost_is_queued_again(grant):
    row = a_delivery(grant)
    assert queueing.tend() == 0
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs where task_name = %s", [queueing.CARRY])
    assert queueing.tend() == 1 and row.stage == "queued"


def test_a_leaked_file_names_its_delivery(grant, tmp_path):
    rows = [(f"{place:012}", f"区{place}", None) for place in range(200)]
    land(grant.resource.current, rows)
    mine, others = a_carried_delivery(grant, traced=True), [a_carried_delivery(grant, traced=True, form="jsonl") for _ in range(2)]
    lines = file_of(mine, ".csv").read_text("utf-8-sig").splitlines()
    assert sorted(lines[1:]) == sorted(f'"{code}","{title}"' for code, title, _ in rows) and lines[1:] != sorted(lines[1:])
    leaked = tmp_path / "leaked.csv"
    leaked.write_text("\n".join([lines[0].split(",")[0], *(line.split(",")[0] for line in lines[1::3])]), "utf-8")
    (found,) = usecases.trace(leaked)
    assert (found.delivery, found.grant) == (mine.number, grant.number) and found.score > 6
    packed = a_carried_delivery(grant, traced=True, form="parquet")
    assert [one.delivery for one in usecases.trace(file_of(packed, ".parquet"))] == [packed.number]
    whole = file_of(others[0], ".jsonl")
    assert [one.delivery for one in usecases.trace(whole)] == [others[0].number]
    sorted_file = tmp_path / "sorted.csv"
    sorted_file.write_text("\n".join([lines[0], *sorted(lines[1:])]), "utf-8")
    assert usecases.trace(sorted_file) == []
    with pytest.raises(Malformed, match="至少"):
        usecases.trace(_short(tmp_path, lines))


def _short(folder, lines):
    (folder / "short.csv").write_text("\n".join(lines[:10]), "utf-8")
    return folder / "short.csv"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04nothing", b"PAR1nothing", b'{"a": 1}\n{', b"\xff\xfe\x00", b"a,b\n1"])
def test_a_file_that_does_not_read_is_told(tmp_path, data):
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(Malformed):
        usecases.trace(tmp_path / "x")


def test_what_is_tried_again_knows_the_tries_before(grant, known):
    first = a_delivery(grant, channel="table", connection="C1", place="quhua_6")
    usecases.withdraw(first.number, by=an_applicant())
    second = usecases.retry(first.number, by=an_applicant())
    assert sending.order_of(second, 1, (), {}, looking=True).earlier == (first.ledger_name,)
    with pytest.raises(Refused, match="没有送到"):
        usecases.retry(second.number, by=an_applicant())
