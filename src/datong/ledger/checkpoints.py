# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: the signed statement "the log of this origin has this many records and this root".

Kept here: what is signed is a fixed first line and the canonical JSON of all fields but the signature, so that a
signature over a checkpoint is never one over something else. Order comes from sizes, never from times.
"""

import base64
import binascii
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

from datong.crypto.digests import SIZE, Digest, suite
from datong.crypto.signing import BadSignature, Signer, Verifier
from datong.kernel import canonical
from datong.kernel.errors import Malformed

CONTEXT: Final = b"datong-checkpoint/1\n"
FIELDS: Final = {"at": str, "hash": str, "key_id": str, "origin": str, "root": str, "signature": str, "size": int}


class Checkpoint:
    """One signed state of a log; immutable by convention.

    Attributes:
        origin: Name of the log, unique among all logs of all nodes.
        size: Number of records covered.
        root: Root of the Merkle tree over them.
        at: When it was signed, ISO 8601 in UTC; a remark, not an order.
        hash: Name of the digest suite.
        key_id: Names the key.
        signature: Signature over `signed_bytes`.
    """

    def __init__(
        self, *, origin: str, size: int, root: bytes, at: str, hash: str, key_id: str, signature: bytes = b""  # noqa: A002
    ) -> None:  # fmt: skip
        self.origin, self.size, self.root, self.at = origin, size, root, at
        self.hash, self.key_id, self.signature = hash, key_id, signature

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Checkpoint) and self.line() == other.line()

    def __hash__(self) -> int:
        return hash(self.line())

    def __repr__(self) -> str:
        return f"Checkpoint({self.origin!r}, size={self.size}, root={self.root.hex()[:16]}…)"

    @cached_property
    def signed_bytes(self) -> bytes:
        """The bytes the signature is made over."""
        return CONTEXT + canonical.dumps(self._facts())

    @cached_property
    def packed(self) -> tuple[int, int, bytes, bytes]:
        """What all receipts under it carry: lengths of time and origin, key id, and time, origin and signature end to end."""
        at, origin = self.at.encode(), self.origin.encode()
        return len(at), len(origin), bytes.fromhex(self.key_id), at + origin + self.signature

    @cached_property
    def digest(self) -> Digest:
        """The digest suite of the tree."""
        return suite(self.hash)

    def line(self) -> bytes:
        """Give the line of the checkpoints file, with its line feed."""
        signature = base64.b64encode(self.signature).decode()
        return canonical.dumps({**self._facts(), "signature": signature}) + b"\n"

    def check(self, verifier: Verifier) -> None:
        """Return when the signature is this verifier's.

        Raises:
            BadSignature: It is not.
        """
        if verifier.key_id != self.key_id:
            raise BadSignature(f"signed by key {self.key_id}, not by {verifier.key_id}")
        verifier.verify(self.signature, self.signed_bytes)

    def _facts(self) -> dict[str, Any]:
        return {
            "at": self.at,
            "hash": self.hash,
            "key_id": self.key_id,
            "origin": self.origin,
            "root": self.root.hex(),
            "size": self.size,
        }


def sign(signer: Signer, *, origin: str, size: int, root: bytes, digest: Digest) -> Checkpoint:
    """Sign the state of a log now."""
    facts = Checkpoint(origin=origin, size=size, root=root, at=now(), hash=digest.name, key_id=signer.key_id)
    facts.signature = signer.sign(facts.signed_bytes)
    return facts


def now() -> str:
    """Give the instant as it stands in what is signed."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse(line: bytes) -> Checkpoint:
    """Read a line of the checkpoints file; its signature is not checked here.

    Raises:
        Malformed: Not a checkpoint, or not in the one form it is written in.
    """
    facts = canonical.loads(line)
    if not isinstance(facts, dict) or facts.keys() != FIELDS.keys():
        raise Malformed(f"a checkpoint has exactly the fields {', '.join(FIELDS)}")
    if any(type(facts[name]) is not kind for name, kind in FIELDS.items()) or facts["size"] < 0:
        raise Malformed("a field of the checkpoint has the wrong type")
    try:
        root = bytes.fromhex(facts["root"])
        signature = base64.b64decode(facts["signature"], validate=True)
    except (ValueError, binascii.Error):
        raise Malformed("root or signature of the checkpoint cannot be read") from None
    read = Checkpoint(**{**facts, "root": root, "signature": signature})
    if len(root) != SIZE or read.line().rstrip() != line.rstrip(b"\n"):
        raise Malformed("the checkpoint is not in canonical form")
    return read
