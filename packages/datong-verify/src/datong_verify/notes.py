# SPDX-License-Identifier: Apache-2.0
"""What is signed: checkpoints, and the one form of JSON and base64 they are written in. Keys that sign them."""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from datong_verify.trees import SIZE
from datong_verify.verdicts import Unreadable, Unsupported, Wrong

SIGNED_FIRST = b"datong-checkpoint/1\n"
NODE = "datong-node/1"
NODE_FIELDS = {"at", "format", "hash", "key_id", "logs", "number", "origin", "previous", "signature"}
FIELDS = {"at", "hash", "key_id", "origin", "root", "signature", "size"}
SM2_CURVE = bytes.fromhex("06082a811ccf5501822d")
SM2_SAID = "it is signed by SM2, which this verifier cannot check: use `datong ledger verify`"


class Key:
    """A public key.

    Attributes:
        key_id: First 16 hexadecimal digits of the SHA-256 of the key (SubjectPublicKeyInfo, DER).
        pem: The key in the one form it is written in.
        raw: Its 32 bytes.
    """

    def __init__(self, text: str) -> None:
        """Read a key from PEM.

        Raises:
            Unreadable: It is none.
            Unsupported: It is an SM2 key.
        """
        try:
            found = serialization.load_pem_public_key(text.encode())
        except (ValueError, UnsupportedAlgorithm):
            if SM2_CURVE in _between(text):
                raise Unsupported(SM2_SAID) from None
            raise Unreadable("the public key cannot be read") from None
        if not isinstance(found, Ed25519PublicKey):
            raise Unreadable("the public key is not Ed25519")
        spki = serialization.PublicFormat.SubjectPublicKeyInfo
        self._key = found
        self.raw = found.public_bytes_raw()
        self.key_id = hashlib.sha256(found.public_bytes(serialization.Encoding.DER, spki)).hexdigest()[:16]
        self.pem = found.public_bytes(serialization.Encoding.PEM, spki).decode()

    def check(self, signature: bytes, data: bytes) -> None:
        """Return when the signature is this key's.

        Raises:
            Wrong: It is not.
        """
        try:
            self._key.verify(signature, data)
        except InvalidSignature:
            raise Wrong(f"a checkpoint is not signed by key {self.key_id}: it was changed") from None


@dataclass(frozen=True)
class Checkpoint:
    """A signed state of a log."""

    at: str
    hash: str
    key_id: str
    origin: str
    root: bytes
    signature: bytes
    size: int

    def check(self, key: Key) -> None:
        """Return when the key signed it.

        Raises:
            Wrong: It did not.
        """
        if self.key_id != key.key_id:
            raise Wrong(f"a checkpoint is signed by key {self.key_id}, not by {key.key_id}")
        facts = {"at": self.at, "hash": self.hash, "key_id": self.key_id, "origin": self.origin, "size": self.size}
        key.check(self.signature, SIGNED_FIRST + written({**facts, "root": self.root.hex()}))

    def belongs(self, origin: str, hashed: str) -> None:
        """Return when it is of a log.

        Raises:
            Wrong: It is of another.
        """
        if (self.origin, self.hash) != (origin, hashed):
            raise Wrong(f"a checkpoint is of another log ({self.origin})")


def checkpoint(facts: object) -> Checkpoint:
    """Read a checkpoint from its JSON.

    Raises:
        Unreadable: It is none, or not in its one form.
    """
    if not isinstance(facts, dict) or facts.keys() != FIELDS:
        raise Unreadable(f"a checkpoint has exactly the fields {', '.join(sorted(FIELDS))}")
    texts = {name: facts[name] for name in FIELDS - {"size"}}
    if any(type(text) is not str for text in texts.values()) or type(facts["size"]) is not int or facts["size"] < 0:
        raise Unreadable("a field of a checkpoint is of the wrong kind")
    try:
        root = bytes.fromhex(facts["root"])
    except ValueError:
        raise Unreadable("the root of a checkpoint cannot be read") from None
    if root.hex() != facts["root"] or len(root) != SIZE:
        raise Unreadable("the root of a checkpoint is not in its one form")
    return Checkpoint(**{**facts, "root": root, "signature": unpacked(facts["signature"])})


@dataclass(frozen=True)
class NodeCheckpoint:
    """A signed statement over the newest checkpoints of all logs of a node."""

    at: str
    hash: str
    key_id: str
    logs: list[Checkpoint]
    number: int
    origin: str
    previous: str
    signature: bytes
    signed: bytes

    def check(self, key: Key) -> None:
        """Return when the key signed it and every checkpoint in it.

        Raises:
            Wrong: It did not.
        """
        if self.key_id != key.key_id:
            raise Wrong(f"the node checkpoint is signed by key {self.key_id}, not by {key.key_id}")
        key.check(self.signature, NODE.encode() + b"\n" + self.signed)
        for mark in self.logs:
            mark.check(key)


def node_checkpoint(facts: object) -> NodeCheckpoint:
    """Read a node checkpoint from its JSON.

    Raises:
        Unreadable: It is none, or not in its one form.
    """
    if not isinstance(facts, dict) or facts.keys() != NODE_FIELDS or facts["format"] != NODE:
        raise Unreadable(f"a node checkpoint has exactly the fields {', '.join(sorted(NODE_FIELDS))}")
    texts = [facts[name] for name in NODE_FIELDS - {"logs", "number"}]
    if any(type(text) is not str for text in texts) or type(facts["number"]) is not int or type(facts["logs"]) is not list:
        raise Unreadable("a field of a node checkpoint is of the wrong kind")
    logs = [checkpoint(one) for one in facts["logs"]]
    origins = [mark.origin for mark in logs]
    theirs = all(mark.hash == facts["hash"] and mark.origin.startswith(facts["origin"] + "/") for mark in logs)
    if not logs or origins != sorted(set(origins)) or not theirs:
        raise Unreadable("the logs of a node checkpoint are those of one node, in order, each once")
    kept = {name: facts[name] for name in ("at", "hash", "key_id", "number", "origin", "previous")}
    signed = written({name: value for name, value in facts.items() if name != "signature"})
    return NodeCheckpoint(**kept, logs=logs, signature=unpacked(facts["signature"]), signed=signed)


def written(value: object) -> bytes:
    """Give a value as canonical JSON: keys sorted, no spaces, UTF-8 unescaped."""
    try:
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except (UnicodeEncodeError, RecursionError, ValueError):
        raise Unreadable("a text cannot be written as canonical JSON") from None


def read(data: bytes) -> Any:
    """Read JSON with whole numbers only, no key twice."""
    try:
        return json.loads(data.decode(), parse_float=_refused, parse_constant=_refused, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {error}") from None


def in_one_form(data: bytes) -> Any:
    """Read JSON that must be canonical.

    Raises:
        Unreadable: It is not.
    """
    value = read(data)
    if written(value) != data:
        raise Unreadable("a line is not in its one form")
    return value


def unpacked(text: object) -> bytes:
    """Read base64 in its one form.

    Raises:
        Unreadable: It is not.
    """
    try:
        data = base64.b64decode(text, validate=True) if isinstance(text, str) else None
    except (binascii.Error, ValueError):
        data = None
    if data is None or base64.b64encode(data).decode() != text:
        raise Unreadable("a text is not base64 in its one form")
    return data


def hashes_in(text: object) -> list[bytes]:
    """Read hashes that were joined and written as base64."""
    data = unpacked(text)
    if len(data) % SIZE:
        raise Unreadable("a path is not of whole hashes")
    return [data[at : at + SIZE] for at in range(0, len(data), SIZE)]


def _between(text: str) -> bytes:
    """Give what stands between the lines of a PEM text."""
    inner = "".join(line for line in text.splitlines() if not line.startswith("-----"))
    try:
        return base64.b64decode(inner)
    except (binascii.Error, ValueError):
        return b""


def _refused(text: str) -> NoReturn:
    raise ValueError(f"the number {text[:30]}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made
