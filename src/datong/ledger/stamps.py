# SPDX-License-Identifier: Apache-2.0
"""Stamped node checkpoints: what a time-stamping authority (RFC 3161) vouches to have been there at an instant.

Kept here: a line carries the node checkpoint whole and the stamp over its hash, so that it needs nothing beside it; through the
checkpoint the stamp covers every record of every log up to the sizes pinned there. A line that reads is over its checkpoint;
who stamped is checked against roots one brings, or against `tsa.pem` beside the logs. Layout: docs/reference/receipts.md.
"""

import base64
import binascii
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from cryptography.x509 import Certificate

from datong.crypto import timestamps
from datong.crypto.signing import BadSignature, Verifier
from datong.kernel import canonical
from datong.kernel.errors import DatongError, Malformed
from datong.ledger import files, merged
from datong.ledger.merged import Merged

NAME: Final = "node-stamps"
ROOTS: Final = "tsa.pem"
FORMAT: Final = "datong-stamp/1"
FIELDS: Final = {"checkpoint", "format", "token"}
LARGEST_TOKEN: Final = 32 * 1024
LONGEST_LINE: Final = 128 * 1024


@dataclass(frozen=True)
class Stamped:
    """A node checkpoint and the stamp over it.

    Attributes:
        node: The checkpoint.
        token: The stamp (TimeStampToken, DER).
    """

    node: Merged
    token: bytes

    @property
    def data(self) -> bytes:
        """What is stamped: the line of the checkpoint without its line feed."""
        return data_of(self.node)

    @cached_property
    def said(self) -> timestamps.Stamp:
        """What the stamp says."""
        return timestamps.read(self.token)

    def line(self) -> bytes:
        """Give the line of the file, with its line feed."""
        facts = {"checkpoint": canonical.loads(self.node.line()), "format": FORMAT}
        return canonical.dumps({**facts, "token": base64.b64encode(self.token).decode()}) + b"\n"

    def covers(self, sizes: Mapping[str, int]) -> bool:
        """Whether it pins each log at a size or beyond."""
        pinned = {mark.origin: mark.size for mark in self.node.logs}
        return all(pinned.get(origin, 0) >= size for origin, size in sizes.items())

    def check(self, verifier: Verifier, roots: Sequence[Certificate]) -> str:
        """Give the name of the authority, when the node signed the checkpoint and one of the roots vouches for the stamp.

        Raises:
            BadSignature: It is not signed by this key.
            BadStamp: No root vouches for the stamp.
        """
        self.node.check(verifier)
        return timestamps.check(self.token, self.data, roots)[1]


@dataclass(frozen=True, slots=True)
class Stamps:
    """What was found of the stamps of a node.

    Attributes:
        good: The checkpoints stamped, up to the first line that is wrong.
        reason: What is wrong with the next one, "" when nothing is.
        offset: Where that begins in the file.
        vouched: Whether there were roots to check who stamped.
    """

    good: Sequence[Merged] = ()
    reason: str = ""
    offset: int | None = None
    vouched: bool = False


def data_of(node: Merged) -> bytes:
    """Give what a stamp over a node checkpoint is over."""
    return node.line().rstrip(b"\n")


def parse(line: bytes) -> Stamped:
    """Read a line: the stamp is over the checkpoint, signatures are not checked here.

    Raises:
        Malformed: No stamped node checkpoint, or not in its one form.
        BadStamp: The stamp cannot be read, or is over something else.
    """
    facts = canonical.loads(line)
    if not isinstance(facts, dict) or facts.keys() != FIELDS or facts["format"] != FORMAT:
        raise Malformed(f"a stamped node checkpoint has exactly the fields {', '.join(sorted(FIELDS))}")
    try:
        token = base64.b64decode(facts["token"], validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise Malformed("the token of the stamp cannot be read") from None
    read = Stamped(merged.parse(canonical.dumps(facts["checkpoint"])), token)
    if read.line().rstrip(b"\n") != line.rstrip(b"\n") or len(token) > LARGEST_TOKEN:
        raise Malformed("the stamped node checkpoint is not in its one form")
    timestamps.check_imprint(read.said, read.data)
    return read


def walk(evidence: Path) -> Iterator[Stamped]:
    """Give the stamped checkpoints in order.

    Raises:
        Malformed, BadStamp: A line is none.
    """
    return (parse(line) for _, line in _lines(evidence))


def _lines(evidence: Path) -> Iterator[tuple[int, bytes]]:
    """Give the whole lines, each with its offset."""
    try:
        file = (evidence / NAME).open("rb")
    except FileNotFoundError:
        return
    offset = 0
    with file:
        while (line := file.readline(LONGEST_LINE)).endswith(b"\n"):
            yield offset, line
            offset += len(line)
        if file.read(1):
            raise Malformed("a line is too long")


def last(evidence: Path) -> Stamped | None:
    """Give the newest stamped checkpoint, None where there is none.

    Raises:
        Malformed, BadStamp: The last whole line is none.
    """
    line = files.last_line(evidence / NAME, LONGEST_LINE)
    return None if line is None else parse(line)


def covering(evidence: Path, sizes: Mapping[str, int]) -> Stamped | None:
    """Give the earliest stamp that covers each log up to a size, which says most about when it was there.

    Raises:
        Malformed, BadStamp: A line on the way is none.
    """
    return next((one for one in walk(evidence) if one.covers(sizes)), None)


def roots(evidence: Path) -> list[Certificate]:
    """Give the roots of authorities that lie beside the logs; none where none lie there.

    Raises:
        Malformed: They cannot be read.
    """
    try:
        return timestamps.roots_of((evidence / ROOTS).read_bytes())
    except FileNotFoundError:
        return []


def add(evidence: Path, one: Stamped) -> None:
    """Keep a stamp, durably.

    Raises:
        Conflict: Another process writes.
        OSError: The disk is full or fails.
    """
    held = files.lock(evidence / NAME, wait=False)
    try:
        files.trim_lines(evidence / NAME, LONGEST_LINE)
        with (evidence / NAME).open("ab") as file:
            file.write(one.line())
            file.flush()
            os.fsync(file.fileno())
        files.sync_folder(evidence)
    finally:
        os.close(held)


def examine(evidence: Path, verifier: Verifier, trusted: Sequence[Certificate]) -> Stamps:
    """Check every stamp: signed by the node, in order, over its checkpoint, and by roots where there are any."""
    good, offset = list[Merged](), 0
    try:
        for offset, line in _lines(evidence):  # noqa: B007  where the flaw is told to be
            one = parse(line)
            if good and one.node.number <= good[-1].number:
                raise Malformed("the stamps are out of order")
            one.check(verifier, trusted) if trusted else one.node.check(verifier)
            good.append(one.node)
    except (DatongError, BadSignature) as error:
        return Stamps(good, f"stamp {len(good)}: {error}", offset, bool(trusted))
    return Stamps(good, vouched=bool(trusted))



