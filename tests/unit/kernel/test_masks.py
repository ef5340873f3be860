# SPDX-License-Identifier: Apache-2.0
"""Masks: what is hidden stays hidden, whatever the value."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.crypto.ff1 import encrypt
from datong.kernel.errors import Malformed
from datong.kernel.masks import FORMS, KINDS, LARGEST, NONE, PRESETS, REDACTED, WIDEST, Mask, apply
from datong.kernel.sharing import ItemType

KEY = b"a key of the grant"
NULL = Mask("null")
ends = st.integers(0, 64)
bands = st.builds(Mask, st.just("band"), width=st.integers(2, WIDEST))
masks = st.one_of(
    st.builds(Mask, st.just("partial"), ends, ends),
    st.sampled_from([k for k in KINDS if k not in ("partial", "band", "format")]).map(Mask),
    st.builds(Mask, st.just("format"), form=st.sampled_from(sorted(FORMS))),
    bands,
)
values = st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.dates(), st.binary(), st.decimals())


def turned(key, text, alphabet):
    """One to one, and no cipher: each character the next of its alphabet, the longer way the more the key says."""
    return "".join(alphabet[(alphabet.index(one) + key[0] % 7 + 1) % len(alphabet)] for one in text)


@given(masks)
def test_text_and_mask_are_one(mask):
    assert Mask.parse(str(mask)) == mask


@given(masks, values)
def test_absent_stays_absent_and_the_rest_is_text(mask, value):
    masked = apply(mask, value, key=KEY, permute=turned)
    if value is None or mask == NONE:
        assert masked is value
    elif mask == NULL:
        assert masked is None
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
        ("null", "x", None),
        ("null", "", None),
        ("null", 0, None),
        ("band:1000", 3456, "[3000,4000)"),
        ("band:1000", 3999, "[3000,4000)"),
        ("band:1000", 4000, "[4000,5000)"),
        ("band:1000", 0, "[0,1000)"),
        ("band:1000", -1, "[-1000,0)"),
        ("band:1000", -1000, "[-1000,0)"),
        ("band:1000", "3999.99", "[3000,4000)"),
        ("band:1000", "-0.05", "[-1000,0)"),
        ("band:1000", "-1000.01", "[-2000,-1000)"),
        ("band:7", -0.0, "[0,7)"),
        ("band:7", -0.5, "[-7,0)"),
        ("band:2", 1e17, "[100000000000000000,100000000000000002)"),
        ("band:10", 10**18 - 1, "[999999999999999990,1000000000000000000)"),
        ("band:10", 10**18, REDACTED),
        ("band:10", -(10**18), REDACTED),
        ("band:10", "1000000000000000000", REDACTED),
        ("band:10", "-999999999999999999.5", REDACTED),
        ("band:10", 1e300, REDACTED),
        ("band:10", float("inf"), REDACTED),
        ("band:10", float("-inf"), REDACTED),
        ("band:10", float("nan"), REDACTED),
        ("band:10", True, REDACTED),
        ("band:10", "", REDACTED),
        ("band:10", "1e3", REDACTED),
        ("band:10", "１２", REDACTED),
        ("band:10", "12 ", REDACTED),
        ("band:10", "12\n", REDACTED),
        ("band:10", "NaN", REDACTED),
        ("band:10", date(1949, 12, 31), REDACTED),
        ("band:10", b"12", REDACTED),
    ],
)
def test_a_value_under_a_mask(mask, value, masked):
    assert apply(Mask.parse(mask), value, key=KEY) == masked


@given(st.integers(2, WIDEST), st.integers(1 - LARGEST, LARGEST - 1), st.integers(0, 9))
def test_a_number_lies_in_its_band_and_the_band_is_the_same_all_over_it(width, number, digit):
    told = str(apply(Mask("band", width=width), f"{number}.{digit}" if number >= 0 else number))
    low, end = map(int, told[1:-1].split(","))
    assert told == f"[{low},{end})"
    assert (end - low, low % width) == (width, 0)
    assert low <= number < end
    assert {apply(Mask("band", width=width), one) for one in (low, end - 1) if abs(one) < LARGEST} <= {told}


@pytest.mark.parametrize("kind", ["band:10", "hash", "year", "partial:1:1", "format:digits"])
def test_what_a_mask_is_not_made_for_is_redacted_whatever_it_looks_like(kind):
    mask = Mask.parse(kind)
    for one in ItemType:
        shown = {apply(mask, value, key=KEY, kind=one, permute=turned) for value in ("12", "1949-12-31", 12, 1.5)}
        assert mask.suits(one) or shown == {REDACTED}
    assert [one.value for one in ItemType if Mask("band", width=10).suits(one)] == ["N", "Y", "B", "I", "F"]
    assert [one.value for one in ItemType if Mask("format", form="uscc").suits(one)] == ["C", "M", "G", "I"]
    assert all(Mask(one).suits(kind) for one in ("none", "null", "redact") for kind in ItemType)


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
        *("Redact", "none ", "hash:1", "drop table", "null:1"),
        *("format", "format:", "format:name", "format:Digits", "format:digits:6", "format:digits\n"),
        *("band", "band:", "band:0", "band:1", "band:-5", "band:0.5", "band:010", "band:1000000000000001", "band:１０"),
    ],
)
def test_a_bad_mask_is_refused(text):
    with pytest.raises(Malformed) as caught:
        Mask.parse(text)
    assert "mask" in caught.value.fields


def test_only_partial_keeps_ends():
    with pytest.raises(Malformed, match="keeps no ends"):
        Mask("redact", 1)


@pytest.mark.parametrize("name", sorted(FORMS))
@given(st.data())
def test_another_value_of_a_form_has_the_form_and_joins_equals_only(name, data):
    mask, values = Mask("format", form=name), st.from_regex(FORMS[name].pattern, fullmatch=True, alphabet=FORMS[name].alphabet)
    one, other = data.draw(values), data.draw(values)
    first, second = (apply(mask, value, key=KEY, permute=encrypt) for value in (one, other))
    assert FORMS[name].fits(first)
    assert len(first) == len(one)
    assert (first == second) == (one == other)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("digits", "12345"), ("digits", ""), ("digits", "1" * 65), ("digits", "138-1234-5678"), ("digits", "１３８１２３４５６７８"), ("digits", "1234567\n"),
        ("digits", -1234567), ("digits", 12345), ("digits", 1234567.0), ("digits", b"1234567"), ("digits", date(1949, 12, 31)), ("digits", True),
        ("resident_id", "11010519491231002x"), ("resident_id", "1101051949123100X2"), ("resident_id", "110105491231002"),
        ("uscc", "91330799MAE85KBB1I"), ("uscc", "91330799mae85kbb11"), ("uscc", "91330799MAE85KBB1"),
    ],
)  # fmt: skip
def test_what_has_not_the_form_is_redacted(form, value):
    assert apply(Mask("format", form=form), value, key=KEY, permute=encrypt) == REDACTED


def test_a_whole_number_keeps_its_digits_as_text_and_another_form_has_another_key():
    mask = Mask.parse("format:digits")
    assert apply(mask, 13812345678, key=KEY, permute=encrypt) == apply(mask, "13812345678", key=KEY, permute=encrypt)
    as_id, as_digits = (apply(Mask("format", form=one), "110105194912310021", key=KEY, permute=encrypt) for one in ("resident_id", "digits"))
    assert as_id != as_digits
    assert apply(mask, 13812345678, key=b"another", permute=encrypt) != apply(mask, 13812345678, key=KEY, permute=encrypt)


def test_a_format_mask_needs_a_key_and_a_cipher():
    for wrong in ({}, {"key": KEY}, {"permute": encrypt}):
        with pytest.raises(Malformed, match="needs a key and a cipher"):
            apply(Mask("format", form="digits"), "x", **wrong)
    assert [one for one in KINDS if one not in ("partial", "band", "format") and Mask(one).keyed] == ["hash"]
    assert Mask("format", form="uscc").keyed


def test_each_form_has_a_million_values_at_least_and_fits_its_alphabet():
    for form in FORMS.values():
        assert len(set(form.alphabet)) == len(form.alphabet)
        assert len(form.alphabet) ** min(size for size in range(1, 65) if any(form.fits(one * size) for one in form.alphabet)) >= 10**6


def test_a_type_hides_no_more_than_the_mask_says_of_a_value():
    assert apply(Mask.parse("band:10"), "12.5", kind=ItemType.Y) == apply(Mask.parse("band:10"), 12.5, kind=ItemType.F) == "[10,20)"
    assert apply(Mask("null"), None, kind=ItemType.C) is apply(NONE, None, kind=ItemType.C) is None
    assert apply(Mask.parse("band:10"), None, kind=ItemType.C) is None


def test_only_a_band_has_a_width():
    for wrong in (lambda: Mask("redact", width=1), lambda: Mask("partial", 1, 1, width=10), lambda: Mask("band")):
        with pytest.raises(Malformed, match="a width from 2 on"):
            wrong()


def test_only_a_format_has_a_form():
    for wrong in (lambda: Mask("redact", form="uscc"), lambda: Mask("redact", form="x"), lambda: Mask("format"), lambda: Mask("format", form="x")):
        with pytest.raises(Malformed, match="has a form"):
            wrong()


def test_presets_are_masks_in_text_form():
    assert str(PRESETS["phone"]) == "partial:3:4"
    assert all(mask.kind != "none" for mask in PRESETS.values())
