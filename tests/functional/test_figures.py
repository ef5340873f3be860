# SPDX-License-Identifier: Apache-2.0
"""The figures of calls, looked at: charts drawn from the tables beside them, on a desk and on a phone."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from datong.contexts.exchange import usecases
from factories.desks import PHONE
from factories.sharing import a_grant
from factories.tallies import a_book, called, forget

pytestmark = pytest.mark.browser


@pytest.fixture
def made():
    """Calls of a day, most of them quick, some refused."""
    grant, book, now = a_grant(), a_book(), datetime.now(UTC)
    for hours, times in enumerate((40, 25, 31, 12, 3, 55, 47, 20)):
        called(book, now - timedelta(hours=hours), times, took=0.002 + hours / 4_000, resource=grant.resource_id)
        called(book, now - timedelta(hours=hours), 1 + times // 20, took=0.2, resource=grant.resource_id)
    called(book, now, 6, resource=grant.resource_id, code="quota_exhausted", rows=0, size=0)
    usecases.collect_tallies()
    yield grant
    forget()


def test_charts_are_drawn_of_what_the_tables_say(at_work, made):
    page = at_work("shenqing")
    page.goto("/exchange/figures")
    expect(page.locator("#times .chart[data-chart=column]")).to_have_attribute("data-drawn", "24")
    expect(page.locator("#resources .chart")).to_have_attribute("data-drawn", "1")
    expect(page.locator("#times canvas")).to_have_count(2)
    expect(page.locator("#codes")).to_contain_text("quota_exhausted")
    page.get_by_label("时段").select_option("7d")
    page.wait_for_url("**period=7d**")
    page.locator("#resources a").get_by_text("常住人口登记信息").click()
    expect(page.locator(".pill")).to_have_count(1)
    seen(page, "desk")
    page.set_viewport_size(PHONE)
    expect(page.locator("#times canvas").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    seen(page, "phone")


def seen(page, name):
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}.png", full_page=True)
