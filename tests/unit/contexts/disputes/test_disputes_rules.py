# SPDX-License-Identifier: Apache-2.0
"""Rules of disputes: to whose authority one goes, who may do what, where it ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.disputes import permissions
from datong.contexts.disputes.domain import complaints, disputes
from datong.contexts.disputes.domain.disputes import Side, Stage
from datong.contexts.disputes.domain.routing import common_superior, line_of
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Malformed, Refused

TREE = {
    "100000": "",
    "330000": "100000", "420000": "100000",
    "330100": "330000", "330200": "330000", "420100": "420000",
    "330102": "330100", "330105": "330100", "330203": "330200", "420102": "420100",
}  # fmt: skip
"""Two provinces, their cities and counties."""


@pytest.mark.parametrize(
    ("one", "other", "superior"),
    [
        ("330102", "330203", "330000"),  # two counties of different cities of one province
        ("330102", "330105", "330100"),  # two counties of one city
        ("330102", "330100", "330100"),  # a county and its city
        ("330102", "330200", "330000"),  # a county and another city
        ("330102", "330000", "330000"),  # a county and its province
        ("330000", "420000", "100000"),  # two provinces
        ("330102", "420102", "100000"),  # two counties of two provinces
        ("330000", "330000", "330000"),  # the same level
        ("330100", "100000", "100000"),  # a city and a ministry
    ],
)
def test_the_common_superior(one, other, superior):
    assert common_superior(TREE, one, other) == superior


@given(st.sampled_from(sorted(TREE)), st.sampled_from(sorted(TREE)))
def test_the_common_superior_is_the_lowest_above_both_whoever_is_named_first(one, other):
    found = common_superior(TREE, one, other)
    assert found == common_superior(TREE, other, one)
    shared = set(line_of(TREE, one)) & set(line_of(TREE, other))
    assert shared == set(line_of(TREE, found))


@pytest.mark.parametrize(("one", "other"), [("999999", "330000"), ("330000", ""), ("330000", "33")])
def test_a_division_that_is_not_in_the_tree_is_refused(one, other):
    with pytest.raises(Malformed, match="区划"):
        common_superior(TREE, one, other)


def test_two_trees_have_nothing_in_common():
    with pytest.raises(Malformed, match="共同上级"):
        common_superior({"a": "", "b": ""}, "a", "b")


def test_a_ring_in_the_tree_ends():
    assert line_of({"a": "b", "b": "a"}, "a") == ["a", "b"]


def test_what_is_open_may_go_on_and_what_ended_may_not():
    assert {stage for stage, followers in disputes.MOVES.items() if followers} == set(disputes.OPEN)
    assert {stage for stage, followers in complaints.MOVES.items() if followers} == set(complaints.OPEN)


def test_nobody_decides_before_the_parties_have_negotiated():
    assert Stage.INSTRUCTED not in disputes.MOVES[Stage.NEGOTIATING]
    assert Stage.DECIDED not in disputes.MOVES[Stage.INSTRUCTED]


def officer(*roles: Role, department: str = "A", region: str = "330000") -> Officer:
    return Officer("someone", "某人", department, "某部门", region, frozenset(roles))


@pytest.mark.parametrize(
    ("roles", "department", "side"),
    [
        ((Role.APPLICANT,), "A", Side.CONSUMER),
        ((Role.CONSUMER_HEAD,), "A", Side.CONSUMER),
        ((Role.PROVIDER_HEAD,), "A", None),
        ((Role.COMPILER,), "B", Side.PROVIDER),
        ((Role.APPLICANT,), "B", None),
        ((Role.APPLICANT, Role.COMPILER), "C", None),
        ((Role.AUTHORITY,), "A", None),
    ],
)
def test_a_party_speaks_through_its_own_posts(roles, department, side):
    assert permissions.side_of(officer(*roles, department=department), "A", "B") is side
    assert permissions.check_is_party.allowed(officer(*roles, department=department), "A", "B") is (side is not None)


def test_only_a_head_binds_its_department():
    assert permissions.check_is_head.allowed(officer(Role.CONSUMER_HEAD), "A", "B")
    with pytest.raises(Refused, match="负责人"):
        permissions.check_is_head(officer(Role.APPLICANT), "A", "B")
    with pytest.raises(Refused, match="双方"):
        permissions.check_is_head(officer(Role.CONSUMER_HEAD, department="C"), "A", "B")


def test_the_authority_of_another_division_decides_nothing():
    assert permissions.check_may_decide.allowed(officer(Role.AUTHORITY), "330000")
    assert not permissions.check_may_decide.allowed(officer(Role.AUTHORITY), "330100")
    assert not permissions.check_may_decide.allowed(officer(Role.AUTHORITY, region=""), "")
    assert not permissions.check_may_decide.allowed(officer(Role.PROVIDER_HEAD), "330000")


def test_a_complaint_is_read_by_the_authority_and_by_who_replies():
    assert permissions.reads_complaint(officer(Role.AUTHORITY), "Z")
    assert permissions.reads_complaint(officer(Role.APPLICANT), "A")
    assert not permissions.reads_complaint(officer(Role.APPLICANT), "")
    assert not permissions.reads_complaint(officer(Role.AUDITOR), "A")
    assert permissions.sees_all(officer(Role.AUDITOR))
