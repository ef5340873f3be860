# SPDX-License-Identifier: Apache-2.0
"""Questions of a batch by columns: read by their shape or one by one, they are the same questions."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datong.gateway import batches
from datong.gateway.columns import FEW, LONGEST_NAMES, alike, laid_out
from datong.gateway.questions import Asked

VALUES = st.one_of(
    st.text(max_size=4), st.integers(-3, 3), st.booleans(), st.floats(-2, 2), st.sampled_from(["身份证\u2028", "\\", '"'])
)
NAMES = st.one_of(st.sampled_from(["id", "name", "姓名", "f0", "key"]), st.text(max_size=3))
PARTS = st.lists(NAMES, min_size=0, max_size=3, unique=True)


def plainly(raw: bytes) -> list[tuple[dict, dict]]:
    return [(one.key, one.claims) for one in msgspec.json.Decoder(Asked).decode_lines(raw)]


@st.composite
def same_shapes(draw: Any) -> list[dict]:
    key, claims = draw(PARTS), draw(PARTS)
    few = draw(st.lists(st.tuples(*(VALUES for _ in (*key, *claims))), min_size=1, max_size=5))
    rows = (few * FEW)[: FEW + len(few)]
    width = len(key)
    return [
        {"key": dict(zip(key, row[:width], strict=True)), "claims": dict(zip(claims, row[width:], strict=True))} for row in rows
    ]


@settings(max_examples=60, deadline=None)
@given(same_shapes(), st.sampled_from([b"\n", b"\n\n", b" \n "]))
def test_what_is_read_by_its_shape_is_what_was_asked(questions: list[dict], between: bytes):
    lines, array = between.join(map(orjson.dumps, questions)), orjson.dumps(questions)
    asked = plainly(lines)
    for raw, kind in ((lines, batches.LINES), (array, batches.JSON)):
        found = batches.read(raw, kind, len(questions))
        assert [(one.key, one.claims) for one in found.each()] == asked
        assert [list(map(type, one.key.values())) for one in found.each()] == [list(map(type, key.values())) for key, _ in asked]
        assert len(found) == len(asked) and found.claimed == set(asked[0][1])
        columns = list(found.columns())
        assert sum(map(len, columns)) == sum(len(key) + len(claims) for key, claims in asked)


def test_nearly_all_batches_are_read_by_their_shape():
    raw = b"\n".join(b'{"key":{"id":"%d"},"claims":{"name":"a","age":3}}' % number for number in range(FEW))
    found = alike(raw, lines=True)
    assert found is not None
    assert [list(shape.key["id"])[:2] for shape in found.shapes] == [["0", "1"]]
    turned = alike(raw + b'\n{"claims":{"age":4,"name":"b"},"key":{"id":"x"}}', lines=True)
    assert turned is not None
    assert turned.each()[-1].claims == {"name": "b", "age": 4}


GOOD = b'{"key":{"id":"1"},"claims":{"name":"x"}}\n'


@pytest.mark.parametrize(
    "other",
    [
        b'{"key":{"id":"1"},"claims":{"age":1}}',
        b'{"key":{"id":"1"},"claims":{"name":"x","age":1}}',
        b'{"key":{"id":"1"},"claims":{}}',
        b'{"key":{"id":"1"},"claims":{"name":null}}',
        b'{"key":{"id":"1"},"claims":{"name":"x"},"more":1}',
        b"{",
        b"\xff",
    ],
)
def test_what_is_shaped_otherwise_is_not_read_by_the_shape_of_the_first(other: bytes):
    assert alike(GOOD * FEW, lines=True) is not None
    assert alike(GOOD * FEW + other, lines=True) is None
    assert alike(b"[" + GOOD * FEW + b"]", lines=False) is None


def test_who_names_too_much_gets_no_reader_of_his_own():
    raw = b'{"key":{"%b":"1"},"claims":{"name":"x"}}\n' % (b"n" * LONGEST_NAMES) * FEW
    assert alike(raw, lines=True) is None
    assert len(batches.read(raw, batches.LINES, FEW)) == FEW


def test_shapes_that_differ_stand_apart_and_keep_their_places():
    asked = [Asked({"id": str(number)}, {"name": number} if number % 2 else {"age": number}) for number in range(5)]
    found = laid_out(asked)
    assert [list(shape.numbers) for shape in found.shapes] == [[0, 2, 4], [1, 3]]
    assert [(one.key, one.claims) for one in found.each()] == [(one.key, one.claims) for one in asked]
