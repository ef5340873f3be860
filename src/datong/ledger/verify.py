# SPDX-License-Identifier: Apache-2.0
"""Verification of whole logs, offline: every record, every root, every signature; the first bad record by its number.

Kept here: nothing the writer remembers is trusted, only the records themselves and checkpoints signed by a key that
the verifier brings. Records behind the newest checkpoint are checked in themselves; an unfinished last frame there is
what a killed writer leaves, and no flaw.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.x509 import Certificate

from datong.crypto.digests import Digest
from datong.crypto.keys import load_verifier
from datong.crypto.signing import BadSignature, Verifier
from datong.kernel.errors import DatongError, Unknown
from datong.ledger import frames, history, identity, merged, removed, series, stamps
from datong.ledger.checkpoints import Checkpoint
from datong.ledger.frames import Flaw, Frame, Segment
from datong.ledger.identity import Identity
from datong.ledger.log import LARGEST_BATCH
from datong.ledger.merged import Merged
from datong.ledger.removed import Removed
from datong.ledger.series import Series
from datong.ledger.stamps import Stamps

PUBLIC_KEY: Final = "node.pub"
OWN, KNOWN, PINNED = range(3)
WHENCE: Final = {KNOWN: "a checkpoint known from elsewhere", PINNED: "a node checkpoint"}
STEP: Final = 4096

Progress = Callable[[int], None]
Mark = tuple[int, int, int | None, Checkpoint]


@dataclass(frozen=True, slots=True)
class Report:
    """What verification found.

    Attributes:
        directory: The folder of the log.
        ok: Whether everything is as it was signed.
        origin: Name of the log, empty where it cannot be read.
        size: Records found good, from the first on; those that retention removed are counted, as the node signed for them.
        removed: How many of them retention removed.
        unsigned: How many of them lie behind the newest checkpoint: whole, but vouched for by nobody yet.
        checkpoints: Signed states found good.
        key_id: Names the key the signatures were checked by.
        first_bad: Number of the first bad record, from 0; None when all is well.
        reason: One sentence; empty when all is well.
        segment: File in which the flaw was found, where there is one.
        offset: Offset in that file of the bad frame or line.
        merged: Whether this is not of a log but of the series of node checkpoints; `size` counts those.
        stamped: Whether this is of the time stamps over node checkpoints; `size` counts those.
        note: What a reader should know although all is well.
    """

    directory: str
    ok: bool
    origin: str = ""
    size: int = 0
    unsigned: int = 0
    removed: int = 0
    checkpoints: int = 0
    key_id: str = ""
    first_bad: int | None = None
    reason: str = ""
    segment: str | None = None
    offset: int | None = None
    merged: bool = False
    stamped: bool = False
    note: str = ""


def verify_log(
    directory: Path,
    verifier: Verifier | None = None,
    *,
    known: Sequence[Checkpoint] = (),
    pinned: Iterable[Checkpoint] = (),
    progress: Progress | None = None,
) -> Report:
    """Check a whole log.

    Args:
        directory: The folder of the log; it may be written meanwhile.
        verifier: The node's public key, from elsewhere than this folder. Without it the key in `log.json` is taken,
            and the report says only that the log agrees with itself.
        known: Checkpoints seen before (from receipts, from other nodes); the log must still hold them.
        pinned: Checkpoints out of node checkpoints, by size; the log must hold them too.
        progress: Called with the number of records checked, now and then.

    Returns:
        The report; damage is reported, never raised.
    """
    try:
        facts = identity.load(directory)
        chosen = verifier or facts.verifier()
    except DatongError as error:
        return Report(str(directory), ok=False, first_bad=0, reason=error.message, segment=identity.NAME)
    try:
        gone = removed.load(directory)
    except DatongError as error:
        return Report(str(directory), ok=False, origin=facts.origin, first_bad=0, reason=error.message, segment=removed.NAME)
    return _Examination(directory, facts, gone, chosen, progress).run(known, pinned)


def verify_directory(
    evidence: Path,
    verifier: Verifier | None = None,
    *,
    known: Sequence[Checkpoint] = (),
    held: Sequence[Merged] = (),
    roots: Sequence[Certificate] | None = None,
    progress: Progress | None = None,
) -> list[Report]:
    """Check every log in an evidence folder, the series of node checkpoints that pins them, and the stamps over those.

    Args:
        evidence: The folder of a node's logs, or one log beside whose folder `node.pub` lies.
        verifier: The node's public key; that in `node.pub` when not given.
        known: Checkpoints seen before, of any of the logs.
        held: Node checkpoints seen before.
        roots: Certificates by which stamps are checked; those in `tsa.pem` when not given.
        progress: As for `verify_log`.

    Returns:
        One report for each log, by name of its folder; then one for the node checkpoints, where there are any or are known to be,
        and one for the stamps, where there are any.

    Raises:
        Unknown: There is no such folder, no log in it, or no public key.
    """
    if _is_log(evidence):
        logs, key = [evidence], evidence.parent / PUBLIC_KEY
    else:
        logs, key = sorted(folder for folder in evidence.glob("*") if _is_log(folder)), evidence / PUBLIC_KEY
    if not logs:
        raise Unknown(f"there is no evidence log in {evidence}", remedy="name a folder that holds logs and node.pub")
    if verifier is None and not key.is_file():
        raise Unknown(f"the public key {key} is missing", remedy=f"put the node's public key there as {PUBLIC_KEY}")
    verifier = verifier or load_verifier(key.read_bytes())
    states = [*known, *(mark for one in held for mark in one.logs)]
    stamped = stamps.examine(key.parent, verifier, stamps.roots(key.parent) if roots is None else roots)
    found = series.examine(key.parent, verifier, [*held, *stamped.good])
    names = [_origin(folder) for folder in logs]
    reports = [
        verify_log(
            folder, verifier, known=[mark for mark in states if mark.origin == name],
            pinned=merged.pinned(key.parent, name, found.good), progress=progress,
        )
        for folder, name in zip(logs, names, strict=True)
    ]  # fmt: skip
    if evidence != key.parent:
        return reports
    reports += [_missing(mark) for mark in {mark.origin: mark for mark in states if mark.origin not in names}.values()]
    reports += [_told(found, evidence, verifier.key_id, names)] if found.good or found.reason else []
    return [*reports, _timed(stamped, evidence)] if stamped.good or stamped.reason else reports


def _origin(folder: Path) -> str:
    try:
        return identity.load(folder).origin
    except DatongError:
        return ""


def _missing(mark: Checkpoint) -> Report:
    reason = f"the log {mark.origin} is missing: {WHENCE[KNOWN]} says that it has {mark.size} records"
    return Report(mark.origin, ok=False, origin=mark.origin, first_bad=0, reason=reason)


def _told(series: Series, evidence: Path, key_id: str, names: Sequence[str]) -> Report:
    """Report on the node checkpoints: they are good among themselves, and every log the newest pins is there."""
    reason = series.reason or series.missing(names)
    bad = series.good if series.reason else series.good - 1
    return Report(
        str(evidence / merged.NAME), ok=not reason, origin=series.newest.origin if series.newest else "", size=series.good,
        checkpoints=series.good, key_id=key_id, first_bad=bad if reason else None, reason=reason,
        segment=merged.NAME if reason else None, offset=series.offset, merged=True,
    )  # fmt: skip


def _timed(found: Stamps, evidence: Path) -> Report:
    """Report on the stamps: whose they are is known where there are roots."""
    note = "" if found.vouched else f"who stamped is not checked: its roots belong there as {stamps.ROOTS}, or name --tsa"
    return Report(
        str(evidence / stamps.NAME), ok=not found.reason, origin=found.good[-1].origin if found.good else "",
        size=len(found.good), first_bad=len(found.good) if found.reason else None, reason=found.reason,
        segment=stamps.NAME if found.reason else None, offset=found.offset, stamped=True, note=note,
    )  # fmt: skip


def _is_log(folder: Path) -> bool:
    """Tell a log by any of its files, so that removing one of them does not hide it."""
    return any((folder / name).is_file() for name in (identity.NAME, history.NAME)) or bool(frames.segments(folder))


class _Examination:
    """One walk over a log, from its first record to its last."""

    def __init__(
        self, directory: Path, facts: Identity, gone: Removed, verifier: Verifier, progress: Progress | None
    ) -> None:
        self._directory, self._facts, self._verifier = directory, facts, verifier
        self._progress = progress or (lambda _: None)
        self._gone = gone
        self._frontier = gone.frontier(facts.digest)
        self._frames = _frames(directory, facts.digest, gone.size)
        self._vouched = self._good_marks = 0
        self._last: Checkpoint | None = None

    def run(self, known: Sequence[Checkpoint], pinned: Iterable[Checkpoint]) -> Report:
        """Give the report."""
        try:
            self._check_key()
            self._gone.check(self._facts.origin, self._verifier)
            ways = self._own_marks(), self._known_marks(known), _pinned_marks(pinned)
            for mark in heapq.merge(*ways, key=lambda mark: mark[:2]):
                self._check(mark)
            self._check_tail()
        except Flaw as flaw:
            return self._report(flaw)
        return self._report(None)

    def _report(self, flaw: Flaw | None) -> Report:
        return Report(
            directory=str(self._directory),
            ok=flaw is None,
            origin=self._facts.origin,
            size=self._frontier.size if flaw is None else min(self._frontier.size, flaw.index),
            unsigned=max(0, self._frontier.size - self._vouched) if flaw is None else 0,
            removed=self._gone.size,
            checkpoints=self._good_marks,
            key_id=self._verifier.key_id,
            first_bad=flaw.index if flaw else None,
            reason=flaw.reason if flaw else "",
            segment=flaw.segment if flaw else None,
            offset=flaw.offset if flaw else None,
        )

    def _check_key(self) -> None:
        try:
            stated = self._facts.verifier().key_id
        except DatongError as error:
            raise Flaw(0, f"the public key in {identity.NAME} cannot be read: {error}", identity.NAME) from None
        if stated != self._verifier.key_id:
            reason = f"the log is signed by key {stated}, not by the key {self._verifier.key_id} given to verify it"
            raise Flaw(0, reason, identity.NAME)

    def _own_marks(self) -> Iterator[Mark]:
        size = 0
        for offset, checkpoint in history.walk(self._directory):
            if checkpoint.size < size:
                reason = f"the checkpoint of size {checkpoint.size} follows one of size {size}"
                raise Flaw(checkpoint.size, reason, history.NAME, offset)
            size = checkpoint.size
            yield size, OWN, offset, checkpoint

    def _known_marks(self, known: Sequence[Checkpoint]) -> Iterator[Mark]:
        for checkpoint in sorted(known, key=lambda checkpoint: checkpoint.size):
            yield checkpoint.size, KNOWN, None, checkpoint

    def _check(self, mark: Mark) -> None:
        """Check a signed state: who signed it, then that the records lead to its root."""
        size, whence, offset, checkpoint = mark
        if whence == PINNED and checkpoint == self._last:
            return
        name = history.NAME if whence == OWN else None
        label = f"the checkpoint of size {size}" if whence == OWN else f"{WHENCE[whence]} (size {size})"
        try:
            checkpoint.check(self._verifier)
        except BadSignature as error:
            raise Flaw(self._vouched, f"{label} is {error}: it was changed", name, offset) from None
        if (checkpoint.origin, checkpoint.hash) != (self._facts.origin, self._facts.hash):
            raise Flaw(self._vouched, f"{label} is of another log ({checkpoint.origin})", name, offset)
        self._advance(size, label)
        if size >= self._gone.size and self._frontier.root() != checkpoint.root:
            span = f"records {self._vouched} to {size - 1}"
            raise Flaw(self._vouched, f"{span} are not those that were signed by {label}", name, offset)
        self._vouched, self._good_marks, self._last = size, self._good_marks + 1, checkpoint

    def _advance(self, size: int, label: str) -> None:
        while self._frontier.size < size:
            frame = next(self._frames, None)
            if frame is None:
                at = self._frontier.size
                raise Flaw(at, f"the log ends before record {at}, but {label} says there are {size}")
            self._take(frame)

    def _check_tail(self) -> None:
        try:
            for frame in self._frames:
                self._take(frame)
        except Flaw as flaw:
            if not flaw.torn or flaw.segment != frames.segments(self._directory)[-1].path.name:
                raise
        if self._frontier.size - self._vouched > LARGEST_BATCH:
            # a killed writer leaves one unsigned batch; more means that checkpoints were lost or removed
            reason = f"record {self._vouched} and those behind it are signed by no checkpoint"
            raise Flaw(self._vouched, reason, history.NAME)

    def _take(self, frame: Frame) -> None:
        self._frontier.push(frame.leaf)
        if frame.index % STEP == 0:
            self._progress(frame.index)


def _pinned_marks(pinned: Iterable[Checkpoint]) -> Iterator[Mark]:
    for checkpoint in pinned:
        yield checkpoint.size, PINNED, None, checkpoint


def _frames(directory: Path, digest: Digest, index: int = 0) -> Iterator[Frame]:
    """Give all frames of all segments from an index on, also of those begun meanwhile; a gap between segments is a flaw."""
    current: Segment | None = None
    first, offset = index, 0
    while True:
        # looked for first: a segment with a next one is complete
        following = _following(directory, first if current is None else current.first + 1)
        before = index
        if current is not None:
            for frame in frames.scan(current, digest, index=index, offset=offset):
                yield frame
                index, offset = frame.index + 1, frame.end
        if following is not None:
            if following.first != index:
                reason = f"record {index} is missing: the next segment begins with record {following.first}"
                raise Flaw(index, reason, following.path.name, 0)
            current, offset = following, 0
        elif index == before:
            return


def _following(directory: Path, first: int) -> Segment | None:
    """Give the first segment that begins at a record or behind it."""
    return next(iter(frames.segments(directory, first)), None)
