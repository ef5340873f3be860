# SPDX-License-Identifier: Apache-2.0
"""Sharing by API: a request walks to a signed grant and its end; every fault at once; 404 for what is not one's own."""

from dataclasses import asdict

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.test import Client

from datong.kernel.actors import Role
from factories.catalog import PROVIDER, a_draft, a_resource
from factories.organisations import a_department, an_account
from factories.sharing import CONSUMER, a_grant, a_request, a_request_draft

pytestmark = pytest.mark.django_db
API = "/api/v1"


def signed_in(role, department=CONSUMER):
    client = Client(json_encoder=DjangoJSONEncoder)
    client.force_login(an_account(roles=[role], department=a_department(department)))
    return client


def post(client, path, body=None):
    return client.post(API + path, body or {}, content_type="application/json")


def test_a_request_walks_to_a_grant_and_its_end():
    applicant, head = signed_in(Role.APPLICANT), signed_in(Role.CONSUMER_HEAD)
    provider = signed_in(Role.PROVIDER_HEAD, PROVIDER)
    wanted = asdict(a_request_draft())
    made = post(applicant, "/requests", wanted)
    assert made.status_code == 201, made.content
    number = made.json()["number"]
    revised = applicant.put(f"{API}/requests/{number}", wanted | {"scene": "年度复核", "revision": 1}, content_type="application/json")
    assert revised.status_code == 200, revised.content
    assert post(applicant, f"/requests/{number}/file").json()["stage"] == "filed"
    assert provider.get(f"{API}/requests/{number}").status_code == 404, "not before the consumer's head stands behind it"
    assert [one["number"] for one in head.get(f"{API}/requests/waiting").json()] == [number]
    assert post(head, f"/requests/{number}/endorse").json()["stage"] == "endorsed"
    shown = provider.get(f"{API}/requests/{number}").json()
    assert shown["request"]["scene"] == "年度复核"
    assert shown["clocks"][0]["rule"] == "809-21-conditional"
    answer = post(provider, f"/requests/{number}/grant", {"items": [{"field": "name"}], "opinion": "核验姓名即可", "require_case": True})
    assert answer.status_code == 201, answer.content
    grant = answer.json()["number"]
    assert applicant.get(f"{API}/requests/{number}").json()["grant"] == grant
    envelope = applicant.get(f"{API}/grants/{grant}/document").json()
    assert envelope["grant"]["items"] == [{"field": "name", "mask": "partial:1:0"}]
    assert applicant.get(f"{API}/grants?stage=active").json()["items"][0]["number"] == grant
    for verb, stage in (("suspend", "suspended"), ("resume", "active"), ("suspend", "suspended"), ("revoke", "revoked")):
        assert post(provider, f"/grants/{grant}/{verb}", {"note": "检查"}).json()["stage"] == stage
    assert post(provider, f"/grants/{grant}/resume", {"note": "x"}).status_code == 409


def test_809_20_filing_names_every_missing_part():
    applicant = signed_in(Role.APPLICANT)
    number = post(applicant, "/requests", {"resource": a_resource().resource.code}).json()["number"]
    answer = post(applicant, f"/requests/{number}/file")
    assert answer.status_code == 422
    assert {"basis_kind", "basis", "scene", "scope", "channels", "term_until"} <= answer.json()["errors"].keys()


def test_809_21_refusing_as_incomplete_is_malformed_and_completion_is_asked_instead():
    row = a_request()
    provider = signed_in(Role.PROVIDER_HEAD, PROVIDER)
    answer = post(provider, f"/requests/{row.number}/refuse", {"category": "incomplete", "reason": "缺材料"})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["category"])
    assert post(provider, f"/requests/{row.number}/completion", {"note": "请补条款"}).json()["stage"] == "returned"


def test_refusing_return_and_withdrawal():
    rows = [a_request() for _ in range(2)]
    provider, applicant = signed_in(Role.PROVIDER_HEAD, PROVIDER), signed_in(Role.APPLICANT)
    refused = post(provider, f"/requests/{rows[0].number}/refuse", {"category": "unsafe", "reason": "未整改"}).json()
    assert (refused["stage"], refused["refusal_category"], refused["opinion"]) == ("refused", "unsafe", "未整改")
    assert post(applicant, f"/requests/{rows[1].number}/withdraw").json()["stage"] == "withdrawn"
    assert post(applicant, f"/requests/{rows[1].number}/return", {"note": "x"}).status_code == 403


def test_809_14_withheld_is_refused_with_its_basis():
    code = a_resource(a_draft(sharing_type="withheld", sharing_methods=())).resource.code
    answer = post(signed_in(Role.APPLICANT), "/requests", {"resource": code})
    assert answer.status_code == 403
    assert "第十九条" in answer.json()["detail"]
    assert "主管部门" in answer.json()["remedy"]


@pytest.mark.parametrize("path", ["/requests", "/requests/R1", "/requests/waiting", "/grants", "/grants/G1", "/grants/G1/document"])
def test_strangers_read_nothing(path):
    assert Client().get(API + path).status_code == 401


def test_what_is_not_ones_own_looks_unknown():
    made = a_grant()
    other = signed_in(Role.APPLICANT, "浙江省交通运输厅")
    for path in (f"/requests/{made.request.number}", f"/grants/{made.number}", f"/grants/{made.number}/document", "/grants/%00", "/requests/x%00"):
        assert other.get(API + path).status_code == 404
    assert other.get(f"{API}/requests").json() == {"items": [], "next": None}
    assert post(other, f"/grants/{made.number}/revoke", {"note": "x"}).status_code == 404


@pytest.mark.parametrize("hostile", ["\x00", "\ud800", "\u202e", "字" * 25_000])
def test_hostile_text_is_refused_by_name(hostile):
    client, code = signed_in(Role.APPLICANT), a_resource().resource.code
    for field in ("basis", "scene", "scope", "purpose", "application", "row_scope", "basis_kind"):
        answer = post(client, "/requests", {"resource": code, field: hostile})
        assert answer.status_code == 422, field
        assert any(name.endswith(field) for name in answer.json()["errors"]), field


def test_pages_go_by_cursor():
    numbers = [a_request().number for _ in range(3)]
    client = signed_in(Role.APPLICANT)
    first = client.get(f"{API}/requests?limit=2&side=consumer").json()
    assert [one["number"] for one in first["items"]] == numbers[:0:-1]
    rest = client.get(f"{API}/requests?limit=2&after={first['next']}").json()
    assert ([one["number"] for one in rest["items"]], rest["next"]) == (numbers[:1], None)
    assert client.get(f"{API}/requests?after=%00&stage=%00&q=%00").status_code == 200
