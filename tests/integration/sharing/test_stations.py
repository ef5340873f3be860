# SPDX-License-Identifier: Apache-2.0
"""The line of stations tells the whole way of a request, with dates, and nothing that can no longer come."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import translation

from datong.contexts.sharing import queries, usecases
from datong.contexts.sharing.domain import GrantStage, Stage
from datong.contexts.sharing.models import Grant, Request
from datong.contexts.sharing.pages.stations import stations
from datong.contexts.sharing.queries import chains
from datong.kernel.actors import Role
from factories import catalog, sharing
from factories.organisations import a_department, an_account

pytestmark = pytest.mark.django_db


def line(row: Request) -> list[tuple[str, str, bool]]:
    row = Request.objects.get(pk=row.pk)
    grant, clock = Grant.objects.filter(request=row).first(), queries.clock_of(row.number)
    with translation.override("zh-hans"):
        found = stations(row, {}, chains.current(row), grant, clock)
        return [(str(getattr(one["name"], "label", one["name"])), one["state"], one["when"] is not None) for one in found]


@pytest.mark.parametrize(
    ("stage", "states"),
    [
        (Stage.DRAFT, ["now", "next", "next"]),
        (Stage.FILED, ["past", "now", "next"]),
        (Stage.ENDORSED, ["past", "past", "now"]),
        (Stage.REFUSED, ["past", "past", "stop"]),
        (Stage.RETURNED, ["stop", "next", "next"]),
        (Stage.WITHDRAWN, None),
        (Stage.GRANTED, ["past", "past", "past", "past", "now", "next"]),
    ],
)
def test_each_stage_has_its_line(stage, states):
    found = line(sharing.a_request(stage=stage))
    assert [state for _, state, _ in found] == states or stage is Stage.WITHDRAWN
    assert all(dated for _, state, dated in found if state == "past")
    if stage is Stage.WITHDRAWN:
        assert found[-1][:2] == ("已撤回", "stop")


def test_the_line_goes_on_behind_the_decision():
    grant = sharing.a_grant()
    usecases.record_delivery(grant.number, at=datetime.now(UTC))
    assert [name for name, state, _ in line(grant.request) if state == "now"] == ["使用中"]
    ended = sharing.a_grant(stage=GrantStage.EXPIRED)
    assert [(name, state) for name, state, _ in line(ended.request)][-2:] == [("使用结束", "past"), ("数据销毁", "now")]
    stopped = sharing.a_grant(stage=GrantStage.SUSPENDED)
    assert line(stopped.request)[-1][:2] == ("已暂停", "stop")


def test_steps_of_the_chain_are_stations():
    important = catalog.a_resource(catalog.a_draft(name="重要数据", level="important"))
    row = sharing.a_request(sharing.a_request_draft(important))
    found = line(row)
    assert len(found) > 3 and [state for _, state, _ in found].count("now") == 1
    assert any("主管部门" in name for name, _, _ in found), found


def test_the_page_shows_the_line():
    row = sharing.a_request(stage=Stage.GRANTED)
    client = Client()
    client.force_login(an_account(roles=[Role.APPLICANT], department=a_department(sharing.CONSUMER)))
    page = client.get(f"/requests/{row.number}", headers={"accept-language": "zh-hans"}).content.decode()
    assert "首次提供" in page and "使用中" in page
