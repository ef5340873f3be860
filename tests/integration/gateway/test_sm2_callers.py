# SPDX-License-Identifier: Apache-2.0
"""Applications with SM2 keys get tokens as those with Ed25519 keys do, and no key passes for one of the other kind."""

from __future__ import annotations

import time
from pathlib import Path

import jwt
import orjson
import pytest

from datong.crypto import keys
from datong.crypto.signing import ED25519, SM2, Signer
from datong.gateway.assertions import NAMES, signatures
from factories.gateways import FORM, NODE, Node, form, started


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return keys.generate(tmp_path / "app.key", SM2)


def assertion(signer: Signer, alg: str, jti: str = "0123456789", **changes: object) -> str:
    claims = {"iss": "civil-app", "sub": "civil-app", "aud": NODE, "exp": int(time.time()) + 60, "jti": jti}
    return signatures().encode(orjson.dumps(claims | changes), signer, algorithm=alg)  # type: ignore[arg-type]


def test_an_assertion_signed_by_sm2_gives_a_token_that_answers(node: Node, signer: Signer):
    client = node.civil.client(public_key=signer.public_pem().decode())
    with started(node, policy=False) as gateway:
        gateway.offer(clients=[client])
        body = form(assertion(signer, NAMES[SM2]))
        reply = gateway.ask("POST", "/oauth2/token", body=body, kind=FORM)
        assert reply.status == 200
        assert gateway.records(reply.json["access_token"]).status == 200
        assert gateway.ask("POST", "/oauth2/token", body=body, kind=FORM).code == "unauthenticated"


@pytest.mark.parametrize("alg", ["EdDSA", "none", "HS256", "ES256", "sm2", "SM2SM3"])
def test_no_other_algorithm_passes_for_sm2(node: Node, signer: Signer, alg: str):
    client = node.civil.client(public_key=signer.public_pem().decode())
    good = assertion(signer, NAMES[SM2])
    head = jwt.utils.base64url_encode(f'{{"alg":"{alg}","typ":"JWT"}}'.encode()).decode()
    with started(node, policy=False) as gateway:
        gateway.offer(clients=[client])
        said = ".".join((head, *good.split(".")[1:]))
        reply = gateway.ask("POST", "/oauth2/token", body=form(said), kind=FORM)
        assert (reply.status, reply.code) == (401, "unauthenticated")
        assert gateway.node.evidence()[-1]["client"] == ""


def test_a_key_of_the_one_kind_does_not_sign_for_the_other(node: Node, signer: Signer, tmp_path: Path):
    stranger, ours = keys.generate(tmp_path / "other.key", SM2), keys.generate(tmp_path / "ours.key", ED25519)
    with started(node, policy=False) as gateway:
        gateway.offer(clients=[node.civil.client(public_key=ours.public_pem().decode())])
        for wrong, alg in ((signer, "SM2"), (ours, "SM2"), (signer, "EdDSA"), (stranger, "SM2")):
            body = form(assertion(wrong, alg, jti=f"{alg}-{wrong.key_id}"))
            assert gateway.ask("POST", "/oauth2/token", body=body, kind=FORM).code == "unauthenticated"
        assert gateway.ask("POST", "/oauth2/token", body=form(assertion(ours, "EdDSA")), kind=FORM).status == 200


def test_a_signature_that_is_cut_or_changed_is_refused(node: Node, signer: Signer):
    client = node.civil.client(public_key=signer.public_pem().decode())
    head, claims, proof = assertion(signer, "SM2").split(".")
    raw = jwt.utils.base64url_decode(proof)
    with started(node, policy=False) as gateway:
        gateway.offer(clients=[client])
        for wrong in (b"", raw[:-1], raw[:-1] + bytes([raw[-1] ^ 1]), raw + b"\0", b"\0" * 64, b"\x30\x06\x02\x01\x00\x02\x01\x00"):
            said = f"{head}.{claims}.{jwt.utils.base64url_encode(wrong).decode()}"
            assert gateway.ask("POST", "/oauth2/token", body=form(said), kind=FORM).code == "unauthenticated"
