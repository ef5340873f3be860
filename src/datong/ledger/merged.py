# SPDX-License-Identifier: Apache-2.0
"""Node checkpoints: one signed line that pins every log of a node at once, in a series that only grows.

Kept here: a line carries the newest checkpoint of each log whole, so that it needs nothing beside it; it names the hash of
the line before it; no log ever leaves the series or shrinks in it. Whoever keeps a line can tell a withheld, cut or
exchanged log by it. Layout: docs/reference/receipts.md.
"""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from datong.crypto.digests import suite
from datong.crypto.signing import BadSignature, Signer, Verifier
from datong.kernel import canonical
from datong.kernel.errors import Malformed
from datong.ledger import checkpoints, files
from datong.ledger.checkpoints import Checkpoint
from datong.ledger.frames import Flaw

NAME: Final = "node-checkpoints"
FORMAT: Final = "datong-node/1"
CONTEXT: Final = b"datong-node/1\n"
FIELDS: Final = {
    "at": str, "format": str, "hash": str, "key_id": str, "logs": list, "number": int, "origin": str, "previous": str,
    "signature": str,
}  # fmt: skip
FIRST: Final = "0" * 64
LONGEST_LINE: Final = 64 * 1024


@dataclass(frozen=True)
class Merged:
    """One signed statement over all logs of a node.

    Attributes:
        origin: Code of the node.
        number: Place in the series, from 0.
        previous: Hash of the line before it, hexadecimal; zeros for the first.
        logs: The newest checkpoint of each log, by origin.
        at: When it was signed, ISO 8601 in UTC; a remark, not an order.
        hash: Name of the digest suite.
        key_id: Names the key.
        signature: Over `signed_bytes`.
    """

    origin: str
    number: int
    previous: str
    logs: tuple[Checkpoint, ...]
    at: str
    hash: str
    key_id: str
    signature: bytes = b""

    @cached_property
    def signed_bytes(self) -> bytes:
        """The bytes the signature is made over."""
        return CONTEXT + canonical.dumps(self._facts())

    @cached_property
    def name(self) -> str:
        """Hash of the line without its line feed, hexadecimal: how the next one names it."""
        return suite(self.hash).hash(self.line().rstrip(b"\n")).hex()

    def line(self) -> bytes:
        """Give the line of the file, with its line feed."""
        return canonical.dumps({**self._facts(), "signature": base64.b64encode(self.signature).decode()}) + b"\n"

    def of(self, origin: str) -> Checkpoint | None:
        """Give the state it pins of a log."""
        return next((mark for mark in self.logs if mark.origin == origin), None)

    def check(self, verifier: Verifier) -> None:
        """Return when this verifier's key signed it, and every checkpoint in it.

        Raises:
            BadSignature: It did not.
        """
        if verifier.key_id != self.key_id:
            raise BadSignature(f"signed by key {self.key_id}, not by {verifier.key_id}")
        verifier.verify(self.signature, self.signed_bytes)
        for mark in self.logs:
            mark.check(verifier)

    def check_follows(self, before: "Merged | None") -> None:
        """Return when this is the next one of the series.

        Raises:
            Malformed: It is not, or a log is gone, is smaller or is another one.
        """
        wanted = (before.origin, before.number + 1, before.name) if before else (self.origin, 0, FIRST)
        if (self.origin, self.number, self.previous) != wanted:
            raise Malformed(f"node checkpoint {self.number} does not follow the one before it")
        for earlier in before.logs if before else ():
            self._check_grown(earlier)

    def _check_grown(self, earlier: Checkpoint) -> None:
        mark = self.of(earlier.origin)
        if mark is None:
            raise Malformed(f"the log {earlier.origin} is missing in node checkpoint {self.number}")
        if mark.size < earlier.size:
            raise Malformed(f"the log {earlier.origin} shrank from {earlier.size} to {mark.size} records")
        if mark.size == earlier.size and mark.root != earlier.root:
            raise Malformed(f"the log {earlier.origin} has two roots of {mark.size} records: it was forked")

    def _facts(self) -> dict[str, Any]:
        return {
            "at": self.at, "format": FORMAT, "hash": self.hash, "key_id": self.key_id, "number": self.number,
            "logs": [canonical.loads(mark.line()) for mark in self.logs], "origin": self.origin, "previous": self.previous,
        }  # fmt: skip


def sign(signer: Signer, origin: str, logs: Sequence[Checkpoint], before: Merged | None) -> Merged:
    """Sign the next node checkpoint now.

    Raises:
        Malformed: A log of the one before is gone, smaller or another one.
    """
    number, previous = (before.number + 1, before.name) if before else (0, FIRST)
    ordered = tuple(sorted(logs, key=lambda mark: mark.origin))
    facts: dict[str, Any] = {"at": checkpoints.now(), "hash": ordered[0].hash, "key_id": signer.key_id}
    bare = Merged(origin=origin, number=number, previous=previous, logs=ordered, **facts)
    _check_logs(bare)
    bare.check_follows(before)
    return replace(bare, signature=signer.sign(bare.signed_bytes))


def parse(line: bytes) -> Merged:
    """Read a line; its signatures are not checked here.

    Raises:
        Malformed: Not a node checkpoint, or not in its one form.
    """
    facts = canonical.loads(line)
    if not isinstance(facts, dict) or facts.keys() != FIELDS.keys() or facts["format"] != FORMAT:
        raise Malformed(f"a node checkpoint has exactly the fields {', '.join(FIELDS)}")
    if any(type(facts[name]) is not kind for name, kind in FIELDS.items()) or facts["number"] < 0:
        raise Malformed("a field of the node checkpoint has the wrong type")
    try:
        signature = base64.b64decode(facts["signature"], validate=True)
    except (ValueError, binascii.Error):
        raise Malformed("the signature of the node checkpoint cannot be read") from None
    logs = tuple(checkpoints.parse(canonical.dumps(mark)) for mark in facts["logs"])
    plain = {name: facts[name] for name in ("origin", "number", "previous", "at", "hash", "key_id")}
    read = Merged(**plain, logs=logs, signature=signature)
    _check_logs(read)
    if read.line().rstrip() != line.rstrip(b"\n"):
        raise Malformed("the node checkpoint is not in canonical form")
    return read


def last(evidence: Path) -> Merged | None:
    """Give the newest node checkpoint, or None where there is none yet.

    Raises:
        Malformed: The last whole line is none.
    """
    line = files.last_line(evidence / NAME, LONGEST_LINE)
    return None if line is None else parse(line)


def walk(evidence: Path, count: int | None = None) -> Iterator[tuple[int, Merged]]:
    """Give node checkpoints in order, each with the offset of its line; only the first so many, where a count is given.

    Raises:
        Flaw: A line is none.
    """
    offset = number = 0
    try:
        file = (evidence / NAME).open("rb")
    except FileNotFoundError:
        return
    with file:
        for line in file:
            if not line.endswith(b"\n") or number == count:
                return
            try:
                found = parse(line)
            except Malformed as error:
                raise Flaw(number, f"node checkpoint {number}: {error}", NAME, offset) from None
            yield offset, found
            offset, number = offset + len(line), number + 1


def pinned(evidence: Path, origin: str, count: int) -> Iterator[Checkpoint]:
    """Give the states of one log that the first so many node checkpoints pin, each once, by size."""
    size = -1
    for _, one in walk(evidence, count):
        mark = one.of(origin)
        if mark is not None and mark.size != size:
            size = mark.size
            yield mark


def trim(evidence: Path) -> None:
    """Cut off a last line that was not finished."""
    files.trim_lines(evidence / NAME, LONGEST_LINE)


def _check_logs(read: Merged) -> None:
    origins = [mark.origin for mark in read.logs]
    if not origins or origins != sorted(set(origins)):
        raise Malformed("the logs of a node checkpoint are in order, each once")
    for mark in read.logs:
        if (mark.hash, mark.key_id) != (read.hash, read.key_id) or not mark.origin.startswith(f"{read.origin}/"):
            raise Malformed(f"the log {mark.origin} is none of node {read.origin}")
