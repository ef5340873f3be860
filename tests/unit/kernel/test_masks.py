# SPDX-License-Identifier: Apache-2.0
"""Masks: what is hidden stays hidden, whatever the value."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.kernel.errors import Malformed
from datong.kernel.masks import KINDS, NONE, PRESETS, REDACTED, Mask, apply

KEY = b"a key of the grant"
ends = st.integers(0, 64)
masks = st.one_of(
    st.builds(Mask, st.just("partial"), ends, ends), st.sampled_from([k for k in KINDS if k != "partial"]).map(Mask)
)
values = st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.dates(), st.binary(), st.decimals())


@given(masks)
def test_text_and_mask_are_one(mask):
    assert Mask.parse(str(mask)) == mask


@given(masks, values)
def test_absent_stays_absent_and_the_rest_is_text(mask, value):
    masked = apply(mask, value, key=KEY)
    if value is None or mask == NONE:
        assert masked is value
    else:
        assert isinstance(masked, str)


@given(ends, ends, st.text())
def test_partial_keeps_length_and_ends_and_nothing_else(head, tail, text):
    masked = apply(Mask("partial", head, tail), text)
    assert len(masked) == len(text)
    if len(text) <= head + tail:
        assert masked == "*" * len(text)
    else:
        assert masked[:head] == text[:head]
        assert masked[len(text) - tail :] == text[len(text) - tail :]
        assert set(masked[head : len(text) - tail]) == {"*"}


@pytest.mark.parametrize(
    ("mask", "value", "masked"),
    [
        ("none", "张三", "张三"),
        ("partial:1:0", "欧阳娜娜", "欧***"),
        ("partial:1:0", "张", "*"),
        ("partial:1:0", "", ""),
        ("partial:3:4", "13812345678", "138****5678"),
        ("partial:3:4", 13812345678, "138****5678"),
        ("partial:3:4", True, "*"),
        ("partial:6:4", "11010519491231002X", "110105********002X"),
        ("partial:4:0", date(1949, 12, 31), "1949******"),
        ("partial:1:1", 3.14159, REDACTED),
        ("partial:1:1", Decimal("3.14"), REDACTED),
        ("partial:1:1", b"secret", REDACTED),
        ("partial:0:0", "𠮷野家", "***"),
        ("redact", "x", REDACTED),
        ("redact", "", REDACTED),
        ("year", date(1949, 12, 31), "1949"),
        ("year", datetime(1949, 12, 31, tzinfo=UTC), "1949"),
        ("year", "1949-12-31", "1949"),
        ("year", "19491231", REDACTED),
        ("year", "13812345678", REDACTED),
        ("year", "１９４９-12-31", REDACTED),
        ("year", 1949, REDACTED),
        ("year", "", REDACTED),
        ("hash", 1.5, REDACTED),
    ],
)
def test_a_value_under_a_mask(mask, value, masked):
    assert apply(Mask.parse(mask), value, key=KEY) == masked


@given(st.text(), st.text())
def test_a_hash_joins_equals_only(one, other):
    first, second = (apply(Mask("hash"), text, key=KEY) for text in (one, other))
    assert (first == second) == (one == other)
    assert len(first) == 32


def test_a_hash_differs_by_key_and_needs_one():
    assert apply(Mask("hash"), "x", key=b"a") != apply(Mask("hash"), "x", key=b"b")
    with pytest.raises(Malformed, match="needs a key"):
        apply(Mask("hash"), "x")


def test_a_lone_surrogate_is_hashed_all_the_same():
    assert len(apply(Mask("hash"), "\ud800", key=KEY)) == 32


@pytest.mark.parametrize(
    "text",
    [
        "",
        "partial",
        "partial:",
        "partial:3",
        "partial:3:4:5",
        "partial:-1:2",
        "partial:65:0",
        "partial:0:99",
        "partial:１:2",
        *("Redact", "none ", "hash:1", "drop table"),
    ],
)
def test_a_bad_mask_is_refused(text):
    with pytest.raises(Malformed) as caught:
        Mask.parse(text)
    assert "mask" in caught.value.fields


def test_only_partial_keeps_ends():
    with pytest.raises(Malformed, match="keeps no ends"):
        Mask("redact", 1)


def test_presets_are_masks_in_text_form():
    assert str(PRESETS["phone"]) == "partial:3:4"
    assert all(mask.kind != "none" for mask in PRESETS.values())
