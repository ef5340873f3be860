# SPDX-License-Identifier: Apache-2.0
"""The policy document: what is written reads back, and nothing else does."""

from __future__ import annotations

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from datong.crypto.keys import load_verifier
from datong.crypto.signing import BadSignature, Ed25519Signer
from datong.kernel.errors import DatongError, Malformed
from datong.wire import envelopes
from datong.wire import policy as wire
from factories.gateways import a_grant, a_resource

SIGNER = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
OTHER = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
VERIFIER = load_verifier(SIGNER.public_pem())


def a_policy(**changes: object) -> wire.Policy:
    facts = {
        "node": "330000", "version": 1, "issued_at": "2026-09-22T00:00:00Z", "not_after": "2026-09-22T00:10:00Z",
        "resources": [a_resource()], "grants": [a_grant()],
    }  # fmt: skip
    return wire.Policy(**(facts | changes))


@given(st.integers(1, 2**62), st.lists(st.builds(lambda name: wire.Client(client_id=name, name=name, department="D", public_key="P"), st.text())))
def test_what_is_written_reads_back(version: int, clients: list[wire.Client]):
    policy = a_policy(version=version, clients=clients)
    assert wire.decode(wire.encode(policy, SIGNER), VERIFIER) == policy


@given(st.data())
def test_one_changed_byte_is_refused(data: st.DataObject):
    document = bytearray(wire.encode(a_policy(), SIGNER))
    place = data.draw(st.integers(0, len(document) - 1))
    document[place] ^= data.draw(st.integers(1, 255))
    try:
        read = wire.decode(bytes(document), VERIFIER)
    except DatongError:
        return
    assert read == a_policy()  # a byte of the head that says nothing, such as the case of the algorithm's name


@pytest.mark.parametrize("pace", [{"per_second": -1}, {"at_once": -1}, {"burst": 5}, {"burst": -1, "per_second": 1}])
def test_a_pace_below_nothing_is_refused(pace: dict):
    for broken in ({"grants": [a_grant(pace=wire.Pace(**pace))]}, {"resources": [a_resource(pace=wire.Pace(**pace))]}):
        with pytest.raises(Malformed, match="below nothing"):
            wire.encode(a_policy(**broken), SIGNER)


@given(st.binary(max_size=200))
def test_nonsense_is_refused(document: bytes):
    with pytest.raises(DatongError):
        wire.decode(document, VERIFIER)


def test_another_key_is_refused_by_name():
    with pytest.raises(Malformed, match=OTHER.key_id):
        wire.decode(wire.encode(a_policy(), OTHER), VERIFIER)


def test_a_signature_over_something_else_is_refused():
    head, _, body = wire.encode(a_policy(), SIGNER).partition(b"\n")
    with pytest.raises(BadSignature):
        wire.decode(head + b"\n" + body.replace(b'"version":1', b'"version":2', 1), VERIFIER)


@pytest.mark.parametrize(
    ("field", "value"),
    [("format", "datong-policy/5"), ("signature", "?"), ("key_id", "0" * 16), ("signature", 7)],
)
def test_a_head_amiss_is_refused(field: str, value: object):
    head, _, body = wire.encode(a_policy(), SIGNER).partition(b"\n")
    changed = msgspec.json.encode(msgspec.json.decode(head) | {field: value})
    with pytest.raises(Malformed):
        wire.decode(changed + b"\n" + body, VERIFIER)


def test_a_body_that_is_no_policy_is_refused_though_signed():
    body = b'{"node":7}'
    head = {"format": wire.FORMAT, "algorithm": "ed25519", "key_id": SIGNER.key_id, "signature": envelopes.sign(wire.FORMAT, body, SIGNER)}
    with pytest.raises(Malformed, match="does not read"):
        wire.decode(msgspec.json.encode(head) + b"\n" + body, VERIFIER)


@pytest.mark.parametrize(
    "changes",
    [
        {"not_after": "tomorrow"},
        {"not_after": "2026-09-22T00:10:00"},
        {"issued_at": ""},
        {"resources": [a_resource(index="/etc/passwd")]},
        {"resources": [a_resource(index="serving/../../x")]},
        {"resources": [a_resource(index="serving\\..\\x")]},
        {"resources": [a_resource(index="a\0b")]},
        {"resources": [a_resource(items=[wire.Item(field="x", name="x", type="Z")])]},
        {"grants": [a_grant(not_before="2026-13-01")]},
        {"grants": [a_grant(not_after="31.12.2026")]},
        {"grants": [a_grant(max_rows=0)]},
        {"grants": [a_grant(quota_per_day=-1)]},
        {"grants": [a_grant(items=[wire.GrantItem(field="name", mask="partial:x")])]},
    ],
)
def test_what_a_gateway_would_refuse_is_not_written(changes: dict):
    with pytest.raises(Malformed):
        wire.encode(a_policy(**changes), SIGNER)
