# SPDX-License-Identifier: Apache-2.0
"""Requests as bytes: whatever comes is read in one way or refused, never anything else."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.gateway import asking, bodies
from datong.gateway.asking import Ask
from datong.gateway.config import Limits
from datong.gateway.questions import records_question, verify_question
from datong.gateway.refusals import BodyCut, BodyTooSlow, QueryTooLong, TooLarge, WrongMediaType
from datong.kernel.errors import DatongError, Malformed

LIMITS = Limits(max_query=400, max_body=100, body_seconds=0.02)
PRINTABLE = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=30)


@given(st.dictionaries(PRINTABLE, PRINTABLE, max_size=5))
def test_a_query_percent_encoded_reads_back(values: dict[str, str]):
    raw = "&".join(f"{quote(name)}={quote(value)}" for name, value in values.items()).encode()
    assert asking.query(raw, Limits(max_query=100_000)) == values


@given(st.binary(max_size=300))
def test_any_query_reads_or_is_refused(raw: bytes):
    try:
        values = asking.query(raw, LIMITS)
    except DatongError as refused:
        assert refused.fields
        return
    assert all(name and "\0" not in value for name, value in values.items())


@given(st.binary(max_size=300))
def test_any_question_reads_or_is_refused(raw: bytes):
    for read in (lambda: records_question(raw, 10, LIMITS), lambda: verify_question(raw)):
        try:
            read()
        except DatongError as refused:
            assert refused.status in {414, 422}


@given(st.lists(st.tuples(st.sampled_from(sorted(asking.HEADERS)), st.binary(max_size=120)), max_size=6))
def test_any_headers_read_or_are_refused(headers: list[tuple[bytes, bytes]]):
    try:
        ask = Ask(headers)
    except Malformed as refused:
        assert refused.fields
        return
    assert all(text.isprintable() for text in (ask.grant, ask.purpose, ask.case, ask.user))


def test_a_long_query_and_many_parameters_are_refused():
    with pytest.raises(QueryTooLong):
        asking.query(b"a=" + b"x" * 400, LIMITS)
    with pytest.raises(Malformed, match="too many"):
        asking.query(b"&".join(b"a%d=1" % number for number in range(40)), LIMITS)


def test_a_callers_own_words_come_back_short_and_printable():
    with pytest.raises(Malformed) as refused:
        asking.query(b"%E2%80%AEa=1&%E2%80%AEa=1", LIMITS)
    assert refused.value.fields == {"query": "send it once"}


@pytest.mark.parametrize(
    ("path", "matches"),
    [
        (b"/v1/resources/3330001001/12/records", True),
        (b"/v1/resources/333000/1/verify", True),
        (b"/v1/resources/4330001001/1/records", False),
        (b"/v1/resources/33300/1/records", False),
        (b"/v1/resources/3330001001/0/records", False),
        (b"/v1/resources/3330001001/1/records\n", False),
        (b"x/v1/resources/3330001001/1/records", False),
    ],
)
def test_places_are_matched_whole(path: bytes, matches: bool):
    assert bool(asking.PLACE.fullmatch(path)) is matches


def test_the_path_is_taken_as_sent():
    assert asking.shown_path({"raw_path": b"/a%2Fb", "path": "/a/b"}) == b"/a%2Fb"
    assert asking.shown_path({"path": "/中"}) == "/中".encode()


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON", 'application/json; charset="UTF-8"', "application/json;charset=utf-8"])
def test_json_in_utf8_is_read(kind: str):
    bodies.check_kind(kind, "application/json")


@pytest.mark.parametrize("kind", ["", "text/json", "application/json; charset=gbk", "application/json; boundary=x"])
def test_other_kinds_are_not(kind: str):
    with pytest.raises(WrongMediaType):
        bodies.check_kind(kind, "application/json")


def read(*messages: dict, length: str = "") -> bytes:
    waiting = iter(messages)

    async def receive() -> dict:
        message = next(waiting, None)
        if message is None:
            await asyncio.sleep(60)
        return message

    return asyncio.run(bodies.read(receive, length, LIMITS))


def part(body: bytes, *, more: bool) -> dict:
    return {"type": "http.request", "body": body, "more_body": more}


def test_bodies_come_in_parts():
    assert read(part(b"ab", more=True), part(b"", more=True), part(b"c", more=False)) == b"abc"
    assert read({"type": "http.request"}) == b""


def test_bodies_too_large_too_slow_or_cut_are_refused():
    with pytest.raises(TooLarge):
        read(part(b"x" * 60, more=True), part(b"x" * 60, more=False))
    with pytest.raises(TooLarge):
        read(length="101")
    with pytest.raises(BodyTooSlow):
        read(part(b"x", more=True))
    with pytest.raises(BodyCut):
        read(part(b"x", more=True), {"type": "http.disconnect"})
