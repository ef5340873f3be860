# SPDX-License-Identifier: Apache-2.0
"""A grant tried by its consumer: signed in the browser, answered by a real gateway, kept as evidence."""

from __future__ import annotations

import json
import os
from types import SimpleNamespace

import pytest
from django.conf import settings
from playwright.sync_api import expect

from datong.contexts.audit.models import Act
from datong.contexts.exchange import usecases
from datong.contexts.exchange.models import Call, PolicySnapshot
from datong.contexts.exchange.usecases import trying
from datong.kernel.actors import Role
from factories.catalog import someone
from factories.desks import PHONE
from factories.exchange import a_landed_resource
from factories.gateway_server import serving
from factories.organisations import an_application
from factories.sharing import CONSUMER, a_grant, a_request, a_request_draft
from factories.tallies import forget

pytestmark = pytest.mark.browser


@pytest.fixture
def tried(people, monkeypatch, tmp_path):
    """A grant on landed rows, the key file of its application, and a gateway that answers on the node's own policy."""
    made = an_application(by=someone(Role.APPLICANT, CONSUMER))
    draft = a_request_draft(
        a_landed_resource(), application=made.application.client_id, items=("code", "title"), rows=(), row_scope=""
    )
    grant = a_grant(request=a_request(draft))
    key = tmp_path / "app.key"
    key.write_text(made.private_key)
    usecases.publish_policy()
    policy = settings.NODE_FOLDER.run / "policy"
    policy.write_bytes(bytes(PolicySnapshot.objects.latest("version").document))
    with serving(SimpleNamespace(folder=settings.NODE_FOLDER.path)) as address:
        monkeypatch.setattr(trying, "gateway", lambda: address)
        yield grant, key
    policy.unlink()
    forget()


def test_a_consumer_tries_a_grant_with_a_key_that_stays_in_the_browser(at_work, tried):
    grant, key = tried
    page = at_work("shenqing")
    page.goto(f"/grants/{grant.number}")
    page.get_by_role("link", name="试调用").click()
    page.get_by_role("button", name="调用一次").click()
    expect(page.get_by_text("试调用没有填全")).to_be_visible()
    page.get_by_label("区划代码").fill("330100000000")
    page.get_by_label("办件编号").fill("AJ-7")
    page.get_by_label("应用系统的私钥文件").set_input_files(key)
    with page.expect_request(lambda one: one.method == "POST") as sent:
        page.get_by_role("button", name="调用一次").click()
    expect(page.locator("#answer")).to_contain_text("杭州市")
    expect(page.locator("#answer .stage")).to_have_text("已答复 200")
    expect(page.locator("#answer")).to_contain_text("Datong-Receipt")
    expect(page.locator("#tried-curl")).to_contain_text("Authorization: Bearer $TOKEN")
    assert "PRIVATE" not in sent.value.post_data
    seen(page, "try-desk")
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    seen(page, "try-phone")
    assert usecases.collect_calls() == 1
    call = Call.objects.get()
    assert (call.grant, call.case, call.status, call.rows) == (grant.number, "AJ-7", 200, 1)
    act = Act.objects.get(tag="exchange.call.tried")
    assert (act.subject, json.loads(act.facts)) == (grant.number, {"request": call.request_id, "status": 200})


def test_the_document_of_a_grant_is_looked_at_and_taken_away(at_work, people):
    grant = a_grant()
    page = at_work("shenqing")
    page.goto(f"/grants/{grant.number}")
    page.get_by_role("link", name="接口文档").click()
    expect(page.get_by_role("heading", name="按键或者查询项查询")).to_be_visible()
    with page.expect_download() as taken:
        page.get_by_role("link", name="下载 OpenAPI（JSON）").click()
    found = json.loads(taken.value.path().read_text("utf-8"))
    assert (taken.value.suggested_filename, found["openapi"]) == (f"{grant.number}.openapi.json", "3.1.0")
    page.locator("#verifyRecord summary", has_text="请求体").click()
    expect(page.get_by_role("cell", name="claims.division")).to_be_visible()
    seen(page, "interface-desk")
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    seen(page, "interface-phone")


def seen(page, name):
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}.png", full_page=True)
