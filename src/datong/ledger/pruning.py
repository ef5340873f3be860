# SPDX-License-Identifier: Apache-2.0
"""Retention: whole segments at the beginning of a log removed, so that every later record is proved as before.

Kept here: what is to go is read and hashed once more and must lead to a signed root, or nothing is removed; `pruned.json` is
durable before the first file goes. What a killed removal left behind counts as removed, and the next one takes it away. The
newest segment always stays. A writer may go on meanwhile.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from datong.crypto.digests import Digest
from datong.crypto.signing import BadSignature, Signer
from datong.ledger import files, frames, history, identity, removed
from datong.ledger.frames import Flaw
from datong.ledger.frontier import Frontier
from datong.ledger.identity import Identity
from datong.ledger.prover import Prover
from datong.ledger.recovery import Damaged
from datong.ledger.removed import NAME, TILE, Removed

LOCK: Final = "pruning"


def first_kept(directory: Path, before: str, now: str | None = None) -> int:
    """Give the first record that stays when all segments signed wholly before an instant go.

    Args:
        directory: The folder of the log.
        before: ISO 8601 in UTC.
        now: The same; the clock, where it is another.

    Raises:
        Malformed: A line of the checkpoints on the way is none.
    """
    gone = removed.load(directory).size
    old = history.signed_wholly_before(directory, before, now or _now(), gone)
    starts = [segment.first for segment in frames.segments(directory) if segment.first <= old]
    return max([gone, *starts])


def prune(directory: Path, first: int, signer: Signer, announce: Callable[[], object] = int) -> Removed:
    """Remove the records before one that begins a segment; what was removed before stays so.

    Args:
        directory: The folder of the log.
        first: From `first_kept`.
        signer: The node's key.
        announce: Called when what is to go was found good and before any of it goes; what it raises keeps everything.

    Raises:
        Damaged: What is to go is not what was signed: nothing is removed.
        Unavailable: Somebody else prunes this log.
    """
    lock = files.lock(directory / LOCK, wait=False)
    try:
        gone = removed.load(directory)
        if first > gone.size:
            gone = _sealed(directory, gone, first, signer)
            announce()
            files.place(directory / NAME, gone.line(), durable=True)
            files.sync_folder(directory)
        for segment in frames.segments(directory):
            if segment.first < gone.size:
                segment.path.unlink()
        files.sync_folder(directory)
        return gone
    finally:
        os.close(lock)


def _sealed(directory: Path, gone: Removed, first: int, signer: Signer) -> Removed:
    """Work out the peaks, and see that with what follows they lead to a signed root."""
    known = identity.load(directory)
    with Prover(directory, known.verifier()):
        pass  # its memory of the subtrees is complete from here on: proofs of what stays need some of it
    frontier, base = gone.frontier(known.digest), first // TILE * TILE
    leaves = {base + place: leaf for place, leaf in enumerate(gone.leaves) if gone.size // TILE * TILE == base}
    try:
        leaves |= {index: leaf for index, leaf in _walk(directory, known.digest, frontier, first) if index >= base}
        kept = tuple(leaves[index] for index in range(base, first))
        made = Removed(known.origin, first, frontier.nodes, kept, _now(), signer.key_id)
        _check_signed(directory, frontier, known)
    except (Flaw, BadSignature) as flaw:
        raise Damaged(f"the log in {directory.name} is damaged: {flaw}", remedy="run `datong ledger verify`") from None
    return replace(made, signature=signer.sign(made.signed_bytes))


def _check_signed(directory: Path, frontier: Frontier, known: Identity) -> None:
    """Go on to the next signed state, and see that what was read leads to it."""
    first, mark = frontier.size, history.covering(directory, frontier.size)
    if mark is None:
        raise Flaw(first, "no checkpoint covers what is to go")
    mark.check(known.verifier())
    deque(_walk(directory, known.digest, frontier, mark.size), maxlen=0)
    if frontier.root() != mark.root:
        raise Flaw(first, f"the first {mark.size} records do not lead to the signed root")


def _walk(directory: Path, digest: Digest, frontier: Frontier, stop: int) -> Iterator[tuple[int, bytes]]:
    """Take the records up to an index into the tree, each checked against its leaf hash; begins where a segment does."""
    for segment in frames.segments(directory, frontier.size):
        if frontier.size == stop:
            return
        if segment.first != frontier.size:
            raise Flaw(frontier.size, f"record {frontier.size} is missing")
        for frame in islice(frames.scan(segment, digest), stop - segment.first):
            frontier.push(frame.leaf)
            yield frame.index, frame.leaf
    if frontier.size < stop:
        raise Flaw(frontier.size, f"record {frontier.size} is missing")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
