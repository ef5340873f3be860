# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: one form, one signature, and no other reading."""

import json

import pytest

from datong.crypto.digests import SHA256, SM3
from datong.crypto.signing import BadSignature
from datong.kernel.errors import Malformed
from datong.ledger.checkpoints import CONTEXT, parse, sign
from factories.evidence import a_signer, its_verifier


def a_checkpoint(signer=None, digest=SHA256, **facts):
    return sign(signer or a_signer(), **{"origin": "浙江/网关", "size": 3, "root": bytes(32), "digest": digest, **facts})


@pytest.mark.parametrize(("algorithm", "digest"), [("ed25519", SHA256), ("sm2", SM3)])
def test_a_checkpoint_survives_its_line(algorithm, digest):
    signer = a_signer(algorithm)
    made = a_checkpoint(signer, digest)
    read = parse(made.line())
    assert read == made
    assert hash(read) == hash(made)
    assert read != made.line()
    assert "size=3" in repr(read)
    assert read.digest is digest
    read.check(its_verifier(signer))


def test_what_is_signed_begins_with_its_purpose_and_leaves_the_signature_out():
    signed = a_checkpoint().signed_bytes
    assert signed.startswith(CONTEXT)
    assert json.loads(signed[len(CONTEXT) :]).keys() == {"at", "hash", "key_id", "origin", "root", "size"}


@pytest.mark.parametrize(
    "change", [{"size": 4}, {"origin": "other"}, {"root": "11" * 32}, {"at": "2020-01-01T00:00:00Z"}, {"hash": "sm3"}]
)
def test_any_changed_fact_breaks_the_signature(change):
    facts = {**json.loads(a_checkpoint().line()), **change}
    line = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    with pytest.raises(BadSignature):
        parse(line).check(its_verifier(a_signer()))


def test_another_key_is_named():
    with pytest.raises(BadSignature, match=a_signer(number=2).key_id):
        a_checkpoint().check(its_verifier(a_signer(number=2)))


def altered(**change):
    facts = {**json.loads(a_checkpoint().line()), **change}
    facts = {name: value for name, value in facts.items() if value is not None}
    return json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        altered(at=None),
        altered(extra="x"),
        altered(size="3"),
        altered(size=True),
        altered(size=-1),
        altered(root="zz"),
        altered(root="00" * 31),
        altered(root="AA" * 32),
        altered(signature="***"),
        a_checkpoint().line().replace(b":", b": "),
        a_checkpoint().line() + a_checkpoint().line(),
    ],
)
def test_what_is_no_checkpoint_is_malformed(line):
    with pytest.raises(Malformed):
        parse(line)
