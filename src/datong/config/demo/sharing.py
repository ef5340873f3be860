# SPDX-License-Identifier: Apache-2.0
"""The middle chapters: requests, decisions and calls under grants, inside and outside of what was granted; the end of one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from datong.config.demo.chapters import Story, until
from datong.config.demo.clients import Caller
from datong.config.demo.telling import Step, sure
from datong.kernel.workdays import SHANGHAI

PURPOSE_CHECK = "核验参保单位登记信息"
PURPOSE_VILLAGE = "社会保险经办地址规范化"
CASE = "YB-2026-000117"
REVOCATION_BITES = 1.0


def steps(story: Story) -> list[Step]:
    """The steps of these chapters."""
    return [
        Step("unconditional", "人社厅申请村级代码，同意 an unconditional request is granted",
             lambda: _villages(story), "/requests"),
        Step("conditional", "医保局申请企业登记，部分同意并脱敏 granted with fewer items and a mask",
             lambda: _enterprises(story), "/grants"),
        Step("refused", "交通厅申请人口信息，不同意并说明理由 refused with a reason", lambda: _refused(story), "/requests"),
        Step("call", "按键查询 calls by key", lambda: _call(story), "/exchange/calls"),
        Step("filter", "按条件查询 a call by filter", lambda: _filter(story), "/exchange/calls"),
        Step("masked", "脱敏返回 masks apply", lambda: _masked(story), "/exchange/calls"),
        Step("verify", "核验只答是否 verification answers yes or no", lambda: _verify(story), "/exchange/calls"),
        Step("outside", "超出授权的调用被拒绝 calls outside the grant are refused", lambda: _outside(story), "/exchange/calls"),
    ]  # fmt: skip


def ask_for(story: Story, short: str, tag: str, application: str, **said: Any) -> str:
    """Draft, file and endorse a request; returns its number."""
    applicant, head = story.of(short, "consumer_applicant"), story.of(short, "consumer_head")
    today = datetime.now(SHANGHAI).date()
    body = {
        "resource": story.codes[tag],
        "application": application,
        "basis_kind": "regulation",
        "scope": f"{short}本级及所属经办机构",
        "channels": ["call", "verify"],
        "term_from": today.isoformat(),
        "term_until": (today + timedelta(days=365)).isoformat(),
        **said,
    }
    number = str(applicant.post("/requests", body)["number"])
    applicant.post(f"/requests/{number}/file")
    endorsed = head.post(f"/requests/{number}/endorse")
    sure(endorsed["stage"] == "endorsed", f"request {number} is {endorsed['stage']}")
    return number


def _application(story: Story, short: str, name: str) -> Caller:
    """Register an application whose private key stays with it."""
    caller = Caller(story.gateway, story.node)
    body = {"name": name, "address": "10.0.0.8", "responsible": "信息中心", "public_key": caller.public_pem}
    made = story.of(short, "consumer_applicant").post("/applications", body)
    caller.client_id = made["application"]["client_id"]
    story.callers[short] = caller
    return caller


def _due(story: Story, short: str, role: str, number: str) -> tuple[int, str]:
    clock = story.of(short, role).get(f"/requests/{number}")["clocks"][0]
    return clock["days"], clock["due"]


def _villages(story: Story) -> str:
    caller = _application(story, "人社厅", "社会保险经办系统")
    number = ask_for(
        story, "人社厅", "villages", caller.client_id, basis_kind="duty",
        basis="社会保险参保登记（《社会保险经办条例》）", scene="参保登记时规范居住地址",
        purpose=PURPOSE_VILLAGE, items=["code", "name", "street_code", "county_code", "city_code", "province_code"],
    )  # fmt: skip
    days, due = _due(story, "民政厅", "provider_head", number)
    sure(days == 1, f"an unconditional request has {days} working days")
    grant = story.of("民政厅", "provider_head").post(f"/requests/{number}/grant", {"require_purpose": False})
    story.grants["villages"] = grant["number"]
    return f"申请 {number}，{days} 个工作日（{due} 前答复），授权 {grant['number']}"


def _enterprises(story: Story) -> str:
    caller = _application(story, "医保局", "参保单位稽核系统")
    wanted = ["uscc", "name", "legal_representative", "status", "established", "registered_capital", "region", "address"]
    number = ask_for(
        story, "医保局", "enterprises", caller.client_id, basis="《医疗保障基金使用监督管理条例》第二十条",
        scene="稽核参保单位主体状态", purpose=PURPOSE_CHECK, items=wanted,
    )  # fmt: skip
    days, due = _due(story, "市监局", "provider_head", number)
    sure(days == 10, f"a conditional request has {days} working days")
    items = [
        {"field": "uscc", "mask": "none"},
        {"field": "name", "mask": "none"},
        {"field": "legal_representative", "mask": "partial:1:0"},
        {"field": "status", "mask": "none"},
        {"field": "established", "mask": "none"},
    ]
    decision = {
        "items": items, "require_purpose": True, "require_case": True, "quota_per_day": 1000, "max_rows": 10,
        "opinion": "与稽核无关的注册资本、区划和住所不予提供；法定代表人姓名脱敏",
    }  # fmt: skip
    grant = story.of("市监局", "provider_head").post(f"/requests/{number}/grant", decision)
    story.grants["enterprises"] = grant["number"]
    return (
        f"申请 {number}，{days} 个工作日（{due} 前答复），要 {len(wanted)} 项给 {len(items)} 项，姓名脱敏，授权 {grant['number']}"
    )


def _refused(story: Story) -> str:
    caller = _application(story, "交通厅", "票务实名核验系统")
    number = ask_for(
        story, "交通厅", "persons", caller.client_id, basis_kind="duty",
        basis="客运实名管理（《浙江省道路运输条例》）", scene="分析旅客出行规律",
        purpose="旅客画像分析", items=["resident_id", "name", "phone", "address"],
    )  # fmt: skip
    head = story.of("公安厅", "provider_head")
    empty = head.post(f"/requests/{number}/refuse", {"category": "beyond_need", "reason": ""}, status=422)
    sure("reason" in empty["errors"], "a refusal without a reason was not told so")
    reason = "旅客画像分析超出所引依据的授权，姓名、电话和住址与履职无直接关系"
    done = head.post(f"/requests/{number}/refuse", {"category": "beyond_need", "reason": reason})
    seen = story.of("交通厅", "consumer_applicant").get(f"/requests/{number}")
    sure(done["stage"] == "refused" and seen["opinion"] == reason, "the reason does not reach the applicant")
    return f"申请 {number} 不同意：{reason}；不写理由时 422"


def _call(story: Story) -> str:
    caller, code = story.callers["人社厅"], story.codes["villages"]
    waited = until(lambda: _known(caller, code), 20, "the grant did not reach the gateway")
    answer = caller.records(code, code=_a_village(caller, code))
    records = answer.json()["records"]
    sure(answer.status_code == 200 and len(records) == 1, f"a call by key answered {answer.status_code}: {answer.text[:200]}")
    story.receipts.append(answer.headers["Datong-Receipt"])
    return f"{records[0]['code']} → {records[0]['name']}（授权到达网关 {waited * 1000:.0f} 毫秒）"


def _known(caller: Caller, code: str) -> bool:
    return caller.sign_in().status_code == 200 and caller.records(code, county_code="330106", limit=1).status_code == 200


def _a_village(caller: Caller, code: str) -> str:
    return str(caller.records(code, county_code="330106", limit=1).json()["records"][0]["code"])


def _filter(story: Story) -> str:
    answer = story.callers["人社厅"].records(story.codes["villages"], county_code="330106", limit=5)
    names = [row["name"] for row in answer.json()["records"]]
    sure(answer.status_code == 200 and len(names) == 5, f"a filter answered {answer.status_code}")
    return f"西湖区（330106）前五个：{'、'.join(names)}"


def _masked(story: Story) -> str:
    caller, code = story.callers["医保局"], story.codes["enterprises"]
    sure(caller.sign_in().status_code == 200, "the second application cannot sign in")
    answer = caller.records(code, purpose=PURPOSE_CHECK, case=CASE, uscc=story.keys["enterprises"][0])
    sure(answer.status_code == 200 and answer.json()["records"], f"answered {answer.status_code}: {answer.text[:200]}")
    record = answer.json()["records"][0]
    sure(set(record) == {"uscc", "name", "legal_representative", "status", "established"}, f"items left: {set(record)}")
    sure("*" in record["legal_representative"], "the name left unmasked")
    story.receipts.append(answer.headers["Datong-Receipt"])
    return f"{record['name']}，法定代表人 {record['legal_representative']}，{record['status']}；只有五项"


def _verify(story: Story) -> str:
    caller, code = story.callers["医保局"], story.codes["enterprises"]
    key = {"uscc": story.keys["enterprises"][0]}
    said = caller.records(code, purpose=PURPOSE_CHECK, case=CASE, **key).json()["records"][0]
    claims = {"status": said["status"], "established": "1900-01-01"}
    answer = caller.verify(code, key, claims, purpose=PURPOSE_CHECK, case=CASE)
    sure(answer.status_code == 200, f"a verification answered {answer.status_code}: {answer.text[:200]}")
    matches = answer.json()["matches"]
    sure(matches == {"status": True, "established": False}, f"verification: {answer.text[:200]}")
    sure(said["established"] not in answer.text, "a verification revealed a value")
    story.receipts.append(answer.headers["Datong-Receipt"])
    return "登记状态相符：是；成立日期 1900-01-01 相符：否；不透露任何值"


def _outside(story: Story) -> str:
    caller, code = story.callers["医保局"], story.codes["enterprises"]
    key = {"uscc": story.keys["enterprises"][0]}
    tries = {
        "item_not_granted": caller.records(code, purpose=PURPOSE_CHECK, case=CASE, items="uscc,address", **key),
        "purpose_mismatch": caller.records(code, purpose="市场营销", case=CASE, **key),
        "purpose_required": caller.records(code, case=CASE, **key),
        "case_required": caller.records(code, purpose=PURPOSE_CHECK, **key),
        "unknown": caller.records(story.codes["persons"], purpose=PURPOSE_CHECK, case=CASE, resident_id="1"),
    }
    for wanted, answer in tries.items():
        said = answer.json().get("code")
        sure(said == wanted, f"expected {wanted}, was answered {answer.status_code} {said}")
        sure(answer.headers.get("Datong-Receipt"), f"{wanted} left no receipt")
        story.receipts.append(answer.headers["Datong-Receipt"])
    said = "、".join(f"{code} {answer.status_code}" for code, answer in tries.items())
    return f"{len(tries)} 种越权各被拒绝并留痕：{said}"


def revoke(story: Story) -> str:
    """Revoke the grant of the 医保局 as the authority; what happened, in one line."""
    caller, code = story.callers["医保局"], story.codes["enterprises"]
    key = {"uscc": story.keys["enterprises"][0]}
    number = story.grants["enterprises"]
    story.of("数据局", "authority").post(f"/grants/{number}/revoke", {"note": "使用方系统停用"})
    said: dict[str, Any] = {}

    def refused() -> bool:
        answer = caller.records(code, purpose=PURPOSE_CHECK, case=CASE, **key)
        said.update(status=answer.status_code, code=answer.json().get("code"))
        return answer.status_code != 200

    took = until(refused, 10, "the revoked grant still answers")
    sure(took < REVOCATION_BITES, f"the revocation took {took:.2f} s")
    sure(said["code"] == "grant_revoked", f"after the revocation: {said}")
    return f"撤销后 {took * 1000:.0f} 毫秒内被拒绝：{said['status']} {said['code']}"
