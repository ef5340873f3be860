# SPDX-License-Identifier: Apache-2.0
"""Asking by clicking: several resources from a basket, a dry run before filing, a copy of what was refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from datong.contexts.sharing.domain import Stage
from factories.catalog import a_resource, an_open_draft
from factories.sharing import a_request, an_application_of, today

pytestmark = pytest.mark.browser


def test_two_resources_are_asked_for_at_once(at_work):
    an_application_of()
    first, second = a_resource(), a_resource(an_open_draft(name="行政村名录"))
    page = at_work("shenqing")
    for resource in (first, second):
        page.goto(f"/resources/{resource.resource.code}")
        page.get_by_role("button", name="放进申请篮").click()
        expect(page.get_by_text("已放进申请篮")).to_be_visible()
    page.get_by_role("link", name="看申请篮").click()
    expect(page.locator(".basket > li")).to_have_count(2)
    page.get_by_role("button", name="一起提交本部门负责人").click()
    expect(page.get_by_text("共同的内容不齐全")).to_be_visible()
    expect(page.locator(".gaps li")).to_have_count(9)
    fill_in(page)
    page.get_by_text("信息项：选了 3 / 3").click()
    page.locator(".basket details[open] input").last.uncheck()
    page.get_by_role("button", name="一起提交本部门负责人").click()
    expect(page.locator(".basket .stage")).to_have_text(["待本部门负责人同意", "待本部门负责人同意"])


def test_drafts_of_a_basket_say_what_they_lack(at_work):
    resource = a_resource()
    page = at_work("shenqing")
    page.goto(f"/resources/{resource.resource.code}")
    page.get_by_role("button", name="放进申请篮").click()
    page.goto("/basket")
    page.get_by_role("button", name="只存为草稿").click()
    expect(page.get_by_text("还缺：")).to_be_visible()
    expect(page.locator(".basket .stage")).to_have_text(["草稿"])
    page.get_by_role("link", name="去补齐").click()
    expect(page.locator(".dt-head .stage")).to_have_text("草稿")


def fill_in(page):
    """What is common: the basis from the list of laws, the rest typed."""
    page.get_by_label("使用依据类别").select_option("regulation")
    page.locator("#pick-regulation").select_option("《政务数据共享条例》第十四条")
    expect(page.locator("#f-basis")).to_have_value("《政务数据共享条例》第十四条")
    page.get_by_label("使用场景").fill("低保资格核查")
    page.get_by_label("使用范围").fill("民政经办人员")
    page.get_by_label("使用目的").fill("低保资格核查")
    page.get_by_label("服务接口查询").check()
    page.get_by_label("应用系统").select_option(index=1)
    page.get_by_label("使用时限：自").fill(today().isoformat())
    page.get_by_label("使用时限：至").fill((today() + timedelta(days=90)).isoformat())


def test_a_dry_run_says_what_who_and_when_before_anything_is_filed(at_work):
    an_application_of()
    resource = a_resource()
    page = at_work("shenqing")
    page.goto(f"/requests/new?resource={resource.resource.code}")
    page.get_by_role("button", name="先试算").click()
    trial = page.locator("#trial")
    expect(trial.get_by_role("heading", name="试算结果")).to_be_visible()
    trial.get_by_role("link", name="使用依据类别").click()
    assert page.url.endswith("#f-basis_kind")
    fill_in(page)
    page.get_by_label("全选").check()
    page.get_by_text("只要其中一部分行").click()
    page.get_by_label("浙江省（全部）").check()
    page.get_by_role("button", name="先试算").click()
    expect(trial.get_by_text("内容齐全，可以提交。")).to_be_visible()
    expect(trial.get_by_text("最迟答复", exact=True)).to_be_visible()
    expect(trial.get_by_text("不能给")).to_have_count(1)
    expect(trial.get_by_text("以 33 开头（浙江省）")).to_be_visible()
    page.get_by_role("button", name="提交本部门负责人").click()
    expect(page.get_by_text("已提交，等待本部门负责人同意")).to_be_visible()


def test_what_was_refused_is_copied_and_asked_anew(at_work):
    before = a_request(stage=Stage.REFUSED)
    page = at_work("shenqing")
    page.goto(f"/requests/{before.number}")
    page.get_by_role("link", name="复制为新申请").click()
    expect(page.get_by_label("使用场景")).to_have_value(before.scene)
    page.get_by_label("使用场景").fill("低保年度复核")
    page.get_by_role("button", name="提交本部门负责人").click()
    expect(page.locator(".dt-head .stage")).to_have_text("待本部门负责人同意")
