# SPDX-License-Identifier: Apache-2.0
"""Pages and API of demands: the same rules at every door, nothing typed lost, files of exactly what is listed."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from datong.contexts.demands.domain.stages import Stage
from datong.contexts.demands.models import Demand, Responsibility
from datong.contexts.organisations import face as organisations
from datong.kernel.actors import Role
from factories.api import signed_in
from factories.catalog import DATA_BUREAU, PROVIDER, a_resource
from factories.demands import DRAFT, HOLDER, a_demand
from factories.organisations import a_department, an_account
from factories.sharing import CONSUMER

pytestmark = pytest.mark.django_db
PEOPLE = {
    "clerk": (Role.APPLICANT, CONSUMER), "chief": (Role.CONSUMER_HEAD, CONSUMER), "bureau": (Role.AUTHORITY, DATA_BUREAU),
    "compiler": (Role.COMPILER, HOLDER), "stranger": (Role.APPLICANT, "浙江省水利厅"), "auditor": (Role.AUDITOR, None),
}  # fmt: skip
TYPED = {
    "name": DRAFT.name, "items": "公民身份号码\n姓名、缴费基数", "basis_kind": "regulation", "basis": DRAFT.basis, "scene": DRAFT.scene,
    "purpose": DRAFT.purpose, "holder": HOLDER, "coverage": "全省", "urgency": "pressing", "needed_by": "2099-12-31",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _calendar():
    organisations.seed()
    a_department(HOLDER)


def browser(name: str, language: str = "zh-hans") -> Client:
    role, home = PEOPLE[name]
    made = Client(headers={"accept-language": language})
    made.force_login(an_account(roles=[role], department=a_department(home) if home else None))
    return made


def person(name: str):
    role, home = PEOPLE[name]
    an_account(name, roles=[role], department=a_department(home) if home else None)
    return signed_in(name)


def test_from_the_form_to_the_prefilled_request_in_pages():
    clerk, chief, bureau, compiler = (browser(name) for name in ("clerk", "chief", "bureau", "compiler"))
    answer = clerk.post("/demands/new", TYPED | {"act": "file"})
    row = Demand.objects.get()
    assert (answer.status_code, answer.headers["location"]) == (302, f"/demands/{row.number}")
    assert (row.items, row.expected.name, row.urgency) == (["公民身份号码", "姓名", "缴费基数"], HOLDER, "pressing")
    page = f"/demands/{row.number}"
    assert "同意，送主管部门" in chief.get(page).text and "同意，送主管部门" not in clerk.get(page).text
    chief.post(f"{page}/endorse")
    shown = bureau.get(page).text
    assert "分派，开始计时" in shown and "提出部门认为由其掌握" in shown
    refused = bureau.post(f"{page}/assign", {"department": HOLDER, "reason": ""})
    assert refused.status_code == 422 and f'value="{HOLDER}"' in refused.text
    bureau.post(f"{page}/assign", {"department": HOLDER, "reason": "社会保险由其经办"})
    assert "掌握，接受编目" in compiler.get(page).text and row.number in compiler.get("/demands").text
    compiler.post(f"{page}/answer", {"outcome": "accept", "opinion": "可以"})
    assert "由哪条目录答复" in compiler.get(page).text
    entry = a_resource(provider=HOLDER)
    compiler.post(f"{page}/supply", {"resource": entry.resource.code})
    assert "去申请" in clerk.get(page).text and row.number in clerk.get("/workbench").text
    onward = clerk.post(f"{page}/request")
    form = clerk.get(onward.headers["location"]).text
    assert DRAFT.purpose in form and DRAFT.scene in form and 'id="item-resident_id" checked' in form


def test_a_form_that_lacks_something_keeps_what_was_typed():
    clerk = browser("clerk")
    refused = clerk.post(
        "/demands/new", {"name": DRAFT.name, "items": "姓名", "holder": "某个单位", "needed_by": "明年", "act": "file"}
    )
    assert refused.status_code == 422 and "不是日期" in refused.text and 'value="某个单位"' in refused.text
    refused = clerk.post("/demands/new", {"name": DRAFT.name, "items": "姓名", "holder": "某个单位", "act": "file"})
    assert refused.status_code == 422 and refused.text.count("必填") + refused.text.count("必选") >= 4
    assert Demand.objects.get().expected_words == "某个单位"
    saved = clerk.post(f"/demands/{Demand.objects.get().number}/edit", TYPED | {"act": "save"})
    assert saved.headers["location"].endswith("/edit") and Demand.objects.count() == 1


def test_what_the_catalogue_has_is_suggested_with_score_and_reasons_and_taken():
    home = a_resource()
    clerk = browser("clerk")
    part = clerk.post("/demands/matches", {"name": "常住人口登记", "items": "姓名\n公民身份号码", "holder": PROVIDER}).text
    assert home.resource.code in part and "匹配度" in part and "信息项 2/2" in part and "提出部门认为由其掌握" in part
    assert home.resource.code not in clerk.post("/demands/matches", {"name": "水库大坝渗流监测"}).text
    clerk.post("/demands/new", TYPED | {"name": "常住人口登记", "take": home.resource.code})
    row = Demand.objects.get()
    assert (row.stage, row.resource_id) == (Stage.MATCHED, home.resource.code)


def test_an_empty_search_leads_to_a_demand_for_who_may_make_one():
    asked = "/search?q=完全没有的东西"
    assert "/demands/new?name=" in browser("clerk").get(asked).text
    assert "/demands/new" not in browser("compiler").get(asked).text and "/demands/new" not in Client().get(asked).text
    assert 'value="完全没有的东西"' in browser("clerk").get("/demands/new?name=完全没有的东西").text


def test_every_stage_has_a_page_for_everyone():
    people = {name: browser(name, language) for name, language in zip(PEOPLE, ("en", "zh-hans") * 3, strict=True)}
    for stage in set(Stage) - {Stage.FULFILLED}:
        path = f"/demands/{a_demand(stage=stage).number}"
        seen = {name: people[name].get(path).status_code for name in PEOPLE}
        assert set(seen.values()) <= {200, 404}, (stage, seen)
        assert (seen["clerk"], seen["chief"], seen["stranger"]) == (200, 200, 404), stage


@pytest.mark.parametrize("path", ["/demands?tab=all", "/responsibilities"])
def test_lists_are_given_as_files_too(path):
    row = a_demand(stage=Stage.COMPILING)
    bureau, joint = browser("bureau"), "&" if "?" in path else "?"
    assert row.name in bureau.get(path).text
    for kind, told in (("csv", row.name.encode()), ("jsonl", row.number.encode()), ("xlsx", b"PK")):
        assert told in b"".join(bureau.get(f"{path}{joint}format={kind}").streaming_content)
    line = json.loads(b"".join(bureau.get(f"{path}{joint}format=jsonl").streaming_content).splitlines()[0])
    assert line["stage"] in ("compiling", "accepted")


@pytest.mark.parametrize(
    "asked", ["stage=assigned", "q=灵活就业", "q=缴费基数", "urgency=ordinary", "sort=-needed", "tab=responsible"]
)
def test_lists_are_narrowed(asked):
    row = a_demand(stage=Stage.ASSIGNED)
    name = "compiler" if "responsible" in asked else "bureau"
    tab = "" if "tab" in asked else "&tab=all"
    assert row.number in browser(name).get(f"/demands?{asked}{tab}").text
    assert row.number not in browser(name).get("/demands?tab=all&q=没有").text
    assert row.number in browser("bureau").get("/responsibilities?sort=due&stage=open&q=灵活").text


@pytest.mark.parametrize(
    "path", ["/demands?q=%00&tab=all", "/responsibilities?q=%00", "/demands?sort=x&stage=y&tab=z", "/demands/%00"]
)
def test_what_does_not_read_breaks_nothing(path):
    assert browser("bureau").get(path).status_code in (200, 404)


def test_the_api_goes_the_same_way():
    clerk, chief, bureau, compiler = (person(name) for name in ("clerk", "chief", "bureau", "compiler"))
    said = {"name": DRAFT.name, "items": list(DRAFT.items), "basis_kind": "regulation", "basis": DRAFT.basis,
            "scene": DRAFT.scene, "purpose": DRAFT.purpose, "expected": a_department(HOLDER).uscc}  # fmt: skip
    made = clerk.post("/demands", said)
    assert made.status_code == 201, made.json()
    at = f"/demands/{made.json()['number']}"
    assert clerk.put(at, said | {"urgency": "never"}).status_code == 422
    assert clerk.put(at, said).json()["urgency"] == "ordinary"
    assert clerk.get(f"{at}/matches").json() == {"items": []}
    assert clerk.post(f"{at}/file").json()["stage"] == "filed"
    assert bureau.get(at).status_code == 404
    assert chief.post(f"{at}/return", {"reason": "写清年份"}).json()["stage"] == "returned"
    clerk.post(f"{at}/file")
    assert chief.post(f"{at}/endorse").json()["stage"] == "reviewing"
    assert clerk.post(f"{at}/assign", {"department": said["expected"], "reason": "x"}).status_code == 403
    assert bureau.post(f"{at}/assign", {"department": said["expected"], "reason": "经办"}).json()["stage"] == "assigned"
    assert compiler.post(f"{at}/not-held", {"reason": "在税务"}).json()["stage"] == "reviewing"
    bureau.post(f"{at}/assign", {"department": said["expected"], "reason": "仍由其经办"})
    assert compiler.post(f"{at}/accept", {"reason": ""}).json()["stage"] == "compiling"
    duty = bureau.get("/responsibilities?own=false").json()["items"][0]
    assert (duty["stage"], duty["ticket"]) == ("accepted", f"U{Responsibility.objects.get(stage='accepted').ticket_id}")
    entry = a_resource(provider=HOLDER)
    assert compiler.post(f"{at}/supply", {"resource": entry.resource.code}).json()["stage"] == "answered"
    assert clerk.post(f"{at}/reopen", {"reason": "缺各市"}).json()["stage"] == "reviewing"
    assert bureau.post(f"{at}/match", {"resource": entry.resource.code}).json()["stage"] == "matched"
    assert clerk.post(f"{at}/request").json()["request"].startswith("R")
    assert bureau.get("/demands?stage=matched").json()["items"][0]["number"] == made.json()["number"]
    assert bureau.get("/demand-figures").json()["answer_share"] == 100
    assert clerk.post(f"{at}/withdraw", {"reason": ""}).status_code == 409
    assert clerk.post(f"{at}/take", {"resource": entry.resource.code}).status_code == 409
    assert bureau.post(f"{at}/decline", {"reason": "x"}).status_code == 409
