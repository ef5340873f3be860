# SPDX-License-Identifier: Apache-2.0
"""Evidence in the browser: a record is found, and the browser itself computes that it is in the signed tree."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from datong.crypto.keys import load_signer
from datong.ledger.log import Log
from factories.desks import DESKTOP, PHONE
from factories.exports import a_call

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("DATONG_SHOTS")
"""Folder for pictures, when somebody wants to look."""


@pytest.fixture
def calls():
    place = settings.NODE_FOLDER.evidence / "gateway-8"
    with Log.open(place, origin="330000/gateway-8", signer=load_signer(settings.NODE_FOLDER.key)) as log:
        for start in range(0, 1300, 100):
            log.append([a_call(number) for number in range(start, start + 100)])
    yield place
    shutil.rmtree(place)


def shot(page, name):
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def too_wide(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_a_record_is_found_and_computed_again_by_the_browser(at_work, calls):
    auditor = at_work("shenji")
    auditor.goto("/evidence")
    auditor.get_by_role("link", name="查找记录").click()
    auditor.get_by_label("日志").select_option("gateway-8")
    auditor.get_by_label("授权或对象").fill("S3")
    auditor.get_by_role("button", name="查找").click()
    expect(auditor.locator("tbody tr")).to_have_count(50)
    expect(auditor.get_by_role("button", name="导出 S3")).to_be_visible()
    assert auditor.locator("tbody tr").first.locator("td").first.inner_text() == "1298"
    shot(auditor, "records")
    auditor.get_by_role("link", name="继续往前查").click()
    auditor.get_by_role("link", name="证明").first.click()

    verdict, root = auditor.locator("[data-verdict]"), auditor.locator("[data-seal]")
    expect(verdict).to_contain_text("属实")
    expect(verdict).to_contain_text("签名")
    steps = auditor.locator(".tree .own").count()
    assert steps > 9
    expect(auditor.locator(".tree .own.good")).to_have_count(steps)
    shot(auditor, "proof")
    auditor.set_viewport_size(PHONE)
    assert too_wide(auditor) <= 0
    shot(auditor, "proof-phone")
    auditor.set_viewport_size(DESKTOP)

    text = auditor.get_by_label("记录原文")
    text.fill(text.input_value().replace("17", "18"))
    expect(verdict).to_contain_text("不符")
    expect(auditor.locator(".tree .own.bad")).to_have_count(steps)
    expect(root).to_have_class("seal bad")
    shot(auditor, "proof-changed")
    auditor.get_by_role("button", name="还原").click()
    expect(verdict).to_contain_text("属实")
    with auditor.expect_download() as taken:
        auditor.get_by_role("link", name="下载回执").click()
    assert Path(taken.value.path()).read_text().startswith("RFRSM")


def test_without_webcrypto_the_page_computes_by_itself(at_work, calls):
    auditor = at_work("shenji")
    auditor.add_init_script("Object.defineProperty(window.crypto, 'subtle', { value: undefined })")
    for index in (0, 55, 1299):
        auditor.goto(f"/evidence/records/gateway-8/{index}?size=1300")
        expect(auditor.locator("[data-verdict]")).to_contain_text("属实")
        expect(auditor.locator("[data-verdict]")).to_contain_text("由服务器核对")
        expect(auditor.locator(".tree .own.bad")).to_have_count(0)


def test_search_is_for_those_who_see_everything(at_work, calls):
    officer = at_work("gongan")
    officer.goto("/evidence")
    expect(officer.get_by_role("link", name="查找记录")).to_have_count(0)
    assert officer.goto("/evidence/records").status == 404
    assert officer.goto("/evidence/records/gateway-8/5").status == officer.goto("/evidence/records/none/5").status == 404
