# SPDX-License-Identifier: Apache-2.0
"""How every page behaves: languages, keys, small screens, strangers, lock-out, policy."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from datong.contexts.catalog.domain import Stage as Entry
from datong.contexts.sharing.domain import Stage
from factories.catalog import a_resource
from factories.desks import DESKTOP, PASSWORD, PHONE, sign_in
from factories.exchange import a_landed_resource
from factories.sharing import a_grant, a_request

pytestmark = pytest.mark.browser

OPEN = ("/", "/search", "/sign-in")
ROUNDS = {
    "bianzhi": ("/workbench", "/catalog", "/catalog/new", "/account", "/account/password", "/exchange/batches", "/catalog/reverse", "/catalog/import", "/catalog/tickets", "@draft"),
    "gongan": ("/workbench", "/requests", "/grants", "@request", "@grant", "@resource", "@entry"),
    "shenqing": ("/workbench", "/requests?tab=all", "/applications", "/applications/new", "@ask", "/basket", "@trial"),
    "shuju": ("/catalog?tab=all", "/catalog/elements", "/catalog/inventory", "/catalog/laws", "/catalog/removals", "@landed"),
    "shenji": ("/workbench", "/evidence", "/acts", "/exchange/calls"),
    "guanli": ("/accounts", "/accounts/new", "/accounts/bianzhi", "/departments", "/departments/new"),
}


def too_wide(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def unlabelled(page):
    """Fields, buttons and links that a reader cannot name."""
    return page.evaluate(
        """() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a[href]")].filter((one) =>
            !(one.labels?.length || one.getAttribute("aria-label") || one.textContent.trim() || one.title)).map((one) => one.outerHTML)"""
    )


def look(page, address):
    answer = page.goto(address)
    assert answer.status == 200, address
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        assert too_wide(page) <= 0, (address, size)
    page.set_viewport_size(DESKTOP)
    assert unlabelled(page) == [], address
    assert page.locator("h1").count() == 1, address
    assert "style-src 'self'" in answer.headers["content-security-policy"]
    assert page.locator("[style], script:not([src]), [onclick]").count() == 0, address


def test_every_open_page_fits_and_is_named(page, people):
    a_resource()
    for address in OPEN:
        look(page, address)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_fits_and_is_named(at_work, language):
    grant, request, resource = a_grant(), a_request(), a_resource()
    landed, draft = a_landed_resource(name="行政区划"), a_resource(stage=Entry.DRAFT)
    known = {
        "@grant": f"/grants/{grant.number}", "@request": f"/requests/{request.number}",
        "@resource": f"/resources/{resource.resource.code}", "@entry": f"/catalog/{resource.pk}",
        "@ask": f"/requests/new?resource={resource.resource.code}", "@trial": f"/requests/dry-run?resource={resource.resource.code}", "@landed": f"/resources/{landed.resource.code}",
        "@draft": f"/catalog/{draft.pk}/edit",
    }  # fmt: skip
    for name, addresses in ROUNDS.items():
        page = at_work(name)
        page.context.add_cookies([{"name": "django_language", "value": language, "url": page.url}])
        for address in addresses:
            look(page, known.get(address, address))
            assert (page.locator("html").get_attribute("lang") or "") == language


def test_the_switch_changes_the_language_and_stays_on_the_page(page, people):
    page.goto("/search?sort=name")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Narrow down")).to_be_visible()
    assert page.url.endswith("/search?sort=name")
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", name="缩小范围")).to_be_visible()


def test_keys(at_work):
    page = at_work("shenqing")
    page.goto("/requests")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.wait_for_url("**/search")
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.type("g w")
    assert page.locator("[data-search]").input_value() == "g w"
    page.locator("[data-search]").blur()
    page.keyboard.press("g")
    page.keyboard.press("w")
    page.wait_for_url("**/workbench")


def test_the_skip_link_comes_first(page, people):
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()


def test_strangers_are_sent_to_sign_in_and_come_back(page, people):
    page.goto("/grants?stage=active")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    page.get_by_label("账号").fill("gongan")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="登录").click()
    page.wait_for_url("**/grants?stage=active")


def test_next_leads_nowhere_else(page, people):
    page.goto("/sign-in?next=https://example.org/")
    page.get_by_label("账号").fill("gongan")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="登录").click()
    page.wait_for_url("**/workbench")


def test_lock_out_looks_like_any_failure(page, people):
    for password in ["wrong"] * 5 + [PASSWORD]:
        sign_in(page, "gongan", password)
        expect(page.get_by_text("没有登录成功")).to_be_visible()
    assert page.get_by_label("账号").input_value() == "gongan"
    assert page.get_by_label("密码").input_value() == ""


def test_forbidden_looks_like_unknown(at_work):
    made = a_request(stage=Stage.FILED)
    page = at_work("bianzhi")
    seen = []
    for address in (f"/requests/{made.number}", "/requests/R19990101-0001", "/accounts"):
        assert page.goto(address).status == 404
        seen.append(re.sub(r'value="[^"]*"', "", page.locator("main").inner_html()))
    assert seen[0] == seen[1] == seen[2]


def test_what_was_typed_survives_leaving(at_work):
    page = at_work("bianzhi")
    page.goto("/catalog/new")
    page.get_by_label("信息资源名称").fill("没写完的目录")
    page.wait_for_timeout(900)
    page.goto("/workbench")
    page.goto("/catalog/new")
    page.get_by_role("button", name="恢复").click()
    expect(page.get_by_label("信息资源名称")).to_have_value("没写完的目录")


def test_hostile_text_is_shown_as_text(at_work):
    page = at_work("bianzhi")
    page.goto("/catalog/new")
    page.get_by_label("信息资源名称").fill("<script>alert(1)</script>")
    page.get_by_label("信息资源分类").select_option("307001")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("<script>alert(1)</script>")


def test_dark_by_the_button(page, people):
    page.goto("/")
    page.get_by_role("button", name="深色或浅色").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.goto("/search")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_a_page_needs_three_requests_more(page, people):
    asked = []
    page.on("request", lambda one: asked.append(one.url))
    page.goto("/")
    assert len([url for url in asked if not url.endswith("/mark.svg")]) <= 4, asked
