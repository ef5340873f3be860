# SPDX-License-Identifier: Apache-2.0
"""Tags of persons: the same for the same person however the id is written, and nothing without the secret."""

from __future__ import annotations

import base64
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.kernel.errors import Malformed
from datong.ledger.persons import BlindIndex

MINE, OTHER = BlindIndex(b"a" * 32), BlindIndex(b"b" * 32)
HELD = "11010519491231002X"
ids = st.from_regex(r"[1-9][0-9]{16}[0-9X]", fullmatch=True)


@given(ids)
def test_a_tag_is_of_one_person_under_one_secret_and_says_nothing_of_the_id(number: str):
    tag = MINE.tag(number)
    assert tag == MINE.tag(f"  {number.lower()} ") and MINE.tags([number]) == [tag]
    assert tag != OTHER.tag(number) and number not in tag and len(tag) == 12


@given(ids)
def test_a_tag_is_the_beginning_of_an_hmac(number: str):
    made = hmac.digest(b"a" * 32, number.encode(), "sha256")
    assert MINE.tag(number) == base64.urlsafe_b64encode(made[:9]).decode()


@given(st.lists(ids, unique=True, max_size=20))
def test_persons_have_tags_of_their_own_each_once(numbers: list[str]):
    assert MINE.tags(numbers * 2) == sorted({MINE.tag(one) for one in numbers}) and len(MINE.tags(numbers)) == len(numbers)


@pytest.mark.parametrize("same", [HELD, HELD.lower(), f"\u3000{HELD}", "１１０１０５１９４９１２３１００２Ｘ", f"{HELD}\n"])
def test_an_id_is_known_in_every_form_in_which_claims_are_compared(same: str):
    assert MINE.tags([same]) == [MINE.tag(HELD)]


@pytest.mark.parametrize(
    "other", ["", "张三", "0" + HELD[1:], HELD[:-1], HELD + "0", "1" * 10_000, 110105194912310021, None, True, 1.5]
)
def test_what_has_another_shape_is_nobody(other: object):
    assert MINE.tags([other]) == []


ODD = st.sampled_from([f" {HELD}", f"{HELD}\n{HELD}", f"{HELD}\n", HELD.lower(), "１１０１０５１９４９１２３１００２Ｘ", "0" * 18, "x" * 65, "张" * 18, None, 3])


@given(st.lists(st.lists(ids | ODD, max_size=6), max_size=3))
def test_many_have_the_tags_that_each_has(columns: list[list[object]]):
    assert MINE.tags_of(columns) == MINE.tags([value for column in columns for value in column])


@pytest.mark.parametrize("other", ["", "张三", HELD[:-1], HELD + "1", "1101051949123100 2X"])
def test_a_search_for_another_shape_is_refused(other: str):
    with pytest.raises(Malformed):
        MINE.tag(other)
