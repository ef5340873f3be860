# SPDX-License-Identifier: Apache-2.0
"""Row rules: what reads, what fits an item's type, and which rule lets no more through than another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.sharing.domain.rows import (
    OPERATORS,
    VALUES,
    RowRule,
    holds_region,
    prefix_of,
    region_of,
    row_faults,
    type_fault,
    wants_case,
)


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        (RowRule("division", "like", ("33",)), "op"), (RowRule("1=1 --", "eq", ("33",)), "field"), (RowRule("division", "eq", ()), "values"),
        (RowRule("division", "eq", ("1", "2")), "values"), (RowRule("division", "in", ("",)), "values"),
        (RowRule("division", "in", ("\x00",)), "values"), (RowRule("division", "in", ("9" * 201,)), "values"),
        (RowRule("division", "in", ("9",) * 1001), "values"), (RowRule("born", "from", ("yesterday",)), "values"),
        (RowRule("born", "from", ("2026-02-30",)), "values"), (RowRule("born", "until", ("2026-1-1",)), "values"),
        (RowRule("born", "until", ()), "values"), (RowRule("born", "from", ("2026-01-01", "2026-01-02")), "values"),
        (RowRule("born", "until", ("２０２６-01-01",)), "values"), (RowRule("case_no", "case", ("A1",)), "values"),
        (RowRule("", "case"), "field"), (RowRule("born", "until", ("9999-12-31",)), "values"), (RowRule("born", "from", ("0001-01-01",)), "values"),
    ],
)  # fmt: skip
def test_rules_that_do_not_read_are_named_by_their_place(rule, place):
    assert row_faults((rule,)).keys() == {f"rows.0.{place}"}


def test_rules_of_every_kind_read():
    rules = [RowRule("a", "eq", ("1",)), RowRule("a", "in", ("1", "2")), RowRule("a", "prefix", ("33", "31")),
             RowRule("day", "from", ("2026-01-01",)), RowRule("day", "until", ("2026-01-01",)), RowRule("case_no", "case")]  # fmt: skip
    assert {rule.op for rule in rules} == set(OPERATORS) == set(VALUES)
    assert row_faults(rules) == {}


def test_too_many_rules_are_refused():
    assert row_faults((RowRule("a", "eq", ("1",)),) * 21).keys() == {"rows"}


def test_a_last_day_before_the_first_is_told_at_the_last_day():
    rules = [
        RowRule("born", "until", ("2026-01-01",)),
        RowRule("born", "from", ("2026-01-02",)),
        RowRule("died", "until", ("2025-01-01",)),
    ]
    assert row_faults(rules).keys() == {"rows.0.values"}


@pytest.mark.parametrize(
    ("op", "kind", "fits"),
    [("prefix", "C", True), ("prefix", "D", False), ("case", "M", True), ("case", "N", False), ("from", "D", True),
     ("until", "T", True), ("from", "C", False), ("eq", "N", True), ("in", "L", True)],
)  # fmt: skip
def test_rules_work_on_the_types_they_are_for(op, kind, fits):
    assert (type_fault(RowRule("a", op), kind) == "") is fits


@pytest.mark.parametrize(("region", "prefix"), [("330000", "33"), ("330100", "3301"), ("330106", "330106"), ("110101", "110101")])
def test_a_region_is_a_prefix_and_back(region, prefix):
    assert prefix_of(region) == prefix
    assert region_of(prefix) == region


@pytest.mark.parametrize("prefix", ["", "3", "333", "33010", "zz", "3301060"])
def test_other_prefixes_are_no_region(prefix):
    assert region_of(prefix) == ""


def test_items_that_look_like_a_region_are_texts():
    assert holds_region("division", "户籍地", "C")
    assert holds_region("code", "行政区划代码", "C")
    assert not holds_region("division", "行政区划", "N")
    assert not holds_region("name", "姓名", "C")


days = st.sampled_from(["2026-01-01", "2026-01-02", "2026-02-01"])
values = st.lists(st.one_of(st.text("123", min_size=1, max_size=3), days), min_size=1, max_size=4).map(tuple)
fields = st.sampled_from(["a", "b"])
rules = st.one_of(
    st.builds(RowRule, field=fields, op=st.sampled_from(["eq", "in", "prefix"]), values=values),
    st.builds(RowRule, field=fields, op=st.sampled_from(["from", "until"]), values=st.tuples(days)),
    st.builds(RowRule, field=fields, op=st.just("case")),
)


def lets_through(rule, field, value, case):
    if field != rule.field:
        return True
    if rule.op == "case":
        return value == case
    if rule.op in ("from", "until"):
        return value >= rule.values[0] if rule.op == "from" else value <= rule.values[0]
    return value.startswith(rule.values) if rule.op == "prefix" else value in rule.values


@given(rules, rules, st.one_of(st.text("123", min_size=1, max_size=5), days), st.text("123", min_size=1, max_size=2))
def test_a_rule_that_implies_another_lets_nothing_more_through(narrow, wide, value, case):
    if narrow.implies(wide) and lets_through(narrow, wide.field, value, case):
        assert lets_through(wide, wide.field, value, case)


@given(rules)
def test_a_rule_implies_itself_unless_its_values_are_no_days(rule):
    assert rule.implies(rule)


@pytest.mark.parametrize(
    ("narrow", "wide", "held"),
    [
        (RowRule("d", "from", ("2026-02-01",)), RowRule("d", "from", ("2026-01-01",)), True),
        (RowRule("d", "from", ("2026-01-01",)), RowRule("d", "from", ("2026-02-01",)), False),
        (RowRule("d", "until", ("2026-01-01",)), RowRule("d", "until", ("2026-02-01",)), True),
        (RowRule("d", "until", ("2026-01-01",)), RowRule("d", "from", ("2025-01-01",)), False),
        (RowRule("d", "eq", ("2026-01-05",)), RowRule("d", "from", ("2026-01-01",)), True),
        (RowRule("d", "eq", ("2026-01-05T08:00:00Z",)), RowRule("d", "from", ("2026-01-01",)), False),
        (RowRule("d", "prefix", ("2026",)), RowRule("d", "from", ("2026-01-01",)), False),
        (RowRule("c", "case"), RowRule("c", "case"), True), (RowRule("c", "case"), RowRule("c", "prefix", ("A",)), False),
        (RowRule("c", "eq", ("A1",)), RowRule("c", "case"), False), (RowRule("d", "from", ("2026-01-01",)), RowRule("d", "prefix", ("2026",)), False),
    ],
)  # fmt: skip
def test_times_and_own_cases_narrow_only_themselves(narrow, wide, held):
    assert narrow.implies(wide) is held


def test_a_rule_is_kept_as_json():
    for rule in (RowRule("division", "prefix", ("33", "31")), RowRule("case_no", "case")):
        assert RowRule.of(rule.plain()) == rule


def test_own_cases_want_the_case_named():
    assert wants_case([RowRule("a", "eq", ("1",)), RowRule("case_no", "case")])
    assert not wants_case([RowRule("a", "eq", ("1",))])
