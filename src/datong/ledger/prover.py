# SPDX-License-Identifier: Apache-2.0
"""Proofs of any record under any checkpoint, and between any two checkpoints, without reading the whole log.

Kept here: every proof is checked by the rule its reader will use (RFC 9162) against a checkpoint signed by the log's key
before it is given; where it does not hold, what was derived is forgotten and made again from the log, and where it still
does not hold the log is damaged. A prover reads beside the writer and never disturbs it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from datong.crypto.signing import BadSignature, Verifier
from datong.kernel.errors import Unavailable, Unknown
from datong.ledger import frames, history, identity, merkle, removed
from datong.ledger.checkpoints import Checkpoint
from datong.ledger.frames import Flaw, Head, Segment
from datong.ledger.merkle import BadProof, node_hash
from datong.ledger.receipts import Receipt
from datong.ledger.recovery import Damaged
from datong.ledger.subtrees import TILE, Stale, Subtrees, complete

LEVELS: Final = TILE.bit_length() - 1
TILES_KEPT: Final = 64
EVERYTHING: Final = 2**62
DOUBTS: Final = (Stale, BadProof, Flaw)
"""What may come of what was derived and not of the log."""


@dataclass(frozen=True, slots=True)
class Consistency:
    """Proof that a log of one size is the beginning of the same log of a later size.

    Attributes:
        first: The earlier signed state.
        second: The later one.
        path: RFC 9162 §2.1.4, empty for equal sizes.
    """

    first: Checkpoint
    second: Checkpoint
    path: list[bytes]


class Prover:
    """Proves what is in one log, as it stood when the prover was made or last caught up.

    Attributes:
        newest: The newest signed state, None while the log is empty.
        ready: Whether it has caught up; until then nothing is proved.
    """

    def __init__(self, directory: Path, verifier: Verifier | None = None, *, most: int = EVERYTHING) -> None:
        """Open the log in a folder for proving and catch up with it.

        Args:
            directory: The folder of the log; it may be written meanwhile, and need not be writable for us.
            verifier: The node's public key; that in `log.json` when not given.
            most: Records to catch up with at once, for who must not wait; see `ready`.

        Raises:
            Unknown: There is no log.
            Malformed: What the log is, or its newest checkpoint, cannot be read.
            Damaged: The newest checkpoint is not signed by this key, or the records do not lead to its root.
        """
        known = identity.load(directory)
        self._directory, self._digest, self._origin = directory, known.digest, known.origin
        self._verifier = verifier or known.verifier()
        self._tiles: dict[int, list[Head]] = {}
        self._most, self.ready = most, True
        self._gone = removed.load(directory)
        self.newest: Checkpoint | None = None
        self._subtrees = Subtrees(directory, known.digest)
        try:
            self.catch_up()
        except BaseException:
            self.close()
            raise

    @property
    def size(self) -> int:
        """Records under the newest signed state."""
        return self.newest.size if self.newest else 0

    def close(self) -> None:
        """Let the files go."""
        self._subtrees.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def catch_up(self) -> None:
        """Take up what was written since, as much of it as is to be taken at once; reads only that.

        Raises:
            Damaged: As for opening.
        """
        newest = history.last(self._directory)
        if newest is None or (self.ready and self.newest is not None and newest.line() == self.newest.line()):
            return
        self._check_signed(newest)
        self.newest, self._tiles = newest, {}
        self._gone = removed.load(self._directory)
        self._segments = frames.segments(self._directory, self._gone.size)
        try:
            self.ready = self._reach(newest)
        except (Stale, Flaw):
            self._again(newest)

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        """Give the newest signed state, or the one of a size.

        Raises:
            Unknown: No checkpoint of that size was signed; its remedy names the next one.
            Unavailable: The prover has not caught up.
            Damaged: It is not signed by the log's key.
        """
        self._check_ready()
        if self.newest is None:
            raise Unknown(f"the log of {self._origin} is empty: nothing is signed yet")
        if size is None or size == self.newest.size:
            return self.newest
        found = history.covering(self._directory, size) if 0 < size < self.newest.size else self.newest
        if found is None or found.size != size:
            remedy = f"the next one is of size {found.size}" if found and 0 < size < found.size else f"at most {self.size}"
            raise Unknown(f"no checkpoint of size {size} was signed", remedy=remedy)
        self._check_signed(found)
        return found

    def inclusion(self, index: int, size: int | None = None) -> Receipt:
        """Prove a record under the newest checkpoint or under the one of a size.

        Raises:
            Unknown: No such record, or no such checkpoint.
            Damaged: The log does not hold what was signed.
        """
        mark = self.checkpoint(size)
        if not 0 <= index < mark.size:
            raise Unknown(f"there is no record {index} among the first {mark.size}")
        self._check_kept(index)
        try:
            return self._included(index, mark)
        except DOUBTS:
            self._again(mark)
        self._check_ready()
        try:
            return self._included(index, mark)
        except DOUBTS as error:
            raise self._damaged(f"record {index} is not what was signed ({error})") from None

    def consistency(self, first: Checkpoint, second: Checkpoint | None = None) -> Consistency:
        """Prove that the log of one signed state is the beginning of that of a later one, the newest when not given.

        Args:
            first: From `checkpoint`, or what somebody else holds: its size need not stand in this log's file.
            second: From `checkpoint`.

        Raises:
            Unknown: The first is empty, or larger than the second.
            BadProof: The log is not a continuation of the first, or the first is no state of this log at all.
            Damaged: As for `inclusion`.
        """
        second = second or self.checkpoint()
        if not 0 < first.size <= second.size:
            raise Unknown(f"a log of {second.size} has no beginning of {first.size}")
        self._check_ours(first)
        if first.size % TILE:
            self._check_kept(first.size)
        try:
            return self._consistent(first, second)
        except DOUBTS:
            self._again(second)
        self._check_ready()
        try:
            return self._consistent(first, second)
        except (Stale, Flaw) as error:
            raise self._damaged(str(error)) from None

    def records(self, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        """Give records in order, up to the newest signed state.

        Raises:
            Unavailable: The prover has not caught up.
            Damaged: A record is missing or changed.
        """
        self._check_ready()
        start, stop = max(start, self._gone.size), min(stop, self.size)
        if start < stop:
            self._check_place(start)
        try:
            while start < stop:
                segment, offset = self._place(start)
                end = min(stop, self._following(segment, stop))
                found = frames.scan(segment, self._digest, index=start, offset=offset)
                yield from ((frame.index, frame.body) for frame in islice(found, end - start))
                start = end
        except (Stale, Flaw) as flaw:
            raise self._damaged(str(flaw)) from None

    def _included(self, index: int, mark: Checkpoint) -> Receipt:
        leaves = self._leaves(index // TILE, mark.size)
        path, low, high = list[bytes](), 0, mark.size
        while high - low > TILE:
            cut = low + merkle.split(high - low)
            left = index < cut
            path.append(self._hash(cut, high) if left else self._hash(low, cut))
            low, high = (low, cut) if left else (cut, high)
        base = index // TILE * TILE
        inner = merkle.inclusion_path(leaves[low - base : high - base], index - low, self._digest)
        record = self._record(index)
        leaf = merkle.leaf_hash(record, self._digest)
        steps = [*inner, *reversed(path)]
        merkle.verify_inclusion(index, mark.size, leaf, steps, mark.root, self._digest)
        return Receipt(index, record, leaf, steps, mark)

    def _consistent(self, first: Checkpoint, second: Checkpoint) -> Consistency:
        path, low, high = list[bytes](), 0, second.size
        while first.size != high:
            cut = low + merkle.split(high - low)
            left = first.size <= cut
            path.append(self._hash(cut, high) if left else self._hash(low, cut))
            low, high = (low, cut) if left else (cut, high)
        inner = [self._hash(low, high)] if low else []
        steps = [*inner, *reversed(path)]
        merkle.verify_consistency(first.size, second.size, first.root, second.root, steps, self._digest)
        return Consistency(first, second, steps)

    def _hash(self, low: int, high: int) -> bytes:
        """Give the root over the leaves from low to high, one of the subtrees RFC 9162 cuts a tree into."""
        count = high - low
        if count >= TILE and count & (count - 1) == 0:
            level = count.bit_length() - 1
            return self._subtrees.node(level - LEVELS, low >> level)
        if count < TILE:
            base = low // TILE * TILE
            return merkle.root(self._leaves(low // TILE, high)[low - base : high - base], self._digest)
        cut = low + merkle.split(count)
        return node_hash(self._hash(low, cut), self._hash(cut, high), self._digest)

    def _leaves(self, tile: int, stop: int) -> list[bytes]:
        return [head.leaf for head in self._heads_of(tile) if head.number < stop]

    def _heads_of(self, tile: int) -> list[Head]:
        if tile not in self._tiles:
            start = tile * TILE
            if len(self._tiles) >= TILES_KEPT:
                del self._tiles[next(iter(self._tiles))]
            self._tiles[tile] = list(self._heads(start, min(start + TILE, self.size)))
        return self._tiles[tile]

    def _record(self, index: int) -> bytes:
        head = self._heads_of(index // TILE)[index % TILE]
        with head.segment.path.open("rb") as file:
            file.seek(head.end - head.length)
            return file.read(head.length)

    def _check_place(self, index: int) -> None:
        """See that a record lies where the subtrees say; where it does not, find its place anew."""
        try:
            next(self._heads(index, index + 1))
        except (Stale, Flaw):
            self._again(self.checkpoint())
            self._check_ready()

    def _heads(self, start: int, stop: int) -> Iterator[Head]:
        """Give the heads of frames in order, their leaf hashes unchecked; of removed ones as far as their hashes are kept."""
        while start < min(stop, self._gone.size):
            leaf = self._gone.leaf(start)
            if leaf is None:
                raise Flaw(start, f"record {start} was removed")
            yield Head(start, leaf, 0, self._segments[0], 0)
            start += 1
        while start < stop:
            segment, offset = self._place(start)
            end = min(stop, self._following(segment, stop))
            yield from frames.heads(segment, start, offset, end)
            start = end

    def _place(self, index: int) -> tuple[Segment, int]:
        """Find the segment and offset of a record."""
        holding = [segment for segment in self._segments if segment.first <= index]
        if not holding:
            raise Flaw(index, f"the segment with record {index} is missing")
        segment, tile = holding[-1], min(index // TILE, self._subtrees.tiles)
        begin = tile * TILE
        if begin <= segment.first:
            begin, offset = segment.first, 0
        else:
            offset = self._subtrees.end(tile - 1)
        last = offset
        for head in frames.heads(segment, begin, offset, index):
            last = head.end
        return segment, last

    def _following(self, segment: Segment, default: int) -> int:
        """First record of the next segment."""
        return next((one.first for one in self._segments if one.first > segment.first), default)

    def _reach(self, mark: Checkpoint) -> bool:
        """Complete the subtrees up to a signed state and see that they lead to its root; False when more is to be done."""
        fresh: list[bytes] = []
        start, whole = self._subtrees.tiles * TILE, mark.size // TILE * TILE
        stop = min(whole, start + self._most // TILE * TILE)
        for head in self._heads(start, stop):
            fresh.append(head.leaf)
            if len(fresh) == TILE:
                self._subtrees.push(complete(fresh, self._digest), head.end)
                fresh = []
        self._subtrees.flush()
        if stop < whole:
            return False
        if self._hash(0, mark.size) != mark.root:
            raise Stale("the subtrees do not lead to the signed root")
        return True

    def _again(self, mark: Checkpoint) -> None:
        """Forget what was derived and make it anew from the records."""
        if self._gone.size:
            raise self._damaged("it does not fit its subtrees, which cannot be made anew once records were removed")
        self._subtrees.forget()
        self._tiles = {}
        try:
            self.ready = self._reach(mark)
        except Stale:
            raise self._damaged(f"the first {mark.size} records do not lead to the signed root") from None
        except Flaw as flaw:
            raise self._damaged(flaw.reason) from None

    def _check_kept(self, index: int) -> None:
        if index < self._gone.size:
            raise Unknown(f"records 0 to {self._gone.size - 1} of {self._origin} were removed by retention ({self._gone.at})")

    def _check_ready(self) -> None:
        if not self.ready:
            done = self._subtrees.tiles * TILE
            raise Unavailable(f"proofs of {self._origin} are being prepared: {done} of {self.size} records", remedy="try again")

    def _check_ours(self, mark: Checkpoint) -> None:
        """Check a state that somebody brought."""
        if (mark.origin, mark.hash) != (self._origin, self._digest.name):
            raise BadProof(f"the checkpoint of size {mark.size} is of another log ({mark.origin})")
        try:
            mark.check(self._verifier)
        except BadSignature as error:
            raise BadProof(f"the checkpoint of size {mark.size} is {error}") from None

    def _check_signed(self, mark: Checkpoint) -> None:
        try:
            self._check_ours(mark)
        except BadProof as error:
            raise self._damaged(error.message) from None

    def _damaged(self, why: str) -> Damaged:
        return Damaged(f"the log of {self._origin} is damaged: {why}", remedy="run `datong ledger verify`")
