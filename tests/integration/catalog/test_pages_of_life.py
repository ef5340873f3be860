# SPDX-License-Identifier: Apache-2.0
"""Pages of updates, removals, history, inventory, laws and elements, as the people at work see them."""

from datetime import date, timedelta

import pytest
from django.test import Client

from datong.contexts.catalog.domain import Stage
from datong.contexts.catalog.models import Duty, InformationSystem, Removal, Resource, UpdateTicket
from datong.kernel.actors import Role
from factories.catalog import DATA_BUREAU, PROVIDER, a_new_version, a_resource
from factories.changing import a_service_change
from factories.organisations import a_department, an_account
from factories.sharing import a_grant

pytestmark = pytest.mark.django_db


def at_desk(role: Role, department: str = PROVIDER) -> Client:
    browser = Client()
    browser.force_login(an_account(f"{role.value.replace('_', '-')}1", roles=[role], department=a_department(department)))
    return browser


@pytest.fixture
def people():
    return at_desk(Role.COMPILER), at_desk(Role.PROVIDER_HEAD), at_desk(Role.AUTHORITY, DATA_BUREAU)


def test_a_duty_to_update_is_opened_extended_and_excused(people):
    compiler, _head, authority = people
    row = a_resource()
    assert compiler.get("/catalog/tickets").status_code == 200
    assert compiler.get("/catalog/tickets/new").status_code == 200
    wrong = compiler.post("/catalog/tickets/new", {"cause": "law", "event_on": "nonsense", "reason": "调整"})
    assert wrong.status_code == 422 and "调整" in wrong.text
    said = {"cause": "law", "citation": "《某条例》第三条", "reason": "增加数据项", "resource": row.resource.code}
    made = compiler.post("/catalog/tickets/new", {**said, "event_on": (date.today() - timedelta(days=1)).isoformat()})
    ticket = UpdateTicket.objects.get()
    assert made["Location"] == f"/catalog/tickets/{ticket.pk}"
    page = f"/catalog/tickets/{ticket.pk}"
    assert compiler.post(f"{page}/extend", {"days": "6", "reason": "涉及多个系统"}).status_code == 422
    assert compiler.post(f"{page}/extend", {"days": "5", "reason": "涉及多个系统"}).status_code == 302
    assert compiler.post(f"{page}/grant", {}).status_code == 403
    assert "同意延长" in authority.get(page).text
    assert authority.post(f"{page}/decline", {}).status_code == 422
    assert authority.post(f"{page}/grant", {}).status_code == 302
    assert authority.post(f"{page}/excuse", {"reason": "仅文字调整"}).status_code == 302
    assert "仅文字调整" in compiler.get(page).text
    assert compiler.post(f"{page}/nonsense").status_code == 404


def test_a_removal_shows_who_lives_on_it_and_is_decided(people):
    compiler, head, authority = people
    grant = a_grant()
    code = grant.resource_id
    assert compiler.get(f"/resources/{code}/removal").status_code == 404
    assert grant.number in head.get(f"/resources/{code}/removal").text
    assert head.post(f"/resources/{code}/removal", {"reason": "职责调整", "negotiation": "已协商"}).status_code == 403
    a_service_change(code)
    asked = head.post(f"/resources/{code}/removal", {"reason": "职责调整", "negotiation": "已与民政厅协商，浙数备〔2026〕1号"})
    removal = Removal.objects.get()
    assert asked["Location"] == f"/catalog/removals/{removal.pk}"
    assert "同意撤销" in authority.get(f"/catalog/removals/{removal.pk}").text
    assert authority.post(f"/catalog/removals/{removal.pk}/decline", {}).status_code == 422
    assert authority.post(f"/catalog/removals/{removal.pk}/approve", {}).status_code == 302
    assert Resource.objects.get(code=code).withdrawn_at
    assert removal.number in head.get("/catalog/removals").text
    assert head.get(f"/resources/{code}/history").status_code == 200


def test_history_shows_any_two_versions_side_by_side(people):
    compiler, *_ = people
    row = a_resource()
    a_new_version(row.resource.code, update_cycle="weekly")
    shown = compiler.get(f"/resources/{row.resource.code}/history").text
    assert "更新周期" in shown and "每周" in shown and "每日" in shown
    assert "两版内容相同" in compiler.get(f"/resources/{row.resource.code}/history?old=1&new=1").text
    assert compiler.get(f"/resources/{row.resource.code}/history?old=1&new=9").status_code == 404
    assert compiler.get("/resources/307001/999/history").status_code == 404


def test_a_draft_says_what_it_changes(people):
    compiler, *_ = people
    row = a_resource()
    compiler.post(f"/resources/{row.resource.code}/versions")
    draft = row.resource.versions.get(stage=Stage.DRAFT)
    assert "逐项对照" in compiler.get(f"/catalog/{draft.pk}").text


def test_the_inventory_names_its_gaps(people):
    compiler, _head, authority = people
    row = a_resource()
    assert compiler.post("/catalog/inventory/systems/new", {"name": "", "origin": "own"}).status_code == 422
    assert compiler.post("/catalog/inventory/systems/new", {"name": "户籍系统", "origin": "own"}).status_code == 302
    assert compiler.post("/catalog/inventory/duties/new", {"name": "户籍管理", "basis": "三定规定"}).status_code == 302
    shown = compiler.get("/catalog/inventory").text
    assert "户籍系统" in shown and "没有已发布的目录" in shown
    assert "户籍管理" in compiler.get("/catalog/inventory?format=csv").getvalue().decode("utf-8-sig")
    assert compiler.get("/catalog/inventory/systems/new").status_code == 200
    one, duty = InformationSystem.objects.get(), Duty.objects.get()
    linked = {"name": one.name, "origin": "own", "duties": [duty.pk], "resources": row.resource.code}
    assert compiler.post(f"/catalog/inventory/systems/{one.pk}", linked).status_code == 302
    assert "没有缺项" in compiler.get("/catalog/inventory").text
    assert row.resource.code in compiler.get(f"/catalog/inventory/systems/{one.pk}").text
    assert compiler.get(f"/catalog/inventory/duties/{duty.pk}").status_code == 200
    assert compiler.post(f"/catalog/inventory/duties/{duty.pk}", {"name": "户籍与身份管理"}).status_code == 302
    assert compiler.post(f"/catalog/inventory/systems/{one.pk}/retire").status_code == 302
    assert authority.get("/catalog/inventory").status_code == 200
    assert authority.get(f"/catalog/inventory/systems/{one.pk}").status_code == 404


def test_laws_and_elements_are_the_authoritys(people):
    compiler, _head, authority = people
    a_resource()
    assert "政务数据共享条例" in compiler.get("/catalog/laws").text
    assert compiler.post("/catalog/laws", {"title": "某规定", "rank": "law"}).status_code == 403
    assert authority.post("/catalog/laws", {"title": "某规定", "rank": "department_rule"}).status_code == 422
    assert authority.post("/catalog/laws", {"title": "国防交通法", "rank": "law"}).status_code == 302
    uscc = a_department(PROVIDER).uscc
    made = {"code": "DE0001", "name": "公民身份号码", "type": "C", "source": uscc}
    assert authority.post("/catalog/elements", made).status_code == 302
    second = {"act": "source", "code": "DE0001", "department": a_department("浙江省民政厅").uscc}
    assert authority.post("/catalog/elements", second).status_code == 409
    assert authority.post("/catalog/elements", {"act": "release", "code": "DE0001"}).status_code == 302
    assert authority.post("/catalog/elements", second).status_code == 302
    assert "浙江省民政厅" in compiler.get("/catalog/elements").text
