# SPDX-License-Identifier: Apache-2.0
"""Whole files are sent by the server where it can, parts by pieces, and HEAD gets headers alone."""

from __future__ import annotations

import asyncio

import pytest

from datong.gateway.refusals import BodyCut
from datong.gateway.tables import files

CAN = {"type": "http", "extensions": {"http.response.pathsend": {}}}
CANNOT = [None, {"type": "http"}, {"type": "http", "extensions": None}, {"type": "http", "extensions": {}}]
BODY = bytes(range(256)) * 9_000
SIZE = len(BODY)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "数据 1.parquet"
    path.write_bytes(BODY)
    return path


def sent(path, header="", size=SIZE, **how):
    events = []

    async def send(event):
        events.append(event)

    answer = files.Delivery(path, size, files.span(header, size))
    asyncio.run(files.deliver(send, answer, head=how.pop("head", False), extra=[(b"x", b"y")], **how))
    return events[0], events[1:]


def test_a_whole_file_is_left_to_the_server(file):
    start, rest = sent(file, scope=CAN)
    assert start["status"] == 200
    assert (b"content-length", b"%d" % SIZE) in start["headers"]
    assert (b"x", b"y") in start["headers"]
    assert rest == [{"type": "http.response.pathsend", "path": str(file)}]


@pytest.mark.parametrize("scope", CANNOT)
def test_a_server_that_cannot_gets_the_bytes(file, scope):
    _, rest = sent(file, scope=scope)
    assert b"".join(event["body"] for event in rest) == BODY
    assert [event["more_body"] for event in rest] == [True, True, False]


@pytest.mark.parametrize(("header", "wanted"), [("bytes=1-", BODY[1:]), ("bytes=0-9", BODY[:10]), ("bytes=-3", BODY[-3:])])
def test_a_part_is_never_left_to_the_server(file, header, wanted):
    start, rest = sent(file, header, scope=CAN)
    assert start["status"] == 206
    assert b"".join(event["body"] for event in rest) == wanted


@pytest.mark.parametrize(("header", "how", "status"), [("", {"head": True}, 200), ("bytes=99999999-", {}, 416)])
def test_headers_alone(file, header, how, status):
    start, rest = sent(file, header, scope=CAN, **how)
    assert start["status"] == status
    assert rest == [{"type": "http.response.body", "body": b""}]


def test_a_file_that_became_shorter_breaks_off(file):
    with pytest.raises(BodyCut):
        sent(file, size=SIZE + 1)


@pytest.mark.parametrize("header", ["", "bytes=5-9"])
def test_a_proxy_that_finds_the_file_sends_it_ranges_and_all(file, header):
    start, rest = sent(file, header, scope=CAN, inside="/inside/derived/a.parquet")
    told = dict(start["headers"])
    assert (start["status"], told[b"x-accel-redirect"], told[b"x"]) == (200, b"/inside/derived/a.parquet", b"y")
    assert not {b"content-length", b"content-range"} & told.keys()
    assert rest == [{"type": "http.response.body", "body": b""}]


@pytest.mark.parametrize(("header", "how", "status"), [("", {"head": True}, 200), ("bytes=99999999-", {}, 416)])
def test_headers_alone_are_never_left_to_a_proxy(file, header, how, status):
    start, _ = sent(file, header, inside="/inside/a", **how)
    assert start["status"] == status
    assert b"x-accel-redirect" not in dict(start["headers"])
