# SPDX-License-Identifier: Apache-2.0
"""A joint decision by clicking: another department and the authority are heard, the provider's head answers over an objection."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from datong.contexts.organisations import queries
from datong.contexts.sharing import usecases
from datong.contexts.sharing.domain import Stage
from datong.contexts.sharing.domain.chains import AUTHORITY, ChainStep, Post
from datong.contexts.sharing.usecases import PolicyDraft
from datong.kernel.actors import Role
from factories.catalog import PROVIDER
from factories.organisations import a_department, an_account
from factories.sharing import a_request

pytestmark = pytest.mark.browser
WATER = "浙江省水利厅"


def officer(name: str):
    return queries.officer_of(queries.with_roles().get(username=name))


def test_a_joint_decision_is_walked_to_its_end(at_work):
    head, authority, own = at_work("gongan"), at_work("shuju"), at_work("minzheng")
    an_account("shuili", roles=[Role.PROVIDER_HEAD], department=a_department(WATER))
    water = at_work("shuili")
    steps = (ChainStep((AUTHORITY, Post("provider_head", "named", a_department(WATER).uscc))),)
    draft = PolicyDraft(a_department(PROVIDER).uscc, steps=steps, reason="会签制度")
    usecases.set_policy(draft, by=officer("shuju"))
    row = a_request(stage=Stage.FILED)

    own.goto("/requests")
    own.get_by_role("link", name="逐件办理").click()
    own.get_by_role("button", name="同意提出申请").click()
    expect(own.get_by_text("等您处理的申请都办完了")).to_be_visible()

    water.goto("/requests")
    water.get_by_role("link", name=row.number).click()
    expect(water.get_by_text("按顺序办理，最后由提供部门负责人答复")).to_be_visible()
    water.get_by_label("反对").check()
    water.get_by_role("button", name="提交意见").click()
    expect(water.get_by_text("须说明理由").first).to_be_visible()
    expect(water.get_by_label("反对")).to_be_checked()
    water.get_by_label("说明").fill("用途与职责无关")
    water.get_by_role("button", name="提交意见").click()
    expect(water.get_by_text("意见已记录")).to_be_visible()

    head.goto(f"/requests/{row.number}")
    expect(head.get_by_role("button", name="作出答复")).to_have_count(0)
    authority.goto("/workbench")
    authority.get_by_role("link", name="常住人口").first.click()
    authority.get_by_label("同意", exact=True).check()
    authority.get_by_role("button", name="提交意见").click()
    expect(authority.get_by_text("意见已记录")).to_be_visible()

    head.reload()
    expect(head.get_by_text("仍同意的，须在下面说明理由")).to_be_visible()
    head.get_by_role("button", name="作出答复").click()
    head.get_by_role("button", name="确认答复").click()
    expect(head.get_by_text("前面的环节有反对意见")).to_be_visible()
    head.get_by_label("意见或理由").fill("已核实，属法定职责")
    head.get_by_role("button", name="作出答复").click()
    head.get_by_role("button", name="确认答复").click()
    expect(head.get_by_text("授权已签发")).to_be_visible()
    own.goto(f"/requests/{row.number}")
    expect(own.get_by_text("给的比申请的少")).to_be_visible()
    expect(own.get_by_text("已核实，属法定职责").first).to_be_visible()


def test_the_next_request_is_one_key_away(at_work):
    own = at_work("minzheng")
    first, second = a_request(stage=Stage.FILED), a_request(stage=Stage.FILED)
    own.goto("/requests/desk")
    expect(own.get_by_text("第 1 件，共 2 件")).to_be_visible()
    own.keyboard.press("j")
    expect(own).to_have_url(f"{own.url.split('/requests')[0]}/requests/{second.number}?desk=1")
    own.keyboard.press("k")
    expect(own.locator(".dt-head .mono")).to_have_text(first.number)
