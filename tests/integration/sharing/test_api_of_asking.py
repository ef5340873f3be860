# SPDX-License-Identifier: Apache-2.0
"""Asking by API: the basket, the dry run, copies and changes, what a request may cite."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.test import Client

from datong.contexts.catalog.usecases.laws import seed_laws
from datong.contexts.sharing.domain import RowRule, Stage
from datong.kernel.actors import Role
from factories.catalog import PROVIDER, a_resource, an_open_draft
from factories.organisations import a_department, an_account
from factories.sharing import CONSUMER, a_grant, a_request, a_request_draft

pytestmark = pytest.mark.django_db
API = "/api/v1"


def signed_in(role, department=CONSUMER):
    client = Client(json_encoder=DjangoJSONEncoder)
    client.force_login(an_account(roles=[role], department=a_department(department) if department else None))
    return client


def post(client, path, body=None):
    return client.post(API + path, body or {}, content_type="application/json")


def test_a_basket_becomes_requests():
    client = signed_in(Role.APPLICANT)
    for resource in (a_resource(), a_resource(an_open_draft(name="行政村名录"))):
        made = post(client, "/basket", {"resource": resource.resource.code})
        assert made.status_code == 201, made.content
    lines = client.get(f"{API}/basket").json()
    assert [one["items"] for one in lines] == [[], []]
    common = {
        name: value
        for name, value in asdict(a_request_draft()).items()
        if name not in ("resource", "items", "rows", "row_scope", "amends")
    }
    done = post(client, "/basket/requests", common | {"file": True, "lines": [lines[0]["line"]]}).json()["items"]
    assert [(one["filed"], one["code"]) for one in done] == [(True, "")]
    gap = post(client, "/basket/requests", {"file": True}).json()["items"]
    assert (gap[0]["code"], "scene" in gap[0]["errors"], gap[0]["number"][:1]) == ("malformed", True, "R")
    again = post(client, "/requests/file", {"numbers": [gap[0]["number"], "R0"]}).json()["items"]
    assert [one["code"] for one in again] == ["malformed", "unknown"]
    assert post(client, "/basket/requests").status_code == 422
    line = post(client, "/basket", {"resource": lines[0]["resource"]}).json()["line"]
    assert client.delete(f"{API}/basket/{line}").status_code == 204
    assert client.delete(f"{API}/basket/{line}").status_code == 404


def test_a_dry_run_before_and_after_a_draft():
    client = signed_in(Role.APPLICANT)
    wanted = asdict(a_request_draft(rows=(RowRule("division", "prefix", ("33",)), RowRule("name", "case"))))
    said = post(client, "/requests/dry-run", wanted)
    assert said.status_code == 200, said.content
    trial = said.json()
    assert trial["complete"] and trial["missing"] == {}
    assert [one["kind"] for one in trial["dates"]] == ["answer", "delivery"]
    assert trial["steps"][-1]["decides"]
    assert any("办件编号" in note for note in trial["notes"])
    number = post(client, "/requests", wanted).json()["number"]
    again = client.get(f"{API}/requests/{number}/dry-run").json()
    assert again == trial
    assert post(client, "/requests/dry-run", {"resource": "307001/99"}).status_code == 404
    assert post(signed_in(Role.PROVIDER_HEAD, PROVIDER), "/requests/dry-run", wanted).status_code == 403


def test_copies_and_changes():
    client = signed_in(Role.APPLICANT)
    refused = a_request(stage=Stage.REFUSED)
    made = post(client, f"/requests/{refused.number}/copy")
    assert (made.status_code, made.json()["request"]["stage"], made.json()["dropped"]) == (201, "draft", [])
    grant = a_grant()
    change = post(client, f"/grants/{grant.number}/amend")
    assert change.status_code == 201, change.content
    number = change.json()["number"]
    assert client.get(f"{API}/requests/{number}").json()["request"]["amends"] == grant.number
    assert post(client, f"/grants/{grant.number}/amend").status_code == 409
    outsider = signed_in(Role.APPLICANT, "浙江省交通运输厅")
    assert post(outsider, f"/requests/{refused.number}/copy").status_code == 404
    assert post(outsider, f"/grants/{grant.number}/amend").status_code == 404


def test_what_may_be_cited():
    seed_laws()
    said = signed_in(Role.APPLICANT).get(f"{API}/requests/bases").json()
    assert "政务数据共享条例" in {law["title"] for law in said["laws"]}
    assert any(article["gist"] for law in said["laws"] for article in law["articles"])
    assert said["duties"] == []
    assert signed_in(Role.AUDITOR, "").get(f"{API}/requests/bases").status_code == 403


@pytest.mark.parametrize("hostile", ["\x00", "\ud800", "\u202e", "字" * 4_000, "' or 1=1 --", "《" * 2_000])
def test_hostile_text_is_told_by_name_in_a_dry_run_too(hostile):
    client, code = signed_in(Role.APPLICANT), a_resource().resource.code
    texts = dict.fromkeys(("basis", "scene", "scope"), hostile) | {"basis_kind": "law"}
    answer = post(
        client,
        "/requests/dry-run",
        {"resource": code, **texts, "rows": [{"field": hostile[:90], "op": "case", "values": [hostile]}]},
    )
    assert answer.status_code in (200, 422), answer.content
    for body in (
        {"resource": hostile[:90]},
        {"resource": code, "amends": hostile[:20], "application": hostile[:90], "purpose": hostile[:1900]},
    ):
        assert post(client, "/requests/dry-run", body).status_code in (200, 404, 422)
    assert post(client, "/basket", {"resource": code, "items": [hostile]}).status_code == 422
    assert post(client, "/requests/file", {"numbers": [hostile]}).status_code in (200, 422)


@pytest.mark.parametrize("line", [0, -1, 2**63, 2**70])
def test_lines_out_of_range_are_no_lines(line):
    client = signed_in(Role.APPLICANT)
    assert client.delete(f"{API}/basket/{line}").status_code in (404, 422)
    assert post(client, "/basket/requests", {"lines": [line]}).status_code == 422
