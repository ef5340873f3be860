# SPDX-License-Identifier: Apache-2.0
"""Check digits and shapes of GB 32100, GB 11643 and GB/T 2260 (rule 43)."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from datong.kernel.errors import Malformed
from datong.kernel.identifiers import (
    USCC_ALPHABET,
    check_region,
    check_resident_id,
    check_uscc,
    resident_check_digit,
    uscc_check_digit,
)

digits = st.text("0123456789", min_size=6, max_size=6)
bodies = st.text(USCC_ALPHABET, min_size=9, max_size=9)
uscc_heads = st.builds(
    lambda authority, kind, region, body: authority + kind + region + body,
    st.sampled_from("123456789ANY"), st.sampled_from(USCC_ALPHABET), digits, bodies,
)  # fmt: skip
resident_heads = st.builds(
    lambda region, birth, serial: f"{region}{birth:%Y%m%d}{serial:03}",
    st.from_regex(r"[1-9][0-9]{5}", fullmatch=True),
    st.dates(date(1900, 1, 1), date(2030, 12, 31)),
    st.integers(0, 999),
)


class TestUscc:
    @pytest.mark.parametrize(
        "code", ["11650000010183859F", "11100000000013338W", "11430000006122244L", "91350100M000100Y43"]
    )
    def test_real_codes_pass(self, code):
        assert check_uscc(code) == code

    @given(uscc_heads)
    def test_a_computed_digit_passes(self, head):
        code = head + uscc_check_digit(head)
        assert check_uscc(code) == code
        assert check_uscc(code.lower()) == code

    @pytest.mark.parametrize("letter", "ANY")
    def test_letter_led_codes_pass(self, letter):
        head = f"{letter}2330106MA2AX1B2C"
        assert check_uscc(head + uscc_check_digit(head))[0] == letter

    @given(uscc_heads, st.integers(0, 17), st.sampled_from(USCC_ALPHABET))
    def test_one_changed_character_is_seen(self, head, place, character):
        code = head + uscc_check_digit(head)
        assume(code[place] != character)
        with pytest.raises(Malformed):
            check_uscc(code[:place] + character + code[place + 1 :])

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            *((text, "half width") for text in ("", "1165", "11650000010183859F ", "１1650000010183859F")),
            ("11650000010183859O", "without I, O, S, V, Z"),
            ("1165000001018'59FX", "without I, O, S, V, Z"),
            ("B1650000010183859F", "begins with"),
            ("11A50000010183859F", "begins with"),
            ("11650000010183859E", "check digit"),
        ],
    )
    def test_a_bad_code_says_why_and_not_what(self, text, why):
        with pytest.raises(Malformed, match=why) as caught:
            check_uscc(text)
        assert "uscc" in caught.value.fields
        assert not text or text not in str(caught.value)

    @pytest.mark.parametrize("head", ["", "1" * 16, "1" * 18, "O" * 17, "中" * 17])
    def test_a_bad_head_has_no_digit(self, head):
        with pytest.raises(Malformed):
            uscc_check_digit(head)


class TestResidentId:
    @pytest.mark.parametrize("code", ["11010519491231002X", "440524188001010014"])
    def test_the_examples_of_the_standard_pass(self, code):
        """The county of the second is long gone: never an error."""
        assert check_resident_id(code) == code

    @given(resident_heads)
    def test_a_computed_digit_passes(self, head):
        code = head + resident_check_digit(head)
        assert check_resident_id(code) == code
        assert check_resident_id(code.lower()) == code

    @pytest.mark.parametrize("region", ["810000", "820000", "830000", "710000", "999999"])
    def test_residents_of_everywhere_pass(self, region):
        head = f"{region}19900307123"
        assert check_resident_id(head + resident_check_digit(head))

    @given(resident_heads, st.integers(0, 17), st.sampled_from("0123456789X"))
    def test_one_changed_character_is_seen(self, head, place, character):
        code = head + resident_check_digit(head)
        assume(code[place] != character)
        with pytest.raises(Malformed):
            check_resident_id(code[:place] + character + code[place + 1 :])

    @given(resident_heads, st.integers(0, 16))
    def test_two_swapped_neighbours_are_seen(self, head, place):
        code = head + resident_check_digit(head)
        assume(code[place] != code[place + 1])
        with pytest.raises(Malformed):
            check_resident_id(code[:place] + code[place + 1] + code[place] + code[place + 2 :])

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            *((text, "half width") for text in ("", "110105491231002", "11010519491231002X1", "１1010519491231002X")),
            *((text, "17 digits") for text in ("01010519491231002X", "1101051949123100XX", "11010519491231002-")),
            *((text, "date of birth") for text in ("110105194913310021", "11010519490229002X", "110105000001010021")),
            ("110105194912310021", "check digit"),
        ],
    )
    def test_a_bad_id_says_why_and_not_what(self, text, why):
        with pytest.raises(Malformed, match=why) as caught:
            check_resident_id(text)
        assert "resident_id" in caught.value.fields
        assert not text or text not in str(caught.value)

    def test_a_birth_to_come_is_refused_when_today_is_known(self):
        head = "33010620260926123"
        code = head + resident_check_digit(head)
        assert check_resident_id(code) == check_resident_id(code, today=date(2026, 9, 26)) == code
        with pytest.raises(Malformed, match="yet to come"):
            check_resident_id(code, today=date(2026, 9, 25))

    @pytest.mark.parametrize("head", ["", "1" * 16, "1" * 18, "1" * 16 + "X", "１" * 17])
    def test_a_bad_head_has_no_digit(self, head):
        with pytest.raises(Malformed):
            resident_check_digit(head)


class TestRegion:
    @pytest.mark.parametrize("code", ["330000", "330106", "510221", "810000", "660000", "999999"])
    def test_shape_is_enough(self, code):
        assert check_region(code) == code

    @pytest.mark.parametrize("text", ["", "33", "033000", "3301060", "33010a", "３30106", "330106\n", " 330106"])
    def test_another_shape_is_refused(self, text):
        with pytest.raises(Malformed) as caught:
            check_region(text)
        assert "region" in caught.value.fields
