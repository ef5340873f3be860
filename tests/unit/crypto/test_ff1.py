# SPDX-License-Identifier: Apache-2.0
"""FF1 is that of NIST: its nine published samples, and the laws of a permutation."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.crypto.ff1 import LEAST_DOMAIN, encrypt
from datong.kernel.errors import Malformed

KEY = bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94")
DIGITS = string.digits
LETTERED = string.digits + string.ascii_lowercase
TENS = bytes.fromhex("39383736353433323130")
SEVENS = bytes.fromhex("3737373770717273373737")


@pytest.mark.parametrize(
    ("size", "alphabet", "tweak", "text", "wanted"),
    [
        (16, DIGITS, b"", "0123456789", "2433477484"),
        (16, DIGITS, TENS, "0123456789", "6124200773"),
        (16, LETTERED, SEVENS, "0123456789abcdefghi", "a9tv40mll9kdu509eum"),
        (24, DIGITS, b"", "0123456789", "2830668132"),
        (24, DIGITS, TENS, "0123456789", "2496655549"),
        (24, LETTERED, SEVENS, "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"),
        (32, DIGITS, b"", "0123456789", "6657667009"),
        (32, DIGITS, TENS, "0123456789", "1001623463"),
        (32, LETTERED, SEVENS, "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"),
    ],
)
def test_the_samples_of_nist(size, alphabet, tweak, text, wanted):
    assert encrypt(KEY[:size], text, alphabet, tweak) == wanted


def test_a_text_whose_halves_take_more_than_a_block():
    text = LETTERED + "012345"
    assert encrypt(KEY[:16], text, LETTERED, SEVENS) == "l4zpm8zauhw2zkke9o0i7oi17iojfqog7dmjze3her"


@given(st.text(DIGITS, min_size=6, max_size=64), st.text(DIGITS, min_size=6, max_size=64))
def test_no_two_texts_become_one_and_length_and_alphabet_stay(one, other):
    first, second = encrypt(KEY, one, DIGITS), encrypt(KEY, other, DIGITS)
    assert (first == second) is (one == other)
    assert (len(first), set(first) <= set(DIGITS)) == (len(one), True)


def test_the_order_of_the_alphabet_and_the_key_count():
    assert encrypt(KEY, "123456", DIGITS) != encrypt(KEY, "123456", DIGITS[::-1])
    assert encrypt(KEY, "123456", DIGITS) != encrypt(KEY[::-1], "123456", DIGITS)


def test_a_domain_of_a_million_is_the_least():
    assert len(encrypt(KEY, "000000", DIGITS)) == len(str(LEAST_DOMAIN)) - 1
    assert len(encrypt(KEY, "ab" * 10, "ab")) == 20


@pytest.mark.parametrize(
    ("text", "alphabet", "key"),
    [
        ("12345", DIGITS, KEY), ("", DIGITS, KEY), ("ab" * 9, "ab", KEY), ("1" * 65_537, DIGITS, KEY), ("12345a", DIGITS, KEY),
        ("１23456", DIGITS, KEY), ("1111111", "1", KEY), ("1111111", "", KEY), ("1212121", "1211", KEY), ("1234567", DIGITS, b"short"),
    ],
)  # fmt: skip
def test_what_cannot_be_encrypted_is_refused_and_not_repeated(text, alphabet, key):
    with pytest.raises(Malformed) as caught:
        encrypt(key, text, alphabet)
    assert not text or text not in str(caught.value)
