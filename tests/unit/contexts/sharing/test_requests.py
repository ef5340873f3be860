# SPDX-License-Identifier: Apache-2.0
"""What a request must say (809 art. 20) and how its rows narrow."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.sharing.domain.requests import RequestDraft, RowRule, faults_of, missing

TODAY = date(2026, 11, 21)
DRAFT = RequestDraft(
    resource="307001/1", application="app-1", basis_kind="law", basis="《社会保险法》第八条", scene="核查", scope="全省",
    purpose="核查", channels=("call",), items=("name",), term_from=TODAY, term_until=date(2027, 11, 21), quota_per_day=10,
)  # fmt: skip
EMPTY = {"channels": (), "items": (), "term_from": None, "term_until": None}


@pytest.mark.parametrize(
    "field",
    ["basis_kind", "basis", "scene", "scope", "channels", "term_from", "term_until", "items", "purpose", "application"],
)
def test_809_20_each_missing_part_is_named(field):
    assert missing(replace(DRAFT, **{field: EMPTY.get(field, "")}), TODAY).keys() == {field}


def test_809_20_all_missing_parts_are_named_at_once():
    assert len(missing(RequestDraft(), TODAY)) == 10
    assert missing(DRAFT, TODAY) == {}


def test_a_term_that_has_passed_is_no_term():
    assert missing(replace(DRAFT, term_until=date(2026, 11, 20), term_from=date(2026, 11, 1)), TODAY).keys() == {"term_until"}
    assert missing(replace(DRAFT, term_until=TODAY), TODAY) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("basis_kind", "whim"), ("basis", "字" * 501), ("scene", "a\x00"), ("purpose", "字" * 201), ("purpose", "a\nb"),
        ("scope", "\u202e"), ("channels", ("fax",)), ("term_until", date(2026, 1, 1)), ("quota_per_day", 0),
        ("quota_per_day", 2**31), ("items", ("a",) * 2001),
    ],
)  # fmt: skip
def test_what_does_not_read_is_named(field, value):
    assert faults_of(replace(DRAFT, **{field: value})).keys() == {field}


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        (RowRule("division", "like", ("33",)), "op"), (RowRule("1=1 --", "eq", ("33",)), "field"), (RowRule("division", "eq", ()), "values"),
        (RowRule("division", "eq", ("1", "2")), "values"), (RowRule("division", "in", ("",)), "values"),
        (RowRule("division", "in", ("\x00",)), "values"), (RowRule("division", "in", ("9" * 201,)), "values"),
        (RowRule("division", "in", ("9",) * 1001), "values"),
    ],
)  # fmt: skip
def test_rules_that_do_not_read_are_named_by_their_place(rule, place):
    assert faults_of(replace(DRAFT, rows=(rule,))).keys() == {f"rows.0.{place}"}


def test_too_many_rules_are_refused():
    assert faults_of(replace(DRAFT, rows=(RowRule("a", "eq", ("1",)),) * 21)).keys() == {"rows"}


values = st.lists(st.text("123", min_size=1, max_size=3), min_size=1, max_size=4).map(tuple)
rules = st.builds(RowRule, field=st.sampled_from(["a", "b"]), op=st.sampled_from(["eq", "in", "prefix"]), values=values)


def lets_through(rule, field, value):
    if field != rule.field:
        return True
    return value.startswith(rule.values) if rule.op == "prefix" else value in rule.values


@given(rules, rules, st.text("123", min_size=1, max_size=5))
def test_a_rule_that_implies_another_lets_nothing_more_through(narrow, wide, value):
    if narrow.implies(wide) and lets_through(narrow, wide.field, value):
        assert lets_through(wide, wide.field, value)


def test_a_rule_is_kept_as_json():
    rule = RowRule("division", "prefix", ("33", "31"))
    assert RowRule.of(rule.plain()) == rule
