# SPDX-License-Identifier: Apache-2.0
"""Canonical JSON: one value, one text; what has no single text is refused."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.kernel import canonical
from datong.kernel.errors import Malformed
from datong.kernel.sharing import SharingType

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = st.one_of(st.none(), st.booleans(), texts, st.integers(-canonical.LARGEST, canonical.LARGEST))
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=20,
)


@given(values)
def test_reading_gives_the_value_back_and_writing_the_bytes(value):
    data = canonical.dumps(value)
    assert canonical.loads(data) == value
    assert canonical.dumps(canonical.loads(data)) == data


@given(st.dictionaries(texts, scalars, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_matter(value, random):
    keys = list(value)
    random.shuffle(keys)
    assert canonical.dumps({key: value[key] for key in keys}) == canonical.dumps(value)


def test_the_bytes_are_these():
    value = {"b": [1, True, None], "a": "数据<&>\n", "é": -0, "type": SharingType.WITHHELD, "t": (1, 2)}
    assert canonical.dumps(value).decode() == ('{"a":"数据<&>\\n","b":[1,true,null],"t":[1,2],"type":"withheld","é":0}')


def test_spaces_and_order_are_free_in_reading():
    assert canonical.loads(b' { "b" : 1 ,\n "a" : [ ] } ') == {"a": [], "b": 1}


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        float("inf"),
        [0.5],
        {"a": 1.5},
        {1: "a"},
        {None: "a"},
        b"bytes",
        {1},
        date(2026, 1, 1),
        2**63,
        -(2**63),
        "\ud800",
        {"\udfff": 1},
        object(),
    ],
)
def test_what_has_no_single_text_is_refused(value):
    with pytest.raises(Malformed):
        canonical.dumps(value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"nul",
        b"1.0",
        b"1e3",
        b"NaN",
        b"-Infinity",
        b'{"a":1,"a":2}',
        b"\xff",
        b"\xef\xbb\xbf{}",
        b"[1,]",
        b"{'a':1}",
        b"9223372036854775808",
        b'"\x00"',
        b'{"a":1} x',
        b"9" * 5000,
    ],
)
def test_what_could_not_be_canonical_is_refused(data):
    with pytest.raises(Malformed):
        canonical.loads(data)


@given(st.binary(max_size=40))
def test_whatever_the_bytes_they_are_read_or_malformed(data):
    try:
        canonical.loads(data)
    except Malformed as error:
        assert error.message


def test_an_abyss_is_refused():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(Malformed, match="deeply"):
        canonical.dumps(deep)
    with pytest.raises(Malformed, match="deeply"):
        canonical.loads(b"[" * 100_000 + b"]" * 100_000)
    while deep:
        deep = deep.pop()


def test_a_lone_surrogate_escaped_is_read_but_never_written():
    value = canonical.loads(json.dumps("\ud800").encode())
    with pytest.raises(Malformed, match="surrogate"):
        canonical.dumps(value)
