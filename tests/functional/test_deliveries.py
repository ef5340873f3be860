# SPDX-License-Identifier: Apache-2.0
"""A delivery by clicking: asked for on the grant's page, followed, its files found, withdrawn; a table with its columns."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from datong.contexts.deliveries import usecases
from datong.contexts.deliveries.models import Delivery
from factories.deliveries import a_bulk_grant

pytestmark = pytest.mark.browser


def test_a_consumer_asks_for_files_and_withdraws_them(at_work):
    made = a_bulk_grant()
    page = at_work("shenqing")
    page.goto(f"/grants/{made.number}")
    page.get_by_role("link", name="提出交付").click()
    page.get_by_text("批量交换", exact=True).click()
    expect(page.get_by_label("数据库连接")).to_be_visible()
    expect(page.get_by_label("格式")).to_be_hidden()
    page.get_by_text("文件下载", exact=True).click()
    page.get_by_label("字符集（CSV）").select_option("gb18030")
    page.get_by_label("行的顺序可溯源").check()
    page.get_by_role("button", name="提出交付").click()
    expect(page.get_by_text("已提出交付，在后台进行")).to_be_visible()
    usecases.run_delivery(Delivery.objects.get().number)
    expect(page.locator(".card .stage").first).to_have_text("可下载")
    page.reload()
    page.get_by_role("button", name="生成地址").click()
    expect(page.locator("#address")).to_contain_text("signature=")
    page.get_by_role("button", name="撤回", exact=True).click()
    page.get_by_role("button", name="确认撤回").click()
    expect(page.locator(".card .stage").first).to_have_text("已撤回")
