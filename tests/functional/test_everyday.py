# SPDX-License-Identifier: Apache-2.0
"""Twelve everyday acts, each from the workbench in at most six clicks, by somebody who does it for the first time.

Kept here: clicks are counted from the workbench to the sentence that says it is done; typing is not counted. How long each
takes is told (pytest --log-cli-level=INFO) and not judged: the machine of the test is no measure of a person.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from datong.contexts.catalog.domain import Stage as Entry
from datong.contexts.corrections.domain.stages import Stage as Report
from datong.contexts.sharing.domain import Stage
from datong.engine import face as engine
from datong.kernel.actors import Role
from factories import folders
from factories.catalog import a_resource, an_open_draft
from factories.corrections import RIGHT, WRONG, a_correction, a_used_resource
from factories.hands import Hands
from factories.organisations import an_account
from factories.sharing import a_grant, a_request, an_application_of, today

pytestmark = pytest.mark.browser
At = Callable[[str], Hands]


@pytest.fixture
def hands(at_work) -> At:
    """`hands("shenqing")` sits that person down at the workbench, signed in."""
    return lambda name: Hands(at_work(name)).begin()


@pytest.fixture
def landed(monkeypatch):
    """Rows are landed in this process; the folders are empty before and after."""
    folders.empty()
    monkeypatch.setattr(engine, "apart", lambda task, *given, seconds=None, **more: task(*given, **more))
    yield
    folders.empty()


def test_1_the_applicant_requests_a_resource(hands: At):
    an_application_of()
    a_resource(an_open_draft(name="行政村名录"))
    me = hands("shenqing")
    me.find("行政村")
    me.open("行政村名录")
    me.press(me.page.get_by_role("link", name="申请使用").first)
    me.choose("使用依据类别", "regulation")
    me.type(me.page.locator("#f-basis"), "《社会救助暂行办法》第五十八条")
    me.type("使用场景", "低保资格核查")
    me.type("使用范围", "民政经办人员")
    me.type("使用目的", "低保资格核查")
    me.press(me.page.get_by_label("全选"))
    me.press(me.page.get_by_label("服务接口查询"))
    me.type("使用时限：自", today().isoformat())
    me.type("使用时限：至", (today() + timedelta(days=90)).isoformat())
    me.button("提交本部门负责人")
    expect(me.page.get_by_text("已提交，等待本部门负责人同意")).to_be_visible()
    me.done("1 提出共享申请")


def test_2_the_consumers_head_endorses(hands: At):
    row = a_request(stage=Stage.FILED)
    me = hands("minzheng")
    me.open(row.number)
    me.button("同意提出申请")
    expect(me.page.get_by_text("已同意，转提供部门答复")).to_be_visible()
    me.done("2 负责人同意申请")


def test_3_the_providers_head_grants(hands: At):
    row = a_request()
    me = hands("gongan")
    me.open(row.number)
    me.button("作出答复")
    me.button("确认答复")
    expect(me.page.get_by_role("status").get_by_text("授权已签发")).to_be_visible()
    me.done("3 同意共享")


def test_4_the_providers_head_grants_in_part(hands: At):
    row = a_request()
    me = hands("gongan")
    me.open(row.number)
    me.press(me.page.get_by_label("姓名", exact=True))
    me.type("意见或理由", "核查户籍不需要姓名")
    me.button("作出答复")
    me.button("确认答复")
    expect(me.page.get_by_role("status").get_by_text("授权已签发")).to_be_visible()
    expect(me.page.get_by_text("给的比申请的少：")).to_be_visible()
    me.done("4 部分同意")


def test_5_the_provider_refuses_with_a_reason(hands: At):
    row = a_request()
    me = hands("gongan")
    me.open(row.number)
    me.press(me.page.get_by_label("不同意共享"))
    me.choose("不同意的类别", "beyond_need")
    me.type("意见或理由", "核对身份无需此数据")
    me.button("作出答复")
    me.button("确认答复")
    expect(me.page.locator(".dt-head .stage")).to_have_text("不同意共享")
    me.done("5 不同意并说明理由")


def test_6_the_compiler_hands_in_a_change_of_an_entry(hands: At):
    a_resource(an_open_draft(name="行政村名录"))
    me = hands("bianzhi")
    me.go("编目")
    me.open("行政村名录")
    me.button("起草新版本")
    me.type("摘要", "全省行政村的名称、代码和所在乡镇，由民政部门逐季核定，变更后三日内更新。")
    me.button("保存并报送负责人")
    expect(me.page.get_by_text("已报送，等待本部门负责人同意")).to_be_visible()
    me.done("6 目录更新报送")


def test_7_the_head_consents_to_an_entry(hands: At):
    row = a_resource(stage=Entry.FILED)
    me = hands("gongan")
    me.open(row.resource.code)
    me.button("同意报送")
    expect(me.page.get_by_text("已同意，转主管部门审核")).to_be_visible()
    me.done("7 负责人同意报送")


def test_8_the_authority_publishes(hands: At):
    row = a_resource(stage=Entry.CONSENTED)
    me = hands("shuju")
    me.open(row.resource.code)
    me.button("审核通过并发布")
    expect(me.page.get_by_role("status").get_by_text("已发布")).to_be_visible()
    me.done("8 审核并发布")


def test_9_the_consumer_reports_an_error_in_a_record(hands: At, landed):
    home = a_used_resource()
    me = hands("shenqing")
    me.find("行政区划代码")
    me.press(me.page.locator(f"main a[href='/resources/{home.resource.code}']").first)
    me.press(me.page.get_by_role("link", name="报告错误"))
    me.choose("哪个信息项", "title")
    me.type("区划代码", "330100000000")
    me.type("查到的值", WRONG)
    me.type("应当是", RIGHT)
    me.type("依据和说明", "民政部2026年区划公告")
    me.button("提交提供部门核实")
    expect(me.page.get_by_text("提供部门将在10个工作日内核实答复")).to_be_visible()
    me.done("9 报告数据错误")


def test_10_the_provider_answers_a_report(hands: At, landed):
    row = a_correction(stage=Report.FILED)
    me = hands("bianzhi")
    me.open(row.number)
    me.button("开始核实")
    me.press(me.page.get_by_label("不予更正"))
    me.type("意见或理由", "与公告核对无误")
    me.button("答复并办结")
    expect(me.page.locator(".dt-head .stage")).to_have_text("不予更正")
    me.done("10 答复校核")


def test_11_the_security_officer_suspends_a_grant(hands: At):
    made = a_grant()
    an_account("anquan", roles=[Role.SECURITY])
    me = hands("anquan")
    me.open(made.resource.name)
    me.button("暂停")
    me.type(me.page.locator("#stop-suspend textarea"), "调用量异常")
    me.press(me.page.locator("#stop-suspend").get_by_role("button", name="确认"))
    expect(me.page.locator(".dt-head .stage")).to_have_text("已暂停")
    me.done("11 暂停授权")


def test_12_the_consumer_looks_up_the_use_and_takes_the_certificate_along(hands: At):
    made = a_grant()
    me = hands("shenqing")
    me.press(me.page.locator(f"main a[href='/grants/{made.number}']:has(.stage)"))
    expect(me.page.get_by_text("还没有调用")).to_be_visible()
    with me.page.expect_download() as taken:
        me.press(me.page.get_by_role("link", name="下载签名文件").first)
    assert made.number in taken.value.suggested_filename
    me.done("12 查看使用情况、下载授权文件")


def test_12b_the_consumer_renews_a_grant(hands: At):
    made = a_grant()
    me = hands("shenqing")
    me.go("授权")
    me.press(me.page.get_by_label(f"选择 {made.number}"))
    me.button("为选中的申请续期")
    expect(me.page.get_by_text("已提交 1 份续期申请")).to_be_visible()
    me.done("12 续期授权")
