# SPDX-License-Identifier: Apache-2.0
"""Requests no honest client sends: tricks with paths, headers and bodies end in a problem document and a record."""

from __future__ import annotations

import pytest

from datong.gateway.app import build
from factories.gateways import FORM, PLACE, Node, Standing, lawful

BEGUN = {"type": "http.request", "body": b'{"key":', "more_body": True}


@pytest.mark.parametrize(
    "path",
    [
        b"/v1/resources/3330001001%2F1/records", b"/v1/resources//3330001001/1/records", b"/v1/resources/./3330001001/1/records",
        b"/v1/resources/x/../3330001001/1/records", b"/v1/resources/3330001001/1/records/", b"/v1/resources/3330001001/1//records",
        b"/v1/resources/3330001001/01/records", b"/v1/resources/3330001001/1/records%00", b"/v1/resources/3330001001/1/Records",
        b"/v1/resources/3330001001/1/records;x=1", b"/v1/resources/%33330001001/1/records", b"/v1/resources/" + b"3" * 9000 + b"/1/records",
        "/v1/resources/３３３０００１００１/1/records".encode(), b"/v1/resources/\xff\xfe/1/records", b"/v1/resources/",
    ],
)  # fmt: skip
def test_a_path_means_one_thing_or_nothing(gateway: Standing, path: bytes):
    token = gateway.token(gateway.node.civil)
    assert gateway.ask("GET", path + b"?id=1", headers={}).code == "unauthenticated"
    reply = gateway.ask("GET", path + b"?id=1", headers=lawful(token))
    assert (reply.status, reply.code) == (404, "unknown")
    assert gateway.node.evidence()[-1]["resource"] == ""


@pytest.mark.parametrize(
    "path", [b"/", b"//v1/resources/3330001001/1/records", b"/v1/../v1/node", b"/V1/node", b"/v1/node/", b"/v1/resources", b"/\x00", b"/%ff", b"/admin"]
)
def test_other_places_do_not_exist(gateway: Standing, path: bytes):
    reply = gateway.ask("GET", path)
    assert (reply.status, reply.code) == (404, "unknown")
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/v1/node", "/v1/openapi.json"])
def test_cool_places_know_get_alone(gateway: Standing, path: str):
    assert gateway.ask("GET", path).status == 200
    assert gateway.ask("HEAD", path).status == 200
    reply = gateway.ask("POST", path)
    assert (reply.status, reply.code) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    "header",
    [
        (b"authorization", b"Bearer other"), (b"datong-case", b"AJ-2"), (b"datong-grant", b"SQ\xff"), (b"datong-user", b"%ff"),
        (b"datong-user", b"%00"), (b"datong-user", b"%0d%0aX-Forged: 1"), (b"datong-user", "张三".encode()), (b"datong-user", b"x" * 901),
        (b"datong-user", b"x" * 101), (b"datong-user", b"%E2%80%AE"), (b"datong-grant", b"x" * 301), (b"content-type", b"x" * 201),
    ],
)  # fmt: skip
def test_a_header_means_one_thing_or_the_call_is_refused(gateway: Standing, header: tuple[bytes, bytes]):
    token = gateway.token(gateway.node.civil)
    headers = [(name.lower().encode(), value.encode()) for name, value in lawful(token).items()]
    reply = gateway.ask("GET", f"{PLACE}/records?id=1", headers=[*headers, header])
    assert (reply.status, reply.code) == (422, "malformed")
    assert list(reply.json["errors"]) == [header[0].decode()]
    assert gateway.node.evidence()[-1]["code"] == "malformed"


@pytest.mark.parametrize("kind", ["", "text/plain", "application/jsonx", "application/json; charset=gb18030", "multipart/form-data"])
def test_a_body_of_another_kind_is_refused(gateway: Standing, kind: str):
    reply = gateway.ask("POST", f"{PLACE}/verify", headers=lawful(gateway.token(gateway.node.civil)), body=b"{}", kind=kind)
    assert (reply.status, reply.code) == (415, "unsupported_media_type")


def test_a_body_half_sent_is_refused_in_time(gateway: Standing):
    token = gateway.token(gateway.node.civil)
    reply = gateway.ask("POST", f"{PLACE}/verify", headers=lawful(token), kind="application/json", parts=[BEGUN])
    assert (reply.status, reply.code) == (408, "body_too_slow")


@pytest.mark.parametrize(("path", "kind"), [(f"{PLACE}/verify", "application/json"), ("/oauth2/token", FORM)])
def test_a_body_cut_short_is_refused_and_recorded(gateway: Standing, path: str, kind: str):
    headers, gone = lawful(gateway.token(gateway.node.civil)), [BEGUN, {"type": "http.disconnect"}]
    reply = gateway.ask("POST", path, headers=headers, kind=kind, parts=gone)
    assert (reply.status, reply.code) == (400, "body_cut")
    assert gateway.node.evidence()[-1]["code"] == "body_cut"


@pytest.mark.parametrize("length", ["70000", "-1", "1e3", "x", "9" * 20])
def test_a_body_too_large_by_its_header_is_not_read(gateway: Standing, length: str):
    headers = lawful(gateway.token(gateway.node.civil)) | {"Content-Length": length}
    reply = gateway.ask("POST", f"{PLACE}/verify", headers=headers, kind="application/json", parts=[])
    assert (reply.status, reply.code) == (413, "too_large")


def test_a_fault_of_ours_is_recorded_and_says_nothing(gateway: Standing, monkeypatch: pytest.MonkeyPatch):
    token = gateway.token(gateway.node.civil)

    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("datong.gateway.serving.records_question", broken)
    monkeypatch.setattr("datong.gateway.tokenroute._form", broken)
    reply = gateway.records(token)
    assert (reply.status, reply.code) == (500, "internal")
    assert b"secret" not in reply.body
    assert gateway.node.evidence()[-1]["code"] == "internal"
    asked = gateway.ask("POST", "/oauth2/token", body=b"x=1", kind="application/x-www-form-urlencoded")
    assert (asked.status, asked.code) == (500, "internal")


def test_building_wants_the_public_key(node: Node):
    with pytest.raises(OSError, match="nowhere"):
        build(node.config(public_key=node.folder / "nowhere.pub"))
