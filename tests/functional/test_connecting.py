# SPDX-License-Identifier: Apache-2.0
"""A department connects its interface in a browser, tests it for true, and attaches what it hands out."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from factories import stores
from factories.exchange import HEADER, ROWS, a_shared_resource

pytestmark = pytest.mark.browser
TOKEN = "s3cret-Token-1"


@pytest.fixture
def interface(settings):
    settings.CONNECTION_NETWORKS = stores.LOOPBACK
    with stores.an_interface() as server:
        rows = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
        server.answers["/status"] = lambda _: {"ok": True}
        server.answers["/rows"] = lambda _: {"items": rows}
        yield server


def test_an_interface_is_connected_tested_and_attached(at_work, interface):
    code = a_shared_resource().resource.code
    desk = at_work("bianzhi")
    desk.goto("/connections")
    desk.get_by_role("link", name="新建连接").first.click()
    desk.get_by_role("link", name="HTTP 数据接口").click()
    desk.get_by_label("连接名称").fill("区划接口")
    desk.get_by_label("接口地址").fill(interface.base)
    desk.get_by_label("认证方式").select_option("bearer")
    desk.get_by_label("测试路径").fill("/status")
    desk.get_by_label("口令或者令牌").fill(TOKEN)
    desk.get_by_role("button", name="保存连接").click()
    expect(desk.get_by_text("还没有测试")).to_be_visible()
    desk.get_by_role("button", name="测试连接").click()
    expect(desk.get_by_text("连接可用")).to_be_visible(timeout=20_000)
    assert TOKEN not in desk.content()
    desk.goto(f"/exchange/attach/{code}")
    desk.get_by_text("或者通过数据源连接").click()
    desk.get_by_label("连接", exact=True).select_option(label="区划接口（HTTP 数据接口）")
    expect(desk.get_by_label("文件路径")).to_be_hidden()
    desk.get_by_label("接口路径").fill("/rows")
    desk.get_by_label("行的位置").fill("/items")
    desk.get_by_role("button", name="查看内容").click()
    expect(desk.get_by_role("cell", name=ROWS[0][1])).to_be_visible(timeout=20_000)
    desk.get_by_role("button", name="确认挂接").click()
    expect(desk).to_have_url(re.compile("/exchange/batches/[0-9]+$"), timeout=20_000)
