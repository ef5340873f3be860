# SPDX-License-Identifier: Apache-2.0
"""The working calendar: shipped, imported, versioned."""

from datetime import date

import pytest

from datong.contexts.audit import face as audit
from datong.contexts.organisations import face as organisations
from datong.contexts.organisations import usecases
from datong.contexts.organisations.models import Calendar
from datong.kernel.actors import SYSTEM, Role
from datong.kernel.errors import Malformed, Refused
from factories.organisations import an_officer

pytestmark = pytest.mark.django_db
HOLIDAYS = [{"date": "2027-01-01", "isOffDay": True, "name": "元旦"}]


def test_the_shipped_years_are_loaded_once():
    assert usecases.seed_calendar() >= 20
    assert usecases.seed_calendar() == 0
    calendar = organisations.working_calendar()
    assert 2026 in calendar.years
    assert 2027 not in calendar.years, "shipped without days: not announced yet"


def test_an_import_counts_at_once():
    usecases.seed_calendar()
    before = organisations.working_calendar()
    assert not before.add_days(date(2026, 12, 30), 2).published
    row = usecases.import_calendar({"year": 2027, "days": HOLIDAYS}, by=an_officer(roles=[Role.AUTHORITY]), source="国办发明电〔2026〕1号")
    after = organisations.working_calendar()
    assert (row.version, row.published) == (2, True)
    assert after.version != before.version
    assert after.add_days(date(2026, 12, 30), 2).due == date(2027, 1, 4)
    assert audit.acts(subject="2027")[0].facts["source"] == "国办发明电〔2026〕1号"


def test_the_same_days_again_change_nothing():
    first = usecases.import_calendar({"year": 2027, "days": HOLIDAYS}, by=SYSTEM, source="甲号")
    assert usecases.import_calendar({"year": 2027, "days": HOLIDAYS}, by=SYSTEM, source="乙号") == first
    other = [{**HOLIDAYS[0], "isOffDay": False}]
    assert usecases.import_calendar({"year": 2027, "days": other}, by=SYSTEM, source="乙号").version == 2
    assert Calendar.objects.filter(year=2027).count() == 2


def test_an_unchanged_calendar_costs_one_query(django_assert_num_queries):
    usecases.import_calendar({"year": 2027, "days": HOLIDAYS}, by=SYSTEM, source="甲号")
    organisations.working_calendar()
    with django_assert_num_queries(1):
        organisations.working_calendar()


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"year": "2027", "days": []},
        {"year": True, "days": []},
        {"year": 1900, "days": []},
        {"year": 2027},
        {"year": 2027, "days": {}},
        {"year": 2027, "days": ["2027-01-01"]},
        {"year": 2027, "days": [{"date": "2027-01-01"}]},
        {"year": 2027, "days": [{"date": "2027-02-30", "isOffDay": True}]},
        {"year": 2027, "days": [{"date": "2029-01-01", "isOffDay": True}]},
        {"year": 2027, "days": [{"date": "2026-06-01", "isOffDay": True}]},
        {"year": 2027, "days": HOLIDAYS * 2},
        {"year": 2027, "days": HOLIDAYS * 401},
        {"year": 2027, "days": [{**HOLIDAYS[0], "name": "a\x00"}]},
    ],
)
def test_what_is_no_year_is_refused_and_nothing_kept(document):
    with pytest.raises(Malformed):
        usecases.import_calendar(document, by=SYSTEM, source="测试")
    assert not Calendar.objects.exists()


@pytest.mark.parametrize("role", [Role.COMPILER, Role.AUDITOR, Role.SECURITY])
def test_others_import_nothing(role):
    with pytest.raises(Refused, match="calendar"):
        usecases.import_calendar({"year": 2027, "days": HOLIDAYS}, by=an_officer(roles=[role]), source="测试")
