# SPDX-License-Identifier: Apache-2.0
"""Verifications in great number say what each says alone, whatever stands in the index."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datong.engine.backends.passing import PassingRows
from datong.engine.plans.batching import LONG, MOST, UNSEEN, compile_batch
from datong.engine.plans.lookup import Access, RowRule, compile_verify
from datong.kernel.masks import NONE
from datong.kernel.sharing import ItemType

COLUMNS = {"id": ItemType.C, "part": ItemType.I, "name": ItemType.C, "note": ItemType.M, "age": ItemType.I}
TEXTS = st.sampled_from(
    ["张", " 张", "张\u3000", "a", "ａ", "a\x1f", "a,", ",a", "a,b", " a,b", "", " ", "\u0338", "<", "ﬁ", "fi", "x" * (LONG + 1),
     " " * LONG + "a", "한", "\u1112\u1161\u11ab"]
)  # fmt: skip
STORED = st.tuples(
    st.sampled_from(["1", "2", "3", "4"]), st.integers(1, 2), st.none() | TEXTS, st.none() | TEXTS, st.none() | st.integers(1, 2)
)
ASKED = st.tuples(st.sampled_from(["1", "2", "3", "5"]), st.integers(1, 2), TEXTS, TEXTS, st.integers(1, 2))
RULES = st.sampled_from([[], [RowRule("name", "prefix", ("张", ""))], [RowRule("age", "eq", ("1",))], [RowRule("id", "in", ())]])


def said(held: PassingRows, access: Access, rows: list[tuple[Any, ...]], claims: tuple[str, ...]) -> list[str]:
    columns = dict(zip(COLUMNS, zip(*rows, strict=True), strict=True))
    key, claimed = ({name: columns[name] for name in names} for names in (access.keys, claims))
    return held.verify(compile_batch(access, range(len(rows)), key, claimed))


def alone(held: PassingRows, access: Access, row: tuple[Any, ...], claims: tuple[str, ...]) -> str:
    named = dict(zip(COLUMNS, row, strict=True))
    plan = compile_verify(access, {name: named[name] for name in access.keys}, {name: named[name] for name in claims})
    answer = plan.answer(held.fetch(plan))
    return str(sum(answer.matches[name] << at for at, name in enumerate(claims))) if answer.found else UNSEEN


@settings(max_examples=120, deadline=None)
@given(
    st.lists(STORED, max_size=8), st.lists(ASKED, min_size=1, max_size=9), RULES,
    st.sampled_from([("id",), ("id", "part")]), st.lists(st.sampled_from(["name", "note", "age", "part"]), min_size=1, unique=True),
)  # fmt: skip
def test_many_say_what_each_says_alone(stored: list, asked: list, rules: list, keys: tuple, claims: list):
    """Keys that stand twice among them: a catalogue may declare another key than an index was built with."""
    held = PassingRows(COLUMNS, stored)
    access = Access(COLUMNS, keys, (), dict.fromkeys(COLUMNS, NONE), rules)
    assert said(held, access, asked, tuple(claims)) == [alone(held, access, one, tuple(claims)) for one in asked]
    held.close()


@pytest.mark.parametrize("count", [MOST // 2, MOST // 2 + 1, 1, 3, MOST + 5])
def test_a_batch_of_any_length_is_answered_whole(count: int):
    held = PassingRows(COLUMNS, [(str(number), 1, f"n{number}", None, number % 2 + 1) for number in range(0, MOST * 2, 3)])
    access = Access(COLUMNS, ("id",), (), dict.fromkeys(COLUMNS, NONE))
    rows = [(str(number), 1, f"n{number}", "", 1) for number in range(count)]
    expected = [UNSEEN if number % 3 else "3" if number % 2 == 0 else "1" for number in range(count)]
    assert said(held, access, rows, ("name", "age")) == expected
    held.close()


def test_stored_texts_are_folded_only_where_that_matters():
    held = PassingRows(COLUMNS, [("1", 1, "李", None, None), ("2", 1, "李 ", None, None)])
    access = Access(COLUMNS, ("id",), (), dict.fromkeys(COLUMNS, NONE))
    assert said(held, access, [("1", 1, "张", "", 1)], ("name",)) == ["0"]
    assert [shape[2] for shape in access.compiled if shape[0] == "asked"] == [False]
    assert said(held, access, [("2", 1, "李", "", 1)], ("name",)) == ["1"]
    assert [shape[2] for shape in access.compiled if shape[0] == "asked"] == [False, True]
    held.close()
