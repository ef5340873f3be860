# SPDX-License-Identifier: Apache-2.0
"""Bank cards check by Luhn's digit; mobile numbers by their shape."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.kernel.errors import Malformed
from datong.kernel.identifiers import card_check_digit, check_bank_card, check_mobile

HEADS = st.from_regex(r"\A[1-9][0-9]{13,17}\Z")


@pytest.mark.parametrize("number", ["4111111111111111", "6222021234567890128"[:18] + card_check_digit("622202123456789012"), "4111 1111 1111 1111"])
def test_published_numbers_check(number):
    assert check_bank_card(number) == number.replace(" ", "")


@given(HEADS)
def test_a_number_with_its_digit_checks_and_one_digit_off_does_not(head):
    good = head + card_check_digit(head)
    assert check_bank_card(good) == good
    wrong = good[:-1] + str((int(good[-1]) + 1) % 10)
    with pytest.raises(Malformed) as caught:
        check_bank_card(wrong)
    assert wrong not in f"{caught.value} {caught.value.fields}"


@given(HEADS, st.integers(0, 13), st.integers(1, 9))
def test_any_digit_changed_is_noticed(head, place, step):
    good = head + card_check_digit(head)
    bad = good[:place] + str((int(good[place]) + step) % 10) + good[place + 1 :]
    with pytest.raises(Malformed):
        check_bank_card(bad)


@pytest.mark.parametrize("text", ["", "0111111111111111", "411111111111", "41111111111111111111", "４１１１111111111111", "4111-1111-1111-1111", "abc"])
def test_what_is_no_card(text):
    with pytest.raises(Malformed):
        check_bank_card(text)


def test_a_check_digit_needs_digits():
    with pytest.raises(Malformed):
        card_check_digit("41x1")


@pytest.mark.parametrize("text", ["13800138000", "+8613800138000", "86 13800138000", "86-19900138000"])
def test_mobile_numbers(text):
    assert check_mobile(text) == text[-11:]


@pytest.mark.parametrize("text", ["", "12800138000", "1380013800", "138001380000", "0571-88888888", "１３８00138000"])
def test_what_is_no_mobile_number(text):
    with pytest.raises(Malformed):
        check_mobile(text)
