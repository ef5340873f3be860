# SPDX-License-Identifier: Apache-2.0
"""When a schedule is due, what it waits for, and in what a source differs from what it was."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.exchange import domain
from datong.contexts.exchange.domain import DriftKind, Need, Rhythm, Standing, Timetable, Waiting
from datong.kernel.errors import Malformed

NOW = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)  # Tuesday 04:00 in Shanghai
PAST, FUTURE = NOW - timedelta(hours=1), NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("table", "wanted"),
    [
        (Timetable(Rhythm.EVERY, 90), datetime(2026, 3, 2, 21, 30, tzinfo=UTC)),
        (Timetable(Rhythm.DAILY, at=time(4, 30)), datetime(2026, 3, 2, 20, 30, tzinfo=UTC)),
        (Timetable(Rhythm.DAILY, at=time(4)), datetime(2026, 3, 3, 20, 0, tzinfo=UTC)),
        (Timetable(Rhythm.WEEKLY, at=time(4), weekday=0), datetime(2026, 3, 8, 20, 0, tzinfo=UTC)),
        (Timetable(Rhythm.WEEKLY, at=time(5), weekday=1), datetime(2026, 3, 2, 21, 0, tzinfo=UTC)),
        (Timetable(Rhythm.WEEKLY, at=time(4), weekday=6), datetime(2026, 3, 7, 20, 0, tzinfo=UTC)),
        (Timetable(Rhythm.CRON, cron="*/15 * * * 1-5"), datetime(2026, 3, 2, 20, 15, tzinfo=UTC)),
        (Timetable(Rhythm.ON_DEMAND), None),
        (Timetable(Rhythm.AFTER), None),
    ],
)
def test_times_are_shanghais_and_always_to_come(table, wanted):
    table.check()
    assert table.next_run(NOW) == wanted


@given(st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)), st.integers(0, 6), st.times())
def test_the_next_time_is_later_and_within_its_period(now, weekday, at):
    moment = now.replace(tzinfo=UTC)
    weekly = Timetable(Rhythm.WEEKLY, at=at.replace(second=0, microsecond=0), weekday=weekday).next_run(moment)
    assert timedelta(0) < weekly - moment <= timedelta(days=7)
    assert weekly.astimezone(domain.SHANGHAI).weekday() == weekday


@pytest.mark.parametrize("text", ["", "x", "* * * *", "* * * * * *", "0 0 30 2 *", "@daily", "99 * * * *", "*/0 * * * *", "\n* * * * *", "1" * 99])
def test_an_expression_that_names_no_time_is_refused(text):
    with pytest.raises(Malformed):
        Timetable(Rhythm.CRON, cron=text).check()


@pytest.mark.parametrize("table", [Timetable(Rhythm.EVERY, 0), Timetable(Rhythm.EVERY, 10**6), Timetable(Rhythm.WEEKLY, weekday=7)])
def test_intervals_and_days_have_bounds(table):
    with pytest.raises(Malformed):
        table.check()


LANDED, WAITING = Need(5, settled=True), Need(5, settled=False)


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (Standing(Rhythm.EVERY, PAST), None),
        (Standing(Rhythm.EVERY, FUTURE), Waiting.CLOCK),
        (Standing(Rhythm.ON_DEMAND, None), Waiting.CLOCK),
        (Standing(Rhythm.EVERY, PAST, paused=True), Waiting.PAUSED),
        (Standing(Rhythm.EVERY, PAST, paused=True, replaced=True), Waiting.REPLACED),
        (Standing(Rhythm.EVERY, PAST, busy=True), Waiting.BUSY),
        (Standing(Rhythm.EVERY, PAST, needs=(LANDED,)), None),
        (Standing(Rhythm.EVERY, PAST, needs=(LANDED, WAITING)), Waiting.NEEDS),
        (Standing(Rhythm.EVERY, PAST, needs=(Need(5, settled=True, due=True),)), Waiting.NEEDS),
        (Standing(Rhythm.AFTER, None, newest=4, needs=(LANDED,)), None),
        (Standing(Rhythm.AFTER, None, newest=5, needs=(LANDED,)), Waiting.NEEDS),
        (Standing(Rhythm.AFTER, None, newest=4, needs=(LANDED, Need(3, settled=True))), Waiting.NEEDS),
        (Standing(Rhythm.AFTER, None), Waiting.NEEDS),
    ],
)
def test_what_a_schedule_waits_for(one, why):
    assert domain.waits_for(one, NOW) == why


def test_no_schedule_comes_after_itself():
    known = {2: [3], 3: [4], 5: [5]}
    assert domain.comes_round(1, [1], known) and domain.comes_round(4, [2], known)
    assert not domain.comes_round(1, [2], known) and not domain.comes_round(1, [], known)
    assert not domain.comes_round(9, [5], known), "a circle of others is not ours"


BEFORE = {"columns": ["a", "b", "c"], "misfits": ["old"]}


def test_the_shape_of_a_source_is_compared_in_plain_words():
    found = domain.shape_findings(BEFORE, {"x": "b", "y": "never there"}, ["a", "c", "neu"], [("z", "too_long", 3), ("old", "e", 9)], 100)
    assert [(one.kind, one.item, one.promised, one.found) for one in found] == [
        (DriftKind.COLUMN, "x", "b", ""),
        (DriftKind.EXTRA, "", "", "neu"),
        (DriftKind.TYPE, "z", "as declared", "too_long: 3 / 100"),
    ]
    assert domain.shape_findings(BEFORE, {}, ["a", "b"], [("z", "too_long", 1)], 100) == [], "single dirty rows are none"
    assert domain.gist([{"kind": "type", "item": "z", "found": "1"}]) == domain.gist([{"kind": "type", "item": "z", "found": "2"}])
