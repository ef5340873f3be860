# SPDX-License-Identifier: Apache-2.0
"""Frames: how records lie in segment files.

Kept here: a frame is length (4 bytes, big-endian), index (8), leaf hash (32), body; a segment is frames end to end and
is named by the index of its first record, 20 digits and `.seg`. The index lets a swapped or removed frame be named;
the leaf hash lets a changed body be named; neither is trusted, the signed roots are.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from datong.crypto.digests import SIZE, Digest
from datong.kernel.errors import Malformed
from datong.ledger.merkle import LEAF

HEAD: Final = struct.Struct(f">IQ{SIZE}s")
LARGEST_RECORD: Final = 16 * 1024 * 1024
SUFFIX: Final = ".seg"
BUFFER: Final = 1 << 20
HEADS_BUFFER: Final = 1 << 14


@dataclass(frozen=True, slots=True)
class Frame:
    """One record where it lies.

    Attributes:
        index: Its place in the log.
        leaf: Its leaf hash as computed from the body.
        body: The record.
        end: Offset in the segment behind the frame.
    """

    index: int
    leaf: bytes
    body: bytes
    end: int


class Head(NamedTuple):
    """What the head of a frame says, unchecked but for its number.

    Attributes:
        number: Index of the record in the log.
        leaf: Its leaf hash as it is written.
        length: Bytes of the record.
        segment: Where it lies.
        end: Offset in the segment behind the frame.
    """

    number: int
    leaf: bytes
    length: int
    segment: "Segment"
    end: int


class Flaw(Exception):
    """The first place at which a log is not what it must be.

    Attributes:
        index: The record that is bad.
        reason: One sentence.
        segment: File name, or None where no file is to blame.
        offset: Offset of the bad frame or line in that file.
        torn: True where the file merely ends inside a frame, as a killed writer leaves it.
    """

    def __init__(
        self, index: int, reason: str, segment: str | None = None, offset: int | None = None, *, torn: bool = False
    ) -> None:
        super().__init__(reason)
        self.index, self.reason, self.segment, self.offset, self.torn = index, reason, segment, offset, torn


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment file and the index of its first record."""

    first: int
    path: Path


def segment_path(directory: Path, first: int) -> Path:
    """Give the path of the segment that begins with a record."""
    return directory / f"{first:020d}{SUFFIX}"


def segments(directory: Path, first: int = 0) -> list[Segment]:
    """List the segments in order, from the one that begins with a record on."""
    found = [path for path in directory.glob(f"*{SUFFIX}") if path.stem.isdecimal()]
    every = sorted((Segment(int(path.stem), path) for path in found), key=lambda segment: segment.first)
    return [segment for segment in every if segment.first >= first]


def check(record: bytes) -> None:
    """Refuse what cannot be a record.

    Raises:
        Malformed: Not bytes, or longer than 16 MiB.
    """
    if not isinstance(record, bytes):
        raise Malformed(f"a record is bytes, not {type(record).__name__}")
    if len(record) > LARGEST_RECORD:
        raise Malformed(f"a record has at most {LARGEST_RECORD} bytes, not {len(record)}")


def pack(index: int, leaf: bytes, record: bytes) -> bytes:
    """Give the frame of a record."""
    return HEAD.pack(len(record), index, leaf) + record


def scan(segment: Segment, digest: Digest, *, index: int | None = None, offset: int = 0) -> Iterator[Frame]:
    """Read the frames of a segment, each checked against its own head.

    Args:
        segment: The file.
        digest: The suite of the log.
        index: Index of the record at the offset; that of the segment when not given.
        offset: Where to begin.

    Raises:
        Flaw: At the first frame that is incomplete, out of place, or whose body does not give its leaf hash.
    """
    index, name = segment.first if index is None else index, segment.path.name
    with segment.path.open("rb", buffering=BUFFER) as file:
        file.seek(offset)
        while head := file.read(HEAD.size):
            frame = _frame(head, file, Flaw(index, "", name, offset), digest)
            yield frame
            index, offset = index + 1, frame.end


def heads(segment: Segment, start: int, offset: int, stop: int) -> Iterator[Head]:
    """Read the heads of frames and pass over their bodies.

    Args:
        segment: The file.
        start: Index of the frame at the offset.
        offset: Where to begin.
        stop: Index behind the last wanted.

    Raises:
        Flaw: A frame is missing, out of place, or impossible.
    """
    unpack, size, name = HEAD.unpack, HEAD.size, segment.path.name
    with _opened(segment, start) as file:
        end = file.seek(0, 2)
        file.seek(offset)
        for index in range(start, stop):
            head = file.read(size)
            if len(head) < size:
                raise Flaw(index, f"record {index} is missing", name, offset, torn=True)
            length, written, leaf = unpack(head)
            offset += size + length
            if written != index or length > LARGEST_RECORD or offset > end:
                raise Flaw(index, f"record {index} is not where it should be", name, offset)
            yield Head(index, leaf, length, segment, offset)
            file.seek(length, 1)


def _opened(segment: Segment, index: int) -> BinaryIO:
    try:
        return segment.path.open("rb", buffering=HEADS_BUFFER)
    except FileNotFoundError:
        raise Flaw(index, f"the segment with record {index} is missing", segment.path.name) from None


def skip(segment: Segment, count: int) -> int:
    """Give the offset behind the first `count` frames of a segment, by their lengths alone.

    Raises:
        Flaw: The segment has fewer.
    """
    offset = 0
    with segment.path.open("rb", buffering=BUFFER) as file:
        for index in range(segment.first, segment.first + count):
            head = file.read(HEAD.size)
            if len(head) < HEAD.size:
                raise Flaw(index, f"record {index} is missing", segment.path.name, offset, torn=True)
            length = HEAD.unpack(head)[0]
            offset += HEAD.size + length
            file.seek(length, 1)
    return offset


def _frame(head: bytes, file: BinaryIO, flaw: Flaw, digest: Digest) -> Frame:
    if len(head) < HEAD.size:
        raise _found(flaw, "the file ends inside the head of this record", torn=True)
    length, index, leaf = HEAD.unpack(head)
    if length > LARGEST_RECORD:
        raise _found(flaw, f"the length of this record is impossible ({length})")
    if index != flaw.index:
        raise _found(flaw, f"another record stands here: it carries the number {index}")
    body = file.read(length)
    if len(body) < length:
        raise _found(flaw, "the file ends inside this record", torn=True)
    if digest.hash(LEAF + body) != leaf:
        raise _found(flaw, "the record does not give its leaf hash: a byte was changed")
    return Frame(index, leaf, body, (flaw.offset or 0) + HEAD.size + length)


def _found(flaw: Flaw, reason: str, *, torn: bool = False) -> Flaw:
    return Flaw(flaw.index, f"record {flaw.index}: {reason}", flaw.segment, flaw.offset, torn=torn)
