# SPDX-License-Identifier: Apache-2.0
"""Receipts prove their record by the public key alone, fit into a header, and cannot be bent."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.crypto.digests import SHA256, SM3
from datong.crypto.signing import BadSignature
from datong.kernel.errors import DatongError, Malformed
from datong.ledger.checkpoints import sign
from datong.ledger.frontier import Frontier
from datong.ledger.merkle import BadProof, leaf_hash
from datong.ledger.receipts import LARGEST_CARRIED, Receipt, decode, verify_receipt
from factories.evidence import a_signer, its_verifier

TALL = 2**40 - 1


def a_receipt(record=b'{"kind":"call"}', *, algorithm="ed25519", size=5, origin="330000/gateway-0"):
    signer, digest = a_signer(algorithm), SM3 if algorithm == "sm2" else SHA256
    nodes = {level: bytes([level + 1]) * 32 for level in range(size.bit_length()) if size >> level & 1}
    batch = Frontier(digest, size, nodes).extend([leaf := leaf_hash(record, digest)])
    mark = sign(signer, origin=origin, size=size + 1, root=batch.root, digest=digest)
    return Receipt(size, record, leaf, batch.paths[0], mark)


@given(st.sampled_from(["ed25519", "sm2"]), st.binary(max_size=LARGEST_CARRIED), st.integers(0, 1000))
def test_a_receipt_survives_its_header_and_proves_its_record(algorithm, record, size):
    receipt = decode(a_receipt(record, algorithm=algorithm, size=size).encode())
    assert (receipt.record, receipt.index, receipt.origin) == (record, size, "330000/gateway-0")
    verify_receipt(receipt, its_verifier(a_signer(algorithm)))
    verify_receipt(receipt, its_verifier(a_signer(algorithm)), record=record)


def test_a_record_of_two_kilobytes_at_two_to_the_forty_fits_into_a_header():
    receipt = a_receipt(b"x" * 2048, algorithm="sm2", size=TALL, origin="o" * 200)
    text = receipt.encode()
    assert len(text) < 8192
    assert text.isascii()
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    verify_receipt(decode(text), its_verifier(a_signer("sm2")))


def test_a_larger_record_is_not_carried_but_still_proved():
    record = b"x" * (LARGEST_CARRIED + 1)
    receipt = decode(a_receipt(record).encode())
    verifier = its_verifier(a_signer())
    assert receipt.record is None
    assert receipt.leaf == leaf_hash(record)
    verify_receipt(receipt, verifier)
    verify_receipt(receipt, verifier, record=record)
    with pytest.raises(BadProof, match="this is not record 5"):
        verify_receipt(receipt, verifier, record=record + b"x")


def test_another_record_or_place_or_key_proves_nothing():
    receipt, verifier = a_receipt(), its_verifier(a_signer())
    for bent in (
        Receipt(receipt.index, b"other", receipt.leaf, receipt.path, receipt.checkpoint),
        Receipt(receipt.index, None, leaf_hash(b"other"), receipt.path, receipt.checkpoint),
        Receipt(receipt.index - 1, receipt.record, receipt.leaf, receipt.path, receipt.checkpoint),
    ):
        with pytest.raises(BadProof):
            verify_receipt(bent, verifier)
    with pytest.raises(BadSignature):
        verify_receipt(receipt, its_verifier(a_signer(number=2)))


@given(st.data())
def test_no_flipped_bit_goes_unnoticed(data):
    packed = bytearray(unpacked(a_receipt().encode()))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(DatongError):
        verify_receipt(decode(repacked(packed)), its_verifier(a_signer()))


@given(st.text(max_size=400) | st.binary(max_size=300).map(lambda tail: repacked(b"DTR1" + tail)))
def test_what_is_no_receipt_is_malformed_and_nothing_worse(text):
    with pytest.raises(Malformed):
        decode(text)


def test_a_receipt_cut_short_anywhere_is_refused():
    packed = unpacked(a_receipt().encode())
    for keep in range(len(packed)):
        with pytest.raises(DatongError):
            verify_receipt(decode(repacked(packed[:keep])), its_verifier(a_signer()))


def test_a_receipt_with_more_behind_it_or_too_long_is_malformed():
    large = unpacked(a_receipt(b"x" * 3000).encode())
    carried = unpacked(a_receipt(b"x" * LARGEST_CARRIED).encode())
    for packed in (large + b"x", carried + b"x"):
        with pytest.raises(Malformed, match="behind it"):
            decode(repacked(packed))
    with pytest.raises(Malformed, match="16384"):
        decode("A" * 20_000)


def unpacked(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def repacked(packed):
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()
