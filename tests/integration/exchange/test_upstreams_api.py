# SPDX-License-Identifier: Apache-2.0
"""The way of a provider's interface by the API: the verbs, permissions and refusals of the pages, nothing of a trial kept."""

from __future__ import annotations

import json

import pytest

from datong.contexts.exchange.models import Upstream
from datong.contexts.exchange.usecases import policy
from datong.contexts.organisations.models import Answer
from datong.kernel.actors import Role
from factories import stores, upstreams
from factories.api import Person, signed_in
from factories.catalog import PROVIDER
from factories.connections import a_connection, a_keeper
from factories.exchange import a_shared_resource
from factories.organisations import a_department, an_account
from factories.sharing import a_grant, a_request, a_request_draft

pytestmark = pytest.mark.django_db
HELD = "330106000000"


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.CONNECTION_NETWORKS = stores.LOOPBACK


@pytest.fixture
def there():
    with upstreams.an_interface() as made:
        made.behave = upstreams.saying({"data": [{"dm": HELD, "mc": "西湖区", "police_note": None}]})
        yield made


@pytest.fixture
def code() -> str:
    home = a_shared_resource()
    a_grant(request=a_request(a_request_draft(home, items=("code", "title"), rows=(), row_scope="")))
    return home.resource.code


def person(role: Role, department: str | None = PROVIDER) -> Person:
    home = a_department(department) if department else None
    return signed_in(an_account(roles=[role], department=home).username)


@pytest.fixture
def said(there) -> dict:
    made = a_connection(a_keeper(), address={"base": there.url, "signing": "none"})
    return {
        "connection": made.number, "path": "/qu/{dm}", "rows": "/data", "members": {"code": "dm", "title": "mc"},
        "parameters": [{"item": "code", "name": "dm", "place": "path", "needed": True}],
    }  # fmt: skip


def test_the_whole_way_by_the_api(code, said, there):
    compiler, place = person(Role.COMPILER), f"/resources/{code}/interface"
    assert compiler.get(place).status_code == 404
    made = compiler.put(place, said)
    assert (made.status_code, made.json()["stage"], made.json()["timeout"]) == (200, "draft", 5)
    assert compiler.post(f"{place}/serve").json()["code"] == "conflict"
    tried = compiler.post(f"{place}/try", {"sample": {"code": HELD}}, key="k-1")
    assert tried.json()["rows"] == [[HELD, "西湖区", None]]
    assert tried.json()["interface"]["try_passed"] is True
    assert Answer.objects.get(key="k-1").body is None
    assert "西湖区" not in json.dumps(compiler.get(place).json(), ensure_ascii=False)
    assert compiler.post(f"{place}/serve").json()["stage"] == "serving"
    assert next(one for one in policy.compose().resources if one.code == code).upstream.path == "/qu/{dm}"
    changed = compiler.put(place, said | {"timeout": 9}).json()
    both = compiler.get(place).json()
    assert (changed["tried_at"], both["serving"]["timeout"], both["draft"]["timeout"]) == (None, 5, 9)
    assert compiler.post(f"{place}/withdraw").json()["stage"] == "withdrawn"
    listed = compiler.get("/interfaces").json()
    assert [one["stage"] for one in listed["items"]] == ["draft", "withdrawn"]
    assert compiler.get("/interfaces", limit=1).json()["next"] == Upstream.objects.first().pk
    assert there.url not in json.dumps(listed)


def test_an_interface_with_pages_is_tried_by_two_of_them(code, said, there):
    compiler, place = person(Role.COMPILER), f"/resources/{code}/interface"
    rows = [{"dm": f"33010600000{number}", "mc": "西湖区", "police_note": None} for number in range(5)]
    region = {"item": "title", "name": "mc", "needed": False}
    paging = {"paging": "offset", "size_parameter": "n", "page_size": 2}
    query = said | {"path": "/qu", "parameters": [region], "paging": paging}
    assert compiler.put(place, query | {"single": True}).json()["errors"]["paging"]
    assert compiler.put(place, query | {"paging": paging | {"page_parameter": "mc"}}).json()["errors"]["paging"]
    assert compiler.put(place, query | {"paging": paging | {"paging": "leaves"}}).status_code == 422
    made = compiler.put(place, query).json()
    assert made["paging"] == {
        "paging": "offset", "page_parameter": "offset", "first_page": 1, "size_parameter": "n", "page_size": 2,
        "cursor_parameter": "", "next": "",
    }  # fmt: skip
    there.behave = upstreams.saying({"data": rows[:2]})
    tried = compiler.post(f"{place}/try", {"sample": {"title": "西湖区"}}).json()
    assert (tried["interface"]["try_passed"], "翻页没有起作用" in tried["interface"]["try_words"]) == (False, True)

    def answered(request) -> None:
        begin = int(request.given["offset"])
        upstreams.said(request, 200, json.dumps({"data": rows[begin : begin + int(request.given["n"])]}).encode())

    there.behave = answered
    tried = compiler.post(f"{place}/try", {"sample": {"title": "西湖区"}}).json()
    assert [row[0] for row in tried["rows"]] == [row["dm"] for row in rows[:3]]
    assert compiler.post(f"{place}/serve").status_code == 200
    served = next(one for one in policy.compose().resources if one.code == code).upstream.paging
    assert (served.paging, served.page_parameter, served.page_size) == ("offset", "offset", 2)
    assert compiler.put(place, said | {"parameters": [*said["parameters"], region]}).json()["paging"] is None


MISFITS = [
    ({"path": "/qu"}, "path"),
    ({"timeout": 31}, "timeout"),
    ({"cache": -1}, "cache"),
    ({"method": "PUT"}, "method"),
    ({"members": {"nobody": "x"}}, "nobody"),
    ({"members": {"title": "a{b}"}}, "title"),
    ({"parameters": []}, "path"),
    ({"parameters": [{"item": "code", "place": "head"}]}, "parameters.0.place"),
]


def test_what_does_not_fit_is_named_and_nothing_is_kept(code, said):
    compiler, place = person(Role.COMPILER), f"/resources/{code}/interface"
    for changes, field in MISFITS:
        answer = compiler.put(place, said | changes)
        assert (answer.status_code, field in answer.json()["errors"]) == (422, True), changes
    assert compiler.put(place, said | {"connection": "K-\u0000"}).status_code == 404
    assert not Upstream.objects.exists()


def test_others_neither_register_nor_see_and_supervisors_read(code, said):
    place = f"/resources/{code}/interface"
    assert person(Role.COMPILER).put(place, said).status_code == 200
    for stranger in (person(Role.COMPILER, "民政厅"), person(Role.APPLICANT, "民政厅")):
        assert (stranger.get(place).status_code, stranger.get("/interfaces").json()["items"]) == (404, [])
        assert stranger.put(place, said).status_code in {403, 404}
        assert {stranger.post(f"{place}/{verb}").status_code for verb in ("serve", "withdraw")} <= {403, 404}
    assert person(Role.PROVIDER_HEAD).put(place, said).status_code == 403
    auditor = person(Role.AUDITOR, None)
    assert auditor.get(place).json()["serving"] is None
    assert auditor.put(place, said).status_code in {403, 404}
    assert Upstream.objects.count() == 1
