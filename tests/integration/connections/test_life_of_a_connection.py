# SPDX-License-Identifier: Apache-2.0
"""A connection from its adding to its end: sealed, tested for true, in use, retired; seen by whom it may be."""

from __future__ import annotations

import json
import os
import socket
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection as ours
from django.test import Client

from datong.contexts.audit.models import Act
from datong.contexts.connections import face, queries, usecases
from datong.contexts.connections.models import Connection, Use
from datong.contexts.connections.usecases import guarding, sealing, testing
from datong.contexts.organisations.models import Account
from datong.crypto import keys
from datong.crypto.ciphers import BadSeal
from datong.engine import face as engine
from datong.engine.backends.remote import web
from datong.kernel.actors import Role
from datong.kernel.errors import Conflict, Malformed, Refused, Unknown
from factories import bridges, organisations, stores
from factories.connections import a_connection, a_keeper, of_database

pytestmark = pytest.mark.django_db
PASSWORD = "s3cret-口令/w@1"


@pytest.fixture
def keeper():
    return a_keeper()


@pytest.fixture
def _here(monkeypatch, settings):
    """Tests run in this process; what runs apart is proved elsewhere."""
    settings.CONNECTION_NETWORKS = stores.LOOPBACK
    monkeypatch.setattr(engine, "apart", lambda task, *given, **_: task(*given))
    monkeypatch.setattr(web, "PAUSES", ())


@pytest.fixture(scope="module")
def business():
    with bridges.over_tcp(bridges.a_business_database()) as dsn:
        yield dsn


def test_a_secret_is_sealed_for_its_connection_and_found_nowhere_else(keeper):
    made = a_connection(keeper, kind="postgres", address={"host": "db", "database": "a"}, secret=PASSWORD)
    other = a_connection(keeper, secret="x")
    assert face.secret_of(made.number, department=keeper.department).secret == PASSWORD
    with ours.cursor() as cursor:
        cursor.execute("select row_to_json(c)::text from connections_connection c where number = %s", [made.number])
        assert PASSWORD not in str(cursor.fetchone()).encode().decode("unicode_escape", "ignore")
    assert PASSWORD not in json.dumps([one.facts for one in Act.objects.all()], ensure_ascii=False)
    assert PASSWORD not in repr(face.secret_of(made.number, department=keeper.department))
    with pytest.raises(BadSeal):
        sealing.unseal(made.sealed, other.number)


def test_a_node_that_signs_by_sm2_seals_by_sm4(monkeypatch, tmp_path, keeper):
    assert a_connection(keeper, secret="x").sealed[0] == 1
    keys.generate(tmp_path / "sm2.pem", "sm2")
    monkeypatch.setattr(type(settings.NODE_FOLDER), "key", property(lambda _: tmp_path / "sm2.pem"))
    sealed = sealing.seal("口令", "K1")
    assert sealed[0] == 2
    assert sealing.unseal(sealed, "K1") == "口令"


def test_adding_refuses_whoever_keeps_none_and_whatever_does_not_fit(keeper):
    with pytest.raises(Refused):
        a_connection(organisations.an_officer(roles=[Role.SYSADMIN]))
    with pytest.raises(Malformed) as told:
        a_connection(keeper, kind="s3", address={"endpoint": "x"})
    assert set(told.value.fields) == {"endpoint", "bucket"}
    for wrong in ({"kind": "ftp"}, {"secret": "a\x00b"}, {"name": ""}, {"kind": "sftp", "address": {"host": "h"}, "account": ""}):
        with pytest.raises(Malformed):
            a_connection(keeper, **wrong)
    a_connection(keeper, name="人口库")
    with pytest.raises(Conflict, match="同名"):
        a_connection(keeper, name="人口库")


@pytest.mark.usefixtures("_here")
def test_a_trial_of_a_database_says_what_came_of_it(keeper, business):
    passed = usecases.try_out(of_database(keeper, business).number, by=keeper)
    assert passed.test_passed
    assert "已登录" in passed.test_words
    assert passed.test_ms is not None
    wrong = usecases.try_out(of_database(keeper, business.replace("postgres:", "nobody:"), secret=PASSWORD).number, by=keeper)
    assert wrong.test_passed is False
    assert "连接不上" in wrong.test_words
    for hidden in (PASSWORD, "127.0.0.1", "nobody"):
        assert hidden not in wrong.test_words
    mended = usecases.replace_secret(wrong.number, "another", by=keeper)
    assert mended.test_passed is None


@pytest.mark.usefixtures("_here")
def test_the_nodes_own_database_is_never_connected(keeper):
    with bridges.over_tcp(_own_database()) as dsn:
        made = usecases.try_out(of_database(keeper, dsn).number, by=keeper)
        assert made.test_passed is False
        assert "节点自己的数据库" in made.test_words
        with pytest.raises(Refused, match="节点自己的数据库"):
            face.database(made.number, department=keeper.department)


def test_a_server_that_says_nothing_holds_nobody(monkeypatch):
    monkeypatch.setattr(guarding, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        dsn = f"postgresql://a:b@127.0.0.1:{silent.getsockname()[1]}/c"
        with pytest.raises(Malformed, match="连接不上"):
            face.check_foreign(dsn)


def _own_database() -> str:
    address = os.environ["DATONG_DATABASE_URL"]
    return address.replace(f"{urlsplit(address).path}?", f"/{ours.settings_dict['NAME']}?")


@pytest.mark.usefixtures("_here")
def test_a_fingerprint_is_remembered_at_the_first_trial_that_passes(keeper, tmp_path):
    with stores.a_file_server(tmp_path) as server:
        address = {"host": "127.0.0.1", "port": str(server.port), "folder": "/"}
        made = a_connection(keeper, kind="sftp", address=address, account=stores.ACCOUNT, secret="wrong")
        assert usecases.try_out(made.number, by=keeper).address["fingerprint"] == ""
        usecases.replace_secret(made.number, stores.PASSWORD, by=keeper)
        assert usecases.try_out(made.number, by=keeper).address["fingerprint"] == server.fingerprint
        local = tmp_path / "local.txt"
        local.write_text("1")
        face.writing(made.number, department=keeper.department).put(local, "sent/a.csv")
        assert (tmp_path / "sent/a.csv").read_text() == "1"


@pytest.mark.usefixtures("_here")
def test_a_trial_of_an_interface_and_what_is_read_through_it(keeper):
    with stores.an_interface() as server:
        server.answers["/status"] = lambda _: {}
        server.answers["/rows"] = lambda _: {"items": [{"id": 1}]}
        made = a_connection(keeper, address={"base": server.base, "signing": "bearer", "check": "/status"}, secret=PASSWORD[:6])
        assert usecases.try_out(made.number, by=keeper).test_passed
        what = face.checked(made.number, {"path": "/rows", "rows": "/items"})
        source = face.reading(made.number, what, department=keeper.department)
        assert source.inspect().rows == (("1",),)


def test_a_trial_that_takes_too_long_has_failed(keeper, monkeypatch):
    monkeypatch.setattr(testing, "PATIENCE", 0.0)
    made = usecases.try_out(a_connection(keeper).number, by=keeper)
    assert made.test_passed is False
    assert made.test_words


def test_only_its_department_is_served(keeper):
    made = a_connection(keeper, kind="s3", address={"endpoint": "https://s3.example.gov.cn", "bucket": "abc"}, secret="x")
    other = a_keeper("民政厅", Role.APPLICANT)
    for department in (other.department, ""):
        with pytest.raises(Unknown):
            face.secret_of(made.number, department=department)
    with pytest.raises(Unknown):
        face.check_usable(made.number, by=other)
    with pytest.raises(Malformed, match="类型不对"):
        face.check_usable(made.number, by=keeper, kinds=face.DATABASES)
    assert face.check_usable(made.number, by=keeper, kinds=face.FILES) == made
    assert list(face.connections(keeper, kinds=face.FILES)) == [made]
    assert not face.connections(keeper, kinds=face.DATABASES).exists()
    assert not face.connections(other).exists()
    store = face.writing(made.number, department=keeper.department)
    assert (store.endpoint, store.bucket, store.access, store.secret) == ("https://s3.example.gov.cn", "abc", "reader", "x")


def test_what_is_in_use_is_not_retired_and_what_is_retired_is_not_used(keeper):
    made = a_connection(keeper, secret="x")
    face.take_up(made.number, subject="330000/1", title="人口信息", href="/resources/330000/1")
    face.take_up(made.number, subject="330000/1", title="人口信息")
    assert Use.objects.count() == 1
    with pytest.raises(Conflict, match="人口信息"):
        usecases.retire(made.number, by=keeper)
    face.let_go(subject="330000/1")
    retired = usecases.retire(made.number, by=keeper)
    assert bytes(retired.sealed) == b""
    for act in (
        lambda: usecases.retire(made.number, by=keeper),
        lambda: usecases.replace_secret(made.number, "y", by=keeper),
        lambda: usecases.try_out(made.number, by=keeper),
        lambda: face.secret_of(made.number, department=keeper.department),
        lambda: face.check_usable(made.number, by=keeper),
        lambda: face.take_up(made.number, subject="a", title="a"),
    ):
        with pytest.raises(Refused, match="已停用"):
            act()
    assert not face.connections(keeper).exists()
    assert a_connection(keeper, name=made.name)


@pytest.mark.parametrize(
    ("role", "home", "sees"),
    [
        (Role.COMPILER, "公安厅", True),
        (Role.PROVIDER_HEAD, "公安厅", True),
        (Role.APPLICANT, "民政厅", False),
        (Role.AUTHORITY, "数据局", True),
        (Role.AUDITOR, None, True),
        (Role.SYSADMIN, None, False),
    ],
)
def test_who_sees_a_connection(role, home, sees, keeper):
    owner = organisations.a_department("公安厅").uscc
    row = a_connection(a_keeper("公安厅"), secret=PASSWORD)
    assert row.department_id == owner
    by = organisations.an_officer(roles=[role], department=organisations.a_department(home) if home else None)
    assert (row in queries.listed(by)) is sees
    if not sees:
        with pytest.raises(Unknown):
            queries.connection(row.number, by=by)


def test_pages_and_interface_never_show_a_secret(keeper, client: Client):
    client.force_login(Account.objects.get(username=keeper.account))
    form = {"kind": "http", "name": "接口", "base": "https://app.example.gov.cn", "signing": "bearer", "secret": PASSWORD}
    refused = client.post("/connections/new", {**form, "base": "nowhere"})
    assert refused.status_code == 422
    assert PASSWORD not in refused.content.decode()
    made = client.post("/connections/new", form)
    number = made["location"].rpartition("/")[2]
    for path in ("/connections", f"/connections/{number}", "/connections/new", "/connections/new?kind=sftp", "/connections?format=csv"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert PASSWORD not in body.decode()
    shown = client.get(f"/api/v1/connections/{number}").json()
    assert shown["has_secret"] is True
    assert PASSWORD not in json.dumps(shown, ensure_ascii=False)
    changed = client.post(f"/connections/{number}/secret", {"secret": "another"})
    assert changed.status_code == 302
    assert client.post(f"/connections/{number}/secret", {"secret": ""}).status_code == 422
    assert client.post(f"/connections/{number}/explode").status_code == 404
    Use.objects.create(connection=Connection.objects.get(number=number), subject="a", title="某资源")
    assert "某资源" in client.post(f"/connections/{number}/retire").content.decode()
    Use.objects.all().delete()
    assert client.post(f"/connections/{number}/retire").status_code == 302
    assert client.get(f"/connections/{number}").status_code == 200


def test_the_interface_adds_lists_tests_and_retires(keeper, client: Client, monkeypatch):
    monkeypatch.setattr(testing, "PATIENCE", 0.0)
    client.force_login(Account.objects.get(username=keeper.account))
    body = {"kind": "mysql", "name": "库", "address": {"host": "127.0.0.1", "port": "1", "database": "a"}, "account": "a", "secret": "b"}
    made = client.post("/api/v1/connections", body, content_type="application/json")
    assert made.status_code == 201
    number = made.json()["number"]
    assert [one["number"] for one in client.get("/api/v1/connections?q=库").json()["items"]] == [number]
    tested = client.post(f"/api/v1/connections/{number}/test").json()
    assert tested["test_passed"] is False
    assert client.put(f"/api/v1/connections/{number}/secret", {"secret": "c"}, content_type="application/json").status_code == 200
    assert client.post(f"/api/v1/connections/{number}/retire").json()["retired_at"]
    assert client.get("/api/v1/connections?state=retired").json()["items"]
