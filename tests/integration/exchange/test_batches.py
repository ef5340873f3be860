# SPDX-License-Identifier: Apache-2.0
"""The life of a batch: interrupted, hindered, overtaken, after a new catalogue version, after a withdrawal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from deltalake import DeltaTable
from django.conf import settings
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from datong.contexts.audit.models import Act
from datong.contexts.catalog.domain import ItemDraft
from datong.contexts.catalog.usecases import withdraw_entry
from datong.contexts.exchange import queries, usecases
from datong.contexts.exchange.models import Batch
from datong.contexts.exchange.usecases import batches, landing
from datong.contexts.exchange.usecases.sources import STOPPED
from datong.engine import face as engine
from datong.engine.errors import BackendFailed
from datong.kernel.errors import Conflict
from factories.catalog import a_compiler, a_new_version, an_authority, an_open_draft
from factories.exchange import ROWS, a_batch, a_csv_text, a_landed_batch, a_shared_resource, an_offer, index_of
from factories.sheets import rows_of

pytestmark = pytest.mark.django_db
OTHER = [("440000000000", "广东省", "")]


def lake(batch):
    return landing.table_of(batch)


def titles(batch):
    return sorted(row["title"] for row in rows_of(lake(batch)))


def hindered(monkeypatch, error, *, after_landing=True):
    """Make the index fail, after the lake table was written."""
    real = engine.build_index

    def fail(*given, **more):
        raise error

    monkeypatch.setattr(engine, "build_index" if after_landing else "land", fail)
    return lambda: monkeypatch.setattr(engine, "build_index", real)


def test_a_batch_lands_once():
    batch = a_landed_batch()
    assert usecases.run_batch(batch.pk) is None
    assert usecases.run_batch(10**9) is None
    assert queries.landed(batch.source.resource_id).batch == batch.pk
    assert batch.attempts == 1 and batch.started_at <= batch.finished_at
    assert DeltaTable(str(lake(batch))).version() == batch.lake_version


def test_a_batch_found_running_begins_again_and_comes_to_the_same():
    batch = a_batch()
    begun = batches._begin(batch.pk)
    landing.carry(begun)  # killed here: table and index stand, the batch does not know
    again = usecases.run_batch(batch.pk)
    assert (again.stage, again.attempts, again.rows_good) == ("landed", 2, 3)
    assert titles(again) == sorted(row[1] for row in ROWS)
    assert index_of(again).exists()


def test_one_that_is_interrupted_every_time_ends_with_a_reason():
    batch = a_batch()
    for _ in range(batches.MOST_ATTEMPTS):
        assert batches._begin(batch.pk).stage == "running"
    ended = usecases.run_batch(batch.pk)
    assert ended.stage == "failed" and "中断" in ended.error and ended.finished_at
    assert Act.objects.order_by("-seq").first().tag == "exchange.batch.failed"


def test_what_hinders_is_tried_again_and_then_told(monkeypatch):
    batch = a_batch()
    mended = hindered(monkeypatch, BackendFailed("disk full"))
    for attempt in (1, 2):
        with pytest.raises(BackendFailed):
            usecases.run_batch(batch.pk)
        batch.refresh_from_db()
        assert (batch.stage, batch.attempts) == ("running", attempt)
        assert "disk full" in batch.log[-1]
    mended()
    assert usecases.run_batch(batch.pk).stage == "landed"


@pytest.mark.parametrize("error", [BackendFailed("disk full"), ZeroDivisionError("secret row")])
def test_what_hinders_to_the_end_fails_and_the_table_is_put_back(monkeypatch, error):
    first = a_landed_batch()
    second = a_batch(first.source.resource.current, an_offer(a_csv_text(OTHER)))
    hindered(monkeypatch, error)
    for _ in range(batches.MOST_ATTEMPTS):
        with pytest.raises(type(error)):
            usecases.run_batch(second.pk)
    second.refresh_from_db()
    assert second.stage == "failed" and "secret" not in second.error + str(second.log)
    assert titles(first) == sorted(row[1] for row in ROWS)
    assert queries.landed(first.source.resource_id).batch == first.pk
    assert usecases.run_batch(second.pk) is None


def test_an_older_batch_never_overtakes_a_newer_one():
    resource = a_shared_resource()
    older, newer = a_batch(resource), a_batch(resource, an_offer(a_csv_text(OTHER)))
    assert usecases.run_batch(newer.pk).stage == "landed"
    ended = usecases.run_batch(older.pk)
    assert ended.stage == "failed" and str(newer.pk) in ended.error
    assert queries.landed(resource.resource.code).batch == newer.pk
    assert titles(newer) == ["广东省"]


def test_the_newer_of_two_replaces_the_older():
    resource = a_shared_resource()
    older, newer = a_batch(resource), a_batch(resource, an_offer(a_csv_text(OTHER)))
    assert [usecases.run_batch(one.pk).stage for one in (older, newer)] == ["landed", "landed"]
    assert queries.landed(resource.resource.code).batch == newer.pk
    assert titles(newer) == ["广东省"]


def test_a_withdrawn_resource_lands_nothing():
    batch = a_batch()
    withdraw_entry(batch.source.resource.current_id, "职责调整", by=an_authority())
    ended = usecases.run_batch(batch.pk)
    assert ended.stage == "failed" and "撤下" in ended.error
    assert not lake(batch).exists()


def version_with(batch, items):
    code = batch.source.resource_id
    draft = an_open_draft(items=items)
    changes = {name: getattr(draft, name) for name in ("abstract", "sharing_type", "sharing_scope", "sharing_use", "level", "items")}
    return a_new_version(code, withheld_basis_rank="", withheld_basis="", withheld_reason="", **changes)


def test_a_newer_version_types_the_rows_where_the_source_carries_its_items():
    batch = a_batch()
    code, title, _ = an_open_draft().items
    version_with(batch, (code, ItemDraft("title", "区划名称", "C", 9, level="general_1")))
    ended = usecases.run_batch(batch.pk)
    assert (ended.stage, ended.version) == ("landed", 2), ended.error
    assert (ended.rows_good, ended.rows_bad) == (3, 0)
    assert "police_note" not in rows_of(lake(ended))[0]
    assert title.field in rows_of(lake(ended))[0]


def test_a_newer_version_with_items_the_source_lacks_is_told():
    batch = a_batch()
    version_with(batch, (*an_open_draft().items, ItemDraft("area", "面积", "N", level="general_1")))
    ended = usecases.run_batch(batch.pk)
    assert ended.stage == "failed" and "第 2 版" in ended.error and "面积" in ended.error


def test_an_unfinished_batch_without_a_job_is_queued_again():
    batch = a_batch()
    assert usecases.tend_batches() == 0
    ProcrastinateJob.objects.all()._raw_delete("default")
    assert usecases.tend_batches() == 1
    assert usecases.tend_batches() == 0
    usecases.run_batch(batch.pk)
    ProcrastinateJob.objects.all()._raw_delete("default")
    assert usecases.tend_batches() == 0


@pytest.mark.django_db(transaction=True)
def test_landings_of_one_resource_wait_for_each_other(monkeypatch):
    batch = a_batch()
    held, go_on = threading.Event(), threading.Event()

    def other():
        with batches._alone(batch.source.resource_id):
            held.set()
            go_on.wait(60)
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    assert held.wait(60)
    monkeypatch.setattr(batches, "PATIENCE", 0.6)
    with pytest.raises(Conflict):
        usecases.run_batch(batch.pk)
    assert Batch.objects.get(pk=batch.pk).stage == "queued"
    go_on.set()
    thread.join()
    assert usecases.run_batch(batch.pk).stage == "landed"


def a_land_process(batch):
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "exchange_land_settings", "DATONG_TEST_DATABASE": connection.settings_dict["NAME"]}
    command = [sys.executable, "-m", "django", "land", str(batch.pk)]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


@pytest.fixture
def _settings_of_this_database(tmp_path, monkeypatch):
    """Settings by which another process works on the database of this test."""
    text = "import os\nfrom datong.config.settings import *\nDATABASES['default']['NAME'] = os.environ['DATONG_TEST_DATABASE']\n"
    (tmp_path / "exchange_land_settings.py").write_text(text)
    path = os.pathsep.join([str(tmp_path), *sys.path])
    monkeypatch.setenv("PYTHONPATH", path)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_settings_of_this_database")
def test_a_landing_killed_in_the_middle_is_landed_by_the_next(monkeypatch):
    rows = [(f"{number:012d}", f"村{number}", "") for number in range(150_000)]
    batch = a_batch(offer=an_offer(a_csv_text(rows)))
    victim = a_land_process(batch)
    until(lambda: Batch.objects.get(pk=batch.pk).rows_read > 0)
    victim.send_signal(signal.SIGKILL)
    victim.communicate()
    half = Batch.objects.get(pk=batch.pk)
    assert (half.stage, half.attempts) == ("running", 1)
    tied = a_land_process(batch)
    until(lambda: Batch.objects.get(pk=batch.pk).attempts == 2)
    tied.communicate()  # closes its input, as the end of the worker would: it ends where it stands
    assert tied.returncode == 1
    with a_land_process(batch) as last:
        said = last.stdout.read()
        assert last.wait(60) == 0, said
    ended = Batch.objects.get(pk=batch.pk)
    assert (ended.stage, ended.rows_good, ended.attempts) == ("landed", 150_000, 3), ended.error
    assert index_of(ended).exists()
    assert DeltaTable(str(settings.NODE_FOLDER.lake / lake(ended).name)).to_pyarrow_table().num_rows == 150_000


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_settings_of_this_database")
def test_a_running_landing_that_is_asked_to_stop_is_gone_before_it_is_done():
    first = a_landed_batch()
    rows = [(f"{number:012d}", f"村{number}", "") for number in range(150_000)]
    batch = a_batch(first.source.resource.current, an_offer(a_csv_text(rows)))
    with a_land_process(batch) as running:
        until(lambda: Batch.objects.get(pk=batch.pk).rows_read > 0)
        usecases.cancel_batch(batch.pk, by=a_compiler())
        assert running.wait(60) in {0, STOPPED}, "0: it looked by itself"
    usecases.end_stopped(batch.pk)
    ended = Batch.objects.get(pk=batch.pk)
    assert (ended.stage, titles(first)) == ("cancelled", sorted(row[1] for row in ROWS))
    assert queries.landed(first.source.resource_id).batch == first.pk


def until(fact, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline
        time.sleep(0.05)
