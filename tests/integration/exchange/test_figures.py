# SPDX-License-Identifier: Apache-2.0
"""Tallies taken over from the gateways' books, and the figures who may read calls sees of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from datong.contexts.exchange import usecases
from datong.contexts.exchange.models import CallTally
from datong.contexts.exchange.queries import tallying
from datong.kernel.actors import Officer, Role
from datong.wire import tallies
from factories.catalog import PROVIDER
from factories.organisations import a_department, an_account
from factories.sharing import CONSUMER, a_grant
from factories.tallies import a_book, called, forget

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 2, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_books():
    yield
    forget()


def reader(role: Role, department: str | None = None) -> Officer:
    home = a_department(department) if department else None
    return Officer("reader", "", home.uscc if home else "", "", home.region if home else "", frozenset({role}))


@pytest.fixture
def code() -> str:
    """A resource under a grant."""
    return a_grant().resource_id


def test_what_a_gateway_adds_within_an_hour_is_taken_over_once(code):
    book = a_book()
    called(book, NOW, resource=code, times=3)
    assert usecases.collect_tallies() == 1
    assert usecases.collect_tallies() == 0
    called(book, NOW, resource=code, times=2)
    assert usecases.collect_tallies() == 1
    row = CallTally.objects.get()
    assert (row.gateway, row.hour, row.resource, row.calls, row.rows, row.bytes) == (
        "0", NOW.replace(minute=0), code, 5, 10, 50,
    )  # fmt: skip


def test_several_gateways_add_up(code):
    for seat in (0, 11):
        called(a_book(seat), NOW, resource=code, times=seat + 1)
    usecases.collect_tallies()
    told = tallying.told(reader(Role.AUDITOR), now=NOW)
    assert (told.whole.calls, told.whole.rows, [one.key for one in told.resources]) == (13, 26, [code])


def test_a_book_that_is_none_is_passed_over(code, caplog):
    (Path(settings.NODE_FOLDER.run) / tallies.name_of(3)).write_text("nothing of ours, but long enough to be looked at" * 20)
    called(a_book(), NOW, resource=code)
    assert usecases.collect_tallies() == 1
    assert "cannot be read" in caplog.text


def test_old_tallies_leave(code):
    called(a_book(), NOW, resource=code)
    usecases.collect_tallies()
    assert usecases.sweep_tallies(NOW.replace(minute=0) + timedelta(days=400)) == 0
    assert usecases.sweep_tallies(NOW + timedelta(days=401)) == 1


def test_shares_are_of_the_answered_calls_alone(code):
    book = a_book()
    called(book, NOW, resource=code, times=98, took=0.003)
    called(book, NOW, resource=code, times=2, took=0.9)
    called(book, NOW, resource=code, times=500, took=30, code="quota_exhausted", rows=0, size=0)
    usecases.collect_tallies()
    whole = tallying.told(reader(Role.SECURITY), now=NOW).whole
    assert (whole.calls, whole.answered, whole.refused) == (600, 100, 500)
    assert whole.median == tallies.STEPS[tallies.step_of(3.01)]
    assert whole.slowest == tallies.STEPS[tallies.step_of(900.5)]


def test_hours_days_and_the_edge_of_the_period(code):
    book = a_book()
    for hours in (0, 1, 23, 24, 24 * 8):
        called(book, NOW - timedelta(hours=hours), resource=code)
    usecases.collect_tallies()
    by = reader(Role.AUTHORITY)
    day = tallying.told(by, now=NOW)
    assert [one.key.hour for one in day.times] == [*range(11, 24), *range(11)]  # in Shanghai, from yesterday on
    assert [one.key.hour for one in day.times if one.calls] == [11, 9, 10]
    assert {one.slowest for one in day.times if not one.calls} == {None}
    month = tallying.told(by, period="30d", now=NOW)
    assert month.daily
    assert len(month.times) == 31
    assert [(one.key.day, one.calls) for one in month.times if one.calls] == [(23, 1), (2, 2), (3, 2)]


def test_each_sees_what_the_calls_let_him_see(code):
    book = a_book()
    called(book, NOW, resource=code)
    called(book, NOW, resource="307009/9")
    called(book, NOW, resource=code, department=a_department("没有授权的部门").uscc)
    called(book, NOW, resource="", grant="", department="", client="", code="unauthenticated")
    usecases.collect_tallies()

    def calls(role: Role, department: str | None = None) -> int:
        return tallying.told(reader(role, department), now=NOW).whole.calls

    assert calls(Role.APPLICANT, CONSUMER) == 2
    assert calls(Role.PROVIDER_HEAD, PROVIDER) == 2
    assert calls(Role.COMPILER, CONSUMER) == 0
    assert calls(Role.SYSADMIN) == 0
    for role in (Role.AUTHORITY, Role.AUDITOR, Role.SECURITY):
        assert calls(role) == 4


def test_the_page_tells_them_and_gives_each_table_as_a_file(code):
    book = a_book()
    now = datetime.now(UTC)
    called(book, now, resource=code, times=7)
    called(book, now, resource=code, calls=300, channel="verify")
    called(book, now, resource=code, code="quota_exhausted", rows=0, size=0)
    usecases.collect_tallies()
    browser = Client()
    browser.force_login(an_account(roles=[Role.APPLICANT], department=a_department(CONSUMER)))
    page = browser.get("/exchange/figures", {"resource": code}).content.decode()
    assert 'data-chart="column"' in page
    assert 'data-value="8"' in page
    assert "计入每日次数</dt><dd>307" in page
    assert "quota_exhausted" in page
    answer = browser.get("/exchange/figures", {"format": "csv", "table": "resources"})
    assert answer["Content-Type"].startswith("text/csv")
    head, line = answer.content.decode("utf-8-sig").splitlines()
    assert head.startswith("编号,名称,调用次数")
    assert line.startswith(code)
    assert ",9,8,1,307,16,80," in line


@pytest.mark.parametrize(
    ("role", "department", "words"),
    [
        (Role.AUDITOR, None, "全节点"),
        (Role.AUTHORITY, "数据局", "全节点"),
        (Role.APPLICANT, CONSUMER, "看得到本部门使用的。"),
        (Role.COMPILER, CONSUMER, "看得到本部门提供的。"),
        (Role.SYSADMIN, None, "没有可看的"),
    ],
)
def test_the_pages_say_whose_calls_they_show(role, department, words):
    browser = Client()
    browser.force_login(an_account(roles=[role], department=a_department(department) if department else None))
    for page in ("/exchange/figures", "/exchange/use"):
        said = browser.get(page).content.decode()
        assert [one for one in ("全节点", "看得到本部门使用的。", "看得到本部门提供的。", "没有可看的") if one in said] == [words]


@pytest.mark.parametrize("query", ["period=nonsense", "resource=%00", "channel=zz", "format=csv&table=whole", "department=x"])
def test_without_calls_and_with_strange_words_the_page_says_so(query):
    browser = Client()
    browser.force_login(an_account(roles=[Role.APPLICANT], department=a_department(CONSUMER)))
    answer = browser.get(f"/exchange/figures?{query}")
    assert answer.status_code == 200
    assert "data-chart" not in answer.content.decode()
