# SPDX-License-Identifier: Apache-2.0
"""What the catalogue lacks: demanded, held against what there is, assigned with a clock, compiled, then asked for.

Kept here: the node suggests with a score, a person decides; the authority names who is responsible; the request begins
with the words of the demand.
"""

from __future__ import annotations

from typing import Any

from datong.config.demo import entries
from datong.config.demo.chapters import Story
from datong.config.demo.telling import Step, sure

CLASS = "101101"
ITEMS = ("机构名称", "从业人员姓名", "岗位", "入职日期")
WANTED = {
    "name": "养老机构从业人员名单", "items": list(ITEMS), "basis_kind": "regulation",
    "basis": "《社会保险经办条例》第十四条", "scene": "发放养老护理员职业技能补贴前核对在岗情况",
    "purpose": "核对养老护理员在岗情况", "coverage": "全省，2025年以来", "urgency": "urgent",
}  # fmt: skip
COMPILED = {
    "name": "养老机构从业人员名单【合成数据】",
    "abstract": "备案的养老机构及其从业人员的姓名、岗位、入职日期；按需求编目，记录为生成的合成数据",
    "class_code": CLASS, "format_class": "database", "format_type": "postgresql", "sharing_type": "conditional",
    "sharing_scope": "履行养老服务和社会保险职责的部门", "sharing_use": ["administrative_basis"], "sharing_methods": ["call"],
    "use_conditions": "仅用于核对在岗情况，不得提供给第三方", "opening_type": "closed", "update_cycle": "monthly",
    "level": "general_2", "contact": "0571-00000000", "system": "养老服务业务系统",
    "secrecy_assessment": "经评估不涉及国家秘密、工作秘密（保评〔2026〕22号）",
    "personal_assessment": "含从业人员信息，已完成个人信息保护影响评估（个评〔2026〕22号）",
    "items": [
        entries.item("institution", "机构名称", key=True, query=True, nullable=False),
        entries.item("person_name", "从业人员姓名", personal=True, level="general_3"),
        entries.item("post", "岗位"),
        entries.item("joined_on", "入职日期", "D"),
    ],
}  # fmt: skip


def steps(story: Story) -> list[Step]:
    """The steps of this chapter."""
    return [
        Step("demand", "目录没有的可以提需求，主管部门确定责任部门 a demand is assigned", lambda: _demanded(story), "/demands"),
        Step("supplied", "按需求编目，一步转为申请 compiled, then asked for in one step", lambda: _supplied(story), "/demands"),
    ]


def _demanded(story: Story) -> str:
    applicant, authority = story.of("人社厅", "consumer_applicant"), story.of("数据局", "authority")
    number = str(applicant.post("/demands", WANTED)["number"])
    near = applicant.get(f"/demands/{number}/matches")["items"]
    sure(near and near[0]["words"], "nothing was suggested, though the catalogue knows of institutions")
    applicant.post(f"/demands/{number}/file")
    story.of("人社厅", "consumer_head").post(f"/demands/{number}/endorse")
    holder = next(one for one in entries.DEPARTMENTS if one.short == "民政厅")
    assigned = authority.post(f"/demands/{number}/assign", {"department": holder.uscc, "reason": "养老机构由其备案"})
    sure(assigned["stage"] == "assigned", f"the demand is {assigned['stage']}")
    [duty] = authority.get("/responsibilities", q=number)["items"]
    sure(duty["answer_due"], f"no clock runs on the responsibility: {duty}")
    story.keys["demand"] = (number,)
    return (
        f"需求 {number}；系统推荐“{near[0]['name']}”（{near[0]['score']} 分），不含从业人员，未采用；"
        f"责任部门{holder.short}，{duty['answer_due']} 前答复（15 个工作日）"
    )


def _supplied(story: Story) -> str:
    [number] = story.keys["demand"]
    compiler, head = story.of("民政厅", "provider_compiler"), story.of("民政厅", "provider_head")
    compiler.post(f"/demands/{number}/accept", {"reason": "由本部门编目"})
    [duty] = compiler.get("/responsibilities", q=number)["items"]
    sure(duty["supply_due"], f"no clock runs on the compile task: {duty}")
    made = compiler.post("/entries", COMPILED)
    compiler.post(f"/entries/{made['id']}/file")
    head.post(f"/entries/{made['id']}/consent", {"opinion": "同意报送"})
    done = story.of("数据局", "authority").post(f"/entries/{made['id']}/publish", {"opinion": "四性审核通过"})
    answered = compiler.post(f"/demands/{number}/supply", {"resource": done["code"]})
    sure((answered["stage"], answered["resource"]) == ("answered", done["code"]), f"the demand is {answered}")
    applicant = story.of("人社厅", "consumer_applicant")
    asked = applicant.post(f"/demands/{number}/request")["request"]
    request: dict[str, Any] = applicant.get(f"/requests/{asked}")["request"]
    taken = {name: request[name] for name in ("scene", "purpose", "basis")}
    sure(taken == {name: WANTED[name] for name in taken}, f"the request does not carry the demand: {request}")
    sure(len(request["items"]) == len(ITEMS), f"items found in the entry: {request['items']}")
    return (
        f"编目任务 {duty['ticket']}（{duty['supply_due']} 前）；{done['code']} 已发布；"
        f"申请 {asked} 带着需求的依据、场景和 {len(ITEMS)} 个信息项"
    )
