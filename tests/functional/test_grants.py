# SPDX-License-Identifier: Apache-2.0
"""A grant in its life, by clicking: used, renewed, given up, destroyed; a service that is to stop; may it be used."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from factories.sharing import a_grant, today

pytestmark = pytest.mark.browser


def test_a_consumer_accounts_for_use_gives_up_and_destroys(at_work):
    made = a_grant()
    page = at_work("shenqing")
    page.goto(f"/grants/{made.number}")
    page.get_by_text("登记使用记录").click()
    for label in ("使用场景", "使用过程", "应用成效", "存储情况", "销毁情况"):
        page.locator("#uses").get_by_label(label).fill(f"{label}：如实填写")
    page.get_by_label("使用起始日").fill(str(today()))
    page.get_by_label("使用截止日").fill(str(today()))
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_text("使用记录已登记")).to_be_visible()
    page.get_by_role("button", name="不再使用").click()
    page.locator("#terminate").get_by_label("原因").select_option("met")
    page.get_by_role("button", name="确认终止").click()
    expect(page.locator(".dt-head .stage")).to_have_text("使用方已终止")
    page.locator("a[href^='/disposals/X']").first.click()
    page.get_by_label("销毁了什么").fill("低保核对库 hukou_check 表及其备份")
    page.get_by_label("怎么销毁").first.select_option("erased")
    page.get_by_label("由谁销毁").fill("信息中心 王五")
    page.get_by_label("销毁日期").fill(str(today()))
    page.get_by_role("button", name="提交销毁证明").click()
    expect(page.locator(".dt-head .stage")).to_have_text("已提交销毁证明")


def test_several_grants_are_renewed_with_one_look(at_work):
    a_grant()
    a_grant()
    page = at_work("shenqing")
    page.goto("/grants")
    page.get_by_label("全选").check()
    page.get_by_role("button", name="为选中的申请续期").click()
    expect(page.get_by_text("已提交 2 份续期申请")).to_be_visible()


def test_a_service_stops_after_negotiation_and_filing(at_work):
    made = a_grant()
    head = at_work("gongan")
    head.goto(f"/resources/{made.resource_id}/removal")
    head.get_by_role("link", name="提出服务变更").click()
    head.get_by_label("停止服务").check()
    head.get_by_label("变更内容").fill("接口停止提供，改由省级平台统一提供")
    head.get_by_label("理由").fill("职责调整")
    head.get_by_label("生效日期").fill(str(today() + timedelta(days=60)))
    head.get_by_role("button", name="通知使用部门").click()
    expect(head.get_by_text("已通知使用部门答复")).to_be_visible()
    number = head.url.rpartition("/")[2]
    consumer = at_work("minzheng")
    consumer.goto(f"/changes/{number}")
    consumer.get_by_label("同意", exact=True).check()
    consumer.get_by_role("button", name="答复").click()
    expect(consumer.get_by_text("已答复").first).to_be_visible()
    head.reload()
    head.get_by_label("协商情况").fill("使用部门同意")
    head.get_by_role("button", name="报备案").click()
    authority = at_work("shuju")
    authority.goto(f"/changes/{number}")
    authority.get_by_label("备案文号").fill("浙数备〔2026〕1号")
    authority.get_by_role("button", name="同意备案").click()
    expect(authority.locator(".dt-head .stage")).to_have_text("已备案待生效")


def test_may_it_be_used_says_why(at_work):
    made = a_grant()
    page = at_work("shenqing")
    page.goto(f"/grants/{made.number}")
    page.get_by_role("link", name="能不能用").first.click()
    expect(page.get_by_text("可以使用")).to_be_visible()
    page.get_by_label("信息项字段").fill("case_note")
    page.get_by_role("button", name="查明").click()
    expect(page.get_by_text("不予共享").first).to_be_visible()
