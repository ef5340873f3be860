# SPDX-License-Identifier: Apache-2.0
"""The gateway against its own OpenAPI document, over a real socket: every answer as described, never a 5xx."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import orjson
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS

from datong.gateway.config import GatewayConfig
from datong.gateway.openapi import document
from datong.wire.granted.document import document as describe
from factories import inboxes
from factories.gateway_server import serving
from factories.gateways import CODE, NODE, PLACE, PURPOSE, Caller, Node, a_grant, a_resource, form, landed
from factories.streams import FOLLOWED, NUMBER, grow

WANTED = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    folder = tmp_path_factory.mktemp("node")
    node = Node(folder, landed(tmp_path_factory.mktemp("landed")))
    other = a_grant("SQ-2", resource="3330001001/2", require_purpose=False, require_case=False, rows=[], **FOLLOWED)
    grow(node.folder, 5, 300)
    (folder / "run").mkdir()
    policy = node.policy(a_grant(), other, lease=3600, resources=[a_resource(), a_resource(code="3330001001/2")])
    (folder / "run" / "policy").write_bytes(policy)
    return node


@pytest.fixture(scope="module")
def address(node: Node) -> Iterator[str]:
    dsn = os.environ["DATONG_DATABASE_URL"].replace("/datong?", "/postgres?")
    inboxes.make(dsn)
    with serving(node, dsn) as address:
        yield address


@pytest.fixture(scope="module")
def token(node: Node, address: str) -> str:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = httpx.post(f"{address}/oauth2/token", content=form(node.civil.assertion()), headers=kind)
    return str(reply.json()["access_token"])


NOWHERE = GatewayConfig(
    node_code=NODE, node_dir=Path(), signing_key=Path(), public_key=Path(), policy_file=Path(), evidence_dir=Path()
)
schema = schemathesis.openapi.from_dict(document(NOWHERE))


@schemathesis.serializer("application/x-ndjson")
def lines(_: Any, text: Any) -> bytes:
    """A batch as the lines it is."""
    return text if isinstance(text, bytes) else str(text).encode("utf-8", "surrogatepass")



@schema.parametrize()
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_described(case: Any, address: str, token: str):
    if case.path_parameters:
        number = str(1 + len(case.headers or {}) % 2)
        case.path_parameters = case.path_parameters | {"head": "3330001001", "sequence": number, "number": NUMBER}
    headers = {"Authorization": f"Bearer {token}", "Datong-Purpose": quote(PURPOSE), "Datong-Case": "AJ-1"}
    response = case.call(base_url=address, headers=headers)
    case.validate_response(response, checks=CHECKS.get_by_names(WANTED))


granted = schemathesis.openapi.from_dict(
    orjson.loads(orjson.dumps(describe(a_grant(), a_resource(), Caller("civil-app", "").client())))
)


@granted.parametrize()
@settings(max_examples=6, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_the_document_of_the_grant_says(case: Any, address: str, token: str):
    headers = {"Authorization": f"Bearer {token}", "Datong-Purpose": quote(PURPOSE), "Datong-Case": "AJ-1"}
    response = case.call(base_url=address, headers=headers)
    case.validate_response(response, checks=CHECKS.get_by_names(WANTED))


def test_the_document_served_is_this_one_and_names_every_place(address: str):
    served = httpx.get(f"{address}/v1/openapi.json").json()
    assert served == orjson.loads(orjson.dumps(document(NOWHERE)))
    assert set(served["paths"]) == {
        "/oauth2/token", "/v1/resources/{head}/{sequence}/records", "/v1/resources/{head}/{sequence}/verify",
        "/v1/resources/{head}/{sequence}/corrections", "/v1/resources/{head}/{sequence}/corrections/{reference}",
        "/v1/resources/{head}/{sequence}/why", "/v1/resources/{head}/{sequence}/openapi.json",
        "/v1/resources/{head}/{sequence}/verify:batch", "/v1/resources/{head}/{sequence}/aggregate",
        "/v1/deliveries/{client}/{head}/{sequence}/{grant}/{delivery}/{file}", "/v1/subscriptions/{number}/events", "/v1/composed", "/v1/openapi.json", "/v1/node", "/healthz", "/readyz",
    }  # fmt: skip


def test_a_call_over_the_wire(address: str, token: str):
    headers = {"Authorization": f"Bearer {token}", "Datong-Purpose": quote(PURPOSE), "Datong-Case": "AJ-1"}
    reply = httpx.get(f"{address}{PLACE}/records", params={"id": "330106199001010000", "items": "name"}, headers=headers)
    assert reply.json()["records"] == [{"name": "张0"}]
    assert httpx.get(f"{address}/v1/node").json()["code"] == "330000"
    assert CODE.startswith("333")


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET " + PLACE.encode() + b"/records?id=1 HTTP/1.1\r\nHost: x\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n",
        b"GET " + PLACE.encode() + b"/records?id=\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST " + PLACE.encode() + b"/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{",
        b"POST " + PLACE.encode() + b"/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\na",
        b"GET /v1/node\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /v1/node HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n",
    ],
    ids=["no-host", "two-tokens", "raw-byte", "cut-json", "two-lengths", "cut-form", "nul", "tls", "long-path", "long-header"],
)
def test_raw_tricks_never_end_in_a_fault(address: str, raw: bytes):
    place = urlsplit(address)
    with socket.create_connection((place.hostname, place.port), timeout=2) as connection:
        try:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(65_536)
        except OSError:
            answer = b""
    assert answer == b"" or b" 4" in answer[:13]
    assert httpx.get(f"{address}/readyz").status_code == 200


def test_the_evidence_has_every_call_made(node: Node, address: str, token: str):
    before = len(node.evidence())
    reply = httpx.get(f"{address}{PLACE}/records?id=1", headers={"Authorization": f"Bearer {token}"})
    assert reply.json()["code"] == "purpose_required"
    assert len(node.evidence()) == before + 1
    assert orjson.loads(reply.content)["instance"].endswith(node.evidence()[-1]["request_id"])
