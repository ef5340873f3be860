# SPDX-License-Identifier: Apache-2.0
"""Questions to a provider's interface and rows out of its answers, without any server."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.engine.backends.remote.proxied import MOST_ROWS, Interface, Member, Parameter
from datong.engine.base import Column
from datong.engine.errors import FilterNotAllowed, InterfaceMisfit
from datong.kernel.errors import Malformed
from datong.kernel.sharing import ItemType as T

PLAIN = Interface(
    "GET",
    "/v1/persons/{card}?all=1",
    (Parameter("id", "card", "path"), Parameter("alive", "live", needed=False), Parameter("born", "day", needed=False)),
    (
        Member(Column("id", T.C, length=18, key=True), "card"),
        Member(Column("name", T.C, nullable=False), "/who/name"),
        Member(Column("born", T.D), "day"),
        Member(Column("pay", T.N, precision=2), "pay"),
        Member(Column("rate", T.F), "rate"),
        Member(Column("alive", T.L), "live"),
    ),
    "/rows",
)
ROW = {"card": "1", "who": {"name": "张"}, "day": "1990/1/2", "pay": 1.50, "rate": 2, "live": True}


def read(*rows, **changes):
    return replace(PLAIN, **changes).read(json.dumps({"rows": list(rows)}).encode())


def test_values_go_to_their_places_in_their_stored_form():
    asked = {"id": "张 %?#&", "alive": 1, "born": "1990-01-02"}
    target, body = PLAIN.question(asked)
    assert target == "/v1/persons/%E5%BC%A0%20%25%3F%23%26?all=1&live=true&day=1990-01-02"
    assert body is None


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_value_is_one_piece_of_the_path_or_none(value):
    try:
        target, _ = PLAIN.question({"id": value})
    except Malformed:
        assert not value or set(value) & {"/", "\\"} or value.strip(".") == ""
        return
    path = target.partition("?")[0]
    assert path.count("/") == 3
    assert path.isascii()
    assert not set(path) & set("#?&\\ ")


def test_what_is_needed_is_needed_and_a_rule_alone_asks_nothing():
    with pytest.raises(FilterNotAllowed) as refusal:
        PLAIN.question({"alive": 1})
    assert list(refusal.value.fields) == ["id"]
    with pytest.raises(FilterNotAllowed):
        PLAIN.question({}, {"id": "1"})
    assert PLAIN.question({"born": "1990-01-02"}, {"id": "1"})[0].startswith("/v1/persons/1?")


def test_what_is_asked_stands_before_what_a_rule_says():
    assert PLAIN.question({"id": "1"}, {"id": "2"})[0] == "/v1/persons/1?all=1"


def test_rows_come_in_their_stored_form():
    assert read(ROW) == [("1", "张", "1990-01-02", "1.5", 2.0, 1)]
    assert read({"card": "1", "who": {"name": "张"}, "day": "", "pay": " "}) == [("1", "张", None, None, None, None)]
    assert read() == []


@pytest.mark.parametrize(
    ("change", "item"),
    [
        ({"card": ""}, "id"), ({"card": "1" * 19}, "id"), ({"card": "张" * 7}, "id"), ({"who": {}}, "name"),
        ({"day": "1990-02-30"}, "born"), ({"pay": 1.234}, "pay"), ({"pay": "1,5"}, "pay"), ({"pay": 10**40}, "pay"), ({"pay": 10**4000}, "pay"),
        ({"rate": 10**400}, "rate"), ({"live": "maybe"}, "alive"), ({"card": "\0"}, "id"),
    ],
)  # fmt: skip
def test_a_row_that_does_not_fit_names_the_item_and_never_the_value(change, item):
    with pytest.raises(InterfaceMisfit) as refusal:
        read({**ROW, "card": "2"}, {**ROW, **change})
    assert list(refusal.value.fields) == [item]
    value = str(next(iter(change.values())))
    assert len(value) < 4 or value not in str(refusal.value.fields) + refusal.value.message


@pytest.mark.parametrize(
    "said",
    [b"", b"[]", b"{}", b"nul", b'{"rows": {}}', b'{"rows": [1]}', b'{"rows": [null]}', b"\xff", b'{"rows": [NaN]}',
     json.dumps({"rows": [ROW, ROW]}).encode(), json.dumps({"rows": [ROW] * (MOST_ROWS + 1)}).encode()],
)  # fmt: skip
def test_an_answer_without_sound_rows_is_refused(said):
    with pytest.raises(InterfaceMisfit):
        PLAIN.read(said)


@given(st.binary(max_size=200) | st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["rows", "card", "who", "day"]), inner)).map(lambda one: json.dumps(one).encode()))  # fmt: skip
def test_whatever_is_said_is_rows_or_a_misfit(said):
    try:
        rows = PLAIN.read(said)
    except InterfaceMisfit:
        return
    assert all(len(row) == len(PLAIN.members) for row in rows)


def test_one_record_or_none():
    single = replace(PLAIN, rows="/it", single=True)
    assert single.read(json.dumps({"it": ROW}).encode())[0][0] == "1"
    assert single.read(b'{"it": null}') == []
    with pytest.raises(InterfaceMisfit):
        single.read(json.dumps({"it": [ROW]}).encode())


def test_a_body_holds_typed_values():
    posted = replace(
        PLAIN, method="POST", path="/q", parameters=(Parameter("id", "card", "body"), Parameter("alive", "live", "body"))
    )
    assert posted.question({"id": "1", "alive": 0}) == ("/q", b'{"card":"1","live":false}')


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"path": "/v1/persons"}, "path"),
        ({"path": "/v1/{card}/{other}"}, "path"),
        ({"parameters": (), "path": "/"}, "parameters"),
        ({"parameters": (Parameter("id", "a"), Parameter("born", "a")), "path": "/"}, "parameters"),
        ({"parameters": (Parameter("id", "a", "body"),), "path": "/"}, "method"),
        ({"parameters": (Parameter("who", "a"),), "path": "/"}, "who"),
        ({"parameters": (Parameter("pay", "a"),), "path": "/"}, "pay"),
    ],
)
def test_a_registration_that_does_not_hold_together_names_what(changes, field):
    with pytest.raises(Malformed) as refusal:
        replace(PLAIN, **changes).check(["id"])
    assert list(refusal.value.fields) == [field]
    PLAIN.check(["id"])
