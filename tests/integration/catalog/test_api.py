# SPDX-License-Identifier: Apache-2.0
"""The catalogue by API: the whole life, every fault at once, no way around the sign-in."""

from dataclasses import asdict

import pytest
from django.test import Client

from datong.contexts.catalog import usecases
from datong.contexts.catalog.domain import Stage
from datong.contexts.catalog.usecases.laws import seed_laws
from datong.kernel.actors import Role
from factories.catalog import DATA_BUREAU, PROVIDER, a_draft, a_resource
from factories.organisations import a_department, an_account

pytestmark = pytest.mark.django_db
API = "/api/v1"


def signed_in(role, department=PROVIDER):
    client = Client()
    client.force_login(an_account(roles=[role], department=a_department(department)))
    return client


def post(client, path, body=None):
    return client.post(API + path, body or {}, content_type="application/json")


@pytest.fixture
def entry():
    usecases.seed_classes()
    seed_laws()
    return asdict(a_draft())


def test_an_entry_walks_from_draft_to_the_public(entry):
    compiler, head, authority = signed_in(Role.COMPILER), signed_in(Role.PROVIDER_HEAD), signed_in(Role.AUTHORITY, DATA_BUREAU)
    made = post(compiler, "/entries", entry)
    assert made.status_code == 201, made.content
    entry_id, code = made.json()["id"], made.json()["code"]
    shown = compiler.get(f"{API}/entries/{entry_id}").json()
    assert shown["missing"] == {}
    assert shown["entry"]["items"][0]["field"] == "resident_id"
    entry |= {"name": "常住人口（二稿）", "revision": shown["revision"]}
    assert compiler.put(f"{API}/entries/{entry_id}", entry, content_type="application/json").json()["revision"] == 2
    again = compiler.put(f"{API}/entries/{entry_id}", entry, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert post(compiler, f"/entries/{entry_id}/file").json()["stage"] == "filed"
    assert [one["id"] for one in head.get(f"{API}/entries/waiting").json()] == [entry_id]
    assert post(head, f"/entries/{entry_id}/consent").json()["stage"] == "consented"
    assert len(authority.get(f"{API}/entries/{entry_id}/hints").json()) == 4
    assert post(authority, f"/entries/{entry_id}/publish", {"opinion": "同意"}).json()["stage"] == "published"
    public = Client().get(f"{API}/resources/{code}").json()
    assert (public["name"], public["items"]) == ("常住人口（二稿）", [])
    assert len(compiler.get(f"{API}/resources/{code}").json()["items"]) == 5
    assert Client().get(f"{API}/resources", {"q": "人口"}).json()["total"] == 1
    assert post(compiler, f"/resources/{code}/versions").status_code == 201
    assert [one["version"] for one in compiler.get(f"{API}/resources/{code}/versions").json()] == [2, 1]


def test_every_fault_of_an_entry_is_named_at_once(entry):
    answer = post(signed_in(Role.COMPILER), "/entries", entry | {"name": "", "class_code": "9", "level": "top", "format_class": "tape"})
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"].keys() == {"name", "class_code", "level", "format_class"}


def test_filing_names_what_is_missing():
    usecases.seed_classes()
    compiler = signed_in(Role.COMPILER)
    made = post(compiler, "/entries", {"class_code": "307001", "name": "空目录"}).json()
    answer = post(compiler, f"/entries/{made['id']}/file")
    assert answer.status_code == 422
    assert {"items", "format_class", "update_cycle", "sharing_type", "sharing_methods", "use_conditions", "level"} <= answer.json()["errors"].keys()
    assert answer.json()["rule"] == "政务数据共享条例第十三条"


def test_809_3_a_secret_is_refused(entry):
    answer = post(signed_in(Role.COMPILER), "/entries", entry | {"secrecy": "state_secret"})
    assert (answer.status_code, answer.json()["rule"]) == (403, "政务数据共享条例第三条")


@pytest.mark.parametrize("path", ["/entries", "/entries/1", "/entries/waiting", "/entries/1/hints", "/resources/307001/1/versions"])
def test_strangers_read_no_drafts(path):
    assert Client().get(API + path).status_code == 401


@pytest.mark.parametrize("verb", ["file", "consent", "publish", "return", "withdraw"])
def test_strangers_write_nothing_and_the_unknown_is_unknown(verb):
    assert post(Client(), f"/entries/1/{verb}").status_code == 401
    for number in ("999999", "-1", str(2**70)):
        assert post(signed_in(Role.COMPILER), f"/entries/{number}/{verb}").status_code == 404


def test_roles_are_kept(entry):
    assert post(signed_in(Role.APPLICANT), "/entries", entry).status_code == 403
    row = a_resource(stage=Stage.CONSENTED)
    assert post(signed_in(Role.PROVIDER_HEAD), f"/entries/{row.pk}/publish").status_code == 403
    assert post(signed_in(Role.COMPILER), "/classes", {"code": "307009", "name": "x"}).status_code == 403
    made = post(signed_in(Role.AUTHORITY, DATA_BUREAU), "/classes", {"code": "307009", "name": "农业"})
    assert (made.status_code, made.json()["level"]) == (201, 3)
    assert {"code": "307009", "name": "农业", "level": 3} in Client().get(f"{API}/classes?under=307&level=3").json()


@pytest.mark.parametrize("hostile", ["\x00", "\ud800", "\u202etxt", "字" * 25_000])
def test_hostile_text_is_refused_by_name(entry, hostile):
    client = signed_in(Role.COMPILER)
    for field in ("name", "class_code", "abstract", "secrecy", "contact", "format_type", "sharing_type"):
        answer = post(client, "/entries", entry | {field: hostile})
        assert answer.status_code == 422, field
        assert any(name.endswith(field) for name in answer.json()["errors"]), field


def test_pages_of_entries_go_by_cursor():
    rows = [a_resource(stage=Stage.DRAFT).pk for _ in range(3)]
    client = signed_in(Role.COMPILER)
    first = client.get(f"{API}/entries?limit=2").json()
    assert [one["id"] for one in first["items"]] == [rows[2], rows[1]]
    rest = client.get(f"{API}/entries?limit=2&after={first['next']}").json()
    assert ([one["id"] for one in rest["items"]], rest["next"]) == ([rows[0]], None)
