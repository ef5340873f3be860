# SPDX-License-Identifier: Apache-2.0
"""The one story by clicking: compiled, consented, published, asked for, endorsed, granted, stopped, verified."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from factories.sharing import a_request, today

pytestmark = pytest.mark.browser



def compile_entry(page):
    page.goto("/catalog/new")
    page.get_by_label("信息资源名称").fill("行政村名录")
    page.get_by_label("信息资源分类").select_option("307001")
    page.get_by_label("摘要").fill("全省行政村的名称、代码和所在乡镇，由民政部门逐年核定。")
    page.get_by_label("格式分类").select_option("spreadsheet")
    page.get_by_label("格式类型").fill("csv")
    page.get_by_label("更新周期").select_option("yearly")
    page.get_by_label("有条件共享", exact=True).check()
    page.get_by_label("共享范围").fill("省级政务部门")
    page.get_by_label("行政依据").check()
    page.get_by_label("服务接口查询").check()
    page.get_by_label("服务接口核验").check()
    page.get_by_label("使用条件").fill("仅用于履行法定职责")
    page.get_by_label("数据分级").select_option("general_1")
    page.get_by_label("开放属性").select_option("closed")
    page.get_by_label("保密风险评估").fill("不涉密，浙公密评〔2026〕9号")
    page.get_by_label("个人信息保护影响评估").fill("不含个人信息，浙公个评〔2026〕9号")


def paste(page, text):
    """Paste as Excel does: cells parted by tabs, rows by line ends."""
    page.locator("[name='items-0-name']").evaluate(
        """(cell, text) => {
            const clip = new DataTransfer();
            clip.setData("text/plain", text);
            cell.dispatchEvent(new ClipboardEvent("paste", {clipboardData: clip, bubbles: true, cancelable: true}));
        }""",
        text,
    )


def test_from_catalogue_to_grant_and_back(at_work):
    compiler = at_work("bianzhi")
    compile_entry(compiler)
    paste(compiler, "村代码\tvillage_code\tC\t12\t\t\t是\t\t是\t\n村名\tvillage_name\tC\t60\n乡镇\ttown\tC\t60\n")
    expect(compiler.locator("[data-items] tbody tr")).to_have_count(3)
    expect(compiler.locator("[name='items-0-key']")).to_be_checked()
    compiler.locator("[name='items-0-nullable']").uncheck()
    compiler.get_by_role("button", name="保存并报送负责人").click()
    expect(compiler.get_by_text("已报送，等待本部门负责人同意")).to_be_visible()

    head = at_work("gongan")
    head.goto("/workbench")
    head.get_by_role("link", name="行政村名录").first.click()
    head.get_by_role("button", name="同意报送").click()
    expect(head.get_by_text("已同意，转主管部门审核")).to_be_visible()

    authority = at_work("shuju")
    authority.goto("/catalog")
    authority.get_by_role("link", name="行政村名录").click()
    expect(authority.get_by_text("四性校验")).to_be_visible()
    authority.get_by_role("button", name="审核通过并发布").click()
    expect(authority.get_by_role("status").get_by_text("已发布")).to_be_visible()

    applicant = at_work("shenqing")
    applicant.goto("/applications/new")
    applicant.get_by_label("名称").fill("低保核对系统")
    applicant.get_by_label("负责人").fill("王芳")
    applicant.get_by_role("button", name="登记").click()
    expect(applicant.locator("#secret")).to_contain_text("BEGIN PRIVATE KEY")
    ask(applicant)

    own_head = at_work("minzheng")
    own_head.goto("/workbench")
    own_head.get_by_role("link", name="行政村名录").first.click()
    own_head.get_by_role("button", name="同意提出申请").click()
    expect(own_head.get_by_text("已同意，转提供部门答复")).to_be_visible()

    head.goto("/requests")
    head.locator("tbody a").first.click()
    expect(head.get_by_text("10 个工作日").first).to_be_visible()
    head.get_by_label("乡镇").first.uncheck()
    head.get_by_label("怎么给 村名").select_option("partial:1:0")
    head.get_by_label("意见或理由").fill("乡镇与核查无关")
    head.get_by_role("button", name="作出答复").click()
    head.get_by_role("button", name="确认答复").click()
    head.get_by_role("status").get_by_text("授权已签发").wait_for()
    head.locator("a[href^='/grants/G']").first.click()
    expect(head.get_by_text("保留前 1 位")).to_be_visible()
    expect(head.locator("#curl-call")).to_contain_text("Datong-Purpose")
    expect(head.get_by_text("还没有调用")).to_be_visible()
    head.get_by_role("button", name="暂停").first.click()
    head.locator("#stop-suspend").get_by_label("理由").fill("超范围使用")
    head.locator("#stop-suspend").get_by_role("button", name="确认").click()
    head.get_by_role("button", name="撤销").first.click()
    head.locator("#stop-revoke").get_by_label("理由").fill("用途变更")
    head.locator("#stop-revoke").get_by_role("button", name="确认").click()
    expect(head.locator(".dt-head .stage")).to_have_text("已撤销")

    auditor = at_work("shenji")
    auditor.goto("/evidence")
    auditor.get_by_role("button", name="现在校验全部").click()
    expect(auditor.get_by_text("校验通过")).to_be_visible()


def ask(page):
    """Ask for the village list, once with gaps (told all at once), then whole; nothing typed is lost between."""
    page.goto("/search?q=行政村")
    page.get_by_role("link", name="行政村名录").click()
    page.get_by_role("link", name="申请使用").first.click()
    page.get_by_label("使用场景").fill("最低生活保障申请核对")
    page.get_by_role("button", name="提交本部门负责人").click()
    expect(page.locator(".error-text").first).to_be_visible()
    expect(page.get_by_label("使用场景")).to_have_value("最低生活保障申请核对")
    page.get_by_label("使用依据类别").select_option("regulation")
    page.get_by_label("使用依据", exact=False).nth(1).fill("《社会救助暂行办法》第五十八条")
    page.get_by_label("使用范围").fill("民政经办人员")
    page.get_by_label("使用目的").fill("低保资格核查")
    page.get_by_label("全选").check()
    page.get_by_label("服务接口查询").check()
    page.get_by_label("应用系统").select_option(index=1)
    page.get_by_label("使用时限：自").fill(today().isoformat())
    page.get_by_label("使用时限：至").fill((today() + timedelta(days=90)).isoformat())
    page.get_by_role("button", name="提交本部门负责人").click()
    expect(page.get_by_text("已提交，等待本部门负责人同意")).to_be_visible()


def test_a_refusal_needs_category_and_reason(at_work):
    head = at_work("gongan")
    made = a_request()
    head.goto(f"/requests/{made.number}")
    head.get_by_label("不同意共享").check()
    head.get_by_role("button", name="作出答复").click()
    head.get_by_role("button", name="确认答复").click()
    expect(head.get_by_text("不同意须有类别和理由")).to_be_visible()
    expect(head.get_by_label("不同意共享")).to_be_checked()
    head.get_by_label("不同意的类别").select_option("beyond_need")
    head.get_by_label("意见或理由").fill("核对身份无需此数据")
    head.get_by_role("button", name="作出答复").click()
    head.get_by_role("button", name="确认答复").click()
    expect(head.locator(".dt-head .stage")).to_have_text("不同意共享")
