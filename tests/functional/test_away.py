# SPDX-License-Identifier: Apache-2.0
"""Someone goes on leave: names a deputy, who finds the work on the workbench and does it; messages are set on the phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from datong.contexts.sharing.domain import Stage
from factories.desks import DESKTOP, PHONE
from factories.sharing import a_request, today

pytestmark = pytest.mark.browser


def too_wide(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_a_deputy_finds_and_does_the_work(at_work):
    head, deputy = at_work("minzheng"), at_work("shenqing")
    row = a_request(stage=Stage.FILED)
    head.goto("/deputies")
    head.get_by_role("button", name="请人代办").click()
    head.get_by_label("代办人").select_option("shenqing")
    head.get_by_label("需求方负责人").check()
    for label in ("从哪天起", "到哪天止"):
        head.get_by_label(label).fill(today().isoformat())
    head.get_by_label("事由").fill("公休")
    head.get_by_role("button", name="登记代办").click()
    expect(head.get_by_role("cell", name="代办中")).to_be_visible()
    deputy.goto("/workbench")
    expect(deputy.get_by_text("代", exact=False).filter(has_text="办理").first).to_be_visible()
    deputy.goto(f"/requests/{row.number}")
    expect(deputy.get_by_text("本部门负责人同意").first).to_be_visible()
    head.get_by_role("button", name="结束代办").click()
    expect(head.get_by_role("cell", name="已结束")).to_be_visible()


def test_pages_of_messages_and_deputies_fit_a_phone(at_work):
    head = at_work("minzheng")
    for size in (DESKTOP, PHONE):
        head.set_viewport_size(size)
        for path in ("/notifications", "/deputies", "/notices", "/workbench"):
            head.goto(path)
            assert too_wide(head) <= 0, (path, size)
