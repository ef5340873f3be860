# SPDX-License-Identifier: Apache-2.0
"""Pages and API of corrections: the same rules at every door, nothing typed lost, nothing shown to who may not know."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from datong.contexts.corrections import usecases
from datong.contexts.corrections.domain.stages import Stage
from datong.contexts.corrections.models import Correction, Recall
from datong.contexts.exchange import face as exchange
from datong.contexts.sharing.models import Grant
from datong.kernel.actors import Role
from factories.api import signed_in
from factories.catalog import DATA_BUREAU, PROVIDER, a_compiler, a_provider_head, someone
from factories.corrections import RIGHT, WRONG, a_correction, a_report, a_used_resource, mended_rows
from factories.organisations import a_department, an_account
from factories.sharing import CONSUMER

pytestmark = pytest.mark.django_db
OTHER = "浙江省人力资源和社会保障厅"
PEOPLE = {
    "clerk": (Role.APPLICANT, CONSUMER), "compiler": (Role.COMPILER, PROVIDER), "head": (Role.PROVIDER_HEAD, PROVIDER),
    "bureau": (Role.AUTHORITY, DATA_BUREAU), "stranger": (Role.APPLICANT, "浙江省水利厅"),
}  # fmt: skip


def browser(name: str, language: str = "zh-hans") -> Client:
    role, home = PEOPLE[name]
    made = Client(headers={"accept-language": language})
    made.force_login(an_account(roles=[role], department=a_department(home)))
    return made


def person(name: str):
    role, home = PEOPLE[name]
    an_account(name, roles=[role], department=a_department(home))
    return signed_in(name)


def form(home, **changes):
    said = {
        "resource": home.resource.code, "kind": "data", "item": "title", "key-code": "330100000000", "found": WRONG,
        "expected": RIGHT, "evidence": "公告", "case": "AJ-1",
    }  # fmt: skip
    return said | changes


def test_from_the_resource_page_to_the_answer_in_pages():
    home = a_used_resource()
    clerk, compiler = browser("clerk"), browser("compiler")
    code = home.resource.code
    assert f"/corrections/new?resource={code}" in clerk.get(f"/resources/{code}").text
    assert f"/corrections/new?resource={code}" not in compiler.get(f"/resources/{code}").text
    shown = clerk.get(f"/corrections/new?resource={code}&item=title").text
    assert '<option value="title" selected>' in shown
    file = SimpleUploadedFile("公告.pdf", b"%PDF-1.7 secret")
    answer = clerk.post("/corrections/new", form(home, files=[file]))
    assert answer.status_code == 302, answer.text
    row = Correction.objects.get()
    page = clerk.get(answer.url).text
    assert WRONG in page and "公告.pdf" in page and "出示证照即可照常办理" in page
    held = row.files.get()
    download = clerk.get(f"/corrections/{row.number}/files/{held.pk}")
    assert (download.content, download["Content-Type"]) == (b"%PDF-1.7 secret", "application/octet-stream")
    assert "attachment" in download["Content-Disposition"]
    assert (
        clerk.post(f"/corrections/{row.number}/proof", {"proof_kind": "resident_card", "proof_number": "3301"}).status_code == 302
    )
    assert "照常办理" in clerk.get(answer.url).text
    assert row.number in compiler.get("/corrections").text
    assert row.number in compiler.get("/workbench").text
    assert compiler.post(f"/corrections/{row.number}/verify").status_code == 302
    assert "先挂接更正后的数据" in compiler.get(answer.url).text
    mended_rows(home)
    assert "rows" not in compiler.get(answer.url).text or "携带更正的版本" in compiler.get(answer.url).text
    assert compiler.post(f"/corrections/{row.number}/answer", {"outcome": "correct", "carrier": "x"}).status_code == 422
    batch = exchange.landed(code).batch
    done = compiler.post(f"/corrections/{row.number}/answer", {"outcome": "correct", "carrier": batch, "opinion": "已更正"})
    assert done.status_code == 302
    assert "已是应为的值" in compiler.get(answer.url).text
    assert "现行数据中该记录已变更" in clerk.get(answer.url).text
    assert clerk.post(f"/corrections/{row.number}/rate", {"rating": "satisfied"}).status_code == 302
    assert "1 件已更正" in clerk.get(f"/resources/{code}").text


def test_what_was_typed_comes_back_with_every_fault():
    home = a_used_resource()
    clerk = browser("clerk")
    answer = clerk.post("/corrections/new", form(home, item="", proof_kind="resident_card", evidence="我写的依据"))
    assert answer.status_code == 422
    assert "我写的依据" in answer.text and WRONG in answer.text
    assert "name the item" not in answer.text and "写明哪个信息项有误" in answer.text and "填写证照号码" in answer.text
    bad = clerk.post("/corrections/new", form(home, files=[SimpleUploadedFile("a.exe", b"x")]))
    assert bad.status_code == 422
    assert Correction.objects.count() == 0
    assert clerk.get("/corrections/new?resource=307001/999").status_code == 404
    assert clerk.get("/corrections/new").status_code == 404
    assert browser("compiler").get(f"/corrections/new?resource={home.resource.code}").status_code == 404


def test_from_a_grant_the_form_knows_resource_and_grant():
    a_used_resource()
    grant = Grant.objects.get()
    clerk = browser("clerk")
    assert f"/corrections/new?grant={grant.number}" in clerk.get(f"/grants/{grant.number}").text
    shown = clerk.get(f"/corrections/new?grant={grant.number}&case=AJ-7").text
    assert f'value="{grant.number}" selected' in shown and 'value="AJ-7"' in shown
    assert browser("stranger").get(f"/corrections/new?grant={grant.number}").status_code == 404


def test_who_supervises_sees_that_it_was_said_not_what():
    row = a_correction(said=a_report(proof_kind="resident_card", proof_number="330106199001010010"))
    bureau = browser("bureau")
    page = bureau.get(f"/corrections/{row.number}").text
    assert WRONG not in page and "330100000000" not in page and "330106199001010010" not in page
    assert "内容只有提出部门和提供部门可以看" in page
    told = person("bureau").get(f"/corrections/{row.number}").json()
    assert (told["masked"], told["found"], told["key"]) == (True, "***", {"code": "3**********0"})
    assert "proof_number" not in told
    assert browser("stranger").get(f"/corrections/{row.number}").status_code == 404
    assert row.number not in browser("stranger").get("/corrections").text


def test_lists_are_searched_sorted_filtered_and_exported():
    home = a_used_resource()
    one, two = (
        a_correction(home),
        a_correction(home, a_report(kind="interface", key={}, item="", found="", expected=""), stage=Stage.REJECTED),
    )
    clerk = browser("clerk")
    whole = clerk.get("/corrections?tab=all").text
    assert one.number in whole and two.number in whole
    assert two.number not in clerk.get("/corrections?tab=all&kind=data").text
    assert one.number not in clerk.get("/corrections?tab=all&stage=rejected").text
    assert one.number in clerk.get(f"/corrections?tab=reporter&q={one.number}&sort=-due").text
    csv = clerk.get("/corrections?tab=all&format=csv")
    assert csv.content.startswith(b"\xef\xbb\xbf") and two.number in csv.content.decode()
    assert "Interface problem" in browser("clerk", "en").get("/corrections?tab=all&format=csv").content.decode()
    for odd in ("tab=nonsense", "stage=x&kind=y", "q=%00", "sort=;drop", "resource=%00"):
        assert clerk.get(f"/corrections?{odd}").status_code == 200


def test_a_refusal_keeps_the_words_and_verbs_unknown_are_unknown():
    row = a_correction(stage=Stage.VERIFYING)
    compiler = browser("compiler")
    refused = compiler.post(f"/corrections/{row.number}/answer", {"outcome": "reject", "opinion": ""})
    assert refused.status_code == 422
    assert compiler.post(f"/corrections/{row.number}/nonsense").status_code == 404
    assert compiler.post(f"/corrections/{row.number}/answer", {"outcome": "nonsense"}).status_code == 404
    assert compiler.post(f"/corrections/{row.number}/answer", {"outcome": "reject", "opinion": "核对无误"}).status_code == 302
    assert "核对无误" in compiler.get(f"/corrections/{row.number}").text


@pytest.mark.parametrize("stage", list(Stage))
def test_every_stage_shows_in_both_languages(stage):
    row = a_correction(stage=stage)
    for name in ("clerk", "compiler", "bureau"):
        assert browser(name).get(f"/corrections/{row.number}").status_code == 200
    english = browser("clerk", "en").get(f"/corrections/{row.number}").text
    assert re.search(r"Order 809|working days", english)


def test_recall_in_pages():
    home = a_used_resource()
    head, clerk, code = browser("head"), browser("clerk"), home.resource.code
    batch = exchange.landed(code).batch
    assert f"/recalls/new?resource={code}" in head.get(f"/resources/{code}").text
    assert "正在提供查询" in head.get(f"/recalls/new?resource={code}").text
    assert head.post("/recalls/new", {"resource": code, "batch": "", "reason": "错位"}).status_code == 422
    assert head.post("/recalls/new", {"resource": code, "batch": batch, "reason": "整列错位"}).status_code == 302
    row = Recall.objects.get()
    assert "这一批已不再提供查询" in clerk.get(f"/recalls/{row.number}").text
    assert row.number in clerk.get("/workbench").text
    assert clerk.post(f"/recalls/{row.number}/receipt", {"disposal": ""}).status_code == 422
    assert head.post(f"/recalls/{row.number}/urge").status_code == 302
    assert clerk.post(f"/recalls/{row.number}/receipt", {"disposal": "destroyed", "words": "已删除"}).status_code == 302
    assert "已删除" in head.get(f"/recalls/{row.number}").text
    assert clerk.post(f"/recalls/{row.number}/nonsense").status_code == 404
    for name in ("head", "clerk", "bureau"):
        assert row.number in browser(name).get("/recalls").text
    assert row.number not in browser("stranger").get("/recalls").text
    assert row.number in head.get("/recalls?format=csv").content.decode()
    assert clerk.get(f"/recalls/new?resource={code}").status_code == 404


def test_a_department_learns_nothing_of_what_the_others_answered():
    row = usecases.recall((home := a_used_resource(CONSUMER, OTHER)).resource.code, served(home), "错位", by=a_provider_head())
    usecases.acknowledge(row.number, "destroyed", "已从前置库删除", by=someone(Role.APPLICANT, OTHER))
    mine, theirs = browser("clerk").get(f"/recalls/{row.number}").text, browser("head").get(f"/recalls/{row.number}").text
    assert OTHER not in mine
    assert "已从前置库删除" not in mine
    assert theirs.count(OTHER) == 2


def served(home) -> int:
    return exchange.landed(home.resource.code).batch


def test_the_api():
    home = a_used_resource()
    clerk, compiler, head = person("clerk"), person("compiler"), person("head")
    said = {
        "resource": home.resource.code, "kind": "data", "key": {"code": "330100000000"}, "item": "title", "found": WRONG,
        "expected": RIGHT, "case": "AJ-2",
    }  # fmt: skip
    assert clerk.post("/corrections", said | {"item": "x"}).json()["errors"] == {"item": "该资源没有此信息项"}
    made = clerk.post("/corrections", said, key="once")
    assert (made.status_code, made.json()["stage"], made.json()["blocks_case"]) == (201, "filed", True)
    assert clerk.post("/corrections", said, key="once").json()["number"] == made.json()["number"]
    number = made.json()["number"]
    case = clerk.get(f"/corrections/{number}/case").json()
    assert case["continues"] is False
    assert (
        clerk.post(f"/corrections/{number}/proof", {"kind": "household_register", "number": "户-1"}).json()["blocks_case"]
        is False
    )
    case = clerk.get(f"/corrections/{number}/case").json()
    assert (case["continues"], "照常办理" in case["says"], "第十四条" in case["rule"]) == (True, True, True)
    assert compiler.post(f"/corrections/{number}/verify").json()["stage"] == "verifying"
    assert compiler.post(f"/corrections/{number}/correct", {}).status_code == 422
    batch = mended_rows(home)
    assert compiler.post(f"/corrections/{number}/correct", {"batch": batch}).json()["corrected_batch"] == batch
    assert clerk.post(f"/corrections/{number}/rate", {"rating": "fair", "words": "慢"}).json()["stage"] == "closed"
    detail = clerk.get(f"/corrections/{number}").json()
    assert (detail["found"], detail["checked"], detail["told"], detail["due"] is not None) == (WRONG, "as_expected", 1, True)
    assert clerk.post(f"/corrections/{number}/withdraw", {}).status_code == 409
    assert [one["number"] for one in clerk.get("/corrections", side="reporter").json()["items"]] == [number]
    recalled = head.post("/recalls", {"resource": home.resource.code, "batch": batch, "reason": "仍有错"}).json()
    assert clerk.post(f"/recalls/{recalled['number']}/receipt", {"disposal": "replaced"}).json()["stage"] == "answered"
    shown = head.get(f"/recalls/{recalled['number']}").json()
    assert (shown["stage"], [one["disposal"] for one in shown["receipts"]]) == ("finished", ["replaced"])
    assert head.post(f"/recalls/{recalled['number']}/urge").status_code == 409
    assert [one["number"] for one in head.get("/recalls").json()["items"]] == [recalled["number"]]
    assert a_compiler().department == detail["provider"]
