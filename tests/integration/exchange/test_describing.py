# SPDX-License-Identifier: Apache-2.0
"""The document of a grant on its page: the gateway's own, for whoever may see the grant, and what 试调用 offers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from datong.contexts.exchange import usecases
from datong.contexts.sharing.domain import GrantStage
from datong.kernel.actors import Role
from datong.kernel.errors import Unknown
from factories.answering import answering
from factories.catalog import PROVIDER, someone
from factories.exchange import a_shared_resource
from factories.granting import check_sound, operations
from factories.organisations import a_department, an_account, an_application
from factories.sharing import CONSUMER, a_grant, a_request, a_request_draft

pytestmark = pytest.mark.django_db
FIELD = re.compile(r'name="(key|claim)-([^"]+)"')


def a_browser(role: Role, department: str | None = CONSUMER) -> Client:
    browser = Client()
    browser.force_login(an_account(roles=[role], department=a_department(department) if department else None))
    return browser


def addresses(number: str) -> tuple[str, str]:
    return f"/exchange/grants/{number}/interface", f"/exchange/grants/{number}/openapi.json"


def test_the_gateway_tells_the_holder_the_very_same(tmp_path: Any):
    made = an_application(by=someone(Role.APPLICANT, CONSUMER))
    draft = a_request_draft(
        a_shared_resource(), application=made.application.client_id, items=("code", "title"), rows=(), row_scope=""
    )
    number = a_grant(request=a_request(draft)).number
    shown = a_browser(Role.APPLICANT).get(addresses(number)[1])
    assert shown["Content-Disposition"] == f'attachment; filename="{number}.openapi.json"'
    document = check_sound(shown.json())
    code = document["x-datong-grant"]["resource"]
    with answering(tmp_path) as gateway:
        told = gateway.calls(made, f"/v1/resources/{code}/openapi.json").json
    assert told | {"servers": document["servers"]} == document
    assert {"getRecords", "getAggregate", "verifyRecord", "verifyBatch"} < {*operations(document)}
    assert "police_note" not in shown.content.decode() and "内部备注" not in shown.content.decode()


SEEN: list[tuple[Role, str | None, int]] = [
    (Role.APPLICANT, CONSUMER, 200), (Role.PROVIDER_HEAD, PROVIDER, 200), (Role.AUDITOR, None, 200),
    (Role.APPLICANT, "没有授权的部门", 404), (Role.PROVIDER_HEAD, "没有授权的部门", 404),
]  # fmt: skip


def test_who_may_see_the_grant_sees_it_and_nobody_else():
    number = a_grant().number
    for role, department, status in SEEN:
        browser = a_browser(role, department)
        assert browser.get(f"/grants/{number}").status_code == status
        found = [browser.get(address) for address in (*addresses(number), f"/api/v1/grants/{number}/openapi")]
        assert [one.status_code for one in found] == [status] * 3
        assert status == 404 or found[1].json() == found[2].json()


def test_the_page_is_read_off_the_document_and_what_is_tried_is_in_it():
    number, browser = a_grant().number, a_browser(Role.APPLICANT)
    found = operations(browser.get(addresses(number)[1]).json())
    page = browser.get(addresses(number)[0]).content.decode()
    assert all(f'id="{name}"' in page for name in found)
    assert "尚未落地" in page and 'href="/exchange/grants/' in page
    asked = {one["name"] for one in found["getRecords"][2] if one["in"] == "query"} - {"items", "limit", "after"}
    question = browser.get(addresses(number)[1]).json()["components"]["schemas"]["Question"]["properties"]
    tried = {channel: set(FIELD.findall(browser.get(f"/exchange/grants/{number}/try?channel={channel}").content.decode()))
             for channel in ("call", "verify")}  # fmt: skip
    assert tried["call"] == {("key", name) for name in asked}
    assert {name for kind, name in tried["verify"] if kind == "key"} == set(question["key"]["properties"])
    assert {name for kind, name in tried["verify"] if kind == "claim"} <= set(question["claims"]["properties"])
    english = browser.get(addresses(number)[0], headers={"Accept-Language": "en"}).content.decode()
    assert "When it is refused" in english and "records by key or query item" in english


def test_of_a_grant_not_in_force_there_is_none():
    grant, browser = a_grant(stage=GrantStage.SUSPENDED), a_browser(Role.APPLICANT)
    page, file = (browser.get(address) for address in addresses(grant.number))
    assert (page.status_code, file.status_code) == (200, 404)
    assert "这份授权现在不生效" in page.content.decode() and "openapi.json" not in page.content.decode()
    assert usecases.describe(grant.number, by=someone(Role.APPLICANT, CONSUMER)) is None
    with pytest.raises(Unknown):
        usecases.described(grant.number, by=someone(Role.APPLICANT, CONSUMER))
