# SPDX-License-Identifier: Apache-2.0
"""Large imports: few statements, killed anywhere and gone on with, the same file twice, two of them at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.db import connection
from django.test import Client

from datong.contexts.audit import face as audit
from datong.contexts.audit.models import Act
from datong.contexts.catalog import queries, usecases
from datong.contexts.catalog.models import ClassNode, ImportJob, ImportRow, Item, Resource, Version
from datong.contexts.catalog.usecases import compiling, importing, taking
from datong.kernel.actors import Role
from factories.books import entries_book, imported, queued, saved
from factories.catalog import PROVIDER, a_compiler
from factories.organisations import a_department, an_account

MANY = 2_000
CLASSES = ("301001", "302001", "307001")


@pytest.fixture
def compiler(db):
    usecases.seed_classes()
    return a_compiler()


def book(count, items=2):
    """Entries of three classes, each with its items."""
    entries = [(f"目录{number:05d}", CLASSES[number % 3], "摘要", "无条件共享", "每日") for number in range(count)]
    lines = [
        (f"目录{number:05d}", f"项{place}", f"code{place}", "C", 12, "是" if place == 0 else "")
        for number in range(count)
        for place in range(items)
    ]
    return entries_book(entries, lines)


def compiled_acts():
    return list(Act.objects.filter(tag="catalog.entry.compiled").order_by("seq").values_list("subject", flat=True))


def sequences(code):
    return list(Resource.objects.filter(class_node__code=code).order_by("sequence").values_list("sequence", flat=True))


def assert_each_once(count, items=2):
    """Every entry of the book is there, once, with its items, one code after another and one act."""
    names = sorted(Version.objects.values_list("name", flat=True))
    assert names == [f"目录{number:05d}" for number in range(count)]
    assert Item.objects.count() == count * items
    for code in CLASSES:
        numbers = sequences(code)
        assert numbers == list(range(1, len(numbers) + 1)) and ClassNode.objects.get(code=code).last_sequence == len(numbers)
    assert sorted(compiled_acts()) == sorted(Resource.objects.values_list("code", flat=True))


def test_hundreds_of_entries_take_few_statements(compiler, django_assert_max_num_queries):
    job = queued(book(400), by=compiler)
    with django_assert_max_num_queries(100):
        done = usecases.run_import(job.pk)
    assert done.imported == 400
    assert_each_once(400)
    numbers = ImportRow.objects.order_by("place").values_list(
        "version__resource__class_node__code", "version__resource__sequence"
    )
    assert list(numbers[:6]) == [("301001", 1), ("302001", 1), ("307001", 1), ("301001", 2), ("302001", 2), ("307001", 2)]


def test_each_act_says_what_its_entry_says(compiler):
    imported(book(3), by=compiler)
    acts = {act.subject: act.facts for act in audit.acts(by=None, tag="catalog.entry.compiled")}
    for row in Version.objects.all():
        said = acts[row.resource.code]
        assert said == {"version": 1, "name": row.name, "items": 2, "digest": compiling.digest(row)}
        assert queries.as_draft(row).class_code == row.resource.class_node.code


def test_killed_inside_a_transaction_leaves_nothing_of_it(compiler, monkeypatch):
    monkeypatch.setattr(taking, "AT_ONCE", 4)
    job = queued(book(10), by=compiler)
    record, calls = audit.record_all, []

    def killed(deeds, *, by):
        calls.append(len(deeds))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return record(deeds, by=by)

    monkeypatch.setattr(audit, "record_all", killed)
    with pytest.raises(KeyboardInterrupt):
        usecases.run_import(job.pk)
    job.refresh_from_db()
    assert (job.stage, job.imported, job.percent, Version.objects.count(), len(compiled_acts())) == ("running", 4, 40, 4, 4)
    monkeypatch.setattr(audit, "record_all", record)
    assert usecases.run_import(job.pk).imported == 10
    assert_each_once(10)


def test_rows_that_repeat_others_share_their_fate(compiler, monkeypatch):
    monkeypatch.setattr(taking, "AT_ONCE", 3)
    good, bad = ("甲", "307001", "摘要", "无条件共享", "每日"), ("", "307001", "无名", "无条件共享", "每日")
    job = imported(entries_book([good, good, bad, bad, good]), by=compiler)
    assert (job.imported, job.known, job.refused, job.done) == (1, 2, 2, 5)
    rows = list(ImportRow.objects.order_by("place"))
    assert [row.state for row in rows] == ["imported", "known", "refused", "refused", "known"]
    assert rows[0].version == rows[1].version == rows[4].version and rows[2].faults == rows[3].faults != {}


def test_a_cancelled_import_stops_between_two_transactions(compiler, monkeypatch):
    monkeypatch.setattr(taking, "AT_ONCE", 4)
    job = queued(book(10), by=compiler)
    mark = taking._mark

    def cancelled(rows):
        mark(rows)
        ImportJob.objects.filter(pk=job.pk).update(stage="cancelled")

    monkeypatch.setattr(taking, "_mark", cancelled)
    usecases.run_import(job.pk)
    assert Version.objects.count() == 4


def test_the_page_shows_how_far_it_is_and_calls_nothing_imported_that_waits(compiler, monkeypatch):
    monkeypatch.setattr(taking, "AT_ONCE", 2)
    rows = [(f"目录{number}", "307001", "摘要", "无条件共享", "看情况") for number in range(5)]
    job = queued(entries_book(rows), by=compiler)
    monkeypatch.setattr(importing, "take", lambda number, *, by: taking.take(number, by=by) and False)
    monkeypatch.setattr(importing, "_end", lambda job, _by: job)
    usecases.run_import(job.pk)
    client = Client()
    client.force_login(an_account("importer", roles=[Role.COMPILER], department=a_department(PROVIDER)))
    shown = client.get(f"/catalog/imports/{job.pk}", headers={"HX-Request": "true"}).content.decode()
    assert "40% · 2 / 5" in shown and 'hx-trigger="every 1s"' in shown
    assert "目录1" in shown and "目录2" not in shown and "更新周期：“看情况”不在可选范围内" in shown


def an_import_process(job):
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "import_settings",
        "DATONG_TEST_DATABASE": connection.settings_dict["NAME"],
    }
    command = [sys.executable, "-m", "django", "import_entries", str(job.pk)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


@pytest.fixture
def _settings_of_this_database(tmp_path, monkeypatch):
    """Settings by which another process works on the database of this test."""
    text = "import os\nfrom datong.config.settings import *\nDATABASES['default']['NAME'] = os.environ['DATONG_TEST_DATABASE']\n"
    (tmp_path / "import_settings.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_settings_of_this_database")
def test_thousands_of_entries_survive_two_kills_and_a_second_import(compiler):
    content = saved(book(MANY, items=1))
    job = queued(content, by=compiler)
    for least in (1, MANY // 2):
        with an_import_process(job) as victim:
            until(lambda wanted=least: ImportJob.objects.get(pk=job.pk).imported >= wanted)
            victim.send_signal(signal.SIGKILL)
        half = ImportJob.objects.get(pk=job.pk)
        assert half.stage == "running" and half.imported == Version.objects.count() == len(compiled_acts())
    with an_import_process(job) as last:
        said = last.stdout.read()
        assert last.wait(60) == 0, said
    job.refresh_from_db()
    assert (job.stage, job.imported, job.known, job.refused, job.percent) == ("finished", MANY, 0, 0, 100)
    assert_each_once(MANY, items=1)
    again = usecases.run_import(queued(content, by=compiler).pk)
    assert (again.imported, again.known, again.refused) == (0, MANY, 0)
    assert_each_once(MANY, items=1)


@pytest.mark.django_db(transaction=True)
def test_the_same_file_handed_in_twice_at_once_is_imported_once(compiler, monkeypatch):
    monkeypatch.setattr(taking, "AT_ONCE", 7)
    jobs = [queued(book(60), by=compiler) for _ in range(2)]
    threads = [threading.Thread(target=_run, args=(job.pk,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    ended = ImportJob.objects.all()
    assert [job.stage for job in ended] == ["finished", "finished"]
    assert sum(job.imported for job in ended) == sum(job.known for job in ended) == 60
    assert_each_once(60)


def _run(number):
    try:
        usecases.run_import(number)
    finally:
        connection.close()


def until(fact, seconds=60):
    begun = time.monotonic()
    while not fact():
        assert time.monotonic() - begun < seconds
        time.sleep(0.01)
