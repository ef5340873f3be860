# SPDX-License-Identifier: Apache-2.0
"""Signatures of requests: the examples of RFC 9421 and RFC 9530, and that what is signed reads back alike."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from datong.crypto import messages
from datong.crypto.signing import Ed25519Signer, Ed25519Verifier
from datong.kernel.errors import Malformed

BODY = b'{"hello": "world"}'
SIGNER = Ed25519Signer(Ed25519PrivateKey.generate())


def test_the_example_of_rfc_9421_b_2_6():
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="))
    proof = base64.b64decode("wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==")
    headers = {"date": "Tue, 20 Apr 2021 02:07:55 GMT", "content-type": "application/json", "content-length": "18"}
    request = messages.Request("POST", "example.com", "/foo", "param=Value&Pet=dog", headers)
    names = ("date", "@method", "@path", "@authority", "content-type", "content-length")
    text = "(" + " ".join(f'"{name}"' for name in names) + ');created=1618884473;keyid="test-key-ed25519"'
    Ed25519Verifier(key).verify(proof, messages.base(request, names, text))


@pytest.mark.parametrize(
    "digest",
    [
        "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
        "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
    ],
)
def test_the_examples_of_rfc_9530(digest: str):
    messages.check_digest(digest, BODY)
    assert messages.content_digest(BODY, digest.partition("=")[0]) == digest
    with pytest.raises(Malformed):
        messages.check_digest(digest, BODY + b"\n")


@pytest.mark.parametrize("digest", ["", "md5=:AAAA:", "sha-256=AAAA", "sha-256=:A:", "sha-256=:AAAA:, sha-256=:AAAA:", "x" * 5_000])
def test_a_digest_of_another_shape_is_refused(digest: str):
    with pytest.raises(Malformed):
        messages.check_digest(digest, BODY)


@given(
    method=st.sampled_from(["GET", "POST"]), query=st.text("abc=&%20", max_size=20),
    value=st.text("abc %:\"'", max_size=20), nonce=st.text("abc123._-", min_size=1, max_size=40),
)  # fmt: skip
def test_what_is_signed_reads_back_and_holds(method: str, query: str, value: str, nonce: str):
    request = messages.Request(method, "Node.Example:443", "/v1/x", query, {"datong-case": value})
    made = messages.sign(request, ("@method", "@request-target", "@authority", "datong-case"), SIGNER, created=7, nonce=nonce)
    found = messages.read(made["signature-input"], made["signature"])
    assert (found.created, found.parameters["nonce"]) == (7, nonce)
    assert SIGNER.sign(messages.base(request, found.components, found.text)) == found.proof


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_read_or_refused(said: str, proof: str):
    with pytest.raises(Malformed):
        messages.read(said, proof)


def test_what_is_signed_has_to_be_there():
    with pytest.raises(Malformed):
        messages.base(messages.Request("GET", "", "/", "", {}), ("datong-case",), "()")
