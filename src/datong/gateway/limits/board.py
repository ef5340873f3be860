# SPDX-License-Identifier: Apache-2.0
"""The board: one small file that all gateways of a node have in memory, with their counts and their signs of life.

Kept here: each gateway writes its own column alone and reads all of them under one lock, so that two never give the same
place away, and one that is killed leaves nothing behind that its successor does not put right. The kernel frees the lock
of whoever dies. Room on the disk is taken before it is written to: a full one refuses and never kills. Python's own library
alone: the supervisor reads it too.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from time import time
from typing import Final

from datong.kernel.errors import Unavailable

SEATS: Final = 16
"""Gateways of a node at most."""
ROWS: Final = 65_536
HEAD: Final = 4_096
ROW: Final = 256
MAGIC: Final = b"datong board 1\n\0"
ALIVE: Final = 5.0
"""Seconds after which a gateway that gives no sign is taken for dead."""
_SEAT: Final = struct.Struct("@QdQdB")
"""As the machine lays it out, so that each number is written at once: it is read without the lock."""
_COUNT: Final = struct.Struct("=Q")
_COUNT_AT: Final = 16
_SEATS_AT: Final = 64
_SEAT_SIZE: Final = 64
_KEY: Final = 16
_DAY: Final = struct.Struct("=q")
_DUE: Final = struct.Struct("=d")
_CELLS: Final = struct.Struct(f"={SEATS}I")
_CELL: Final = struct.Struct("=I")
_DAY_AT, _DUE_AT, _USED_AT, _BUSY_AT = 16, 24, 32, 32 + 4 * SEATS


@dataclass(frozen=True, slots=True)
class Seat:
    """The last sign of life of a gateway.

    Attributes:
        pid: Its process.
        at: When, in seconds since 1970.
        policy_version: Of the policy it answers on; 0 for none.
        lease_ends: Until when, in seconds since 1970.
        evidence: Whether it can keep evidence.
    """

    pid: int
    at: float
    policy_version: int
    lease_ends: float
    evidence: bool

    def ready(self, now: float | None = None) -> bool:
        """Tell whether it lives and can answer calls."""
        now = time() if now is None else now
        return abs(now - self.at) < ALIVE and now < self.lease_ends and self.evidence


class Board:
    """The board as one gateway has it open."""

    def __init__(self, path: Path, seat: int, *, alone: bool = False) -> None:
        """Open the board, make it where there is none, and take a seat.

        Args:
            path: Of the file.
            seat: From 0 on.
            alone: Whether no other gateway of the node can be there, so that nothing needs to be held still.

        Raises:
            Unavailable: The file cannot be made, or there is no such seat.
        """
        if not 0 <= seat < SEATS:
            raise Unavailable(f"a node has seats for {SEATS} gateways", fields={"gateways": f"1 to {SEATS}"})
        self.seat, self._alone = seat, alone
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with self.locked():
                self._lay_out()
            self._map = mmap.mmap(self._file, HEAD + ROWS * ROW)
        except OSError as error:
            raise Unavailable(f"the board of the gateways cannot be opened: {error.strerror}") from error
        self._places: dict[bytes, int] = {}
        self._known: dict[str, int] = {}
        self._mine_used, self._mine_busy = _USED_AT + 4 * seat, _BUSY_AT + 4 * seat

    def _lay_out(self) -> None:
        """Make it whole; one of another form is begun anew, for what it says is in the evidence too."""
        if os.fstat(self._file).st_size == HEAD + ROWS * ROW and os.pread(self._file, len(MAGIC), 0) == MAGIC:
            return
        os.ftruncate(self._file, 0)
        os.posix_fallocate(self._file, 0, HEAD)
        os.ftruncate(self._file, HEAD + ROWS * ROW)
        os.pwrite(self._file, MAGIC, 0)

    def hold(self) -> None:
        """Hold the board still, for a few microseconds, until `release`."""
        if not self._alone:
            fcntl.flock(self._file, fcntl.LOCK_EX)

    def release(self) -> None:
        """Let the others go on."""
        if not self._alone:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the board still meanwhile."""
        self.hold()
        try:
            yield
        finally:
            self.release()

    def row(self, name: str) -> int:
        """Find the row of a name, or give it one; call while holding the lock.

        Raises:
            Unavailable: The board is full.
        """
        known = self._known.get(name)
        if known is None:
            key = blake2b(name.encode(), digest_size=_KEY).digest()
            self._catch_up()
            known = self._places.get(key)
            known = self._known[name] = self._append(key) if known is None else known
        return known

    def _catch_up(self) -> None:
        """Learn the rows that others have begun."""
        for at in range(HEAD + len(self._places) * ROW, HEAD + self._count * ROW, ROW):
            self._places[self._map[at : at + _KEY]] = at

    @property
    def _count(self) -> int:
        return int(_COUNT.unpack_from(self._map, _COUNT_AT)[0])

    def _append(self, key: bytes) -> int:
        count = self._count
        at = HEAD + count * ROW
        if count >= ROWS:
            raise Unavailable("the board of the gateways is full", remedy="the operator starts the node anew")
        try:
            os.posix_fallocate(self._file, at, ROW)
        except OSError as error:
            raise Unavailable(f"the board of the gateways cannot grow: {error.strerror}") from error
        self._map[at : at + _KEY] = key
        _COUNT.pack_into(self._map, _COUNT_AT, count + 1)
        self._places[key] = at
        return at

    def used(self, row: int, day: int) -> int:
        """Calls of a day, of all gateways; where the row is a day ahead, for the clock was set back, its calls count today."""
        ahead = _DAY.unpack_from(self._map, row + _DAY_AT)[0] - day
        return sum(_CELLS.unpack_from(self._map, row + _USED_AT)) if 0 <= ahead <= 1 else 0

    def due(self, row: int) -> float:
        """When the bucket is full again, in seconds since 1970."""
        return float(_DUE.unpack_from(self._map, row + _DUE_AT)[0])

    def busy(self, row: int) -> int:
        """Calls under way, of all gateways."""
        return sum(_CELLS.unpack_from(self._map, row + _BUSY_AT))

    def use(self, row: int, day: int, by: int) -> None:
        """Count some calls of this gateway up or down.

        What is given back after the day of its call is over counts no more. A row that is further ahead than by a day was
        begun by a clock that was wrong.
        """
        ahead = _DAY.unpack_from(self._map, row + _DAY_AT)[0] - day
        if ahead == 1 and by <= 0:
            return
        if ahead not in (0, 1):
            _CELLS.pack_into(self._map, row + _USED_AT, *[0] * SEATS)
            _DAY.pack_into(self._map, row + _DAY_AT, day)
        place = row + self._mine_used
        _CELL.pack_into(self._map, place, max(0, _CELL.unpack_from(self._map, place)[0] + by))

    def engage(self, row: int, by: int) -> None:
        """Count calls under way of this gateway up or down."""
        place = row + self._mine_busy
        _CELL.pack_into(self._map, place, max(0, _CELL.unpack_from(self._map, place)[0] + by))

    def set_due(self, row: int, at: float) -> None:
        """Say when the bucket will be full again."""
        _DUE.pack_into(self._map, row + _DUE_AT, at)

    def take_over(self, day: int, counted: dict[int, dict[str, int]]) -> None:
        """Put the columns right at the start of this gateway.

        Args:
            day: Today.
            counted: Seat to name to the calls that the evidence of that gateway has of today. Of its own the evidence is
                right, for nothing else counts there; of another, who may be counting, it is the least that can be true.
        """
        with self.locked():
            for at in range(HEAD, HEAD + self._count * ROW, ROW):
                _CELL.pack_into(self._map, at + self._mine_busy, 0)
                _CELL.pack_into(self._map, at + self._mine_used, 0)
            for seat, names in counted.items():
                for name, calls in names.items():
                    self._recall(self.row(name), day, seat, calls)

    def _recall(self, row: int, day: int, seat: int, calls: int) -> None:
        self.use(row, day, 0)
        place = row + _USED_AT + 4 * seat
        held = 0 if seat == self.seat else _CELL.unpack_from(self._map, place)[0]
        _CELL.pack_into(self._map, place, max(held, calls))

    def sign(self, policy_version: int, lease_ends: float, *, evidence: bool, at: float | None = None) -> None:
        """Give a sign of life."""
        values = (os.getpid(), time() if at is None else at, policy_version, lease_ends, evidence)
        _SEAT.pack_into(self._map, _SEATS_AT + _SEAT_SIZE * self.seat, *values)

    def leave(self) -> None:
        """Leave the seat: whoever looks sees at once that nobody answers here."""
        _SEAT.pack_into(self._map, _SEATS_AT + _SEAT_SIZE * self.seat, 0, 0.0, 0, 0.0, 0)

    def close(self) -> None:
        """Let go of the file. Closing twice does nothing."""
        if not self._map.closed:
            self.leave()
            self._map.close()
            os.close(self._file)


def seats(path: Path, count: int) -> list[Seat | None]:
    """Read the signs of life of the first gateways of a node; None for one that never gave any, or has left."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError:
        head = b""
    if len(head) < HEAD or not head.startswith(MAGIC):
        return [None] * count
    found = [_SEAT.unpack_from(head, _SEATS_AT + _SEAT_SIZE * seat) for seat in range(count)]
    return [Seat(pid, at, version, ends, bool(kept)) if pid else None for pid, at, version, ends, kept in found]
