# SPDX-License-Identifier: Apache-2.0
"""The API of updates, removals, history, laws and inventory, honest and hostile."""

import pytest

from datong.contexts.catalog.domain import Stage
from datong.kernel.actors import Role
from factories.api import Person, signed_in
from factories.catalog import DATA_BUREAU, PROVIDER, a_new_version, a_resource
from factories.organisations import a_department, an_account
from factories.sharing import today

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    for name, role, home in (
        ("bianzhi", Role.COMPILER, PROVIDER),
        ("head", Role.PROVIDER_HEAD, PROVIDER),
        ("bureau", Role.AUTHORITY, DATA_BUREAU),
    ):
        an_account(name, roles=[role], department=a_department(home))
    return signed_in("bianzhi"), signed_in("head"), signed_in("bureau")


def test_a_ticket_from_event_to_extension(people):
    compiler, _head, bureau = people
    code = a_resource().resource.code
    assert compiler.post("/tickets", {}).status_code == 422
    body = {
        "cause": "law",
        "citation": "《某法》第三条",
        "reason": "补充数据项",
        "event_on": today().isoformat(),
        "resource": code,
    }
    made = compiler.post("/tickets", body)
    assert made.status_code == 201
    ticket = made.json()
    assert (ticket["stage"], ticket["late"], ticket["resource"]) == ("open", False, code)
    path = f"/tickets/{ticket['id']}"
    assert compiler.post(f"{path}/extension", {"days": 6, "reason": "多"}).status_code == 422
    assert compiler.post(f"{path}/extension", {"days": 5, "reason": "多"}).json()["extension"] == "asked"
    assert compiler.post(f"{path}/extension/decision", {"approve": True}).status_code == 403
    later = bureau.post(f"{path}/extension/decision", {"approve": True}).json()
    assert later["extension"] == "granted" and later["due"] > ticket["due"]
    assert bureau.post(f"{path}/excuse", {"words": ""}).status_code == 422
    assert compiler.post(f"{path}/resource", {"resource": "307001/999"}).status_code == 404
    assert [one["id"] for one in compiler.get("/tickets", stage="open").json()["items"]] == [ticket["id"]]
    assert compiler.get("/tickets/99999").status_code == 404
    assert Person().get("/tickets").status_code == 401


def test_a_removal_is_decided(people):
    compiler, head, bureau = people
    code = a_resource().resource.code
    assert compiler.post(f"/resources/{code}/removals", {"reason": "划转"}).status_code == 403
    made = head.post(f"/resources/{code}/removals", {"reason": "划转"}).json()
    assert (made["stage"], made["kind"], made["resource"]) == ("asked", "withdrawal", code)
    assert bureau.post(f"/removals/{made['id']}/decision", {"approve": False}).status_code == 422
    assert bureau.post(f"/removals/{made['id']}/decision", {"approve": True}).json()["stage"] == "approved"
    assert head.post(f"/removals/{made['id']}/retract").status_code == 409
    assert head.get("/removals").json()["items"][0]["id"] == made["id"]
    assert head.get(f"/removals/{made['id']}").json()["stage"] == "approved"
    assert compiler.get(f"/resources/{code}").status_code == 404


def test_versions_and_what_changed_between_them(people):
    compiler, *_ = people
    code = a_resource().resource.code
    a_new_version(code, update_cycle="weekly")
    first = compiler.get(f"/resources/{code}/versions/1").json()
    assert (first["version"], first["entry"]["update_cycle"]) == (1, "daily")
    changed = compiler.get(f"/resources/{code}/changes", old=1, new=2).json()
    assert changed["fields"] == [{"field": "update_cycle", "before": "daily", "after": "weekly"}]
    assert changed["items"] == []
    assert compiler.get(f"/resources/{code}/changes", old=1).status_code == 422
    assert compiler.get(f"/resources/{code}/changes", old=1, new=7).status_code == 404
    assert compiler.get(f"/resources/{code}/versions/99999999999").status_code == 404
    assert Person().get(f"/resources/{code}/versions/1").status_code == 401


def test_versions_of_what_is_not_there_and_of_what_is_not_seen_look_alike(people):
    compiler, *_ = people
    draft = a_resource(stage=Stage.DRAFT).resource.code
    assert [one["version"] for one in compiler.get(f"/resources/{draft}/versions").json()] == [1]
    an_account("other", roles=[Role.COMPILER], department=a_department("浙江省民政厅"))
    unseen, unknown = (signed_in("other").get(f"/resources/{code}/versions") for code in (draft, "307001/999999"))
    assert (unseen.status_code, unknown.status_code) == (404, 404)
    assert {**unseen.json(), "instance": ""} == {**unknown.json(), "instance": ""}
    assert compiler.get("/resources/307001/99999999999999999999/versions").status_code in (404, 422)


def test_laws_are_extended_by_the_authority(people):
    compiler, _head, bureau = people
    a_resource()
    assert {one["rank"] for one in compiler.get("/laws").json()} == {"law", "regulation"}
    assert compiler.post("/laws", {"title": "测绘法", "rank": "law"}).status_code == 403
    assert bureau.post("/laws", {"title": "某规章", "rank": "rule"}).status_code == 422
    law = bureau.post("/laws", {"title": "《中华人民共和国测绘法》", "rank": "law"}).json()
    assert law["title"] == "测绘法"
    assert bureau.post("/laws", {"title": "测绘法", "rank": "law"}).status_code == 409
    assert bureau.post(f"/laws/{law['id']}/articles", {"article": "第34条之一"}).status_code == 422
    assert bureau.post(f"/laws/{law['id']}/articles", {"article": "第三十四条", "gist": "成果提供"}).status_code == 201
    assert bureau.post(f"/laws/{law['id']}/articles", {"article": "第三十四条"}).status_code == 409
    assert bureau.post(f"/laws/{law['id']}/repeal").json()["repealed"]
    assert bureau.post("/laws/99999/repeal").status_code == 404


def test_the_inventory_and_its_gaps(people):
    compiler, _head, bureau = people
    code = a_resource().resource.code
    duty = compiler.post("/duties", {"name": "户籍管理", "basis": "三定规定"}).json()
    wrong = compiler.post("/systems", {"name": "", "origin": "moon", "duties": [99], "resources": ["307001/999"]})
    assert wrong.json()["errors"].keys() == {"name", "origin", "duties", "resources"}
    system = compiler.post("/systems", {"name": "户籍系统", "duties": [duty["id"]]}).json()
    assert compiler.post("/systems", {"name": "户籍系统"}).status_code == 409
    report = compiler.get("/inventory/completeness").json()
    assert (report["systems"], report["duties"], report["percent"], len(report["gaps"])) == (1, 1, 0, 2)
    body = {"name": "户籍系统", "duties": [duty["id"]], "resources": [code]}
    changed = compiler.client.put(
        f"/api/v1/systems/{system['id']}", body, content_type="application/json", headers={"X-CSRFToken": compiler.token}
    )
    assert changed.json()["covered"]
    assert compiler.get("/inventory/completeness").json()["percent"] == 100, "the duty is covered through its system"
    assert compiler.get("/duties").json()[0]["covered"]
    assert not compiler.post(f"/duties/{duty['id']}/retire").json()["active"]
    assert not compiler.post(f"/systems/{system['id']}/retire").json()["active"]
    assert bureau.post(f"/systems/{system['id']}/retire").status_code == 403
    assert len(bureau.get("/systems").json()) == 1
    assert bureau.post("/systems", {"name": "主管系统"}).status_code == 403


def test_a_system_named_in_an_entry_is_covered_by_it(people):
    compiler, *_ = people
    a_resource()
    assert compiler.post("/systems", {"name": "人口信息管理系统"}).json()["covered"], "its entry names it as the source"


def test_one_source_for_each_element(people):
    compiler, _head, bureau = people
    first, second = a_department(PROVIDER).uscc, a_department("浙江省民政厅").uscc
    made = {"code": "DE0001", "name": "公民身份号码", "type": "C", "source": first}
    assert compiler.post("/elements", made).status_code == 403
    assert bureau.post("/elements", {"code": "de", "type": "Q"}).json()["errors"].keys() == {"code", "type", "name"}
    assert bureau.post("/elements", made).status_code == 201
    assert bureau.post("/elements", made).status_code == 409
    assert bureau.post("/elements/DE0001/source", {"department": second}).status_code == 409
    assert bureau.delete("/elements/DE0001/source").json()["source"] == ""
    assert bureau.post("/elements/DE0001/source", {"department": second}).json()["source"] == second
    assert bureau.post("/elements/DE9/source", {"department": second}).status_code == 404
    assert [one["code"] for one in compiler.get("/elements", q="身份").json()] == ["DE0001"]


def test_an_item_refers_to_an_element_there_is(people):
    compiler, *_ = people
    a_resource()
    item = {"field": "id_no", "name": "身份证号", "type": "C", "key": True, "nullable": False}
    wrong = compiler.post("/entries", {"class_code": "307001", "name": "名册", "items": [item | {"element": "小写"}]})
    assert wrong.json()["errors"].keys() == {"items.0.element"}
    row = compiler.post("/entries", {"class_code": "307001", "name": "名册", "items": [item | {"element": "DE7777"}]}).json()
    filed = compiler.post(f"/entries/{row['id']}/file")
    assert filed.json()["errors"]["items.0.element"].startswith("没有此数据元")
