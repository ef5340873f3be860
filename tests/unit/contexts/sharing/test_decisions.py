# SPDX-License-Identifier: Apache-2.0
"""A decision gives no more than was asked for."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.sharing.domain.decisions import Decision, GrantedItem, Terms, default_mask, settle, unsuited
from datong.contexts.sharing.domain.requests import RowRule
from datong.kernel.errors import Malformed

TODAY = date(2026, 11, 21)
ASKED = Terms(
    items=(GrantedItem("name"), GrantedItem("phone")), channels=("call", "verify"), rows=(RowRule("division", "prefix", ("33",)),),
    term_from=date(2026, 11, 1), term_until=date(2027, 11, 1), quota_per_day=100,
)  # fmt: skip


def faults(**changes):
    with pytest.raises(Malformed) as refused:
        settle(ASKED, Decision(**({"opinion": "按需"} | changes)), TODAY)
    return refused.value.fields.keys()


def test_an_open_decision_gives_what_was_asked_from_today_on():
    assert settle(ASKED, Decision(), TODAY) == replace(ASKED, term_from=TODAY)


def test_less_may_be_given():
    given_ = Decision(
        items=(GrantedItem("phone", "partial:3:4"),), channels=("verify",), quota_per_day=5, term_until=date(2026, 12, 31),
        rows=(RowRule("division", "in", ("330100", "330200")), RowRule("sex", "eq", ("1",))), opinion="核验即可",
    )  # fmt: skip
    terms = settle(ASKED, given_, TODAY)
    assert (terms.items, terms.channels, terms.quota_per_day) == (given_.items, ("verify",), 5)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"items": (GrantedItem("salary"),)}, "items"), ({"items": ()}, "items"), ({"channels": ("file",)}, "channels"),
        ({"channels": ()}, "channels"), ({"rows": ()}, "rows"), ({"rows": (RowRule("division", "prefix", ("3",)),)}, "rows"),
        ({"rows": (RowRule("other", "eq", ("33",)),)}, "rows"), ({"term_until": date(2027, 11, 2)}, "term_until"),
        ({"term_until": date(2026, 11, 20)}, "term_until"), ({"term_from": date(2028, 1, 1)}, "term_until"), ({"quota_per_day": 101}, "quota_per_day"),
        ({"quota_per_day": 0}, "quota_per_day"), ({"max_rows": 0}, "max_rows"), ({"max_rows": 10_001}, "max_rows"),
        ({"per_second": 0}, "per_second"), ({"at_once": 100_001}, "at_once"), ({"burst": 5}, "per_second"), ({"burst": -1, "per_second": 1}, "burst"),
        ({"items": (GrantedItem("name", "blur"),)}, "items.0.mask"),
        ({"items": (GrantedItem("name"), GrantedItem("name"))}, "items.1.field"),
    ],
)  # fmt: skip
def test_what_gives_too_much_or_nothing_is_named(changes, field):
    assert field in faults(**changes)


@pytest.mark.parametrize(
    ("mask", "kind", "fits"),
    [("band:1000", "N", True), ("band:1000", "F", True), ("band:1000", "C", False), ("band:1000", "L", False), ("year", "I", False),
     ("year", "D", True), ("hash", "F", False), ("partial:1:1", "B", False), ("null", "F", True), ("redact", "B", True), ("none", "L", True)],
)  # fmt: skip
def test_a_mask_not_made_for_a_type_is_named(mask, kind, fits):
    assert unsuited(mask, kind, "items.0.mask").keys() == (set() if fits else {"items.0.mask"})


def test_809_21_giving_less_needs_a_reason():
    assert faults(items=(GrantedItem("name"),), opinion=" ") == {"opinion"}
    assert faults(channels=("call",), opinion="") == {"opinion"}


def test_a_request_whose_term_has_passed_cannot_be_granted():
    with pytest.raises(Malformed) as refused:
        settle(ASKED, Decision(), ASKED.term_until + timedelta(days=1))
    assert "term_until" in refused.value.fields


def test_a_grant_begins_no_earlier_than_asked():
    with pytest.raises(Malformed) as refused:
        settle(replace(ASKED, term_from=date(2027, 1, 1)), Decision(term_from=date(2026, 12, 1)), TODAY)
    assert refused.value.fields.keys() == {"term_from"}


def test_no_quota_asked_lets_the_provider_set_one():
    assert settle(replace(ASKED, quota_per_day=None), Decision(quota_per_day=7), TODAY).quota_per_day == 7


@given(
    st.lists(st.sampled_from(["name", "phone", "salary"]), unique=True),
    st.lists(st.sampled_from(["call", "verify", "file"]), unique=True),
    st.integers(-1, 200),
    st.dates(date(2026, 10, 1), date(2028, 1, 1)),
)
def test_whatever_is_given_lies_within_what_was_asked(items, channels, quota, until):
    wanted = Decision(
        items=tuple(map(GrantedItem, items)), channels=tuple(channels), quota_per_day=quota, term_until=until, opinion="按需",
    )  # fmt: skip
    try:
        terms = settle(ASKED, wanted, TODAY)
    except Malformed:
        return
    assert {one.field for one in terms.items} <= {"name", "phone"}
    assert set(terms.channels) <= {"call", "verify"}
    assert 1 <= terms.quota_per_day <= 100
    assert TODAY <= terms.term_from <= terms.term_until <= ASKED.term_until


@pytest.mark.parametrize(
    ("name", "mask"),
    [
        ("公民身份号码", "partial:6:4"), ("身份证号", "partial:6:4"), ("联系电话", "partial:3:4"), ("姓名", "partial:1:0"),
        ("法定代表人", "partial:1:0"), ("户籍地址", "partial:6:0"), ("出生日期", "year"), ("血型", "redact"),
    ],
)  # fmt: skip
def test_personal_items_under_conditional_sharing_are_masked(name, mask):
    assert str(default_mask(name, personal=True, sharing_type="conditional")) == mask
    assert str(default_mask(name, personal=False, sharing_type="conditional")) == "none"
    assert str(default_mask(name, personal=True, sharing_type="unconditional")) == "none"
