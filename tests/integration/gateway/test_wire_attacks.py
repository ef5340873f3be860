# SPDX-License-Identifier: Apache-2.0
"""Bytes no honest client sends, to the gateway behind its real server: smuggled requests, odd framing, re-encoded paths, slow callers.

Kept here: what reaches the application is refused and on record; what is no HTTP the server refuses by itself and closes,
and it never becomes a call.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from datong.gateway.refusals import NOT_HERE
from factories.gateway_server import serving
from factories.gateways import FORM, PLACE, Node, a_grant, a_resource, form, lawful, row

HELD = row(0)["id"]
HALF_OPEN = 200
CHUNKED = "Transfer-Encoding: chunked\r\n"
Send = Callable[[str], bytes]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, index: Path) -> Node:
    node = Node(tmp_path_factory.mktemp("node"), index)
    (node.folder / "run").mkdir()
    (node.folder / "run" / "policy").write_bytes(node.policy(a_grant(), lease=3600, resources=[a_resource()]))
    return node


@pytest.fixture(scope="module")
def address(node: Node) -> Iterator[str]:
    with serving(node) as address:
        yield address


@pytest.fixture(scope="module")
def stated(node: Node, address: str) -> str:
    """Header lines of a lawful call."""
    reply = httpx.post(f"{address}/oauth2/token", content=form(node.civil.assertion()), headers={"Content-Type": FORM})
    return "".join(f"{name}: {value}\r\n" for name, value in lawful(reply.json()["access_token"]).items())


@pytest.fixture
def send(address: str) -> Send:
    def exchange(text: str) -> bytes:
        """Send and read until the server closes."""
        answer = b""
        with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), 10) as link:
            try:
                link.sendall(text.encode("utf-8"))
                while part := link.recv(65_536):
                    answer += part
            except ConnectionError:
                pass
        return answer

    return exchange


def asking(stated: str, path: str = f"{PLACE}/records?id={HELD}", more: str = "Connection: close\r\n") -> str:
    return f"GET {path} HTTP/1.1\r\nHost: h\r\n{stated}{more}\r\n"


def verifying(stated: str, framing: str, body: str) -> str:
    return f"POST {PLACE}/verify HTTP/1.1\r\nHost: h\r\n{stated}Content-Type: application/json\r\n{framing}\r\n{body}"


def status(answer: bytes) -> int:
    return int(answer[9:12])


def test_a_lawful_call_is_answered(send: Send, stated: str):
    assert status(send(asking(stated))) == 200


@pytest.mark.parametrize("framing", ["Content-Length: 4\r\n" + CHUNKED, CHUNKED + "Content-Length: 400\r\n"])
def test_a_request_inside_the_body_of_another_is_never_answered(node: Node, send: Send, stated: str, framing: str):
    before = len(node.evidence())
    answer = send(verifying(stated, framing, "0\r\n\r\n" + asking(stated)))
    assert answer.count(b"HTTP/1.1 ") == 1 and status(answer) == 422
    assert [(one["channel"], one["code"]) for one in node.evidence()[before:]] == [("verify", "malformed")]


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 2\r\nContent-Length: 3\r\n", "Content-Length: 2, 3\r\n", "Content-Length: +2\r\n",
        "Content-Length: 2\r\nTransfer-Encoding : chunked\r\n", "Content-Length: 2\r\nTransfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n", "X-A: a\r\n Content-Length: 5\r\nContent-Length: 2\r\n", "X-A: a\0b\r\nContent-Length: 2\r\n",
    ],
)  # fmt: skip
def test_framing_that_can_be_read_in_two_ways_is_refused_before_it_is_a_call(node: Node, send: Send, stated: str, framing: str):
    before = len(node.evidence())
    answer = send(verifying(stated, framing, "{}" + asking(stated)))
    assert answer.count(b"HTTP/1.1 ") == 1 and status(answer) == 400
    assert len(node.evidence()) == before


@pytest.mark.parametrize("body", ["-2\r\n{}\r\n0\r\n\r\n", "2;\n\r\n{}\r\n0\r\n\r\n", "zz\r\n"])
def test_broken_chunks_are_refused_and_recorded(node: Node, send: Send, stated: str, body: str):
    assert status(send(verifying(stated, CHUNKED, body))) == 400
    assert node.evidence()[-1]["code"] == "body_cut"


@pytest.mark.parametrize(
    ("line", "more", "expected"),
    [
        (f"{PLACE}/records?id={HELD}", f"X-A: {'a' * 1_000_000}\r\n", 431),
        (f"{PLACE}/records?id={HELD}", "".join(f"X-{number}: a\r\n" for number in range(500)), 431),
        (f"{PLACE}/records?id={'1' * 70_000}", "", 414),
        (f"{PLACE}/rec\0ords?id={HELD}", "", 400),
        (PLACE.replace("/", "\\") + "\\records", "", 400),
    ],
)
def test_what_is_too_large_or_no_target_is_refused_by_the_server(
    node: Node, send: Send, stated: str, line: str, more: str, expected: int
):
    before = len(node.evidence())
    assert status(send(asking(stated, line, more))) == expected
    assert len(node.evidence()) == before
    assert status(send(asking(stated))) == 200


@pytest.mark.parametrize(
    "path",
    [
        PLACE + "/%72ecords", PLACE + "/%2572ecords", PLACE + "/%2e/records", PLACE + "/%2e%2e/1/records", PLACE + "/records%00",
        PLACE + "/%c1%b2ecords", PLACE + "/records%20", PLACE + "/records/", PLACE.replace("/1", "%2f1") + "/records", PLACE + "/./records",
        "/v1/resources/3339999999/1/records",
    ],
)  # fmt: skip
def test_a_path_written_otherwise_is_a_resource_that_is_not_there(node: Node, send: Send, stated: str, path: str):
    head, _, body = send(asking(stated, f"{path}?id={HELD}")).partition(b"\r\n\r\n")
    said = json.loads(body)
    assert said.pop("instance").startswith("urn:datong:request:")
    assert (status(head), said["code"], said["detail"]) == (404, "unknown", NOT_HERE)
    assert (node.evidence()[-1]["code"], node.evidence()[-1]["rows"]) == ("unknown", 0)


def test_callers_that_never_finish_hold_nobody_up(address: str, send: Send, stated: str):
    where = ("127.0.0.1", int(address.rpartition(":")[2]))
    with ExitStack() as stack:
        for _ in range(HALF_OPEN):
            stack.enter_context(socket.create_connection(where, 10)).sendall(b"GET / HTTP/1.1\r\nX")
        assert status(send(asking(stated))) == 200
