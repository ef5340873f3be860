# SPDX-License-Identifier: Apache-2.0
"""Deliveries as people and programs see them: asked for, followed, fetched, withdrawn; strangers see nothing."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from datong.contexts.audit import face as audit
from datong.contexts.connections import face as connections
from datong.contexts.deliveries import usecases
from datong.contexts.deliveries.models import Delivery, Schedule
from datong.contexts.deliveries.usecases import writing
from datong.crypto import digests
from datong.kernel.actors import Role
from factories import api
from factories.catalog import PROVIDER
from factories.deliveries import a_bulk_grant, a_carried_delivery, a_delivery, land
from factories.organisations import a_department, an_account
from factories.sharing import CONSUMER

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def grant(django_db_setup, django_db_blocker):
    """A grant that every test finds as it was."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield a_bulk_grant()
        transaction.set_rollback(True)


def visitor(role=Role.APPLICANT, home=CONSUMER):
    client = Client()
    client.force_login(an_account(roles=[role], department=a_department(home)))
    return client


@pytest.fixture
def applicant(grant):
    return visitor()


def test_the_page_of_a_grant_leads_to_a_delivery(applicant, grant):
    part = applicant.get(f"/deliveries/of/{grant.number}").content.decode()
    assert f"/deliveries/new/{grant.number}" in part and "还没有交付" in part
    form = applicant.get(f"/deliveries/new/{grant.number}")
    assert form.status_code == 200 and "区划代码" in form.content.decode()
    sent = applicant.post(f"/deliveries/new/{grant.number}", {"channel": "file", "form": "csv", "encoding": "gb18030", "guard": "1"})
    row = Delivery.objects.get()
    assert sent.headers["Location"] == f"/deliveries/{row.number}" and row.wanted["encoding"] == "gb18030" and row.wanted["guard"]
    usecases.run_delivery(row.number)
    page = applicant.get(f"/deliveries/{row.number}").content.decode()
    assert "可下载" in page and row.number in page and f"/deliveries/{row.number}/files/0" in page
    assert "交付行数" in applicant.get(f"/deliveries/of/{grant.number}").content.decode()


def test_what_was_typed_stays_and_faults_stand_beside_their_fields(applicant, grant):
    wrong = {"channel": "table", "database": "", "table": "a b", "mode": "upsert", "column-code": "代码", "column-title": "代码"}
    answer = applicant.post(f"/deliveries/new/{grant.number}", wrong)
    text = answer.content.decode()
    assert answer.status_code == 422 and 'value="a b"' in text and "选择使用部门的数据库连接" in text and "两个信息项写入同一列" in text


def test_a_file_is_fetched_at_the_gateway(applicant, grant):
    row = a_carried_delivery(grant)
    away = applicant.get(f"/deliveries/{row.number}/files/0")
    assert away.status_code == 302 and away.headers["Location"].startswith(f"{settings.NODE.gateway_address}/v1/deliveries/")
    assert applicant.get(f"/deliveries/{row.number}/files/99").status_code == 404
    shown = applicant.post(f"/deliveries/{row.number}/link", {"file": row.files[0]["name"], "hours": "48"})
    assert "signature=" in shown.content.decode() and shown.headers["Cache-Control"] == "no-store"
    wrong = applicant.post(f"/deliveries/{row.number}/link", {"file": row.files[0]["name"], "hours": "99999"})
    assert wrong.status_code == 422


def test_it_is_withdrawn_and_asked_for_again(applicant, grant):
    row = a_delivery(grant)
    applicant.post(f"/deliveries/{row.number}/withdraw")
    row.refresh_from_db()
    assert row.stage == "withdrawn"
    again = applicant.post(f"/deliveries/{row.number}/retry").headers["Location"]
    assert Delivery.objects.get(retries=row).number == again.rsplit("/", 1)[1]
    refused = applicant.post(f"{again}/retry")
    assert refused.status_code == 403 and applicant.post(f"{again}/steal").status_code == 404


def test_the_list_is_searched_sorted_and_exported(applicant, grant):
    row = a_carried_delivery(grant)
    for query in ("", "?q=区划", "?stage=ready&sort=-rows", f"?grant={grant.number}", "?channel=file&size=10"):
        assert row.number in applicant.get(f"/deliveries{query}").content.decode(), query
    assert row.number not in applicant.get("/deliveries?stage=failed").content.decode()
    for kind in ("csv", "xlsx", "jsonl"):
        assert b"".join(applicant.get(f"/deliveries?format={kind}").streaming_content)


def test_the_provider_sees_and_strangers_do_not(grant):
    row = a_carried_delivery(grant)
    provider, stranger = visitor(Role.PROVIDER_HEAD, PROVIDER), visitor(Role.APPLICANT, "浙江省水利厅")
    assert provider.get(f"/deliveries/{row.number}").status_code == 200
    assert provider.get(f"/deliveries/{row.number}/files/0").status_code == 404, "403 and 404 look alike"
    assert provider.get(f"/deliveries/new/{grant.number}").status_code == 404
    for path in (f"/deliveries/{row.number}", f"/deliveries/{row.number}/files/0", f"/deliveries/of/{grant.number}"):
        assert stranger.get(path).status_code == 404, path
    assert row.number not in stranger.get("/deliveries").content.decode()


def test_programs_do_the_same(grant):
    account = an_account(roles=[Role.APPLICANT], department=a_department(CONSUMER))
    person = api.signed_in(account.username)
    asked = person.post(f"/grants/{grant.number}/deliveries", {"form": "jsonl"}, key="k1")
    assert asked.status_code == 202, asked.content
    number = asked.json()["number"]
    assert person.post(f"/grants/{grant.number}/deliveries", {"form": "jsonl"}, key="k1").json()["number"] == number
    usecases.run_delivery(number)
    told = person.get(f"/deliveries/{number}").json()
    assert (told["stage"], told["rows"], told["grant"]) == ("ready", 3, grant.number)
    link = person.post(f"/deliveries/{number}/addresses", {"file": told["files"][0]["name"], "hours": 2})
    assert link.status_code == 201 and "signature=" in link.json()["url"]
    assert [one["number"] for one in person.get("/deliveries", q=number).json()["items"]] == [number]
    assert person.post(f"/grants/{grant.number}/deliveries", {"form": "doc"}).json()["errors"]["form"]
    assert person.post(f"/deliveries/{number}/withdraw").json()["stage"] == "withdrawn"
    assert person.post(f"/deliveries/{number}/retry").status_code == 202


def test_what_repeats_is_stopped(applicant, grant, monkeypatch):
    monkeypatch.setattr(connections, "check_usable", lambda *_given, **_more: type("C", (), {"name": "业务库"}))
    monkeypatch.setattr(connections, "take_up", lambda *_given, **_more: None)
    a_delivery(grant, connection="C1", place="来", repeats=True)
    schedule = Schedule.objects.get()
    part = applicant.get(f"/deliveries/of/{grant.number}").content.decode()
    assert f"/deliveries/schedules/{schedule.pk}/stop" in part
    assert applicant.post(f"/deliveries/schedules/{schedule.pk}/stop").status_code == 302
    schedule.refresh_from_db()
    assert schedule.ended_at is not None
    assert applicant.post(f"/deliveries/schedules/{schedule.pk}/stop").status_code == 403


def test_a_leaked_copy_is_traced_on_a_page_by_those_who_watch_over_the_data(grant):
    land(grant.resource.current, [(f"{place:012}", f"区{place}", None) for place in range(60)])
    row = a_carried_delivery(grant, traced=True)
    copy = next(writing.home(row.number) / one["name"] for one in row.files if one["name"].endswith(".csv"))
    head = visitor(Role.PROVIDER_HEAD, PROVIDER)
    assert "/deliveries/trace" in head.get("/deliveries").content.decode()
    shown = head.post("/deliveries/trace", {"file": SimpleUploadedFile("流出.csv", copy.read_bytes())}).content.decode()
    assert f"/deliveries/{row.number}" in shown and grant.consumer.name in shown
    (act,) = [one for one in audit.acts() if one.tag == "deliveries.copy.traced"]
    assert act.facts["found"] == [row.number] and act.subject == digests.of_file(copy)["sha256"]
    mixed = "\n".join(sorted(copy.read_text("utf-8-sig").splitlines(), reverse=True))
    assert "不属于任何一次" in head.post("/deliveries/trace", {"file": SimpleUploadedFile("x.csv", mixed.encode())}).content.decode()
    elsewhere = visitor(Role.PROVIDER_HEAD, "一个看不到这份授权的部门")
    assert row.number not in elsewhere.post("/deliveries/trace", {"file": SimpleUploadedFile("x.csv", copy.read_bytes())}).content.decode()
    assert head.post("/deliveries/trace", {}).status_code == 422
    assert visitor().get("/deliveries/trace").status_code == 404
