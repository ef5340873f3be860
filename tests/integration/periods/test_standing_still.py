# SPDX-License-Identifier: Apache-2.0
"""Clocks that stand still: no reminder, nothing overdue, and a last day anybody can compute again from the row."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from django.conf import settings
from django.test import Client, override_settings

from datong.contexts.organisations import face as organisations
from datong.contexts.organisations import usecases as people
from datong.contexts.organisations.models import Calendar
from datong.contexts.periods import face, queries
from datong.contexts.periods.domain import Rule
from datong.contexts.periods.models import Clock
from datong.kernel.actors import SYSTEM, Role
from datong.kernel.errors import IllegalMove, Malformed, Unknown
from datong.kernel.workdays import SHANGHAI
from factories.api import signed_in
from factories.catalog import PROVIDER, a_provider_head
from factories.organisations import a_department, an_account

pytestmark = pytest.mark.django_db


def at(day: str, hour: int = 9) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02d}:00:00").replace(tzinfo=SHANGHAI)


@pytest.fixture
def clock() -> Clock:
    """A request endorsed on Friday 25 September 2026; due on 15 October, across the national holiday."""
    organisations.seed()
    head = a_provider_head()
    about = face.Subject("request", "R1", "某资源", "/requests/R1")
    return face.start(Rule.CONDITIONAL, about, face.Holder(Role.PROVIDER_HEAD, head.department, head.region), at("2026-09-25"))


def test_the_days_it_stands_still_are_added(clock):
    assert clock.due == date(2026, 10, 15)
    face.pause(clock, "一次性告知补正", at("2026-09-29"), "test.request.returned")
    assert face.watch_clocks(at("2026-12-01")) == 0, "nothing is overdue while it stands still"
    assert face.clocks(a_provider_head(), late=True, today=date(2026, 12, 1)).count() == 0
    face.go_on(clock, at("2026-10-12"), "test.request.endorsed")
    assert clock.due == date(2026, 10, 22), "30 September, 8, 9, 10 (a Saturday worked) and 12 October were lost"
    assert clock.paused_at is None
    assert face.recomputed(clock).due == clock.due
    assert face.watch_clocks(at("2026-10-23")) == 1


def test_a_clock_stands_still_once_at_a_time(clock):
    with pytest.raises(IllegalMove):
        face.go_on(clock, at("2026-09-28"), "x.y.z")
    face.pause(clock, "补正", at("2026-09-28"), "x.y.z")
    with pytest.raises(IllegalMove):
        face.pause(clock, "补正", at("2026-09-29"), "x.y.z")
    face.stop("R1", at("2026-09-30"), "x.y.z")
    clock.refresh_from_db()
    assert (clock.paused_at, clock.pauses.get().ended_at) == (None, at("2026-09-30"))
    with pytest.raises(IllegalMove):
        face.pause(clock, "补正", at("2026-09-30"), "x.y.z")
    with pytest.raises(IllegalMove):
        face.go_on(clock, at("2026-09-30"), "x.y.z")


def test_paused_and_extended_on_a_calendar_that_changed_it_is_still_computed_again(clock):
    first = clock.calendar_version
    face.pause(clock, "补正", at("2026-09-28"), "x.y.z")
    newest = Calendar.objects.filter(year=2026).latest("version")
    days = [one for one in newest.days if one["date"] != "2026-10-10"]
    people.import_calendar({"year": 2026, "days": days}, by=SYSTEM, source="更正：10月10日不再补班")
    assert face.recomputed(clock).due == clock.due, "on the calendar of that time"
    face.go_on(clock, at("2026-09-30"), "x.y.z")
    face.extend(clock, 10, consent="extension 1")
    assert clock.calendar_version != first
    assert face.recomputed(clock).due == clock.due == date(2026, 11, 3)
    clock.calendar_version = "2026-2026/000000000000"
    with pytest.raises(Unknown):
        face.recomputed(clock)


@pytest.mark.parametrize(("rule", "setting", "most"), [(Rule.CONDITIONAL, "answer_days", 10), (Rule.DELIVERY, "delivery_days", 20)])
def test_the_node_shortens_answer_and_delivery_and_never_lengthens_them(rule, setting, most):
    about, to = face.Subject("request", "R2"), face.Holder(Role.PROVIDER_HEAD, "", "330000")
    with override_settings(NODE=replace(settings.NODE, **{setting: 3})):
        assert face.start(rule, about, to, at("2026-03-02")).days == 3
    with override_settings(NODE=replace(settings.NODE, **{setting: most + 1})), pytest.raises(Malformed, match="缩短"):
        face.start(rule, face.Subject("request", "R3"), to, at("2026-03-02"))


def test_anybody_who_sees_a_period_sees_how_it_comes_about(clock):
    face.pause(clock, "一次性告知补正", at("2026-09-29"), "test.request.returned")
    account = an_account("head", roles=[Role.PROVIDER_HEAD], department=a_department(PROVIDER))
    said = signed_in("head").get(f"/periods/{clock.pk}").json()
    assert (said["statute"], said["agrees"], said["paused"], said["pauses"][0]["reason"]) == (10, True, True, "一次性告知补正")
    browser = Client()
    browser.force_login(account)
    page = browser.get(f"/periods/{clock.pk}").text
    assert "与记录一致" in page and "已暂停计算" in page
    assert "已暂停计算" in browser.get("/periods?tab=running").text
    an_account("other", roles=[Role.PROVIDER_HEAD], department=a_department("浙江省水利厅"))
    assert signed_in("other").get(f"/periods/{clock.pk}").status_code == 404


def test_a_calendar_that_never_was_is_unknown(clock):
    assert queries.recomputed(clock).published
    with pytest.raises(Unknown):
        organisations.calendar_of("nothing")
    assert organisations.calendar_of(clock.calendar_version).version == clock.calendar_version
