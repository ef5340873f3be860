# SPDX-License-Identifier: Apache-2.0
"""Statutory periods: a node may shorten them, never lengthen; a reminder never comes in the first half."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.periods.domain import EXTENSION, STATUTE, Holder, Rule, days_of, due_of, extension_of, remind_before
from datong.contexts.periods.permissions import check_may_urge
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Malformed
from datong.kernel.workdays import WorkCalendar


def test_the_statutes_numbers():
    assert STATUTE == {
        "809-17-update": 10, "809-17-review": 2, "809-21-unconditional": 1, "809-21-conditional": 10, "809-22-delivery": 20,
        "809-26-correction": 10, "demand-answer": 15,
    }  # fmt: skip
    assert EXTENSION == {"809-17-update": 5, "809-21-conditional": 10}
    assert set(Rule) == STATUTE.keys()


@given(st.sampled_from(sorted(STATUTE)), st.integers(-5, 40))
def test_a_period_is_shortened_never_lengthened(rule, wanted):
    if 1 <= wanted <= STATUTE[rule]:
        assert days_of(rule, wanted) == wanted
    else:
        with pytest.raises(Malformed):
            days_of(rule, wanted)
    assert days_of(rule) == STATUTE[rule]


@pytest.mark.parametrize("days", [0, 6, -1])
def test_809_17_an_extension_is_one_to_five_days(days):
    with pytest.raises(Malformed):
        extension_of("809-17-update", days)


def test_no_other_period_is_extended():
    with pytest.raises(Malformed):
        extension_of("809-17-review", 1)


@given(st.integers(1, 60), st.integers(1, 10))
def test_a_reminder_comes_in_the_second_half(days, wanted):
    assert 0 <= remind_before(days, wanted) <= min(wanted, days / 2)


PLAIN = WorkCalendar({}, frozenset({2026, 2027}), "plain")
DAYS = st.dates(date(2026, 1, 1), date(2026, 6, 30))


def walked(start, days, pauses):
    """Count day by day, as a person with a paper calendar does."""
    day = start
    while days:
        day += timedelta(days=1)
        days -= PLAIN.is_workday(day) and not any(began < day <= ended for began, ended in pauses)
    return day


@given(DAYS, st.integers(1, 30), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=4))
def test_a_paused_period_ends_where_a_person_who_counts_ends(start, days, steps):
    pauses, day = [], start
    for wait, length in steps:
        began = day + timedelta(days=wait)
        day = began + timedelta(days=length)
        pauses.append((began, day))
    assert due_of(PLAIN, start, days, pauses).due == walked(start, days, pauses)


def test_a_pause_of_one_day_takes_nothing_away():
    monday = date(2026, 3, 2)
    assert due_of(PLAIN, monday, 5, [(monday, monday)]) == due_of(PLAIN, monday, 5)


def test_only_the_authority_of_the_region_urges():
    authority = Officer("a", "甲", "u", "数据局", "330000", frozenset({Role.AUTHORITY}))
    assert check_may_urge.allowed(authority, "330000")
    assert not check_may_urge.allowed(authority, "330100")
    head = Officer("b", "乙", "u", "厅", "330000", frozenset({Role.PROVIDER_HEAD}))
    assert not check_may_urge.allowed(head, "330000")


def test_a_holder_may_be_compared():
    assert Holder(Role.AUTHORITY, "", "330000") == Holder(Role.AUTHORITY, "", "330000")
