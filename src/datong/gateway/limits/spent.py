# SPDX-License-Identifier: Apache-2.0
"""Client assertions that were used, so that each is good once at whichever gateway of the node it is shown.

Kept here: one small database beside the board; whoever enters a mark first has it, by its primary key. At the start it is
filled from the evidence of all gateways, in case it was lost. Where it cannot be written nobody gets a token. A mark that is
over is kept for a day while there is room, so that a clock that was set back makes nothing good twice. No application takes
more than a part of the room, so that one which asks for a token with each call shuts nobody else out. Where calls are answered
no disk is waited for: what was written is folded into the file elsewhere.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections import defaultdict, deque
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from datong.kernel.errors import Throttled, Unauthenticated, Unavailable

TIDY: Final = 1.0
"""Seconds after which marks that are over are let go of again."""
KEPT: Final = 86_400
"""Seconds for which marks are kept that are over, as long as they take no more than half of the room."""
SHARE: Final = 4
"""Which part of the room one application may take at one gateway: a fourth."""
PATIENCE: Final = 2.0
"""Seconds to wait for another gateway that writes."""
MUCH: Final = 4 << 20
"""Bytes beside the file that are worth folding into it."""
MADE: Final = """
create table if not exists spent (mark text primary key, until real not null) without rowid;
create index if not exists spent_until on spent (until);
"""


class Spent:
    """The marks of assertions used, as one gateway has them open."""

    def __init__(self, path: Path, most: int) -> None:
        """Open them.

        Args:
            path: Of the database, made where there is none.
            most: Marks to remember; who has more to remember is throttled.

        Raises:
            Unavailable: It cannot be opened.
        """
        self._path, self._most, self._held, self._tidied = path, most, 0, 0.0
        self._shares: defaultdict[str, deque[float]] = defaultdict(deque)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
            self._base.execute("pragma journal_mode = wal")
            self._base.execute("pragma synchronous = normal")
            self._base.execute("pragma wal_autocheckpoint = 0")
            self._base.executescript(MADE)
        except (sqlite3.Error, OSError) as error:
            raise _closed(error) from error

    def recall(self, marks: Mapping[str, float]) -> None:
        """Enter what evidence has of marks, with when each is over.

        Raises:
            Unavailable: They cannot be written.
        """
        try:
            with self._base:
                self._base.executemany("insert or ignore into spent values (?, ?)", sorted(marks.items()))
        except sqlite3.Error as error:
            raise _closed(error) from error

    def spend(self, mark: str, now: float, until: float, who: str = "") -> None:
        """Use a mark.

        Args:
            mark: Of the assertion.
            now: In seconds since 1970.
            until: When it is over.
            who: The application, whose proof holds; empty for nobody's share.

        Raises:
            Unauthenticated: It was used before, here or at another gateway.
            Throttled: More are remembered than may be, of all or of this application.
            Unavailable: It cannot be written down.
        """
        try:
            if now - self._tidied >= TIDY or now < self._tidied:
                self._tidy(now)
            share = self._share(who, now)
            if self._held >= self._most or len(share) >= self._most // SHARE:
                raise Throttled(
                    "取令牌过于频繁 (too many token requests)", remedy="令牌到期前继续使用 (keep a token until it expires)"
                )
            fresh = self._base.execute("insert or ignore into spent values (?, ?)", (mark, until)).rowcount
        except sqlite3.Error as error:
            raise _closed(error) from error
        if not fresh:
            raise Unauthenticated(
                "this client assertion was used before", remedy="sign a new one, with a jti of its own, for each token"
            )
        self._held += 1
        if who:
            share.append(until)

    def _share(self, who: str, now: float) -> deque[float]:
        """When the marks are over that an application holds."""
        share = self._shares[who]
        while share and share[0] <= now:
            share.popleft()
        return share

    def fold(self) -> None:
        """Fold what was written beside the file into it, were it much; from any thread that may wait for a disk."""
        with contextlib.suppress(sqlite3.Error, OSError):
            if self._path.with_name(f"{self._path.name}-wal").stat().st_size < MUCH:
                return
            with contextlib.closing(sqlite3.connect(self._path, timeout=PATIENCE)) as base:
                base.execute("pragma wal_checkpoint(passive)")

    def _tidy(self, now: float) -> None:
        self._forget(now - KEPT)
        if self._held > self._most // 2:
            self._forget(now)
        self._tidied = now
        for who in [who for who in self._shares if not self._share(who, now)]:
            del self._shares[who]

    def _forget(self, at: float) -> None:
        self._base.execute("delete from spent where until <= ?", (at,))
        self._held = int(self._base.execute("select count(*) from spent").fetchone()[0])

    def close(self) -> None:
        """Let go of them."""
        with contextlib.suppress(sqlite3.Error):
            self._base.close()


def _closed(error: Exception) -> Unavailable:
    return Unavailable(
        f"the assertions used cannot be remembered: {error}", remedy="call again soon; the operator starts the node anew"
    )
