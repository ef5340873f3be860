# SPDX-License-Identifier: Apache-2.0
"""Notes: a signed state of a log as the tools of others read it, C2SP tlog-checkpoint in a C2SP signed note.

Kept here: origin, size and root, a line each, under Ed25519; the key's name is the origin of the log, so that each log has a
verifier key of its own although one key signs all. A note is a checkpoint in other words and stands wherever one does. C2SP
names no signature by SM2: a log of that suite has no notes. https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from datong.crypto.digests import SHA256, SIZE
from datong.crypto.signing import ED25519, BadSignature, Ed25519Verifier, Signer, Verifier
from datong.kernel.errors import Malformed, Unknown
from datong.ledger.checkpoints import Checkpoint

LARGEST: Final = 128 * 1024
"""Bytes of a note: sixteen signatures of the longest kind fit, as the form demands."""
DASH: Final = "— "
TYPE: Final = b"\x01"
ID: Final = 4
LINES: Final = 3
NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
HEX: Final = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of signature: whose it says it is, and what it is."""

    name: str
    key: bytes
    signature: bytes

    def line(self) -> str:
        """Give the line, with its line feed."""
        return f"{DASH}{self.name} {base64.b64encode(self.key + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under the name it signs notes by; as text, what tools of others are configured with.

    Attributes:
        name: For a log, its origin.
        raw: Of the Ed25519 public key, 32 bytes.
    """

    name: str
    raw: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that stand in front of its signatures."""
        return hashlib.sha256(self.name.encode() + b"\n" + TYPE + self.raw).digest()[:ID]

    @property
    def verifier(self) -> Verifier:
        """The key itself."""
        return Ed25519Verifier(Ed25519PublicKey.from_public_bytes(self.raw))

    def text(self) -> str:
        """Give the verifier key as C2SP writes it."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(TYPE + self.raw).decode()}"


class Note(Checkpoint):
    """A state of a log as a signed note says it; see `Checkpoint`. It tells no time.

    Attributes:
        text: What is signed: origin, size, root, perhaps lines of others.
        marks: The signatures, of keys known or unknown.
    """

    def __init__(self, text: str, marks: Sequence[Mark]) -> None:
        origin, size, root = _stated(text)
        super().__init__(origin=origin, size=size, root=root, at="", hash=SHA256.name, key_id="")
        self.text, self.marks = text, tuple(marks)

    @cached_property
    def signed_bytes(self) -> bytes:
        """The bytes the signatures are made over."""
        return self.text.encode()

    def line(self) -> bytes:
        """Give the whole note, of several lines."""
        return (self.text + "\n" + "".join(mark.line() for mark in self.marks)).encode()

    def check(self, verifier: Verifier) -> None:
        """Return when this key signed it in the name of its origin; signatures of other keys count for nothing.

        Raises:
            BadSignature: It did not, or one of the signatures said to be its own is not.
        """
        if verifier.algorithm != ED25519:
            raise BadSignature(f"not signed by key {verifier.key_id}, which is of {verifier.algorithm}: notes are of Ed25519")
        key = key_of(self.origin, verifier)
        own = [mark for mark in self.marks if (mark.name, mark.key) == (key.name, key.id)]
        if not own:
            raise BadSignature(f"not signed by key {verifier.key_id} in the name of {self.origin!r}")
        for mark in own:
            verifier.verify(mark.signature, self.signed_bytes)


def sign(signer: Signer, mark: Checkpoint) -> Note:
    """Say by a note what a checkpoint says, which the caller has checked.

    Raises:
        Unknown: C2SP has no form for a log of this suite.
        Malformed: The origin cannot be the name of a key.
    """
    check_suite(mark.hash, signer.algorithm)
    text = f"{mark.origin}\n{mark.size}\n{base64.b64encode(mark.root).decode()}\n"
    key = key_of(mark.origin, signer)
    return Note(text, [Mark(key.name, key.id, signer.sign(text.encode()))])


def check_suite(digest: str, algorithm: str) -> None:
    """Return when notes can be made for logs of this suite.

    Raises:
        Unknown: They cannot.
    """
    if (digest, algorithm) != (SHA256.name, ED25519):
        raise Unknown(
            "国密套件（SM2、SM3）的日志没有附注：C2SP 没有规定 SM2 签名 (C2SP names no signature by SM2: such a log has no note)",
            remedy="用大同自己的检查点 (use its checkpoints: datong ledger prove, datong ledger verify)",
            rule="c2sp.org/signed-note",
        )


def key_of(origin: str, holder: Signer | Verifier) -> VerifierKey:
    """Give the verifier key by which a log's notes are checked.

    Raises:
        Unknown: C2SP has no form for such a key.
        Malformed: The origin cannot be the name of a key.
    """
    check_suite(SHA256.name, holder.algorithm)
    _check_name(origin)
    return VerifierKey(origin, load_pem_public_key(holder.public_pem()).public_bytes(Encoding.Raw, PublicFormat.Raw))


def parse_key(text: str) -> VerifierKey:
    """Read a verifier key.

    Raises:
        Malformed: It is none of Ed25519.
    """
    name, named, packed = [*text.strip().split("+", 2), "", ""][:3]
    data = _unpacked(packed)
    _check_name(name)
    if data[:1] != TYPE or len(data) != len(TYPE) + SIZE or not HEX.fullmatch(named):
        raise Malformed("this is not a verifier key of Ed25519: name+hash+base64")
    key = VerifierKey(name, data[len(TYPE) :])
    if key.id.hex() != named:
        raise Malformed("the verifier key does not fit its own hash")
    return key


def is_note(text: str) -> bool:
    """Tell a note from other papers: only it has lines of signatures."""
    return f"\n{DASH}" in text


def parse(raw: bytes) -> Note:
    """Read a note; its signatures are not checked here.

    Raises:
        Malformed: Not a note, or not one that states a tree.
    """
    if len(raw) > LARGEST:
        raise Malformed(f"a note has at most {LARGEST} bytes")
    try:
        whole = raw.decode()
    except UnicodeDecodeError:
        raise Malformed("a note is UTF-8") from None
    if any(character < " " and character != "\n" for character in whole):
        raise Malformed("a note has no control characters")
    text, empty, signed = whole.rpartition("\n\n")
    if not empty or not signed.endswith("\n"):
        raise Malformed("a note is a text, an empty line and lines of signatures, each with its line feed")
    return Note(text + "\n", [_mark(line) for line in signed[:-1].split("\n")])


def opened(raw: bytes, key: VerifierKey) -> Note:
    """Read a note and check it by a verifier key, name and all.

    Raises:
        Malformed: It is none.
        BadSignature: It is of another log, or not signed by this key.
    """
    note = parse(raw)
    if note.origin != key.name:
        raise BadSignature(f"the note is of {note.origin!r}, not of {key.name!r}")
    note.check(key.verifier)
    return note


def _stated(text: str) -> tuple[str, int, bytes]:
    lines = text[:-1].split("\n")
    if not text.endswith("\n") or len(lines) < LINES or not all(lines):
        raise Malformed("a note of a log begins with origin, size and root, and has no empty line")
    origin, number, packed = lines[:LINES]
    if not NUMBER.fullmatch(number) or int(number) >= 2**63:
        raise Malformed("the size in a note is a number without anything in front")
    root = _unpacked(packed)
    if len(root) != SIZE:
        raise Malformed(f"the root in a note has {SIZE} bytes")
    return origin, int(number), root


def _mark(line: str) -> Mark:
    name, space, packed = line.removeprefix(DASH).partition(" ")
    data = _unpacked(packed)
    if not line.startswith(DASH) or not space or len(data) <= ID:
        raise Malformed("a signature is a dash, a name and base64")
    _check_name(name)
    return Mark(name, data[:ID], data[ID:])


def _check_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() or character < " " for character in name):
        raise Malformed("the name of a key is not empty and has neither spaces nor plus signs in it")


def _unpacked(text: str) -> bytes:
    """Read base64 in its one form."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("a part of a note is not base64") from None
    if base64.b64encode(data).decode() != text:
        raise Malformed("a part of a note is not in the one form of base64")
    return data
