# SPDX-License-Identifier: Apache-2.0
"""Hearing of new policies and of new change events: PostgreSQL NOTIFY, with a poll behind it.

Kept here: one thread; a notification is only a hint to look, so a lost one costs a poll's time and no more. PostgreSQL
away means the policy held stays until its lease ends; the thread knocks again with growing pauses.
"""

import logging
from collections.abc import Callable
from threading import Event, Thread
from time import monotonic

import psycopg

from datong.gateway.policy import PolicyHolder
from datong.wire import events
from datong.wire.policy import CHANNEL, TABLE

log = logging.getLogger("datong.gateway.policy")
NEWEST = f"SELECT document FROM {TABLE} WHERE version > %s ORDER BY version DESC LIMIT 1"  # noqa: S608 - a constant
LONGEST_PAUSE = 5.0
SHORTEST_PAUSE = 0.1
HEED = 0.1
"""Seconds until the thread notices that it is to end."""
FIRST = 1.0
"""Seconds that the first look may take before calls are answered on the policy on disk."""


class PolicyListener:
    """Feeds a holder from PostgreSQL until stopped."""

    def __init__(
        self, holder: PolicyHolder, dsn: str, poll_seconds: float, grown: Callable[[str], object] | None = None
    ) -> None:
        """Prepare.

        Args:
            holder: Is fed.
            dsn: Of PostgreSQL.
            poll_seconds: Look at least this often.
            grown: Told the place of each stream of events that grew.
        """
        self._holder, self._grown = holder, grown
        self._dsn = dsn
        self._poll = poll_seconds
        self._stopping, self._tried = Event(), Event()
        self._thread = Thread(target=self._run, name="policy-listener", daemon=True)

    def start(self) -> None:
        """Begin to listen; returns when it has looked once, or found that it cannot, or takes too long.

        So a gateway that was away answers nothing on what it knew before, where PostgreSQL can tell it better.
        """
        self._thread.start()
        self._tried.wait(FIRST)

    def stop(self) -> None:
        """End; returns when the thread has, which is soon unless PostgreSQL hangs, or after a poll's time and a little."""
        self._stopping.set()
        self._thread.join(self._poll + 1)

    def _run(self) -> None:
        pause = SHORTEST_PAUSE
        while not self._stopping.wait(0):
            try:
                with psycopg.connect(
                    self._dsn,
                    autocommit=True,
                    connect_timeout=5,
                    application_name="datong-gateway",
                    options="-c statement_timeout=5000",
                    tcp_user_timeout=10_000,
                ) as connection:
                    pause = SHORTEST_PAUSE
                    self._follow(connection)
            except (psycopg.Error, OSError) as error:
                log.warning("PostgreSQL is away (%s); next try in %.1f s", type(error).__name__, pause)
            except Exception:
                log.exception("a policy could not be taken; next try in %.1f s", pause)
            self._tried.set()
            self._stopping.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _follow(self, connection: psycopg.Connection) -> None:
        connection.execute(f"LISTEN {CHANNEL}")
        connection.execute(f"LISTEN {events.CHANNEL}")
        while not self._stopping.is_set():
            self._look(connection)
            self._tried.set()
            self._wait(connection, until=monotonic() + self._poll)

    def _wait(self, connection: psycopg.Connection, until: float) -> None:
        """Wait for a notification, for the end, or until a time."""
        heard = False
        while not heard and not self._stopping.is_set() and (left := until - monotonic()) > 0:
            for note in connection.notifies(timeout=min(HEED, left), stop_after=1):
                heard = True
                if note.channel == events.CHANNEL and self._grown is not None:
                    self._grown(note.payload)

    def _look(self, connection: psycopg.Connection) -> None:
        try:
            row = connection.execute(NEWEST, (self._holder.version,)).fetchone()
        except psycopg.errors.UndefinedTable:
            return
        if row is not None:
            self._holder.offer(bytes(row[0]))
