# SPDX-License-Identifier: Apache-2.0
"""Days of a delegation: forward, not in the past, never for good; every state has its day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.organisations import domain
from datong.contexts.organisations.domain import LONGEST_DELEGATION, DelegationState
from datong.contexts.organisations.permissions import check_delegates, check_ends_delegation
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Malformed, Refused

TODAY = date(2026, 3, 2)
DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))


@given(DAYS, DAYS, DAYS)
def test_days_that_fit_have_a_state_on_every_day(first, last, day):
    try:
        domain.check_term(first, last, TODAY)
    except Malformed as refused:
        assert first < TODAY or last < first or last - first > LONGEST_DELEGATION
        assert set(refused.fields) <= {"first_day", "last_day"}
        return
    state = domain.state_of(first, last, None, day)
    assert (state is DelegationState.VALID) == (first <= day <= last)
    assert domain.state_of(first, last, datetime.now(UTC), day) is DelegationState.OVER


def test_half_a_year_is_the_most():
    domain.check_term(TODAY, TODAY + LONGEST_DELEGATION, TODAY)
    with pytest.raises(Malformed):
        domain.check_term(TODAY, TODAY + LONGEST_DELEGATION + timedelta(days=1), TODAY)


@pytest.mark.parametrize("role", list(Role))
def test_every_role_but_the_three_can_be_lent_by_who_holds_it(role):
    if role in domain.SINGLE:
        with pytest.raises(Refused):
            check_delegates(frozenset({role}), frozenset({role}))
    else:
        check_delegates(frozenset({role}), frozenset({role}))
    with pytest.raises(Refused):
        check_delegates(frozenset(), frozenset({role}))


def test_who_ends_it():
    check_ends_delegation(Officer("a", "甲", "", "", ""), "a")
    check_ends_delegation(Officer("s", "保密", "", "", "", frozenset({Role.SECURITY})), "a")
    with pytest.raises(Refused):
        check_ends_delegation(Officer("b", "乙", "", "", "", frozenset({Role.AUTHORITY})), "a")
