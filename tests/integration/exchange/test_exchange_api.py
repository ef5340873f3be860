# SPDX-License-Identifier: Apache-2.0
"""The exchange API against honest and hostile callers: attach, follow, read of use; refusals as problem documents."""

from __future__ import annotations

import errno
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client

from datong.contexts.exchange import usecases
from datong.kernel.actors import Role
from factories.catalog import PROVIDER
from factories.exchange import a_batch, a_call, a_csv_text, a_landed_batch, a_shared_resource, an_offer, some_calls
from factories.organisations import a_department, an_account
from factories.sharing import CONSUMER, a_grant

pytestmark = pytest.mark.django_db
API = "/api/v1"


def signed_in(role, department=PROVIDER):
    client = Client()
    client.force_login(an_account(roles=[role], department=a_department(department)))
    return client


def upload(client, code, content=None, name="区划.csv", verb="sources", **form):
    body = a_csv_text().encode() if content is None else content
    return client.post(f"{API}/resources/{code}/{verb}", {"file": SimpleUploadedFile(name, body), **form})


def problem(answer, status, code):
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told["code"] == code and told["status"] == status and told["detail"]
    return told


def test_a_file_is_looked_at_attached_followed_and_its_faults_read():
    client, code = signed_in(Role.COMPILER), a_shared_resource().resource.code
    rows = a_csv_text([("330000000000", "浙江省", ""), ("", "没有代码", "")]).encode("gb18030")
    seen = upload(client, code, rows, verb="sources/inspect").json()
    assert seen["encoding"] == "gb18030" and seen["proposed"]["title"] == "区划名称" and len(seen["rows"]) == 2
    made = upload(client, code, rows, mapping=json.dumps({"title": "区划名称"}))
    assert made.status_code == 202, made.content
    number = made.json()["number"]
    assert made.json()["stage"] == "queued"
    usecases.run_batch(number)
    batch = client.get(f"{API}/batches/{number}").json()
    assert (batch["stage"], batch["rows_good"], batch["rows_bad"], batch["resource"]) == ("landed", 1, 1, code)
    assert [one["number"] for one in client.get(f"{API}/batches").json()] == [number]
    aside = client.get(f"{API}/batches/{number}/quarantine").json()
    assert [(row["line"], row["code"]) for row in aside] == [(3, "missing")]


def test_what_does_not_fit_is_told_with_every_field(uploads):
    client, code = signed_in(Role.COMPILER), a_shared_resource().resource.code
    told = problem(upload(client, code, a_csv_text(header=("甲", "乙", "丙")).encode()), 422, "malformed")
    assert set(told["errors"]) == {"code", "title", "police_note"} and told["remedy"]
    for form in ({"mapping": "[1]"}, {"mapping": "{"}, {"mapping": "[" * 10_000}, {"mapping": '{"a": 1}'}):
        assert "mapping" in problem(upload(client, code, **form), 422, "malformed")["errors"]
    for form in ({"header_row": "x"}, {"header_row": "0"}, {"header_row": "99999"}, {"delimiter": "ab"}, {"encoding": "x" * 99}, {"encoding": "\0"}):
        assert next(iter(form)) in problem(upload(client, code, **form), 422, "malformed")["errors"]
    assert "file" in problem(client.post(f"{API}/resources/{code}/sources", {}), 422, "malformed")["errors"]
    assert "file" in problem(upload(client, code, b"", "leer.csv"), 422, "malformed")["errors"]
    assert "file" in problem(upload(client, code, b"x", "x.exe"), 422, "malformed")["errors"]
    assert uploads() == []


def test_a_table_is_checked_before_anything_is_kept():
    client, code = signed_in(Role.COMPILER), a_shared_resource().resource.code

    def attach(**body):
        return client.post(f"{API}/resources/{code}/tables", {"dsn": "host=/tmp dbname=a user=b", "table": "t", **body}, content_type="application/json")

    assert "dsn" in problem(attach(), 422, "malformed")["errors"]
    assert "dsn" in problem(attach(dsn="postgresql://u:Pa55word@127.0.0.1:1/x"), 422, "malformed")["errors"]
    assert "Pa55word" not in attach(dsn="postgresql://u:Pa55word@127.0.0.1:1/x").content.decode()
    assert "table" in problem(attach(table="x" * 300), 422, "malformed")["errors"]
    assert "table" in problem(attach(table="a\0"), 422, "malformed")["errors"]
    assert problem(attach(mapping={"a": 1}), 422, "malformed")["errors"]


@pytest.mark.parametrize(
    ("role", "department"),
    [(Role.COMPILER, "浙江省别厅"), (Role.PROVIDER_HEAD, PROVIDER), (Role.APPLICANT, CONSUMER), (Role.AUTHORITY, "浙江省数据局"), (Role.AUDITOR, PROVIDER)],
)
def test_others_neither_attach_nor_look(role, department, uploads):
    client, code = signed_in(role, department), a_shared_resource().resource.code
    for verb in ("sources", "sources/inspect"):
        assert problem(upload(client, code, verb=verb), 403, "refused")["rule"]
    body = {"dsn": "host=h dbname=a user=b", "table": "t"}
    problem(client.post(f"{API}/resources/{code}/tables", body, content_type="application/json"), 403, "refused")
    assert uploads() == []


def test_another_departments_batch_is_unknown():
    batch = a_landed_batch(offer=an_offer(a_csv_text([("", "x", ""), ("330000000000", "y", "")])))
    other = signed_in(Role.COMPILER, "浙江省别厅")
    for path in (f"/batches/{batch.pk}", f"/batches/{batch.pk}/quarantine", "/batches/0", f"/batches/{2**70}"):
        problem(other.get(API + path), 404, "unknown")
    assert other.get(f"{API}/batches").json() == []
    assert signed_in(Role.AUDITOR).get(f"{API}/batches/{batch.pk}").status_code == 200


def test_strangers_get_nowhere():
    batch = a_batch()
    for path in ("/batches", f"/batches/{batch.pk}", f"/batches/{batch.pk}/quarantine", "/calls", "/grants/G1/usage"):
        problem(Client().get(API + path), 401, "unauthenticated")
    problem(upload(Client(), batch.source.resource_id), 401, "unauthenticated")


def test_a_write_wants_its_csrf_token(uploads):
    client = Client(enforce_csrf_checks=True)
    client.force_login(an_account(roles=[Role.COMPILER], department=a_department(PROVIDER)))
    assert upload(client, a_shared_resource().resource.code).status_code in (401, 403)
    assert uploads() == []


def test_use_of_a_grant_is_read_by_both_sides():
    grant = a_grant()
    some_calls("gateway-7", [a_call(1, grant=grant.number, department=a_department(CONSUMER).uscc, resource=grant.resource_id)])
    usecases.collect_calls()
    for client in (signed_in(Role.APPLICANT, CONSUMER), signed_in(Role.PROVIDER_HEAD), signed_in(Role.AUDITOR)):
        used = client.get(f"{API}/grants/{grant.number}/usage").json()
        assert (used["calls"], used["quota"], used["left"]) == (1, 1000, 1000)
        assert [one["grant"] for one in client.get(f"{API}/calls?grant={grant.number}").json()["items"]] == [grant.number]
    other = signed_in(Role.APPLICANT, "浙江省别厅")
    problem(other.get(f"{API}/grants/{grant.number}/usage"), 404, "unknown")
    assert other.get(f"{API}/calls").json() == {"items": [], "next": None}


def test_calls_go_by_cursor_and_hostile_filters_find_nothing():
    some_calls("gateway-7", [a_call(number) for number in range(5)])
    usecases.collect_calls()
    client = signed_in(Role.AUDITOR)
    first = client.get(f"{API}/calls?limit=3").json()
    rest = client.get(f"{API}/calls?limit=3&after={first['next']}").json()
    assert [one["index"] for one in first["items"] + rest["items"]] == [4, 3, 2, 1, 0] and rest["next"] is None
    assert client.get(f"{API}/calls?grant=%00").json()["items"] == []
    for query in ("limit=0", "limit=x", "after=-1", f"after={2**70}", f"grant={'g' * 50}"):
        problem(client.get(f"{API}/calls?{query}"), 422, "malformed")


def test_a_disk_that_fills_while_a_file_comes_is_told(monkeypatch, uploads):
    client, code = signed_in(Role.COMPILER), a_shared_resource().resource.code

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(TemporaryUploadedFile, "write", full, raising=False)
    large = b"x" * 3_000_000
    told = problem(upload(client, code, large), 503, "unavailable")
    assert "file" in told["errors"] and told["remedy"]
    assert uploads() == []


def test_a_file_too_large_is_let_go_while_it_comes(monkeypatch, uploads):
    client, code = signed_in(Role.COMPILER), a_shared_resource().resource.code
    monkeypatch.setattr("datong.contexts.exchange.usecases.holding.LARGEST_UPLOAD", 2_900_000)
    told = problem(upload(client, code, b"x" * 3_000_000), 422, "malformed")
    assert "2 GiB" in told["errors"]["file"] and uploads() == []
