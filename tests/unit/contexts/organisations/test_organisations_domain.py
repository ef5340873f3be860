# SPDX-License-Identifier: Apache-2.0
"""The pure rules of organisations: sign-in names, roles that go together, locks."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest

from datong.contexts.organisations import domain
from datong.kernel.actors import Role
from datong.kernel.errors import Malformed, Refused

NOW = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.mark.parametrize(("typed", "name"), [("zhang.san", "zhang.san"), ("  Zhang_San ", "zhang_san"), ("ｚｈａｎｇ", "zhang"), ("a-1", "a-1")])
def test_a_sign_in_name_is_folded(typed, name):
    assert domain.check_username(typed) == name


@pytest.mark.parametrize("typed", ["", "ab", "1abc", "a b", "张三三", "a" * 65, "abc.", "аdmin1", "<b>x</b>", "a'--b", "a\x00bc", "system", "SYSTEM"])
def test_what_is_no_sign_in_name(typed):
    with pytest.raises(Malformed) as refused:
        domain.check_username(typed)
    assert "username" in refused.value.fields


@pytest.mark.parametrize("pair", list(combinations(sorted(domain.SINGLE), 2)))
def test_the_three_administrators_exclude_each_other(pair):
    with pytest.raises(Refused) as refused:
        domain.check_roles(pair, department="")
    assert refused.value.rule == "GB/T 39477-2020"


@pytest.mark.parametrize("role", Role)
def test_only_the_three_do_without_a_department(role):
    domain.check_roles({role}, department="11330000000000001L")
    if role in domain.WITHOUT_DEPARTMENT:
        domain.check_roles({role}, department="")
        return
    with pytest.raises(Refused, match="department"):
        domain.check_roles({role}, department="")


def test_a_lock_ends_by_itself():
    assert domain.is_locked(NOW + timedelta(seconds=1), NOW)
    assert not domain.is_locked(NOW, NOW)
    assert not domain.is_locked(None, NOW)
