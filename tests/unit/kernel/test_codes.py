# SPDX-License-Identifier: Apache-2.0
"""Resource codes of 发改高技〔2017〕1272号 (rule 34): shape, uniqueness of the text, bad codes refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.kernel.codes import LARGEST_SEQUENCE, Category, ResourceCode
from datong.kernel.errors import Malformed

SHAPE = re.compile(r"^[123]\d{2}\d{3}\d*/[1-9]\d*$", re.ASCII)
heads = st.from_regex(r"[123][0-9]{5}[0-9]{0,26}", fullmatch=True)
sequences = st.integers(1, LARGEST_SEQUENCE)
codes = st.builds(ResourceCode, heads, sequences)


@given(codes)
def test_text_and_code_are_one(code):
    assert SHAPE.match(str(code))
    assert ResourceCode.parse(str(code)) == code


@given(codes, codes)
def test_two_codes_never_share_a_text(one, other):
    assert (str(one) == str(other)) == (one == other)


@given(heads, sequences)
def test_the_parts_make_the_head(head, sequence):
    code = ResourceCode(head, sequence)
    assert code.category.value + code.item + code.subitem + code.detail == head
    assert (len(code.item), len(code.subitem)) == (2, 3)


def test_a_code_of_the_guide():
    code = ResourceCode.parse("3330001001/12")
    assert (code.category, code.item, code.subitem, code.detail) == (Category.DEPARTMENT, "33", "000", "1001")
    assert code.category.label == "部门信息资源"


@pytest.mark.parametrize(
    "text",
    [
        *("", "/", "333000", "333000/", "/1", "433000/1", "033000/1", "33300/1", "333000/0", "333000/01"),
        *("333000/-1", "333000/1/2", "333000/1 ", " 333000/1", "333000/1\n", "33300a/1", "333000\\1", "333000//1"),
        *("３33000/1", "333000/１", "333000/1٣", "3" * 33 + "/1", "333000/" + "9" * 40, "333000/2147483648"),
        *("333000/1; drop table", "<b>333000/1</b>", "333000/\x00"),
    ],
)
def test_a_bad_code_is_flagged(text):
    with pytest.raises(Malformed) as caught:
        ResourceCode.parse(text)
    assert caught.value.fields
    assert caught.value.rule == "发改高技〔2017〕1272号"


@given(st.text(max_size=60))
def test_whatever_the_text_it_is_a_code_or_malformed(text):
    try:
        assert str(ResourceCode.parse(text)) == text
    except Malformed:
        assert not (SHAPE.fullmatch(text) and len(text) < 12)


@pytest.mark.parametrize(("head", "sequence"), [("433000", 1), ("", 1), ("333000", 0), ("333000", -3)])
def test_bad_parts_make_no_code(head, sequence):
    with pytest.raises(Malformed):
        ResourceCode(head, sequence)
