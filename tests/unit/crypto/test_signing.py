# SPDX-License-Identifier: Apache-2.0
"""Signatures hold for their key and bytes alone, by both algorithms."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from datong.crypto.keys import load_verifier
from datong.crypto.signing import BadSignature
from datong.kernel.errors import Malformed
from factories.evidence import a_signer, its_verifier

ALGORITHMS = ("ed25519", "sm2")


@given(st.sampled_from(ALGORITHMS), st.binary(max_size=300))
def test_a_signature_holds_for_its_bytes_alone(algorithm, data):
    signer = a_signer(algorithm)
    signature = signer.sign(data)
    verifier = its_verifier(signer)
    verifier.verify(signature, data)
    with pytest.raises(BadSignature):
        verifier.verify(signature, data + b"x")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_signature_holds_for_its_key_alone(algorithm):
    other = its_verifier(a_signer(algorithm, 2))
    with pytest.raises(BadSignature, match=other.key_id):
        other.verify(a_signer(algorithm).sign(b"text"), b"text")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("signature", [b"", b"junk", bytes(64), b"\xff" * 72])
def test_what_is_no_signature_is_a_bad_signature(algorithm, signature):
    with pytest.raises(BadSignature):
        its_verifier(a_signer(algorithm)).verify(signature, b"text")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_signer_and_verifier_name_the_key_alike_by_its_public_key(algorithm):
    signer = a_signer(algorithm)
    verifier = its_verifier(signer)
    der = base64.b64decode(b"".join(signer.public_pem().splitlines()[1:-1]))
    assert signer.key_id == verifier.key_id == hashlib.sha256(der).hexdigest()[:16]
    assert signer.algorithm == verifier.algorithm == algorithm


def spki(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        a_signer().public_pem()[:60],
        spki(ec.generate_private_key(ec.SECP256R1())),
        spki(rsa.generate_private_key(65537, 2048)),
    ],
    ids=["empty", "no key", "cut", "p256", "rsa"],
)
def test_other_keys_are_malformed(pem):
    with pytest.raises(Malformed):
        load_verifier(pem)
