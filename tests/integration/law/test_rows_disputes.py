# SPDX-License-Identifier: Apache-2.0
"""The law as tests: disputes in three steps with the common superior (809 art. 28), complaints by the public (art. 37)."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from datong.contexts.catalog import usecases as catalog
from datong.contexts.catalog.domain import Stage as Entry
from datong.contexts.disputes import queries, usecases
from datong.contexts.disputes.domain.disputes import Stage
from datong.contexts.disputes.models import Complaint
from datong.contexts.organisations.domain import Level
from datong.contexts.organisations.models import Region
from datong.contexts.periods import face as periods
from datong.kernel.actors import Role
from datong.kernel.errors import Refused
from factories.catalog import PROVIDER, a_provider_head, a_resource, an_authority, someone
from factories.disputes import CLAIM, TEXT, a_dispute, the_authority
from factories.organisations import a_department, an_account, some_regions, staffed
from factories.sharing import CONSUMER, a_consumer_head

pytestmark = pytest.mark.django_db


def a_county(code: str, name: str) -> str:
    """A county of the tree, by its code."""
    some_regions()
    Region.objects.get_or_create(code=code, defaults={"name": name, "parent_id": f"{code[:4]}00", "level": Level.COUNTY.value})
    return code


def test_row_27_809_28_two_counties_of_different_cities_go_to_the_province():
    ours, theirs = a_county("330102", "上城区"), a_county("330203", "海曙区")
    consumer = a_department("杭州市上城区民政局", region=ours).name
    provider = a_department("宁波市海曙区公安分局", region=theirs).name
    entry = a_resource(stage=Entry.CONSENTED, provider=provider)
    catalog.publish_entry(entry.pk, by=an_authority(a_department("宁波市海曙区数据局", region=theirs)))
    province, city = the_authority(), staffed(an_authority(a_department("杭州市数据资源管理局", region="330100")))
    clerk = someone(Role.APPLICANT, consumer)
    row = usecases.open_dispute("entry", entry.resource.code, "conditions", "条件没有法律依据", by=clerk)
    assert (row.region, row.region_name) == ("330000", "浙江省")
    usecases.escalate(row.number, "协商不成", by=someone(Role.CONSUMER_HEAD, consumer))
    assert [one.subject for one in periods.notices(province) if one.subject_kind == "dispute"] == [row.number]
    assert [one for one in periods.notices(city) if one.subject_kind == "dispute"] == []
    with pytest.raises(Refused):
        usecases.instruct(row.number, "提供", "职责需要", by=city)
    assert usecases.instruct(row.number, "取消该条件", "没有法律依据", by=province).stage == Stage.INSTRUCTED


def test_row_27_809_28_two_provinces_go_to_the_nation_and_nothing_pretends_that_it_went():
    consumer = a_department("湖北省民政厅", region="420000").name
    province = the_authority()
    row = a_dispute(consumer=consumer)
    assert row.region == "100000"
    seat = queries.seat(row.region, row.region_name)
    assert (seat.present, seat.handler) == (False, "330000")
    usecases.escalate(row.number, "协商不成", by=someone(Role.CONSUMER_HEAD, consumer))
    told = [one for one in periods.notices(province) if one.subject == row.number]
    assert "本节点没有该主管部门的账号" in told[0].words


def test_row_27_809_28_the_three_steps_with_a_full_record():
    row = a_dispute(stage=Stage.DECIDED)
    assert row.decision_document == "浙政函〔2026〕88号"
    said = [(one.kind, one.side) for one in row.statements.all()]
    assert said == [
        ("opening", "consumer"), ("escalation", "consumer"), ("instruction", "authority"), ("appeal", "provider"),
        ("decision", "authority"),
    ]  # fmt: skip
    assert row.statements.first().words == CLAIM
    assert all(one.account and one.at for one in row.statements.all())


def test_row_27_809_28_what_the_heads_agree_on_ends_it():
    row = a_dispute(stage=Stage.AGREED)
    assert (row.stage, row.agreement) == ("agreed", TEXT)
    assert row.consumer_agreed_by == a_consumer_head().account
    assert row.provider_agreed_by == a_provider_head(PROVIDER).account


def test_row_32_809_37_a_complaint_by_anybody_gets_a_ticket_and_a_reply():
    authority = the_authority()
    citizen, home = Client(), a_department(CONSUMER)
    form = citizen.get("/complaints/new").text
    token = re.search(r'name="form" value="(\w+)"', form)[1]
    letter = {"about": "demanded_again", "words": "已共享的户口信息窗口仍要复印件", "form": token}
    given = citizen.post("/complaints/new", letter)
    assert given.status_code == 201
    number, code = (re.search(rf'id="{name}">([^<]+)<', given.text)[1] for name in ("number", "code"))
    assert code not in "".join(str(value) for value in Complaint.objects.values().get(number=number).values())
    assert "待分派" in citizen.post("/complaints/status", {"number": number, "code": code}).text

    bureau, clerk = Client(), Client()
    bureau.force_login(an_account(roles=[Role.AUTHORITY], department=a_department(authority.department_name)))
    clerk.force_login(an_account(roles=[Role.APPLICANT], department=home))
    assert number in bureau.get("/workbench").text
    assert bureau.post(f"/complaints/{number}/assign", {"department": home.uscc}).status_code == 302
    assert number in clerk.get("/workbench").text
    assert clerk.post(f"/complaints/{number}/reply", {"words": "已停止收取复印件"}).status_code == 302
    assert "已停止收取复印件" not in citizen.post("/complaints/status", {"number": number, "code": code}).text
    assert "已停止收取复印件" in bureau.get(f"/complaints/{number}").text
    assert bureau.post(f"/complaints/{number}/close", {"answer": "窗口已停止收取复印件，感谢监督"}).status_code == 302
    seen = citizen.post("/complaints/status", {"number": number, "code": code.lower()}).text
    assert "窗口已停止收取复印件，感谢监督" in seen
    kinds = [one.kind for one in Complaint.objects.get(number=number).entries.all()]
    assert kinds == ["filed", "assigned", "replied", "closed"]


def test_row_32_809_37_unknown_and_wrong_code_look_alike():
    citizen = Client()
    token = re.search(r'name="form" value="(\w+)"', citizen.get("/complaints/new").text)[1]
    given = citizen.post("/complaints/new", {"about": "other", "words": "这是一条足够长的投诉", "form": token})
    number = re.search(r'id="number">([^<]+)<', given.text)[1]
    asked = ({"number": number, "code": "WRON-GCOD-EWRO-NGCO"}, {"number": "P20200101-9999", "code": "WRON-GCOD-EWRO-NGCO"})
    wrong, unknown = (citizen.post("/complaints/status", one) for one in asked)
    assert (wrong.status_code, unknown.status_code) == (404, 404)
    plain = [re.sub(r"P\d{8}-\d{4}|csrfmiddlewaretoken\" value=\"\w+", "", one.text) for one in (wrong, unknown)]
    assert plain[0] == plain[1]


def test_row_32_nobody_of_another_department_sees_a_complaint():
    citizen = Client()
    token = re.search(r'name="form" value="(\w+)"', citizen.get("/complaints/new").text)[1]
    citizen.post("/complaints/new", {"about": "other", "words": "这是一条足够长的投诉", "form": token})
    number = Complaint.objects.get().number
    assert queries.complaints(someone(Role.APPLICANT, CONSUMER)).count() == 0
    assert citizen.get(f"/complaints/{number}").status_code == 302
