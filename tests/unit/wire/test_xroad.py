# SPDX-License-Identifier: Apache-2.0
"""The grammar of X-Road's REST protocol: what reads means one thing, and the hash of a request is what the protocol says."""

from __future__ import annotations

import base64
from hashlib import sha512
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.kernel.errors import Malformed
from datong.wire import xroad

PART = st.text(min_size=1, max_size=8).filter(str.isprintable)


@given(st.binary(max_size=200))
def test_any_path_is_read_or_not(path: bytes):
    assert xroad.service_of(b"/r1/" + path) is None or path.isascii()


@pytest.mark.parametrize(("service", "path"), [("1", "records"), ("12", "verify:batch"), ("listMethods", "")])
def test_a_path_reads_back(service: str, path: str):
    told = f"330000/GOV/11330000002482053E/3330001001/{service}"
    found = xroad.service_of(f"/r1/{told}{'/' if path else ''}{path}".encode())
    assert found is not None
    assert (found.identifier, found.path) == (told, path)


@given(st.tuples(PART, PART, PART, PART))
def test_a_client_reads_back(parts: tuple[str, str, str, str]):
    header = "/".join(quote(part, safe="") for part in parts)
    if len(header) <= xroad.LONGEST_PATH:
        assert xroad.client_of(header) == xroad.Client(*parts)


@given(st.text(max_size=60).filter(lambda text: text.count("/") != 3))
def test_another_number_of_parts_is_no_client(header: str):
    with pytest.raises(Malformed):
        xroad.client_of(header)


@pytest.mark.parametrize("header", ["", "x" * 101, "a/b", "a;b", "号", "a\n"])
def test_an_id_holds_some_letters_only(header: str):
    with pytest.raises(Malformed):
        xroad.check_id(header)
    assert xroad.check_id("fa2e18a5 '()+,-.=?") == "fa2e18a5 '()+,-.=?"


def test_the_hash_covers_head_and_body_and_no_token():
    headers = [(b"Authorization", b"Bearer secret"), (b"X-Road-Client", b"a/b/c/d"), (b"user-agent", b"curl")]
    head = sha512(b"GET\r\n/r1/x?y=1\r\nx-road-client:a/b/c/d\r\n").digest()
    assert base64.b64decode(xroad.request_hash("GET", b"/r1/x?y=1", headers, b"")) == head
    whole = sha512(head + sha512(b"{}").digest()).digest()
    assert base64.b64decode(xroad.request_hash("GET", b"/r1/x?y=1", headers, b"{}")) == whole


@pytest.mark.parametrize(("kind", "status"), [("server.serverproxy.access_denied", 500), ("client.invalid_request", 400)])
def test_the_side_named_gives_the_status(kind: str, status: int):
    assert xroad.status_of(kind) == status
