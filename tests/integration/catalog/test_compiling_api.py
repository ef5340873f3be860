# SPDX-License-Identifier: Apache-2.0
"""The ways in by API: proposals of a file become entries, workbooks are imported, addresses stay secret."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from datong.contexts.catalog import usecases
from datong.contexts.catalog.models import ImportJob
from datong.kernel.actors import Role
from factories.books import entries_book, saved
from factories.catalog import CLASS, PROVIDER
from factories.organisations import a_department, an_account

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.fixture
def client():
    usecases.seed_classes()
    made = Client()
    made.force_login(an_account(roles=[Role.COMPILER], department=a_department(PROVIDER)))
    return made


def test_a_proposal_confirmed_is_an_entry(client):
    file = SimpleUploadedFile("区划.csv", "代码,名称\n0012,甲\n0013,乙\n".encode())
    [made] = client.post(f"{API}/proposals/files", {"file": file}).json()
    assert [(one["column"], one["item"]["field"], one["item"]["type"]) for one in made["items"]] == [("代码", "dai_ma", "C"), ("名称", "ming_cheng", "C")]
    entry = made["draft"] | {"class_code": CLASS, "items": [made["items"][0]["item"]]}
    answer = client.post(f"{API}/entries", entry, content_type="application/json")
    assert answer.status_code == 201, answer.content
    assert client.get(f"{API}/entries/{answer.json()['id']}").json()["entry"]["items"][0]["name"] == "代码"


@pytest.mark.parametrize("path", ["proposals", "proposals/tables"])
@pytest.mark.parametrize("dsn", ["mysql://me:s3cret@127.0.0.1:1/x", "postgresql://me:s3cret@h/x?service=x", "x"])
def test_an_address_is_never_quoted(client, path, dsn):
    answer = client.post(f"{API}/{path}", {"dsn": dsn, "tables": [{"name": "t"}]}, content_type="application/json")
    assert answer.status_code == 422 and "s3cret" not in answer.content.decode()


def test_a_workbook_is_imported_and_followed(client):
    file = SimpleUploadedFile("目录.xlsx", saved(entries_book([("甲", CLASS, "x", "", "每日"), ("", "", "", "无条件共享", "")])))
    queued = client.post(f"{API}/imports", {"file": file, "class_code": CLASS})
    assert (queued.status_code, queued.json()["stage"]) == (202, "queued")
    number = queued.json()["number"]
    usecases.run_import(number)
    done = client.get(f"{API}/imports/{number}").json()
    assert (done["stage"], done["imported"], done["refused"]) == ("finished", 1, 1)
    rows = client.get(f"{API}/imports/{number}/rows").json()
    assert [(row["line"], row["state"], bool(row["faults"]), bool(row["code"])) for row in rows] == [(2, "imported", False, True), (3, "refused", True, False)]
    assert len(client.get(f"{API}/imports/{number}/rows?state=refused").json()) == 1
    assert [one["number"] for one in client.get(f"{API}/imports").json()] == [number]
    assert client.post(f"{API}/imports/{number}/cancel").status_code == 409


def test_strangers_and_others_are_kept_out(client):
    job = ImportJob.objects.create(department_id=a_department("浙江省民政厅").uscc, name="x", stored="x", digest="", queued_by={})
    assert client.get(f"{API}/imports/{job.pk}").status_code == client.get(f"{API}/imports/{job.pk}/rows").status_code == 404
    other = Client()
    other.force_login(an_account(roles=[Role.APPLICANT], department=a_department(PROVIDER)))
    sent = {"dsn": "mysql://me@127.0.0.1:1/x"}
    assert other.post(f"{API}/proposals/tables", sent, content_type="application/json").status_code == 403
    assert Client().post(f"{API}/proposals", sent, content_type="application/json").status_code == 401
