# SPDX-License-Identifier: Apache-2.0
"""Deciding by pages and by the API: opinions, more time, policies, one after another, several at once."""

import pytest
from django.test import Client

from datong.contexts.periods import face as periods
from datong.contexts.sharing import usecases
from datong.contexts.sharing.domain import Stage
from datong.contexts.sharing.domain.chains import AUTHORITY, ChainStep, Post
from datong.contexts.sharing.models import DecisionPolicy
from datong.contexts.sharing.queries import chains
from datong.contexts.sharing.usecases import PolicyDraft
from datong.kernel.actors import Role
from factories.api import signed_in
from factories.catalog import DATA_BUREAU, PROVIDER, an_authority
from factories.organisations import a_department, an_account
from factories.sharing import CONSUMER, a_request

pytestmark = pytest.mark.django_db
WATER = "浙江省水利厅"
PEOPLE = {
    "head": (Role.PROVIDER_HEAD, PROVIDER),
    "water": (Role.PROVIDER_HEAD, WATER),
    "bureau": (Role.AUTHORITY, DATA_BUREAU),
    "own": (Role.CONSUMER_HEAD, CONSUMER),
    "asker": (Role.APPLICANT, CONSUMER),
}


def browser(name: str) -> Client:
    role, home = PEOPLE[name]
    client = Client()
    client.force_login(an_account(name, roles=[role], department=a_department(home)))
    return client


def officer(name: str):
    role, home = PEOPLE[name]
    an_account(name, roles=[role], department=a_department(home))
    return signed_in(name)


def a_joint_policy() -> DecisionPolicy:
    posts = (AUTHORITY, Post("provider_head", "named", a_department(WATER).uscc))
    draft = PolicyDraft(a_department(PROVIDER).uscc, steps=(ChainStep(posts),), reason="会签制度")
    return usecases.set_policy(draft, by=an_authority())


def test_a_joint_decision_by_pages():
    a_joint_policy()
    water, bureau, head = browser("water"), browser("bureau"), browser("head")
    row = a_request()
    place = f"/requests/{row.number}"
    page = water.get(place).text
    assert "出具意见" in page and "会签" in page and "尚未轮到" in page
    assert "作出答复" not in head.get(place).text and "轮到本部门答复之前也可以" in head.get(place).text
    refused = water.post(f"{place}/opinion", {"says": "object", "words": ""})
    assert refused.status_code == 422 and "须说明理由" in refused.text and 'value="object" checked' in refused.text
    assert water.post(f"{place}/opinion", {"says": "object", "words": "用途不符"}).status_code == 302
    assert bureau.post(f"{place}/opinion", {"says": "agree"}).status_code == 302
    page = head.get(place).text
    assert "作出答复" in page and "用途不符" in page and "仍同意的，须在下面说明理由" in page
    wanted = {"outcome": "grant", "items": ["name", "division"], "channels": ["verify"], "max_rows": "10"}
    refused = head.post(f"{place}/decide", wanted)
    assert refused.status_code == 422 and "反对意见" in refused.text
    wanted |= {"opinion": "已核实", "extra-0-field": "division", "extra-0-op": "prefix", "extra-0-values": "3301"}
    assert head.post(f"{place}/decide", wanted).status_code == 302
    page = browser("asker").get(place).text
    for said in ("给的比申请的少", "已核实", "服务接口核验", "脱敏", "行范围"):
        assert said in page, said
    row.refresh_from_db()
    assert row.grant.stage == "active"


def test_more_time_by_pages():
    head, bureau = browser("head"), browser("bureau")
    row = a_request()
    place = f"/requests/{row.number}"
    assert "申请延长答复期限" in head.get(place).text
    refused = head.post(f"{place}/extend", {"days": "11", "reason": "x"})
    assert refused.status_code == 422 and "1至10个工作日" in refused.text
    assert head.post(f"{place}/extend", {"days": "many", "reason": "x"}).status_code == 422
    assert head.post(f"{place}/extend", {"days": "5", "reason": "需会同核实"}).status_code == 302
    assert "待主管部门同意延期" in head.get(place).text
    assert row.number in bureau.get("/requests?tab=waiting").text
    assert bureau.post(f"{place}/decline", {"consent_opinion": ""}).status_code == 422
    before = periods.clock_of(row.number).due
    assert bureau.post(f"{place}/consent", {"consent_opinion": "同意"}).status_code == 302
    assert periods.clock_of(row.number).due > before
    assert "需会同核实" in browser("asker").get(place).text


def test_one_after_another_and_back():
    own, head = browser("own"), browser("head")
    first, second = a_request(stage=Stage.FILED), a_request(stage=Stage.FILED)
    assert own.get("/requests/desk").url == f"/requests/{first.number}?desk=1"
    page = own.get(f"/requests/{first.number}?desk=1").text
    assert "第 1 件，共 2 件" in page and 'data-key="j"' in page and 'data-key="k"' not in page
    done = own.post(f"/requests/{first.number}/endorse", {"desk": "1"})
    assert done.url == f"/requests/{second.number}?desk=1"
    assert own.post(f"/requests/{second.number}/endorse", {"desk": "1"}).url == "/requests/desk"
    assert own.get("/requests/desk", follow=True).redirect_chain[-1][0] == "/requests?tab=waiting"
    assert head.get("/requests/desk").url == f"/requests/{first.number}?desk=1"
    assert "逐件办理" in head.get("/requests").text


def test_several_endorsed_at_once_tell_what_became_of_each():
    own = browser("own")
    first, drafted = a_request(stage=Stage.FILED), a_request(stage=Stage.DRAFT)
    assert 'name="numbers"' in own.get("/requests?tab=waiting").text
    page = own.post("/requests/endorse", {"numbers": [first.number, drafted.number]}).text
    assert "同意 1 份，未能办理 1 份" in page and "待提供部门答复" in page
    assert own.post("/requests/endorse", {}).url == "/requests?tab=waiting"
    assert browser("head").get("/requests/endorse").status_code in (404, 405)


def test_policies_by_pages():
    bureau, head = browser("bureau"), browser("head")
    home = a_department(PROVIDER).uscc
    assert "还没有办理策略" in bureau.get("/requests/policies").text
    wanted = {"department": home, "step-0-mode": "one", "step-0-0": "region", "step-0-1": "named", "reason": "会签制度"}
    refused = bureau.post("/requests/policies", wanted)
    assert refused.status_code == 422 and "指定部门时必填" in refused.text
    a_department(WATER)
    assert bureau.post("/requests/policies", wanted | {"step-0-1-department": WATER}).status_code == 302
    (policy,) = DecisionPolicy.objects.all()
    assert [post["role"] for post in policy.steps[0]["posts"]] == ["authority", "provider_head"]
    assert WATER in head.get("/requests/policies").text
    assert head.post(f"/requests/policies/{policy.pk}/end").status_code == 403
    assert bureau.post("/requests/policies", {"automatic": "1", "reason": "x"}).status_code == 422
    assert bureau.post(f"/requests/policies/{policy.pk}/end").status_code == 302
    assert "已停止" in bureau.get("/requests/policies?tab=ended").text
    assert bureau.post("/requests/policies/999999/end").status_code == 404


def test_deciding_by_the_api():
    a_joint_policy()
    head, water, bureau, own = officer("head"), officer("water"), officer("bureau"), officer("own")
    row = a_request()
    place = f"/requests/{row.number}"
    assert [(one["position"], one["role"], one["stage"]) for one in head.get(f"{place}/steps").json()] == [
        (1, "authority", "open"), (1, "provider_head", "open"), (2, "provider_head", "waiting"),
    ]  # fmt: skip
    assert head.post(f"{place}/grant", {}).status_code == 403
    assert water.post(f"{place}/opinion", {"opinion": "part"}).status_code == 422
    assert water.post(f"{place}/opinion", {"opinion": "agree"}).json()["stage"] == "answered"
    assert bureau.post(f"{place}/opinion", {"opinion": "agree"}).status_code == 200
    assert head.get(f"{place}/extension").status_code == 404
    asked = head.post(f"{place}/extension", {"days": 4, "reason": "需核实"})
    assert (asked.status_code, asked.json()["stage"]) == (201, "asked")
    told = bureau.post(f"{place}/extension/decision", {"consent": True}).json()
    assert (told["stage"], head.get(place).json()["clocks"][0]["extended_days"]) == ("granted", 4)
    assert head.post(f"{place}/grant", {}).status_code == 201
    filed = a_request(stage=Stage.FILED)
    made = own.post("/requests/endorsements", {"numbers": [filed.number, "nothing"]}).json()
    assert [(one["stage"], (one["problem"] or {}).get("code")) for one in made] == [("endorsed", None), ("", "unknown")]


def test_policies_by_the_api():
    bureau, head = officer("bureau"), officer("head")
    home = a_department(PROVIDER).uscc
    body = {"department": home, "sharing_type": "unconditional", "automatic": True, "reason": "办法第三条"}
    assert head.post("/decision-policies", body).status_code == 403
    made = bureau.post("/decision-policies", body)
    assert made.status_code == 201 and made.json()["ordered"]
    steps = [{"mode": "all", "posts": [{"role": "authority", "home": "region"}]}]
    assert bureau.post("/decision-policies", {"steps": steps, "reason": "全省"}).status_code == 201
    listed = head.get("/decision-policies").json()["items"]
    assert [one["department"] for one in listed] == ["", home]
    assert bureau.post("/decision-policies", {"steps": [{"mode": "most", "posts": []}], "reason": "x"}).status_code == 422
    assert bureau.post(f"/decision-policies/{listed[0]['id']}/end").json()["ended_at"]
    assert bureau.post(f"/decision-policies/{listed[0]['id']}/end").status_code == 409
    assert chains.policy_for(home, "330000", "", "unconditional").automatic
