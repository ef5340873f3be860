# SPDX-License-Identifier: Apache-2.0
"""The pages: three steps to attach, an error that keeps the file, batches and calls as their officers see them."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from datong.contexts.exchange import usecases
from datong.contexts.exchange.models import Batch, Source
from datong.contexts.exchange.usecases import sources
from datong.engine.base import Inspection
from datong.kernel.actors import Role
from factories.catalog import PROVIDER
from factories.exchange import HEADER, a_batch, a_call, a_csv_text, a_landed_batch, a_shared_resource, an_offer, some_calls
from factories.organisations import a_department, an_account
from factories.sharing import CONSUMER, a_grant

pytestmark = pytest.mark.django_db
SECRET = "s3cret-Pa55"


def signed_in(role=Role.COMPILER, department=PROVIDER):
    client = Client()
    client.force_login(an_account(roles=[role], department=a_department(department)))
    return client


@pytest.fixture
def place():
    code = a_shared_resource().resource.code
    return f"/exchange/attach/{code}"


def a_file(content=None, name="区划.csv"):
    return SimpleUploadedFile(name, a_csv_text().encode() if content is None else content)


def token(answer):
    return re.search(r'name="held" value="([^"]+)"', answer.content.decode())[1]


def test_look_pair_attach(place, uploads):
    client = signed_in()
    assert client.get(place).status_code == 200
    looked = client.post(place, {"step": "look", "file": a_file(a_csv_text(header=("代码", *HEADER[1:])).encode("gb18030"))})
    text = looked.content.decode()
    assert looked.status_code == 200 and "杭州市" in text and "gb18030" in text
    assert len(uploads()) == 1
    attached = client.post(place, {"step": "attach", "held": token(looked), "column-code": "代码", "column-title": "区划名称"})
    batch = Batch.objects.get()
    assert (attached.status_code, attached["Location"]) == (302, f"/exchange/batches/{batch.pk}")
    assert batch.source.mapping["code"] == "代码" and len(uploads()) == 1
    assert usecases.run_batch(batch.pk).stage == "landed"


def test_an_error_keeps_the_file(place, uploads):
    client = signed_in()
    looked = client.post(place, {"step": "look", "file": a_file()})
    wrong = client.post(place, {"step": "attach", "held": token(looked), "column-code": "没有这列"})
    text = wrong.content.decode()
    assert wrong.status_code == 422 and "没有列“没有这列”" in text and "no such column" not in text
    assert len(uploads()) == 1
    assert client.post(place, {"step": "attach", "held": token(wrong)}).status_code == 302


def test_a_wrong_encoding_keeps_the_file_too(place, uploads):
    client = signed_in()
    wrong = client.post(place, {"step": "look", "file": a_file(a_csv_text().encode("gb18030")), "encoding": "utf-8"})
    assert wrong.status_code == 422 and len(uploads()) == 1
    right = client.post(place, {"step": "look", "held": token(wrong), "encoding": "gb18030"})
    assert right.status_code == 200 and "杭州市" in right.content.decode()
    assert len(uploads()) == 1


def test_a_token_is_its_officers_and_its_resources_alone(place, uploads):
    held = token(signed_in().post(place, {"step": "look", "file": a_file()}))
    elsewhere = f"/exchange/attach/{a_shared_resource(name='另一个').resource.code}"
    mine = Client()
    mine.force_login(an_account(roles=[Role.COMPILER], department=a_department(PROVIDER)))
    for client, where, said in ((mine, place, held), (mine, elsewhere, held), (mine, place, held + "x"), (mine, place, "")):
        answer = client.post(where, {"step": "attach", "held": said})
        assert answer.status_code == 422 and "选择文件" in answer.content.decode()
    assert not Source.objects.exists()


@pytest.mark.parametrize("row", ["²", "x", "0", "99999999", "-1", "1.5"])
def test_a_header_row_that_is_no_number_is_told(place, row):
    answer = signed_in().post(place, {"step": "look", "file": a_file(), "header_row": row})
    assert answer.status_code == 422 and "表头所在行是数字" in answer.content.decode()


@pytest.mark.parametrize("form", [{}, {"step": "attach"}, {"dsn": "x"}, {"dsn": "host=/tmp dbname=a user=b", "table": "t"}, {"encoding": "\0"}])
def test_half_a_form_is_told(place, form, uploads):
    answer = signed_in().post(place, form)
    assert answer.status_code == 422
    assert uploads() == []


def test_a_table_is_attached_without_its_address_coming_back(place, monkeypatch):
    seen = Inspection(HEADER, (("330000000000", "浙江省", "x"),))
    monkeypatch.setattr(sources, "inspect", lambda _: seen)
    client = signed_in()
    looked = client.post(place, {"step": "look", "dsn": f"postgresql://u:{SECRET}@db.example/x", "table": "民政.区划"})
    assert looked.status_code == 200 and SECRET not in looked.content.decode()
    attached = client.post(place, {"step": "attach", "held": token(looked)})
    assert attached.status_code == 302, attached.content.decode()
    source = Source.objects.get()
    assert (source.kind, source.name, source.options["table"]) == ("postgres", "民政.区划", "民政.区划")
    assert SECRET.encode() not in bytes(source.secret)


def test_names_are_shown_as_text(place):
    answer = signed_in().post(place, {"step": "look", "file": a_file(a_csv_text([("<b>1</b>", "<script>x</script>", "")]).encode(), "<i>.csv")})
    assert "<script>x" not in answer.content.decode() and "<i>.csv" not in answer.content.decode()


@pytest.mark.parametrize(("role", "department"), [(Role.COMPILER, "浙江省别厅"), (Role.PROVIDER_HEAD, PROVIDER), (Role.AUDITOR, PROVIDER)])
def test_others_do_not_attach(place, role, department):
    client = signed_in(role, department)
    assert client.get(place).status_code == 404
    assert client.post(place, {"step": "attach", "file": a_file()}).status_code == 403


def test_a_batch_is_followed_to_its_faults():
    client, batch = signed_in(), a_batch(offer=an_offer(a_csv_text([("", "没有代码", ""), ("1", "一", "")])))
    page = client.get(f"/exchange/batches/{batch.pk}").content.decode()
    assert "hx-trigger" in page and "排队" in page
    usecases.run_batch(batch.pk)
    part = client.get(f"/exchange/batches/{batch.pk}", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and "hx-trigger" not in part and "必填项为空" in part
    assert str(batch.pk) in client.get("/exchange/batches").content.decode()
    assert signed_in(Role.COMPILER, "浙江省别厅").get(f"/exchange/batches/{batch.pk}").status_code == 404


def test_a_failed_batch_shows_why_and_which_rows():
    batch = a_landed_batch(offer=an_offer(a_csv_text([("", "没有代码", "")])))
    page = signed_in().get(f"/exchange/batches/{batch.pk}").content.decode()
    assert batch.stage == "failed" and "没有代码" in page and "必填项为空" in page


def test_calls_and_usage_are_shown():
    grant = a_grant()
    some_calls("gateway-7", [a_call(1, grant=grant.number, resource=grant.resource_id), a_call(2, status=403, code="purpose_required")])
    usecases.collect_calls()
    auditor = signed_in(Role.AUDITOR)
    page = auditor.get("/exchange/calls").content.decode()
    assert "gateway-7 #0" in page and "缺 Datong-Purpose" in page
    assert "gateway-7 #0" not in auditor.get("/exchange/calls?outcome=refused").content.decode()
    assert auditor.get("/exchange/calls?grant=%00&resource=%00&page=x").status_code == 200
    part = signed_in(Role.APPLICANT, CONSUMER).get(f"/exchange/grants/{grant.number}/usage").content.decode()
    assert "1,000 / 1,000" in part
    assert signed_in(Role.APPLICANT, "浙江省别厅").get(f"/exchange/grants/{grant.number}/usage").status_code == 404
