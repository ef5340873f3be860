# SPDX-License-Identifier: Apache-2.0
"""Receipts: proof, for whoever holds the public key, that a record is in the log.

Kept here: a receipt is self-contained (record, place, path, signed checkpoint) and fits into an 8 KiB header at 2^40
records and beyond; a record of more than 2,048 bytes is not carried, its leaf hash stands for it.
Byte by byte: docs/reference/receipts.md.
"""

import base64
import binascii
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from datong.crypto.digests import SIZE, suite
from datong.crypto.signing import Verifier
from datong.kernel.errors import Malformed
from datong.ledger.checkpoints import Checkpoint
from datong.ledger.merkle import BadProof, leaf_hash, verify_inclusion

MAGIC: Final = b"DTR1"
CARRIES_RECORD: Final = 1
LARGEST_CARRIED: Final = 2048
LONGEST_PATH: Final = 64
LONGEST_TEXT: Final = 16_384
HEAD: Final = struct.Struct(">4sBBQQ8s32sBBBB")
MARKS: Final = {"sha256": 1, "sm3": 2}
NAMES: Final = {mark: name for name, mark in MARKS.items()}


@dataclass(slots=True)
class Receipt:
    """Proof that a record is in a log; immutable by convention: one is made for every call.

    Attributes:
        index: Place of the record, from 0.
        record: The record, or None where the receipt carries its leaf hash alone.
        leaf: Its leaf hash.
        path: Inclusion path, nearest sibling first (RFC 9162 §2.1.3).
        checkpoint: The signed state of the log that covers it.
    """

    index: int
    record: bytes | None
    leaf: bytes
    path: Sequence[bytes]
    checkpoint: Checkpoint

    @property
    def origin(self) -> str:
        """Name of the log."""
        return self.checkpoint.origin

    def encode(self) -> str:
        """Give the receipt as base64url without padding, fit for a header."""
        record, path, mark = self.record, self.path, self.checkpoint
        at, origin, key_id, texts = mark.packed
        carried = record is not None and len(record) <= LARGEST_CARRIED
        head = HEAD.pack(
            MAGIC, CARRIES_RECORD if carried else 0, MARKS[mark.hash], self.index, mark.size, key_id, mark.root,
            at, origin, len(mark.signature), len(path),
        )  # fmt: skip
        packed = b"".join((head, texts, *path, record if record is not None and carried else self.leaf))
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode(text: str) -> Receipt:
    """Read a receipt from its header form; nothing is verified yet.

    Raises:
        Malformed: Not a receipt.
    """
    packed = _bytes(text)
    if len(packed) < HEAD.size or not packed.startswith(MAGIC):
        raise Malformed("not a receipt")
    _, flags, mark, index, size, key_id, root, *lengths = HEAD.unpack_from(packed)
    at_length, origin_length, signature_length, steps = lengths
    if flags not in (0, CARRIES_RECORD) or mark not in NAMES or steps > LONGEST_PATH:
        raise Malformed("a receipt of a form unknown here")
    parts = _Parts(packed, HEAD.size)
    at, origin = parts.text(at_length), parts.text(origin_length)
    signature = parts.take(signature_length)
    path = [parts.take(SIZE) for _ in range(steps)]
    body = packed[parts.offset :]
    if len(body) != SIZE if not flags else len(body) > LARGEST_CARRIED:
        raise Malformed("the receipt is cut short or has something behind it")
    checkpoint = Checkpoint(
        origin=origin, size=size, root=root, at=at, hash=NAMES[mark], key_id=key_id.hex(), signature=signature
    )
    leaf = leaf_hash(body, suite(checkpoint.hash)) if flags else body
    return Receipt(index, body if flags else None, leaf, path, checkpoint)


def verify_receipt(receipt: Receipt, verifier: Verifier, *, record: bytes | None = None) -> None:
    """Return when the receipt proves its record (or the one given) by this public key alone.

    Args:
        receipt: From `decode`, or as the log gave it.
        verifier: The public key of the node, got from elsewhere than the receipt.
        record: What the holder believes was recorded; needed to say more than "this hash" of a record not carried.

    Raises:
        BadSignature: The checkpoint is not signed by this key.
        BadProof: The record is not the one recorded, or the path does not lead to the signed root.
    """
    mark = receipt.checkpoint
    mark.check(verifier)
    for known in (record, receipt.record):
        if known is not None and leaf_hash(known, mark.digest) != receipt.leaf:
            raise BadProof(f"this is not record {receipt.index} of {receipt.origin}")
    verify_inclusion(receipt.index, mark.size, receipt.leaf, receipt.path, mark.root, mark.digest)


class _Parts:
    """Takes a packed receipt apart from left to right."""

    def __init__(self, packed: bytes, offset: int) -> None:
        self._packed, self.offset = packed, offset

    def take(self, length: int) -> bytes:
        part = self._packed[self.offset : self.offset + length]
        if len(part) < length:
            raise Malformed("the receipt is cut short")
        self.offset += length
        return part

    def text(self, length: int) -> str:
        try:
            return self.take(length).decode()
        except UnicodeDecodeError:
            raise Malformed("a text in the receipt is not UTF-8") from None


def _bytes(text: str) -> bytes:
    if len(text) > LONGEST_TEXT:
        raise Malformed(f"a receipt has at most {LONGEST_TEXT} characters")
    try:
        return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise Malformed("a receipt is base64url text") from None
