# SPDX-License-Identifier: Apache-2.0
"""Recovery: find where a log stands when its writer opens it, whatever killed the last one.

Kept here: every record under the newest signed checkpoint must be there, or the log is damaged and is not opened; what
lies behind it is kept as far as its frames are whole (it may have been acknowledged) and cut from the first frame that
is not (it was never acknowledged: the writer had not come back from the disk).
"""

import os
from pathlib import Path

from datong.crypto.digests import Digest
from datong.kernel.errors import Unavailable
from datong.ledger import frames, removed, state
from datong.ledger.checkpoints import Checkpoint
from datong.ledger.frames import Flaw, Segment
from datong.ledger.frontier import Frontier
from datong.ledger.state import State


class Damaged(Unavailable):
    """The log does not hold what its own signed checkpoint says; nothing is written to it."""

    code, status, title = "evidence_damaged", 503, "Evidence damaged"


def recover(directory: Path, digest: Digest, newest: Checkpoint | None) -> State:
    """Find the end of the log, cut a torn tail off, and make what is left durable.

    Raises:
        Damaged: Records under the newest checkpoint are missing or changed.
    """
    remembered = state.load(directory, digest)
    covered = newest.size if newest else 0
    if remembered is not None and remembered.frontier.size <= covered:
        try:
            return _forward(directory, remembered, newest, digest)
        except (Flaw, OSError):
            pass  # the memory is wrong or the log is damaged: the long way tells which
    try:
        gone = removed.load(directory)
        return _forward(directory, State(gone.frontier(digest), gone.size, 0), newest, digest)
    except Flaw as flaw:
        remedy = "keep the folder, run `datong ledger verify`, restore from a backup"
        raise Damaged(f"the log in {directory.name} is damaged: {flaw.reason}", remedy=remedy) from None


def _forward(directory: Path, start: State, newest: Checkpoint | None, digest: Digest) -> State:
    """Read on from a standing to the end of the log."""
    covered = newest.size if newest else 0
    frontier, segment_first, offset = start.frontier, start.segment, start.offset
    _compare(frontier, newest)
    ahead = frames.segments(directory, start.segment)
    expected = start.segment
    for segment in ahead:
        if segment.first != expected:
            raise Flaw(frontier.size, f"the segment with record {frontier.size} is missing", segment.path.name)
        segment_first = segment.first
        offset = _read(segment, frontier, offset if segment is ahead[0] else 0, newest, digest)
        if offset < segment.path.stat().st_size:
            _cut(segment, frontier.size, offset, allowed=frontier.size >= covered and segment is ahead[-1])
        expected = frontier.size
    if frontier.size < covered or (start.offset and not ahead):
        raise Flaw(frontier.size, f"records {frontier.size} to {covered - 1} are missing")
    return State(frontier, segment_first, offset)


def _read(segment: Segment, frontier: Frontier, offset: int, newest: Checkpoint | None, digest: Digest) -> int:
    """Take the whole frames of a segment into the frontier; give the offset behind the last of them."""
    if segment.path.stat().st_size < offset:
        raise Flaw(frontier.size, f"the segment ends before byte {offset}", segment.path.name)
    try:
        for frame in frames.scan(segment, digest, index=frontier.size, offset=offset):
            frontier.push(frame.leaf)
            offset = frame.end
            _compare(frontier, newest)
    except Flaw as flaw:
        if newest is not None and flaw.index < newest.size:
            raise
    return offset


def _compare(frontier: Frontier, newest: Checkpoint | None) -> None:
    if newest is not None and frontier.size == newest.size and frontier.root() != newest.root:
        raise Flaw(0, f"the first {newest.size} records do not lead to the signed root")


def _cut(segment: Segment, size: int, offset: int, *, allowed: bool) -> None:
    """Cut a torn tail off, when it is one and the offset is beyond doubt the end of the whole frames."""
    if not allowed or frames.skip(segment, size - segment.first) != offset:
        raise Flaw(size, f"record {size} is damaged", segment.path.name, offset)
    with segment.path.open("rb+") as file:
        file.truncate(offset)
        os.fsync(file.fileno())
