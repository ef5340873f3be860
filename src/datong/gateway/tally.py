# SPDX-License-Identifier: Apache-2.0
"""The tally of one gateway: counted in memory as calls are answered, written to a small book every few seconds.

Kept here: counting is one look into a dictionary and waits for nothing. Only what a grant covers is told apart by resource,
so that no stranger makes rows by inventing paths; beyond a bound all goes into one. Where the book cannot be written, calls
are answered all the same and it is tried again; one that is torn is put aside and begun anew.
"""

import logging
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from time import perf_counter, time
from typing import Final, Protocol

from datong.wire import tallies

log = logging.getLogger("datong.gateway")

EVERY: Final = 5.0
"""Seconds between two times of writing."""
MOST: Final = 20_000
"""Rows counted apart between two times of writing."""
KEPT_DAYS: Final = 35
PATIENCE: Final = 2.0
"""Seconds to wait for whoever reads the book."""
TORN: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
ADD: Final = """
insert into tallies (hour, resource, client, department, channel, code, step, calls, rows, bytes, counted, stamp)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
on conflict do update set calls = calls + ?8, rows = rows + ?9, bytes = bytes + ?10, counted = counted + ?11, stamp = ?12
"""
SUM: Final = """
insert into totals values (?, ?, ?, ?, ?, ?)
on conflict do update set calls = calls + excluded.calls, rows = rows + excluded.rows, bytes = bytes + excluded.bytes
"""
Key = tuple[int, str, str, str, str, str, int]
clock = perf_counter
"""What calls are timed with."""
COUNTED: Final = ("call", 200)
"""Kind and status of the records that count against the quota of a grant."""


class Recorded(Protocol):
    """What a tally wants of a record."""

    channel: str
    client: str
    code: str
    department: str
    grant: str
    kind: str
    resource: str
    rows: int
    status: int


class Tally:
    """Counts calls; from the event loop alone, but for `write`."""

    def __init__(self, path: Path) -> None:
        """Begin with nothing.

        Args:
            path: Of the book, made when it is first written.
        """
        self._path = path
        self._rows: dict[Key, list[int]] = {}
        self._written, self._stamp = 0.0, 0

    def note(self, record: Recorded, at: float, began: float, size: int) -> None:
        """Count one call, its record being durable or refused.

        Args:
            record: Of the call, closed.
            at: When it came, in seconds since 1970.
            began: The same moment on `clock`.
            size: Bytes of the answer before compression.
        """
        step = tallies.step_of((clock() - began) * 1_000)
        resource = record.resource if record.grant else ""
        counts = record.code == "ok" and (record.kind, record.status) == COUNTED
        self._add(
            (int(at // tallies.HOUR), resource, record.client, record.department, record.channel, record.code, step),
            1, record.rows, size, getattr(record, "calls", 1) if counts else 0,
        )  # fmt: skip

    def note_token(self, client: str, code: str, at: float, began: float) -> None:
        """Count one request for an access token."""
        step = tallies.step_of((clock() - began) * 1_000)
        self._add((int(at // tallies.HOUR), "", client, "", "token", code, step), 1, 0, 0, 0)

    def _add(self, key: Key, calls: int, rows: int, size: int, counted: int) -> None:
        row = self._rows.get(key)
        if row is None:
            if len(self._rows) >= MOST:
                key = (key[0], "", "", "", *key[4:])
            row = self._rows.setdefault(key, [0, 0, 0, 0])
        row[0] += calls
        row[1] += rows
        row[2] += size
        row[3] += counted

    def due(self) -> dict[Key, list[int]]:
        """Take what has to be written, were it time; nothing else counts into it any more."""
        if not self._rows or clock() - self._written < EVERY:
            return {}
        return self.taken()

    def taken(self) -> dict[Key, list[int]]:
        """Take what was counted since the last time."""
        self._written = clock()
        rows, self._rows = self._rows, {}
        return rows

    def put_back(self, rows: dict[Key, list[int]]) -> None:
        """Count again what could not be written."""
        for key, row in rows.items():
            self._add(key, *row)

    def write(self, rows: dict[Key, list[int]]) -> bool:
        """Add rows to the book; from any one thread at a time.

        Returns:
            Whether they are there now.
        """
        if not rows:
            return True
        self._stamp = max(self._stamp + 1, int(time() * 1_000))
        try:
            with closing(sqlite3.connect(self._path, timeout=PATIENCE)) as book:
                self._enter(book, rows)
        except (sqlite3.Error, OSError) as error:
            log.warning("the tally of calls cannot be written: %s", error)
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in TORN:
                self._put_aside()
            return False
        return True

    def _put_aside(self) -> None:
        """Let the next book be a new one; figures of hours past were taken over, those of this one begin again."""
        with suppress(OSError):
            self._path.replace(f"{self._path}.torn")
            for beside in ("-wal", "-shm"):
                Path(f"{self._path}{beside}").unlink(missing_ok=True)
            log.error("the tally of calls was torn and is begun anew; the old one lies beside it as %s.torn", self._path.name)

    def _enter(self, book: sqlite3.Connection, rows: dict[Key, list[int]]) -> None:
        self._path.chmod(0o600)
        book.executescript("pragma journal_mode = wal; pragma synchronous = normal;" + tallies.MADE)
        if "counted" not in {column[1] for column in book.execute("pragma table_info(tallies)")}:
            book.execute(tallies.GROWN)
        totals: dict[tuple[str, str, int], list[int]] = {}
        for (*_, channel, code, step), row in rows.items():
            total = totals.setdefault((channel, code, step), [0, 0, 0])
            for place, value in enumerate(row[:3]):
                total[place] += value
        with book:
            book.executemany(ADD, [(*key, *row, self._stamp) for key, row in rows.items()])
            book.executemany(SUM, [(*key, *row) for key, row in totals.items()])
            book.execute("delete from tallies where hour < ?", (max(rows)[0] - 24 * KEPT_DAYS,))
