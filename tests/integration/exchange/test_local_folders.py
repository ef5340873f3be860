# SPDX-License-Identifier: Apache-2.0
"""挂接 from a folder of the node's machine: listed by its administrator, tested for true, collected again; denied otherwise."""

from __future__ import annotations

import sqlite3

import pytest
from django.test import Client

from datong.contexts.connections import face
from datong.contexts.connections import usecases as keeping
from datong.contexts.exchange import usecases
from datong.contexts.exchange.domain import CollectMode, Rhythm, Timetable
from datong.contexts.organisations.models import Account
from datong.engine import face as engine
from datong.kernel.errors import Malformed, Refused
from factories.connections import a_connection, a_keeper
from factories.exchange import HEADER, ROWS, a_csv_text, a_landed_batch, a_shared_resource

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper():
    return a_keeper()


@pytest.fixture
def share(tmp_path, settings):
    settings.CONNECTION_FOLDERS = (str(tmp_path),)
    return tmp_path


def a_folder(keeper, path):
    return a_connection(keeper, kind="folder", address={"root": str(path)}, account="")


def through(made, **what):
    return usecases.Offer(name=made.name, connection=made.number, options=what)


def test_a_file_lands_and_lands_again(keeper, share):
    (share / "qu.csv").write_text(a_csv_text(), "utf-8")
    batch = a_landed_batch(offer=through(a_folder(keeper, share), path="qu.csv"))
    assert (batch.stage, batch.rows_good, batch.error) == ("landed", 3, "")
    (share / "qu.csv").write_text(a_csv_text(ROWS[:2]), "utf-8")
    plan = usecases.Plan(Timetable(Rhythm.DAILY), CollectMode.KEYS)
    usecases.set_schedule(batch.source_id, plan, by=keeper)
    again = usecases.run_batch(usecases.collect_now(batch.source_id, by=keeper).pk)
    assert (again.stage, again.deleted, again.rows_good) == ("landed", 1, 2)


def test_a_table_of_a_sqlite_file_lands(keeper, share):
    with sqlite3.connect(share / "qu.sqlite") as held:
        held.execute(f"create table qu ({', '.join(f'[{name}] text' for name in HEADER)})")
        held.executemany("insert into qu values (?, ?, ?)", ROWS)
    made = a_folder(keeper, share)
    batch = a_landed_batch(offer=through(made, path="qu.sqlite", table="qu"))
    assert (batch.stage, batch.rows_good, batch.error) == ("landed", 3, "")
    for wrong in (
        {"path": "qu.sqlite"},
        {"path": "qu.csv", "table": "qu"},
        {"table": "qu"},
        {"path": "../qu.sqlite", "table": "qu"},
    ):
        with pytest.raises(Malformed):
            usecases.attach(a_shared_resource().resource.code, through(made, **wrong), by=keeper)


def test_the_trial_is_true_and_folders_are_denied_by_default(keeper, share, settings, monkeypatch):
    monkeypatch.setattr(engine, "apart", lambda task, *given, **_: task(*given))
    (share / "qu.csv").write_text("a", "utf-8")
    made = a_folder(keeper, share)
    passed = keeping.try_out(made.number, by=keeper)
    assert (passed.test_passed, "1 个文件" in passed.test_words) == (True, True)
    settings.CONNECTION_FOLDERS = ()
    denied = keeping.try_out(made.number, by=keeper)
    assert (denied.test_passed, "DATONG_CONNECTION_FOLDERS" in denied.test_words) == (False, True)
    with pytest.raises(Malformed):
        usecases.attach(a_shared_resource().resource.code, through(made, path="qu.csv"), by=keeper)


def test_the_nodes_own_folder_is_refused_whatever_is_listed(keeper, settings):
    settings.CONNECTION_FOLDERS = ("/",)
    for own in (settings.NODE_FOLDER.path, settings.NODE_FOLDER.uploads, settings.NODE_FOLDER.path.parent):
        with pytest.raises(Refused, match="节点自己的目录"):
            face.writing(a_folder(keeper, own).number, department=keeper.department)


@pytest.mark.parametrize("root", ["", "data", "/data/../etc", "/data//x", "/./x", "~/x"])
def test_only_absolute_paths_are_kept(keeper, root):
    with pytest.raises(Malformed) as refused:
        a_folder(keeper, root)
    assert set(refused.value.fields) == {"root"}


def test_the_page_asks_for_a_folder_and_no_secret(keeper, client: Client):
    client.force_login(Account.objects.get(username=keeper.account))
    page = client.get("/connections/new?kind=folder").content.decode()
    assert 'name="root"' in page
    assert 'name="secret"' not in page
    assert client.post("/connections/new", {"kind": "folder", "name": "共享目录", "root": "/data/share"}).status_code == 302
