# SPDX-License-Identifier: Apache-2.0
"""A refusal that is disputed until the authority instructs, and a citizen who complains and reads the answer, by clicking."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from datong.contexts.disputes.models import Dispute
from datong.contexts.sharing.domain import Stage as RequestStage
from factories.sharing import CONSUMER, a_request

pytestmark = pytest.mark.browser


def test_from_the_refusal_to_the_instruction(at_work):
    asked = a_request(stage=RequestStage.REFUSED)
    clerk = at_work("shenqing")
    clerk.goto(f"/requests/{asked.number}")
    clerk.get_by_role("link", name="提出争议").click()
    clerk.get_by_label("诉求和理由").fill("低保核对依法需要此数据")
    clerk.get_by_role("button", name="提出争议").click()
    expect(clerk.get_by_text("双方在下面的记录中协商")).to_be_visible()
    number = Dispute.objects.get().number

    head = at_work("gongan")
    head.goto("/workbench")
    head.get_by_role("link", name=number).first.click()
    head.get_by_label("陈述意见").fill("核对身份即可，不需要全部信息项")
    head.get_by_role("button", name="写入记录").click()
    expect(head.get_by_text("核对身份即可")).to_be_visible()

    chief = at_work("minzheng")
    chief.goto(f"/disputes/{number}")
    chief.get_by_role("button", name="协商不成，提请协调").click()
    chief.get_by_role("dialog").get_by_label("为什么协商不成").fill("对提供哪些信息项意见不一")
    chief.get_by_role("dialog").get_by_role("button", name="提请协调").click()
    expect(chief.get_by_text("主管部门协调中").first).to_be_visible()

    bureau = at_work("shuju")
    bureau.goto("/workbench")
    bureau.get_by_role("link", name=number).first.click()
    bureau.get_by_label("协调意见").fill("提供部门十日内提供姓名和户籍区划两项")
    bureau.get_by_label("理由", exact=False).last.fill("属于低保核对的法定职责需要")
    bureau.get_by_role("button", name="作出并送达双方").click()
    expect(bureau.get_by_text("协调意见已送达双方")).to_be_visible()
    clerk.goto(f"/disputes/{number}")
    expect(clerk.get_by_text("属于低保核对的法定职责需要").first).to_be_visible()


def test_a_citizen_complains_and_reads_the_answer(page, at_work):
    page.goto("/")
    page.get_by_role("link", name="投诉举报").click()
    page.get_by_label("已共享的材料仍被要求重复提交").check()
    page.get_by_label("发生了什么").fill("窗口仍要我提交户口簿复印件")
    page.get_by_role("button", name="提交投诉").click()
    number, code = page.locator("#number").inner_text(), page.locator("#code").inner_text()

    bureau = at_work("shuju")
    bureau.goto("/workbench")
    bureau.get_by_role("link", name=number).first.click()
    bureau.get_by_label("办理部门").select_option(label=f"{CONSUMER}（浙江省）")
    bureau.get_by_role("button", name="分派", exact=True).click()
    clerk = at_work("shenqing")
    clerk.goto(f"/complaints/{number}")
    clerk.get_by_label("本部门的答复").fill("已停止收取复印件")
    clerk.get_by_role("button", name="送主管部门审核").click()
    bureau.goto(f"/complaints/{number}")
    expect(bureau.get_by_label("给投诉人的答复")).to_have_value("已停止收取复印件")
    bureau.get_by_role("button", name="办结并答复").click()

    page.get_by_role("link", name="查询投诉").click()
    page.get_by_label("编号").fill(number)
    page.get_by_label("查询码").fill(code)
    page.get_by_role("button", name="查询", exact=True).click()
    expect(page.get_by_text("已停止收取复印件")).to_be_visible()
