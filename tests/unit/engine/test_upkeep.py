# SPDX-License-Identifier: Apache-2.0
"""What is kept of a derived table: every file of the lake is in it exactly once, and nothing that still holds is written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from datong.engine.plans import upkeep

NAMES = st.sets(st.sampled_from("abcdefghijkl"))
SIZES = st.integers(0, 12)


@st.composite
def tables(draw):
    """Packs of the version before, and the files of the new one."""
    old = sorted(draw(NAMES))
    cuts = sorted(draw(st.lists(st.integers(0, len(old)), max_size=4)))
    before = [old[start:end] for start, end in zip([0, *cuts], [*cuts, len(old)], strict=True)]
    return before, {name: draw(SIZES) for name in draw(NAMES)}


@given(tables(), st.integers(0, 3))
def test_each_file_is_there_once(given_tables, spread):
    before, now = given_tables
    todo = upkeep.plan(before, now, pack=10, spread=spread)
    held = [name for place in todo.kept for name in before[place]] + [name for pack in todo.packs for name in pack]
    assert sorted(held) == sorted(now)
    assert len(todo.kept) + len(todo.packs) <= 2 * max(1, len(now)) + spread


@given(tables())
def test_a_pack_is_no_larger_than_it_may_be_unless_it_is_one_file(given_tables):
    before, now = given_tables
    for pack in upkeep.plan(before, now, pack=10).packs:
        assert len(pack) == 1 or sum(now[name] for name in pack) <= 10


def test_what_still_holds_stays_and_the_rest_is_written():
    todo = upkeep.plan([["a", "b"], ["c"], []], {"a": 1, "b": 1, "d": 1})
    assert todo == upkeep.Upkeep((0,), (("d",),))


def test_too_many_pieces_are_written_anew_together():
    before = [[str(number)] for number in range(30)]
    assert upkeep.plan(before, {str(number): 1 for number in range(31)}).kept == ()
    assert upkeep.plan(before[:10], {str(number): 1 for number in range(11)}).kept == tuple(range(10))
