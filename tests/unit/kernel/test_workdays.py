# SPDX-License-Identifier: Apache-2.0
"""Working days of Order 809 on the announced calendars (rules 7, 11, 62 and 63)."""

import json
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from datong.kernel.errors import Malformed
from datong.kernel.workdays import SHANGHAI, WorkCalendar, ends_at, received_on, today

SEEDS = files("datong.contexts.organisations") / "seeds" / "calendar"
DOCUMENTS = [json.loads((SEEDS / f"{year}.json").read_text("utf-8")) for year in range(2007, 2028)]
CALENDAR = WorkCalendar.from_holiday_cn(DOCUMENTS)
inside = st.dates(date(2007, 1, 1), date(2026, 6, 30))
counts = st.integers(1, 60)


class TestOrder809:
    @pytest.mark.parametrize(
        ("start", "count", "due"),
        [
            # 09-25..27 中秋 (Fri to Sun), 10-01..07 国庆; worked 09-20 and Saturday 10-10
            (date(2026, 9, 25), 10, date(2026, 10, 15)),  # art. 17: 9-28 29 30, 10-8 9 10 12 13 14 15
            (date(2026, 9, 25), 2, date(2026, 9, 29)),
            (date(2026, 10, 8), 2, date(2026, 10, 10)),  # make-up Saturday counts
            (date(2026, 10, 9), 1, date(2026, 10, 10)),
            (date(2026, 10, 10), 1, date(2026, 10, 12)),
            (date(2026, 10, 1), 1, date(2026, 10, 8)),  # received on a holiday: art. 21, 1 WD
            (date(2026, 10, 7), 1, date(2026, 10, 8)),
            (date(2026, 9, 30), 1, date(2026, 10, 8)),
            (date(2026, 6, 12), 1, date(2026, 6, 15)),  # Friday to Monday
            (date(2026, 6, 1), 20, date(2026, 6, 30)),  # art. 22 over 端午 (6-19)
        ],
    )
    def test_due_days_equal_the_count_by_hand(self, start, count, due):
        answer = CALENDAR.add_days(start, count)
        assert answer.due == due
        assert answer.published
        assert answer.warning is None
        assert answer.missing == ()

    def test_a_year_not_announced_is_computed_on_weekends_and_says_so(self):
        answer = CALENDAR.add_days(date(2027, 9, 30), 5)
        assert answer.due == date(2027, 10, 7)
        assert not answer.published
        assert answer.missing == (2027,)
        assert "2027年放假安排未公布" in answer.warning
        assert "2027 are not loaded" in answer.warning

    def test_a_period_reaching_into_such_a_year_says_so_too(self):
        assert CALENDAR.add_days(date(2026, 12, 30), 1).published
        across = CALENDAR.add_days(date(2026, 12, 30), 2)
        assert (across.due, across.published, across.missing) == (date(2027, 1, 1), False, (2027,))

    def test_an_event_on_the_last_day_of_a_loaded_year_counts_in_the_next(self):
        assert CALENDAR.add_days(date(2026, 12, 31), 1).missing == (2027,)

    def test_a_year_before_the_first_is_not_loaded_either(self):
        assert CALENDAR.add_days(date(2006, 5, 1), 1).missing == (2006,)
        assert CALENDAR.add_days(date(2006, 12, 31), 1).published


class TestLaws:
    @given(inside, counts)
    def test_the_last_day_is_worked_and_the_count_comes_back(self, start, count):
        due = CALENDAR.add_days(start, count).due
        assert CALENDAR.is_workday(due)
        assert CALENDAR.count(start, due) == count
        assert CALENDAR.count(start, due - timedelta(days=1)) == count - 1
        assert CALENDAR.count(due, start) == -count

    @given(inside, counts, counts)
    def test_two_periods_make_one(self, start, first, second):
        middle = CALENDAR.add_days(start, first).due
        assert CALENDAR.add_days(middle, second).due == CALENDAR.add_days(start, first + second).due

    @given(inside, inside, counts)
    def test_a_later_event_is_never_due_earlier(self, one, other, count):
        assume(one <= other)
        assert CALENDAR.add_days(one, count).due <= CALENDAR.add_days(other, count).due

    @given(st.dates(), counts)
    def test_without_a_calendar_weekends_alone_rest(self, start, count):
        assume(start.year < 9990)
        answer = WorkCalendar({}, frozenset(), "empty").add_days(start, count)
        assert answer.due.weekday() < 5
        assert not answer.published

    @given(inside)
    def test_nothing_lies_between_a_day_and_itself(self, day):
        assert CALENDAR.count(day, day) == 0


class TestBounds:
    @pytest.mark.parametrize("count", [0, -1, 2501, 10**9])
    def test_a_count_out_of_range_is_refused(self, count):
        with pytest.raises(Malformed) as caught:
            CALENDAR.add_days(date(2026, 1, 1), count)
        assert "count" in caught.value.fields

    def test_the_end_of_time_is_refused(self):
        with pytest.raises(Malformed, match="last date"):
            CALENDAR.add_days(date(9999, 12, 30), 10)


class TestLoading:
    def test_years_with_days_are_loaded(self):
        assert CALENDAR.years == frozenset(range(2007, 2027))

    def test_the_version_names_the_state(self):
        assert CALENDAR.version.startswith("2007-2026/")
        assert CALENDAR.version == WorkCalendar.from_holiday_cn(reversed(DOCUMENTS)).version
        assert CALENDAR.version != WorkCalendar.from_holiday_cn(DOCUMENTS[1:]).version
        assert WorkCalendar.from_holiday_cn([]).version == "empty"

    @pytest.mark.parametrize(
        "document",
        [
            {},
            {"year": 2026},
            {"year": "soon", "days": []},
            {"year": 2026, "days": [{"date": "2026-13-01", "isOffDay": True}]},
            {"year": 2026, "days": [{"date": "2026-01-01"}]},
            {"year": 2026, "days": [{"date": "2026-01-01", "isOffDay": "yes"}]},
            {"year": 2026, "days": None},
            {"year": None, "days": []},
            [],
            "2026",
            None,
        ],
    )
    def test_another_shape_is_refused(self, document):
        with pytest.raises(Malformed) as caught:
            WorkCalendar.from_holiday_cn([document])
        assert "calendar" in caught.value.fields


class TestShanghai:
    @pytest.mark.parametrize(
        ("moment", "day"),
        [
            (datetime(2026, 9, 25, 15, 59, 59, tzinfo=UTC), date(2026, 9, 25)),
            (datetime(2026, 9, 25, 16, 0, tzinfo=UTC), date(2026, 9, 26)),
            (datetime(2026, 9, 25, 23, 59, tzinfo=SHANGHAI), date(2026, 9, 25)),
        ],
    )
    def test_the_day_is_the_day_in_shanghai(self, moment, day):
        assert received_on(moment) == today(lambda: moment) == day

    def test_a_time_without_an_offset_is_refused(self):
        with pytest.raises(Malformed):
            received_on(datetime(2026, 9, 25))

    def test_a_period_ends_at_midnight(self):
        assert ends_at(date(2026, 10, 15)) == datetime(2026, 10, 15, 16, 0, tzinfo=UTC)
