# SPDX-License-Identifier: Apache-2.0
"""The evidence log: one writer, records durable before they are acknowledged, each append signed.

Kept here: a batch (up to 1,024 records; more are split) is one write to the segment (O_DSYNC: on the disk when the call
returns), one signature, one line in `checkpoints`, in this order; only then are its receipts given out. After any
failure of the disk the writer is closed for good: no evidence, no answer.
Formats byte by byte: docs/explanation/evidence.md.
"""

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from datong.crypto.digests import Digest
from datong.crypto.signing import BadSignature, Signer, Verifier
from datong.kernel.errors import Malformed, Unavailable
from datong.ledger import checkpoints, files, frames, history, identity, recovery, state
from datong.ledger.checkpoints import Checkpoint
from datong.ledger.frontier import Frontier
from datong.ledger.merkle import LEAF
from datong.ledger.receipts import Receipt
from datong.ledger.recovery import Damaged
from datong.ledger.state import State

LOCK: Final = "lock"
SEGMENT_BYTES: Final = 64 * 1024 * 1024
LARGEST_BATCH: Final = 1024
REMEMBER_EVERY: Final = 16_384
SEGMENT_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_DSYNC | os.O_CLOEXEC
HISTORY_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC


class Log:
    """A log open for writing. Make one by `Log.open`; threads may share it.

    Attributes:
        directory: The folder of the log.
        origin: Its name.
        digest: Its digest suite.
        checkpoint: The newest signed state, or None while the log is empty.
    """

    def __init__(self, directory: Path, origin: str, signer: Signer, digest: Digest, segment_bytes: int) -> None:
        self.directory, self.origin, self.digest = directory, origin, digest
        self.checkpoint: Checkpoint | None = None
        self._signer, self._segment_bytes = signer, segment_bytes
        self._guard = threading.Lock()
        self._handles: dict[str, int] = {}
        self._frontier = Frontier(digest)
        self._segment = self._offset = self._remembered = 0

    @classmethod
    def open(
        cls, directory: Path, *, origin: str, signer: Signer, segment_bytes: int = SEGMENT_BYTES, wait: bool = False
    ) -> Self:
        """Open the log in a folder as its one writer; make it when the folder holds none.

        Args:
            directory: The folder; made when missing.
            origin: Name of the log; must be the one it was made with.
            signer: The node's key; an SM2 key makes a log hashed by SM3, any other by SHA-256.
            segment_bytes: A segment that has reached this size is followed by a new one.
            wait: Wait for another writer to close instead of refusing.

        Raises:
            Unavailable: Another writer has it open, or the disk fails.
            Damaged: Records under the newest checkpoint are missing or changed.
            Conflict: The log is of another origin or key.
        """
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            held = files.lock(directory / LOCK, wait=wait)
            try:
                known = identity.settle(directory, origin, signer)
                log = cls(directory, origin, signer, known.digest, segment_bytes)
                log._take_up(known.verifier())
            except BaseException:
                os.close(held)
                raise
        except OSError as error:
            raise Unavailable(f"the log of {origin} cannot be opened: {error.strerror}") from error
        log._handles[LOCK] = held
        return log

    @property
    def size(self) -> int:
        """Number of records, all of them durable and signed."""
        return self.checkpoint.size if self.checkpoint else 0

    @property
    def closed(self) -> bool:
        """Whether nothing can be appended any more."""
        return LOCK not in self._handles

    def append(self, records: Sequence[bytes]) -> list[Receipt]:
        """Append records and give a receipt for each; on return they are durable and signed.

        Args:
            records: Any number of records of up to 16 MiB each.

        Raises:
            Malformed: Something is not a record; nothing was written.
            Unavailable: The log is closed, or the disk failed and it is closed now.
        """
        for record in records:
            frames.check(record)
        if not records:
            return []
        with self._guard:
            if self.closed:
                raise Unavailable(f"the log of {self.origin} is closed")
            try:
                parts = range(0, len(records), LARGEST_BATCH)
                return [receipt for at in parts for receipt in self._append(records[at : at + LARGEST_BATCH])]
            except OSError as error:
                self._release()
                raise Unavailable(f"the log of {self.origin} cannot be written: {error.strerror}") from error
            except BaseException:
                self._release()
                raise

    def close(self) -> None:
        """Give the log back. Closing twice does nothing."""
        with self._guard:
            if self.closed:
                return
            try:
                self._remember()
            except OSError:
                pass  # a memory that cannot be kept costs one slow opening, no record
            finally:
                self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take_up(self, verifier: Verifier) -> None:
        """Find where the log stands and cover an unsigned tail by a fresh checkpoint."""
        history.trim(self.directory / history.NAME)
        self.checkpoint = self._newest(verifier)
        standing = recovery.recover(self.directory, self.digest, self.checkpoint)
        self._frontier, self._segment, self._offset = standing.frontier, standing.segment, standing.offset
        self._remembered = standing.frontier.size
        try:
            self._handles[history.NAME] = os.open(self.directory / history.NAME, HISTORY_FLAGS, 0o600)
            self._open_segment(standing.segment)
            if self._frontier.size > self.size:
                os.fsync(self._handles[frames.SUFFIX])
                self._sign(self._frontier.root())
        except BaseException:
            self._release()
            raise

    def _newest(self, verifier: Verifier) -> Checkpoint | None:
        try:
            newest = history.last(self.directory)
            if newest is not None:
                newest.check(verifier)
        except (Malformed, BadSignature) as error:
            raise Damaged(f"the newest checkpoint of {self.origin} cannot be trusted: {error}") from None
        return newest

    def _append(self, records: Sequence[bytes]) -> list[Receipt]:
        if self._offset >= self._segment_bytes:
            self._open_segment(self._frontier.size)
        start, digest = self._frontier.size, self.digest.hash
        leaves = [digest(LEAF + record) for record in records]
        packed = b"".join(
            [frames.pack(start + at, leaves[at], record) for at, record in enumerate(records)]
        )  # fmt: skip
        files.write_all(self._handles[frames.SUFFIX], packed)
        self._offset += len(packed)
        batch = self._frontier.extend(leaves)
        mark = self._sign(batch.root)
        if self._frontier.size - self._remembered >= REMEMBER_EVERY:
            self._remember()
        return [
            Receipt(start + at, record, leaves[at], batch.paths[at], mark) for at, record in enumerate(records)
        ]  # fmt: skip

    def _sign(self, root: bytes) -> Checkpoint:
        """Sign the state and write the line; the records it covers are durable already."""
        mark = checkpoints.sign(
            self._signer, origin=self.origin, size=self._frontier.size, root=root, digest=self.digest
        )  # fmt: skip
        files.write_all(self._handles[history.NAME], mark.line())
        self.checkpoint = mark
        return mark

    def _open_segment(self, first: int) -> None:
        path = frames.segment_path(self.directory, first)
        fresh = not path.exists()
        handle = os.open(path, SEGMENT_FLAGS, 0o600)
        before = self._handles.pop(frames.SUFFIX, None)
        self._handles[frames.SUFFIX] = handle
        if before is not None:
            os.close(before)
        if fresh:
            files.sync_folder(self.directory)
            self._segment, self._offset = first, 0

    def _remember(self) -> None:
        """Keep the standing, after the checkpoint it rests on is durable."""
        if self._remembered == self._frontier.size and (self.directory / state.NAME).exists():
            return
        os.fdatasync(self._handles[history.NAME])
        state.save(self.directory, State(self._frontier, self._segment, self._offset))
        self._remembered = self._frontier.size

    def _release(self) -> None:
        """Close all files, the lock last."""
        for name in sorted(self._handles, key=lambda name: name == LOCK):
            os.close(self._handles.pop(name))
