# SPDX-License-Identifier: Apache-2.0
"""Sharing terms: closed lists of the law, the strictest type and the highest level."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.kernel.errors import Malformed
from datong.kernel.sharing import (
    FORMATS,
    ITEMS_REQUIRED,
    BasisRank,
    FormatClass,
    ItemType,
    Level,
    RequestBasis,
    SharingType,
    UpdateCycle,
    highest,
    strictest,
)


@given(st.lists(st.sampled_from(SharingType), min_size=1))
def test_the_strictest_type_wins(types):
    found = strictest(types)
    assert found in types
    if SharingType.WITHHELD in types:
        assert found is SharingType.WITHHELD
    elif SharingType.CONDITIONAL in types:
        assert found is SharingType.CONDITIONAL


@given(st.lists(st.sampled_from(Level), min_size=1), st.sampled_from(Level))
def test_a_further_item_never_lowers_the_level(levels, further):
    order = list(Level)
    assert highest(levels) in levels
    assert order.index(highest([*levels, further])) <= order.index(highest(levels))


def test_a_core_item_raises_the_resource():
    assert highest([Level.GENERAL_1, Level.CORE, Level.IMPORTANT]) is Level.CORE


def test_nothing_given_is_malformed():
    with pytest.raises(Malformed):
        strictest([])
    with pytest.raises(Malformed):
        highest([])


def test_withholding_rests_on_three_ranks_only():
    assert [rank.label for rank in BasisRank] == ["法律", "行政法规", "国务院决定"]


def test_a_request_may_also_rest_on_duty():
    assert set(RequestBasis) - set(BasisRank) == {RequestBasis.DUTY}


def test_item_types_are_the_eleven_letters():
    assert "".join(ItemType) == "CNYDTLMGBIF"


def test_update_cycles_stand_in_the_order_of_the_national_codes():
    assert [cycle.label for cycle in UpdateCycle] == [
        *("实时", "每日", "每周", "每月", "每季度", "每半年", "每年", "不定期", "不更新"),
    ]


def test_every_format_class_has_its_types():
    assert FORMATS.keys() == set(FormatClass)
    assert len(FormatClass) == 7
    assert "xlsx" in FORMATS[FormatClass.SPREADSHEET]


def test_tables_need_items():
    assert {FormatClass.DATABASE, FormatClass.SPREADSHEET} == ITEMS_REQUIRED
