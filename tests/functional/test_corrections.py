# SPDX-License-Identifier: Apache-2.0
"""An error from the one who finds it to everybody who uses the data, and a batch called back, by clicking."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from datong.contexts.corrections.models import Correction, Recall
from datong.engine import face as engine
from factories import folders
from factories.corrections import RIGHT, WRONG, a_used_resource, mended_rows

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    folders.empty()
    monkeypatch.setattr(engine, "apart", lambda task, *given, seconds=None, **more: task(*given, **more))
    yield
    folders.empty()


def report(clerk, code: str) -> str:
    """Report a wrong value from the page of the resource; gives the number."""
    clerk.goto(f"/resources/{code}")
    clerk.get_by_role("link", name="报告错误").click()
    clerk.get_by_label("哪个信息项").select_option("title")
    clerk.get_by_label("区划代码").fill("330100000000")
    clerk.get_by_label("查到的值").fill(WRONG)
    clerk.get_by_label("应当是").fill(RIGHT)
    clerk.get_by_label("依据和说明").fill("民政部2026年区划公告")
    clerk.get_by_label("办件编号").fill("AJ20261122-7")
    clerk.get_by_role("button", name="提交提供部门核实").click()
    expect(clerk.get_by_text("提供部门将在10个工作日内核实答复")).to_be_visible()
    return Correction.objects.get().number


def test_from_the_error_found_to_the_corrected_record(at_work):
    home = a_used_resource()
    clerk = at_work("shenqing")
    number = report(clerk, home.resource.code)
    expect(clerk.get_by_text("出示证照即可照常办理")).to_be_visible()
    clerk.get_by_role("button", name="登记证照").click()
    clerk.get_by_role("dialog").get_by_label("出示的证照").select_option("resident_card")
    clerk.get_by_role("dialog").get_by_label("证照号码").fill("330106199001010010")
    clerk.get_by_role("button", name="登记，照常办理").click()
    expect(clerk.get_by_text("照常办理", exact=True)).to_be_visible()

    compiler = at_work("bianzhi")
    compiler.goto("/workbench")
    compiler.get_by_role("link", name=number).first.click()
    compiler.get_by_role("button", name="开始核实").click()
    expect(compiler.get_by_text("先挂接更正后的数据")).to_be_visible()
    mended_rows(home)
    compiler.reload()
    compiler.get_by_label("意见或理由").fill("已按公告更正")
    compiler.get_by_role("button", name="答复并办结").click()
    expect(compiler.get_by_text("已是应为的值")).to_be_visible()
    expect(compiler.get_by_text("已通知 1 个使用部门")).to_be_visible()

    clerk.goto("/workbench")
    expect(clerk.get_by_text("请以更正后的版本为准").first).to_be_visible()
    clerk.goto(f"/corrections/{number}")
    clerk.get_by_label("基本满意").check()
    clerk.get_by_label("哪里可以改进").fill("可以更快")
    clerk.get_by_role("button", name="提交评价").click()
    expect(clerk.get_by_text("可以更快")).to_be_visible()


def test_a_batch_called_back(at_work):
    home = a_used_resource()
    head = at_work("gongan")
    head.goto(f"/resources/{home.resource.code}")
    head.get_by_role("link", name="召回数据").click()
    head.get_by_label("召回哪一批").select_option(index=1)
    head.get_by_label("召回理由").fill("整列错位")
    head.get_by_role("button", name="发出召回").click()
    expect(head.get_by_text("1 个部门未回执")).to_be_visible()

    clerk = at_work("shenqing")
    clerk.goto("/workbench")
    clerk.get_by_role("link", name=Recall.objects.get().number).first.click()
    clerk.get_by_label("已销毁").check()
    clerk.get_by_label("说明").fill("已从前置库删除")
    clerk.get_by_role("button", name="提交回执").click()
    expect(clerk.get_by_text("回执已记录")).to_be_visible()
    head.reload()
    expect(head.get_by_text("召回完成").first).to_be_visible()
