# SPDX-License-Identifier: Apache-2.0
"""From data the catalogue lacks to a request for them, by clicking: demand, consent, assignment, task, entry, request."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from datong.contexts.demands.models import Demand
from factories.catalog import PROVIDER, a_resource

pytestmark = pytest.mark.browser


def demand(clerk) -> str:
    """Make a demand from an empty search; gives its number."""
    clerk.goto("/search?q=水上居民船舶停泊")
    clerk.get_by_role("link", name="提出需求").click()
    clerk.get_by_label("信息项").fill("公民身份号码、姓名、停泊水域")
    clerk.get_by_label("可能由哪个部门掌握").fill(PROVIDER)
    clerk.get_by_label("使用依据类别").select_option("regulation")
    clerk.get_by_label("使用依据", exact=False).last.fill("《社会救助暂行办法》第五十八条")
    clerk.get_by_label("使用场景").fill("低保受理窗口核对住所")
    clerk.get_by_label("使用目的").fill("低保住所核对")
    clerk.get_by_role("button", name="提交本部门负责人").click()
    expect(clerk.get_by_text("已提交，等待本部门负责人同意")).to_be_visible()
    return Demand.objects.get().number


def test_from_an_empty_search_to_a_prefilled_request(at_work):
    clerk, head, bureau, compiler = (at_work(name) for name in ("shenqing", "minzheng", "shuju", "bianzhi"))
    number = demand(clerk)
    head.goto("/workbench")
    head.locator(f'a.item[href="/demands/{number}"]').first.click()
    head.get_by_role("button", name="同意，送主管部门").click()
    expect(head.get_by_text("已同意，主管部门已收到")).to_be_visible()

    bureau.goto("/workbench")
    bureau.locator(f'a.item[href="/demands/{number}"]').first.click()
    bureau.get_by_role("radio", name=PROVIDER).check()
    expect(bureau.get_by_label("责任部门")).to_have_value(PROVIDER)
    bureau.get_by_label("分派理由").fill("水上治安管理由公安机关承担")
    bureau.get_by_role("button", name="分派，开始计时").click()
    expect(bureau.get_by_text("责任部门的期限开始计算")).to_be_visible()

    compiler.goto(f"/demands/{number}")
    compiler.get_by_role("button", name="答复", exact=True).click()
    expect(compiler.get_by_text("编目任务已生成")).to_be_visible()
    entry = a_resource()
    compiler.get_by_label("目录代码").fill(entry.resource.code)
    compiler.get_by_role("button", name="记下").click()

    clerk.goto(f"/demands/{number}")
    clerk.get_by_role("button", name="去申请").click()
    expect(clerk.get_by_label("使用目的")).to_have_value("低保住所核对")
    expect(clerk.locator("#item-name")).to_be_checked()


def test_what_the_catalogue_has_is_shown_while_one_writes(at_work):
    entry = a_resource()
    clerk = at_work("shenqing")
    clerk.goto("/demands/new")
    clerk.get_by_label("需要的数据名称").fill("常住人口登记")
    clerk.get_by_label("信息项").fill("姓名")
    expect(clerk.get_by_text("匹配度").first).to_be_visible()
    clerk.get_by_role("button", name="就是它，去申请").first.click()
    expect(clerk.get_by_role("link", name=entry.name).first).to_be_visible()
    expect(clerk.get_by_role("button", name="去申请")).to_be_visible()
