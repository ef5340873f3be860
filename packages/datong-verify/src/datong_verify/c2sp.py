# SPDX-License-Identifier: Apache-2.0
"""A state of a log in the form others read too: C2SP tlog-checkpoint in a C2SP signed note, by Ed25519 in the name of the log."""

import base64
import hashlib
from dataclasses import dataclass

from datong_verify.notes import Checkpoint, Key, unpacked
from datong_verify.trees import SIZE
from datong_verify.verdicts import Unreadable, Verdict, Wrong

LARGEST = 128 * 1024
BEGINS = "\u2014 "
ED25519 = b"\x01"
LARGEST_SIZE = 2**63


def is_note(start: bytes) -> bool:
    """Whether a file is a note: it alone has lines of signatures."""
    return b"\n" + BEGINS.encode() in start


@dataclass(frozen=True)
class SignedNote(Checkpoint):
    """A state of a log as a note says it, with all signatures: name, id of the key, signature."""

    text: bytes
    signatures: tuple[tuple[str, bytes, bytes], ...]

    def check(self, key: Key) -> None:
        """Return when the key signed it in the name of its log; signatures by others count for nothing.

        Raises:
            Wrong: It did not.
        """
        mine = [signature for name, by, signature in self.signatures if (name, by) == (self.origin, id_of(self.origin, key))]
        if not mine:
            raise Wrong(f"the note is not signed by key {key.key_id} in the name of {self.origin}")
        for signature in mine:
            key.check(signature, self.text)


def id_of(name: str, key: Key) -> bytes:
    """Give the four bytes in front of signatures by a key under a name."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + key.raw).digest()[:4]


def note(raw: bytes) -> SignedNote:
    """Read a note; nothing is checked.

    Raises:
        Unreadable: It is none, or of no log.
    """
    if len(raw) > LARGEST:
        raise Unreadable("a note is not as long as this")
    try:
        whole = raw.decode()
    except UnicodeDecodeError:
        raise Unreadable("a note is UTF-8") from None
    cut = whole.rfind("\n\n")
    if cut < 0 or not whole.endswith("\n") or any(character < " " and character != "\n" for character in whole):
        raise Unreadable("this is not a note")
    lines, signed = whole[:cut].split("\n"), whole[cut + 2 : -1].split("\n")
    if "" in lines or len(lines) < 3:
        raise Unreadable("the note is not of a log")
    origin, size, root = lines[0], lines[1], unpacked(lines[2])
    if not size.isascii() or not size.isdecimal() or len(size) > len(str(LARGEST_SIZE)) or str(int(size)) != size:
        raise Unreadable("the size in the note is no number in its one form")
    if int(size) >= LARGEST_SIZE or len(root) != SIZE:
        raise Unreadable("the note states no tree")
    found = tuple(_signature(line) for line in signed)
    return SignedNote("", "sha256", "", origin, root, b"", int(size), whole[: cut + 1].encode(), found)


def check_note(raw: bytes, key: Key | None, verdict: Verdict) -> Checkpoint:
    """Check a note.

    Returns:
        What it says.

    Raises:
        Wrong: It is not signed by the key.
        Unreadable: It is none, or there is no key.
    """
    found = note(raw)
    verdict.origin, verdict.size = found.origin, found.size
    if key is None:
        raise Unreadable("this carries no public key: name one by --key")
    verdict.key_id = key.key_id
    found.check(key)
    vkey = base64.b64encode(ED25519 + key.raw).decode()
    verdict.notes += [f"root {found.root.hex()}", f"verifier key {found.origin}+{id_of(found.origin, key).hex()}+{vkey}"]
    return found


def _signature(line: str) -> tuple[str, bytes, bytes]:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] + " " != BEGINS or not _names_a_key(parts[1]):
        raise Unreadable("a line of the note is no signature")
    data = unpacked(parts[2])
    if len(data) < 5:
        raise Unreadable("a signature of the note is too short")
    return parts[1], data[:4], data[4:]


def _names_a_key(name: str) -> bool:
    return bool(name) and "+" not in name and not any(character.isspace() for character in name)
