# SPDX-License-Identifier: Apache-2.0
"""The life of a grant through its pages and its API, as both sides and the authority see it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.serializers.json import DjangoJSONEncoder
from django.test import Client

from datong.contexts.sharing.domain import GrantStage
from datong.contexts.sharing.domain.changes import ChangeStage
from datong.contexts.sharing.models import DisposalTask, Grant, Request, ServiceChange
from datong.kernel.actors import Role
from factories.catalog import DATA_BUREAU, PROVIDER
from factories.changing import a_service_change
from factories.organisations import a_department, an_account
from factories.sharing import CONSUMER, a_grant, an_amendment, today

pytestmark = pytest.mark.django_db
API = "/api/v1"
USE = {
    "used_from": "", "used_until": "", "scenario": "年度复核", "process": "窗口核对", "effect": "免交证明", "storage": "未留存",
    "destruction": "无",
}  # fmt: skip
CERTIFICATE = {"what": "核对库全部数据", "method": "erased", "performed_by": "信息中心", "performed_on": ""}


def at_desk(role: Role, department: str) -> Client:
    client = Client(json_encoder=DjangoJSONEncoder)
    client.force_login(an_account(roles=[role], department=a_department(department)))
    return client


@pytest.fixture
def applicant():
    return at_desk(Role.APPLICANT, CONSUMER)


@pytest.fixture
def provider():
    return at_desk(Role.PROVIDER_HEAD, PROVIDER)


@pytest.fixture
def authority():
    return at_desk(Role.AUTHORITY, DATA_BUREAU)


def post(client: Client, path: str, body: object = None):
    return client.post(API + path, body or {}, content_type="application/json")


def days(**more: str) -> dict[str, str]:
    return {**USE, "used_from": str(today()), "used_until": str(today()), **more}


def test_a_consumer_accounts_for_use_renews_and_ends_a_grant(applicant, provider):
    made = a_grant()
    page = f"/grants/{made.number}"
    assert "登记使用记录" in applicant.get(page).text and "登记使用记录" not in provider.get(page).text
    wrong = applicant.post(f"{page}/use", days(scenario="", effect="保留我"))
    assert wrong.status_code == 422 and "保留我" in wrong.text
    assert applicant.post(f"{page}/use", days()).status_code == 302
    assert "年度复核" in provider.get(page).text
    assert provider.post(f"{page}/use", days()).status_code == 403
    renewed = applicant.post(f"{page}/renew")
    assert renewed["Location"] == f"/requests/{Request.objects.get(amends=made.number).number}"
    assert applicant.post(f"{page}/terminate", {"cause": ""}).status_code == 422
    assert applicant.post(f"{page}/terminate", {"cause": "met"}).status_code == 302
    shown = applicant.get(page).text
    assert "使用方已终止" in shown and made.disposal.number in shown
    assert applicant.post(f"{page}/nonsense").status_code == 404


def test_several_are_renewed_from_the_list(applicant):
    first, second = a_grant(), a_grant()
    assert "为选中的申请续期" in applicant.get("/grants").text
    done = applicant.post(
        "/grants/renew", {"grants": [first.number, second.number, "G0"], "until": str(today() + timedelta(days=500))}
    )
    assert done.status_code == 200 and done.text.count("/requests/R") == 2 and "没有此授权" in done.text
    assert applicant.post("/grants/renew", {}).status_code == 422
    assert applicant.post("/grants/renew", {"grants": [first.number], "until": "soon"}).status_code == 422


def test_suspending_may_set_a_day(provider):
    made = a_grant()
    last = today() + timedelta(days=5)
    past = provider.post(f"/grants/{made.number}/suspend", {"reason": "超范围", "mend_by": "2020-01-01"})
    assert past.status_code == 422
    assert provider.post(f"/grants/{made.number}/suspend", {"reason": "超范围", "mend_by": str(last)}).status_code == 302
    assert str(last) in provider.get(f"/grants/{made.number}").text


def test_a_superseded_grant_leads_to_its_successor(applicant):
    old = a_grant()
    new = an_amendment(old)
    assert new.number in applicant.get(f"/grants/{old.number}").text
    assert old.number in applicant.get(f"/grants/{new.number}").text
    assert applicant.get(f"{API}/grants/{new.number}").json()["supersedes"] == old.number


def test_destruction_through_its_pages(applicant, provider, authority):
    task = a_grant(stage=GrantStage.EXPIRED).disposal
    page = f"/disposals/{task.number}"
    for client in (applicant, provider, authority):
        assert task.number in client.get("/disposals").text
        assert client.get(page).status_code == 200
    assert provider.post(f"{page}/demand", {"due": "", "demand": "覆写"}).status_code == 422
    assert provider.post(f"{page}/demand", {"due": str(today()), "demand": "覆写三遍"}).status_code == 302
    assert applicant.get(f"{page}/file").status_code == 404
    assert applicant.post(f"{page}/certify", CERTIFICATE).status_code == 422
    scan = SimpleUploadedFile("证明.pdf", b"%PDF-1.7 x")
    bad = SimpleUploadedFile("证明.pdf", b"<script>")
    assert applicant.post(f"{page}/certify", {**CERTIFICATE, "performed_on": str(today()), "file": bad}).status_code == 422
    assert applicant.post(f"{page}/certify", {**CERTIFICATE, "performed_on": str(today()), "file": scan}).status_code == 302
    file = provider.get(f"{page}/file")
    assert file.content == b"%PDF-1.7 x" and file["Content-Disposition"].startswith("attachment")
    assert "核对库全部数据" in authority.get(page).text
    assert task.number in applicant.get("/disposals?format=csv").content.decode("utf-8-sig")
    assert applicant.get("/disposals?stage=certified&side=consumer&sort=-due&q=常住").status_code == 200


def test_a_change_through_its_pages(applicant, provider, authority):
    made = a_grant()
    head = at_desk(Role.CONSUMER_HEAD, CONSUMER)
    assert applicant.get("/changes/new").status_code == 404
    assert made.resource_id in provider.get("/changes/new").text
    said = {"resource": made.resource_id, "kind": "stop", "what": "接口停止", "reason": "职责调整", "effective_on": ""}
    assert "接口停止" in provider.post("/changes/new", said).text
    proposed = provider.post("/changes/new", {**said, "effective_on": str(today() + timedelta(days=60))})
    row = ServiceChange.objects.get()
    page = f"/changes/{row.number}"
    assert proposed["Location"] == page
    assert row.number in applicant.get(f"/grants/{made.number}").text, "who lives on it is warned"
    assert head.post(f"{page}/answer", {"answer": "objected"}).status_code == 422
    assert head.post(f"{page}/answer", {"answer": "agreed"}).status_code == 302
    assert provider.post(f"{page}/file", {"negotiation": "一致同意"}).status_code == 302
    assert authority.post(f"{page}/decline", {}).status_code == 422
    assert authority.post(f"{page}/record", {"filing": "浙数备1号"}).status_code == 302
    assert provider.post(f"{page}/effect").status_code == 403, "not before its day"
    ServiceChange.objects.update(effective_on=today())
    assert provider.post(f"{page}/effect").status_code == 302
    assert Grant.objects.get().stage == "revoked"
    assert "浙数备1号" in provider.get("/changes?format=csv").content.decode("utf-8-sig")
    assert "已生效" in authority.get("/changes?stage=effected").text


def test_the_same_by_api(applicant, provider, authority):
    made, other = a_grant(), a_grant()
    assert post(applicant, f"/grants/{made.number}/uses", days()).status_code == 201
    assert [one["scenario"] for one in provider.get(f"{API}/grants/{made.number}/uses").json()] == ["年度复核"]
    done = post(applicant, "/renewals", {"grants": [made.number, "G0"]}).json()
    assert bool(done[0]["request"]) and done[1]["refusal"]
    assert post(applicant, f"/grants/{made.number}/terminate", {"cause": "met"}).json()["stage"] == "terminated"
    [task] = applicant.get(f"{API}/disposals").json()
    certificate = {**CERTIFICATE, "performed_on": str(today()), "file": "!!"}
    assert post(applicant, f"/disposals/{task['number']}/certificate", certificate).status_code == 422
    certificate |= {"file": "JVBERi0xLjcgeA==", "file_name": "a.pdf"}
    assert post(applicant, f"/disposals/{task['number']}/certificate", certificate).json()["stage"] == "certified"
    assert DisposalTask.objects.get().stage == "certified"
    change = {
        "resource": other.resource_id,
        "kind": "alter",
        "what": "删姓名",
        "reason": "最小必要",
        "effective_on": str(today() + timedelta(60)),
    }
    number = post(provider, "/changes", change).json()["number"]
    assert post(provider, f"/changes/{number}/file", {"note": "x"}).status_code == 403
    assert post(provider, f"/changes/{number}/drop").json()["stage"] == "dropped"
    assert authority.get(f"{API}/changes?stage=dropped").json()[0]["number"] == number


def test_use_and_explanations_are_for_both_sides(applicant, provider):
    made = a_grant()
    outsider = at_desk(Role.APPLICANT, "浙江省交通运输厅")
    for client in (applicant, provider):
        assert made.number in client.get("/exchange/use").text
        assert client.get("/exchange/use?idle=1").status_code == 200
        assert client.get(f"{API}/use").json()["items"][0]["health"] == "silent"
        told = client.get(
            f"{API}/explain", {"resource": made.resource_id, "application": made.application_id, "item": "name"}
        ).json()
        assert (told["allowed"], told["verdicts"][0]["left_today"]) == (True, 1000)
        assert "可以使用" in client.get(f"/explain?grant={made.number}").text
    assert made.number not in outsider.get("/exchange/use").text
    assert outsider.get(f"{API}/explain", {"resource": made.resource_id, "application": made.application_id}).status_code == 404
    assert outsider.get(f"/explain?resource={made.resource_id}&application={made.application_id}").status_code == 404
    assert outsider.get(f"/explain?grant={made.number}").status_code == 404
    person = an_account(roles=[Role.APPLICANT], department=a_department(CONSUMER))
    told = applicant.get(f"{API}/explain", {"resource": made.resource_id, "account": person.username}).json()
    assert told["allowed"] and told["sees_grants"]
    assert made.number in applicant.get("/exchange/use?format=csv").content.decode("utf-8-sig")


def test_an_outsider_finds_nothing(db):
    made = a_grant(stage=GrantStage.EXPIRED)
    change = a_service_change(a_grant().resource_id, stage=ChangeStage.FILED)
    outsider = at_desk(Role.CONSUMER_HEAD, "浙江省交通运输厅")
    hidden = (f"/disposals/{made.disposal.number}", f"/changes/{change.number}")
    assert {path: outsider.get(path).status_code for path in hidden} == dict.fromkeys(hidden, 404)
    assert {path: outsider.get(API + path).status_code for path in hidden} == dict.fromkeys(hidden, 404)
