# SPDX-License-Identifier: Apache-2.0
"""The `subtrees` file: hashes of complete subtrees of a log, so that a proof reads some rows and not the whole log.

Kept here: derived data and nothing more. One row for each complete subtree of 32 records or a power of two of them, in the
order in which they were completed, so that a row's place follows from its level and number and the file only grows. Two
who catch up at once write the same bytes to the same places. Deleting it costs one slow proof; what it says is believed
only where it leads to the root of a signed checkpoint.
"""

import os
import struct
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from datong.crypto.digests import SIZE, Digest
from datong.kernel.errors import Unavailable
from datong.ledger.merkle import NODE, node_hash

NAME: Final = "subtrees"
TILE: Final = 32
"""Records under one row of the lowest level."""
ROW: Final = struct.Struct(f">{SIZE}sQ")
WRITE_AT: Final = 8192
FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC


class Stale(Exception):
    """The file does not fit the log: another log, a file cut short or changed."""


def rows_of(tiles: int) -> int:
    """Rows in the file once so many tiles are complete."""
    return 2 * tiles - tiles.bit_count()


def place_of(level: int, number: int) -> int:
    """Row of the subtree that holds 2^level tiles and is the number-th of its level, both from 0."""
    return rows_of(((number + 1) << level) - 1) + level


def tiles_in(rows: int) -> int:
    """How many tiles are complete in a file of so many rows."""
    low, high = 0, rows
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if rows_of(middle) <= rows else (low, middle - 1)
    return low


class Subtrees:
    """The file of one log, open. Where the folder may not be written, it lives in a temporary file as long as we do.

    Attributes:
        tiles: How many tiles are complete in it.
    """

    def __init__(self, directory: Path, digest: Digest) -> None:
        self._path, self._digest, self._aside = directory / NAME, digest, False
        self._handle = self._opened()
        self._fresh: list[bytes] = []
        self._left: dict[int, bytes] = {}
        self.tiles = 0
        self._take_up()

    def close(self) -> None:
        """Let the file go."""
        os.close(self._handle)

    def forget(self) -> None:
        """Begin anew in a fresh file; who reads the old one keeps it."""
        os.close(self._handle)
        if not self._aside:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
        self._handle = self._set_aside() if self._aside or self._path.exists() else self._opened()
        self._take_up()

    def node(self, level: int, number: int) -> bytes:
        """Give the hash of a complete subtree.

        Raises:
            Stale: The file has no such row.
        """
        return self._row(level, number)[0]

    def end(self, tile: int) -> int:
        """Give the offset, in its segment, behind the last frame of a tile.

        Raises:
            Stale: The file has no such row.
        """
        return self._row(0, tile)[1]

    def push(self, node: bytes, end: int) -> None:
        """Take the next complete tile; it is in the file at the latest after `flush`."""
        self._fresh.append(ROW.pack(node, end))
        level, tiles = 0, self.tiles
        while tiles >> level & 1:
            node = node_hash(self._left.pop(level), node, self._digest)
            level += 1
            self._fresh.append(ROW.pack(node, 0))
        self._left[level] = node
        self.tiles += 1
        if len(self._fresh) >= WRITE_AT:
            self.flush()

    def flush(self) -> None:
        """Write what was taken; a folder on a full disk is left alone and a temporary file taken instead.

        Raises:
            Stale: The file was changed for a temporary one: begin anew.
            Unavailable: There is no room for that either.
        """
        if not self._fresh:
            return
        data = b"".join(self._fresh)
        offset, self._fresh = rows_of(self.tiles) * ROW.size - len(data), []
        try:
            _write(self._handle, data, offset)
        except OSError as error:
            if self._aside:
                raise Unavailable(f"there is no room to work out proofs: {error.strerror}") from error
            os.close(self._handle)
            self._handle = self._set_aside()
            self._take_up()
            raise Stale("moved to a temporary file") from None

    def _opened(self) -> int:
        try:
            return os.open(self._path, FLAGS, 0o600)
        except OSError:
            return self._set_aside()

    def _set_aside(self) -> int:
        self._aside = True
        with tempfile.TemporaryFile() as file:
            return os.dup(file.fileno())

    def _take_up(self) -> None:
        self._fresh = []
        self.tiles = tiles_in(os.fstat(self._handle).st_size // ROW.size)
        levels = [level for level in range(self.tiles.bit_length()) if self.tiles >> level & 1]
        self._left = {level: self.node(level, (self.tiles >> level) - 1) for level in levels}

    def _row(self, level: int, number: int) -> tuple[bytes, int]:
        row = os.pread(self._handle, ROW.size, place_of(level, number) * ROW.size)
        if len(row) < ROW.size:
            raise Stale("a row is missing")
        node, end = ROW.unpack(row)
        return node, end


def complete(leaves: list[bytes], digest: Digest) -> bytes:
    """Give the root over a power of two of leaf hashes."""
    hashed: Callable[[bytes], bytes] = digest.hash
    while len(leaves) > 1:
        leaves = [hashed(NODE + leaves[at] + leaves[at + 1]) for at in range(0, len(leaves), 2)]
    return leaves[0]


def _write(handle: int, data: bytes, offset: int) -> None:
    done = 0
    while done < len(data):
        done += os.pwrite(handle, memoryview(data)[done:], offset + done)
