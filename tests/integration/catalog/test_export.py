# SPDX-License-Identifier: Apache-2.0
"""Exports: the same entries as the same person's search, in every format, however many there are."""

from __future__ import annotations

import csv
import io
import json

import openpyxl
import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from datong.contexts.catalog import face
from datong.contexts.catalog.api.schemas import SearchIn
from datong.contexts.catalog.queries import exporting
from datong.contexts.organisations import face as organisations_face
from datong.contexts.portal.pages import finding
from datong.kernel.actors import Role
from factories import organisations
from factories.catalog import PROVIDER, a_draft, a_resource, an_open_draft

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/resources/export."


@pytest.fixture
def shelf() -> dict[str, str]:
    rows = {
        "conditional": a_resource(a_draft(name="婚姻登记信息", abstract="=cmd|'/c calc'!A1，登记")),
        "open": a_resource(an_open_draft()),
        "withheld": a_resource(a_draft(name="侦查线索", sharing_type="withheld", sharing_methods=())),
    }
    return {name: row.resource.code for name, row in rows.items()}


@pytest.fixture
def officer() -> Client:
    client = Client()
    client.force_login(organisations.an_account(roles=[Role.APPLICANT], department=organisations.a_department(PROVIDER)))
    return client


def got(kind, client=None, **query):
    answer = (client or Client()).get(ROOT + kind, query)
    assert answer.status_code == 200
    return answer, b"".join(answer.streaming_content)


def table(client=None, **query):
    return list(csv.reader(io.StringIO(got("csv", client, **query)[1].decode("utf-8-sig"), newline="")))


def codes(client=None, **query):
    return [row[0] for row in table(client, **query)[1:]]


def test_the_public_gets_what_it_may_see_in_every_format(shelf):
    public = [shelf["conditional"], shelf["open"]]
    assert codes() == public
    lines = [json.loads(line) for line in got("jsonl")[1].splitlines()]
    assert [line["code"] for line in lines] == public
    assert lines[0]["sharing_type"] == "conditional"
    sheet = openpyxl.load_workbook(io.BytesIO(got("xlsx")[1])).active
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == public
    assert sheet["H2"].value == "有条件共享"


def test_an_officer_gets_all_that_is_published(shelf, officer):
    assert codes(officer) == list(shelf.values())


@pytest.mark.parametrize("query", [{"q": "登记"}, {"sharing_type": "unconditional"}, {"sort": "name"}, {"q": "没有这样的词"}, {"opening_type": "closed"}])
def test_an_export_is_what_the_search_shows(shelf, officer, query):
    asked = {"filters": {name: query[name] for name in query if name not in ("q", "sort")}}
    for client, by in ((None, None), (officer, face_of(officer))):
        shown = face.search(query.get("q", ""), by=by, sort=query.get("sort", ""), **asked)
        assert codes(client, **query) == [hit.code for hit in shown.hits]


def face_of(client):
    return organisations_face.officer_of(get_user_model().objects.get(pk=client.session["_auth_user_id"]))


def test_every_condition_of_the_page_is_one_of_the_export():
    assert {name for name, _word in finding.FACETS} | {"q", "sort"} <= SearchIn.model_fields.keys()
    assert [kind for kind, _word in finding.EXPORTS] == ["csv", "xlsx", "jsonl"]


def test_the_page_offers_exactly_what_it_shows(shelf):
    page = Client().get("/search", {"q": "登记", "sharing_type": "conditional", "page": "1", "size": "50"}).content.decode()
    for kind in ("csv", "xlsx", "jsonl"):
        assert f'href="{ROOT}{kind}?q=%E7%99%BB%E8%AE%B0&amp;sharing_type=conditional"' in page


def test_no_cell_starts_a_formula(shelf):
    assert not any(cell.startswith("=") for row in table() for cell in row)
    assert table(q="婚姻")[1][-1].startswith("'=cmd")


def test_words_are_those_of_the_reader(shelf):
    client = Client(headers={"Accept-Language": "en"})
    header, first = table(client)[:2]
    assert (header[0], first[7]) == ("Code", "Conditional")


def test_more_pages_than_one_come_whole_and_once(shelf, monkeypatch):
    monkeypatch.setattr(exporting, "PAGE", 1)
    found = exporting.export(by=None, sort="name")
    assert sorted(one.code for one in found.entries) == sorted([shelf["conditional"], shelf["open"]])
    assert (found.found, found.given, found.cut) == (2, 2, False)


def test_what_is_left_out_is_said(shelf, monkeypatch):
    real = exporting.search
    monkeypatch.setattr(exporting, "PAGE", 1)

    def shallow(*args, **kwargs):
        found = real(*args, **kwargs)
        return type(found)(**{name: getattr(found, name) for name in found.__slots__} | {"pages": 1})

    monkeypatch.setattr(exporting, "search", shallow)
    answer, body = got("jsonl", sort="name")
    assert answer["Datong-Truncated"] == "1 of 2"
    assert len(body.splitlines()) == 1


def test_nothing_found_is_an_empty_list(shelf):
    assert got("jsonl", q="没有这样的词")[1] == b""
    assert len(table(q="没有这样的词")) == 1


def test_bad_questions_are_refused():
    assert Client().get(ROOT + "csv", {"q": "x" * 501}).status_code == 422
    assert Client().get(ROOT + "pdf").status_code == 404
    assert Client().post(ROOT + "csv").status_code in (403, 405)
