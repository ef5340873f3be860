# SPDX-License-Identifier: Apache-2.0
"""Reading a log in order, also while it is being written.

Kept here: a reader sees records under a whole checkpoint line only, so never one that a power failure could take back.
"""

from collections.abc import Iterator
from pathlib import Path

from datong.crypto.digests import Digest
from datong.ledger import frames, history, identity, removed
from datong.ledger.frames import Flaw
from datong.ledger.recovery import Damaged


def records(directory: Path, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """Give the records from an index, or from the first that retention left, to the newest signed state at the time of the call.

    To follow a log, call again with the index behind the last one seen.

    Raises:
        Unknown: There is no log.
        Damaged: A record on the way is missing or changed.
    """
    digest = identity.load(directory).digest
    newest = history.last(directory)
    end = newest.size if newest else 0
    return _walk(directory, max(start, removed.load(directory).size), end, digest)


def _walk(directory: Path, start: int, end: int, digest: Digest) -> Iterator[tuple[int, bytes]]:
    index = start
    segments = frames.segments(directory)
    while index < end:
        holding = [segment for segment in segments if segment.first <= index]
        if not holding:
            raise Damaged(f"the segment with record {index} is missing")
        segment, before = holding[-1], index
        try:
            offset = frames.skip(segment, index - segment.first)
            for frame in frames.scan(segment, digest, index=index, offset=offset):
                if index == end:
                    return
                yield index, frame.body
                index += 1
        except Flaw as flaw:
            raise Damaged(f"the log in {directory.name} is damaged: {flaw.reason}") from None
        if index == before:
            raise Damaged(f"record {index} is missing")
