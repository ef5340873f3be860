# SPDX-License-Identifier: Apache-2.0
"""Pages and API of disputes and complaints: the same rules at every door, nothing typed lost, nothing shown to who may not know."""

from __future__ import annotations

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from datong.contexts.disputes.domain import complaints
from datong.contexts.disputes.domain.disputes import Stage
from datong.contexts.disputes.models import Complaint, Dispute, Knock
from datong.contexts.sharing.domain import GrantStage
from datong.contexts.sharing.domain import Stage as RequestStage
from datong.kernel.actors import Role
from factories.api import signed_in
from factories.catalog import DATA_BUREAU, PROVIDER
from factories.disputes import TEXT, a_complaint, a_dispute
from factories.organisations import a_department, an_account
from factories.sharing import CONSUMER, a_grant, a_request

pytestmark = pytest.mark.django_db
PEOPLE = {
    "clerk": (Role.APPLICANT, CONSUMER), "chief": (Role.CONSUMER_HEAD, CONSUMER), "compiler": (Role.COMPILER, PROVIDER),
    "head": (Role.PROVIDER_HEAD, PROVIDER), "bureau": (Role.AUTHORITY, DATA_BUREAU), "stranger": (Role.APPLICANT, "浙江省水利厅"),
    "auditor": (Role.AUDITOR, ""),
}  # fmt: skip


def browser(name: str, language: str = "zh-hans") -> Client:
    role, home = PEOPLE[name]
    made = Client(headers={"accept-language": language})
    made.force_login(an_account(roles=[role], department=a_department(home) if home else None))
    return made


def person(name: str):
    role, home = PEOPLE[name]
    an_account(name, roles=[role], department=a_department(home) if home else None)
    return signed_in(name)


def test_from_the_refused_request_to_the_agreement_in_pages():
    asked = a_request(stage=RequestStage.REFUSED)
    clerk, chief, head = browser("clerk"), browser("chief"), browser("head")
    link = f"/disputes/new?request={asked.number}"
    assert link in clerk.get(f"/requests/{asked.number}").text
    assert "提出争议" in clerk.get(link).text
    empty = clerk.post("/disputes/new", {"request": asked.number, "matter": "refused", "claim": " "})
    assert empty.status_code == 422
    file = SimpleUploadedFile("依据.pdf", b"%PDF-1.7 secret")
    answer = clerk.post(
        "/disputes/new", {"request": asked.number, "matter": "refused", "claim": "依法需要\n请提供", "files": [file]}
    )
    row = Dispute.objects.get()
    assert answer["Location"] == row.href
    again = clerk.post("/disputes/new", {"request": asked.number, "matter": "refused", "claim": "再提一次，别弄丢"})
    assert again.status_code == 409
    assert "再提一次，别弄丢" in again.text
    page = head.get(row.href).text
    assert "依据.pdf" in page
    given = head.get(re.search(r'href="(/disputes/[^"]+/files/\d+)"', page)[1])
    assert given.content == b"%PDF-1.7 secret"
    assert given["Content-Disposition"].startswith("attachment")
    head.post(f"{row.href}/state", {"words": "超出需要"})
    assert "超出需要" in clerk.get(row.href).text
    assert "同意此文本" not in clerk.get(row.href).text
    head.post(f"{row.href}/propose", {"agreement": TEXT})
    assert "同意此文本" in chief.get(row.href).text
    chief.post(f"{row.href}/assent", {"text": TEXT})
    row.refresh_from_db()
    assert row.stage == Stage.AGREED


def test_what_may_not_be_disputed_says_why():
    asked = a_request()
    assert "目前没有可以提出争议的事由" in browser("clerk").get(f"/disputes/new?request={asked.number}").text
    refused = a_request(stage=RequestStage.REFUSED)
    assert "您的账号不代表其中任何一方" in browser("bureau").get(f"/disputes/new?request={refused.number}").text
    assert browser("stranger").get(f"/disputes/new?request={refused.number}").status_code == 404
    assert browser("clerk").get("/disputes/new").status_code == 404


def test_the_link_stands_where_a_dispute_begins():
    grant = a_grant(stage=GrantStage.SUSPENDED)
    clerk = browser("clerk")
    assert f"/disputes/new?grant={grant.number}" in clerk.get(f"/grants/{grant.number}").text
    assert f"/disputes/new?grant={grant.number}" not in browser("bureau").get(f"/grants/{grant.number}").text
    code = grant.resource_id
    assert f"/disputes/new?entry={code}" in clerk.get(f"/resources/{code}").text
    assert f"/disputes/new?entry={code}" not in browser("compiler").get(f"/resources/{code}").text
    assert f"/disputes/new?entry={code}" not in Client().get(f"/resources/{code}").text


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("stage", list(Stage))
def test_every_stage_has_its_page_for_everybody_who_sees_it(stage, language):
    row = a_dispute(stage=stage)
    for name in ("clerk", "head", "bureau", "auditor"):
        page = browser(name, language).get(row.href)
        assert page.status_code == 200
        assert row.number in page.text
    assert browser("stranger").get(row.href).status_code == 404


def test_the_authority_works_at_its_page():
    row = a_dispute(stage=Stage.COORDINATING)
    bureau = browser("bureau")
    assert row.number in bureau.get("/workbench").text
    kept = bureau.post(f"{row.href}/instruct", {"instruction": "给两项，限十日", "reasons": ""})
    assert kept.status_code == 422
    assert "给两项，限十日" in kept.text
    bureau.post(f"{row.href}/instruct", {"instruction": "给两项", "reasons": "职责需要"})
    browser("head").post(f"{row.href}/appeal", {"reason": "不服"})
    bureau.post(f"{row.href}/decide", {"decision": "维持", "document": "浙政函〔2026〕88号"})
    assert "浙政函〔2026〕88号" in browser("clerk").get(row.href).text
    assert bureau.post(f"{row.href}/fly").status_code == 404


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl"])
def test_lists_leave_as_files(kind):
    row = a_dispute()
    given = b"".join(browser("clerk").get(f"/disputes?format={kind}").streaming_content)
    if kind == "jsonl":
        assert json.loads(given)["number"] == row.number
    assert given
    a_complaint()
    assert b"".join(browser("bureau").get(f"/complaints?format={kind}").streaming_content)


@pytest.mark.parametrize(
    ("query", "found"),
    [("", 1), ("?stage=negotiating", 1), ("?stage=agreed", 0), ("?kind=request&matter=refused", 1), ("?q=民政", 1),
     ("?q=%00", 0), ("?tab=open&sort=-opened", 1), ("?tab=waiting", 1), ("?sort=nothing", 1), ("?subject=R1", 0)],
)  # fmt: skip
def test_a_list_is_narrowed(query, found):
    row = a_dispute()
    assert browser("clerk").get(f"/disputes{query}").text.count(f'{row.href}"') == found


@pytest.mark.parametrize("query", ["", "?stage=filed&about=demanded_again", "?q=P2", "?sort=-filed", "?tab=open", "?tab=waiting"])
def test_complaints_are_listed_for_the_authority(query):
    row, _ = a_complaint()
    assert row.number in browser("bureau").get(f"/complaints{query}").text
    assert row.number not in browser("clerk").get(f"/complaints{query}").text


@pytest.mark.parametrize("stage", list(complaints.Stage))
def test_a_complaint_is_read_by_few(stage):
    row, _ = a_complaint(stage=stage)
    assert "13800000000" in browser("bureau").get(row.href).text
    seen = browser("auditor").get(row.href)
    assert seen.status_code == 200
    assert "13800000000" not in seen.text
    assert "复印件" not in seen.text
    assert browser("stranger").get(row.href).status_code == 404
    assert browser("clerk").get(row.href).status_code == (404 if stage is complaints.Stage.FILED else 200)


def test_a_reply_is_sent_back_in_pages():
    row, _ = a_complaint(stage=complaints.Stage.REPLIED)
    bureau = browser("bureau")
    assert "已整改，不再要求提交</textarea>" in bureau.get(row.href).text
    assert bureau.post(f"{row.href}/close", {"answer": ""}).status_code == 422
    assert bureau.post(f"{row.href}/send-back", {"note": "何时整改"}).status_code == 302
    assert bureau.post(f"{row.href}/nothing").status_code == 404


def test_the_public_form_keeps_what_was_typed_and_wants_its_token():
    citizen = Client()
    kept = citizen.post("/complaints/new", {"about": "wrong", "words": "太短了"})
    assert kept.status_code == 422
    assert "太短了" in kept.text
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/complaints/new", {"about": "wrong", "words": "一条足够长的投诉内容"}).status_code == 403
    assert strict.post("/complaints/status", {"number": "P1", "code": "A"}).status_code == 403
    page = citizen.get("/complaints/new")
    assert "no-store" in page["Cache-Control"]
    assert "/complaints/new" in citizen.get("/").text
    trapped = citizen.post("/complaints/new", {"about": "wrong", "words": "一条足够长的投诉内容", "website": "x"})
    assert trapped.status_code == 422
    assert Complaint.objects.count() == 0


def test_the_public_form_is_not_for_machines_that_hurry():
    citizen = Client(headers={"x-forwarded-for": "198.51.100.9"})
    answers = [citizen.post("/complaints/new", {}).status_code for _ in range(11)]
    assert answers[:10] == [422] * 10
    assert answers[10] == 429
    assert len(set(Knock.objects.values_list("visitor", flat=True))) == 1


def test_behind_the_proxy_the_address_is_the_one_it_saw(settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for last in ("198.51.100.9", "198.51.100.10"):
        Client(headers={"x-forwarded-for": f"203.0.113.1, {last}"}).post("/complaints/new", {})
    assert len(set(Knock.objects.values_list("visitor", flat=True))) == 2


def test_a_dispute_by_api():
    asked = a_request(stage=RequestStage.REFUSED)
    clerk, chief, head, bureau = person("clerk"), person("chief"), person("head"), person("bureau")
    given = {"kind": "request", "subject": asked.number, "matter": "refused", "claim": "依法需要"}
    made = clerk.post("/disputes", given)
    assert made.status_code == 201, made.text
    number = made.json()["number"]
    assert clerk.post(f"/disputes/{number}/state", {"words": "补充"}).status_code == 201
    assert head.post(f"/disputes/{number}/propose", {"words": TEXT}).status_code == 200
    assert clerk.post(f"/disputes/{number}/assent", {"words": TEXT}).status_code == 403
    assert chief.post(f"/disputes/{number}/escalate", {"words": "协商不成"}).json()["stage"] == "coordinating"
    said = {"instruction": "给", "reasons": "需要", "document": ""}
    assert bureau.post(f"/disputes/{number}/instruct", said).json()["stage"] == "instructed"
    assert head.post(f"/disputes/{number}/appeal", {"words": "不服"}).json()["stage"] == "appealed"
    assert bureau.post(f"/disputes/{number}/decide", {"decision": "维持", "document": "1号"}).json()["stage"] == "decided"
    detail = clerk.get(f"/disputes/{number}").json()
    assert detail["authority"] == {
        "region": "330000", "name": "浙江省", "present": True, "handler": "330000", "handler_name": "浙江省",
    }  # fmt: skip
    assert len(detail["statements"]) == 7
    assert [one["number"] for one in clerk.get("/disputes").json()["items"]] == [number]
    assert clerk.get(f"/disputes?after={number}").json() == {"items": [], "next": None}
    assert person("stranger").get(f"/disputes/{number}").status_code == 404


def test_the_other_ends_by_api():
    chief, bureau = person("chief"), person("bureau")
    first = a_dispute(stage=Stage.INSTRUCTED)
    assert bureau.post(f"/disputes/{first.number}/carried-out", {"words": "已落实"}).json()["stage"] == "carried_out"
    second = a_dispute()
    assert chief.post(f"/disputes/{second.number}/withdraw", {"words": "不必了"}).json()["stage"] == "withdrawn"


def test_complaints_by_api():
    row, _ = a_complaint()
    bureau, clerk, auditor = person("bureau"), person("clerk"), person("auditor")
    home = a_department(CONSUMER).uscc
    assert bureau.post(f"/complaints/{row.number}/assign", {"department": home}).json()["stage"] == "assigned"
    assert clerk.post(f"/complaints/{row.number}/reply", {"words": "已改"}).json()["stage"] == "replied"
    assert bureau.post(f"/complaints/{row.number}/send-back", {"words": "何时"}).json()["stage"] == "assigned"
    assert clerk.post(f"/complaints/{row.number}/reply", {"words": "今日"}).json()["stage"] == "replied"
    assert bureau.post(f"/complaints/{row.number}/close", {"words": "已改"}).json()["stage"] == "closed"
    assert bureau.get(f"/complaints/{row.number}").json()["contact"] == "13800000000"
    masked = auditor.get(f"/complaints/{row.number}").json()
    assert (masked["masked"], masked["words"], masked["entries"]) == (True, "", [])
    assert [one["number"] for one in bureau.get("/complaints").json()["items"]] == [row.number]
    assert bureau.get(f"/complaints?after={row.number}").json()["items"] == []
