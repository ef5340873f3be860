# SPDX-License-Identifier: Apache-2.0
"""The gateway's side of the inbox: putting a letter down in PostgreSQL, and reading how it stands.

Kept here: one thread and one connection, taken up anew when it is lost; the same report that still waits is one row, so
that a try again after an answer lost on the way puts down nothing twice. PostgreSQL away means no report can be taken.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeVar

import psycopg

from datong.gateway.refusals import InboxUnavailable, TooManyReports
from datong.wire.inbox import STATES, TABLE, Letter

log = logging.getLogger("datong.gateway.inbox")
T = TypeVar("T")
MOST_WAITING: Final = 500
"""Reports of one application that may wait to be taken in."""
MOST_PENDING: Final = 64
"""Reports that may wait for the one connection."""
LONGEST_WAIT: Final = 8.0
COUNT: Final = f"select count(*) from {TABLE} where client = %s and taken_at is null"  # noqa: S608 - a constant
PUT: Final = (
    f"insert into {TABLE} (reference, at, client, resource, digest, sealed) values (%s, %s, %s, %s, %s, %s)"  # noqa: S608
    " on conflict (client, digest) where digest <> '' do nothing"
)
SAME: Final = f"select reference from {TABLE} where client = %s and digest = %s"  # noqa: S608 - a constant
STATE: Final = (
    "select i.at, i.number, i.due, i.problem, i.sealed, c.stage, c.opinion, c.answered_at, c.corrected_batch,"  # noqa: S608
    " c.corrected_version, c.\"case\" <> '', c.proof_kind <> ''"
    f" from {TABLE} i left join {STATES} c on c.number = i.number and i.number <> ''"
    " where i.reference = %s and i.client = %s and i.resource = %s"
)


@dataclass(frozen=True, slots=True)
class State:
    """How a report stands, as the tables say it; what stands behind `sealed` is empty until it is taken in."""

    at: datetime
    number: str
    due: date | None
    problem: str
    sealed: bytes
    stage: str | None
    opinion: str | None
    answered_at: datetime | None
    corrected_batch: int | None
    corrected_version: int | None
    has_case: bool | None
    has_proof: bool | None


class Inbox:
    """Puts letters down and reads how they stand, beside the event loop."""

    def __init__(self, dsn: str | None) -> None:
        self._dsn = dsn
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inbox")
        self._connection: psycopg.Connection | None = None
        self._pending = 0

    async def put(self, letter: Letter, sealed: bytes, digest: str) -> str:
        """Put a letter down; gives the reference under which it stands, an earlier one's where it is the same.

        Raises:
            InboxUnavailable: PostgreSQL cannot be reached, or too many wait for it.
            TooManyReports: too many of this application's reports wait already.
        """
        row = (letter.reference, letter.at, letter.client, letter.resource, digest, sealed)
        return await self._beside(lambda connection: _put(connection, row))

    async def state(self, reference: str, client: str, resource: str) -> State | None:
        """Read how a report of one application stands; None where it has none such.

        Raises:
            InboxUnavailable: as `put`.
        """
        return await self._beside(lambda connection: _state(connection, (reference, client, resource)))

    def close(self) -> None:
        """Let the connection go."""
        self._thread.submit(self._drop)
        self._thread.shutdown()

    async def _beside(self, work: Callable[[psycopg.Connection], T]) -> T:
        if self._dsn is None or self._pending >= MOST_PENDING:
            raise _away()
        self._pending += 1
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                return await asyncio.get_running_loop().run_in_executor(self._thread, self._twice, work)
        except (psycopg.Error, OSError, TimeoutError) as error:
            log.warning("the inbox cannot be reached: %s", type(error).__name__)
            raise _away() from None
        finally:
            self._pending -= 1

    def _twice(self, work: Callable[[psycopg.Connection], T]) -> T:
        """Work on the connection held; once more on a fresh one, were it lost."""
        held = self._connection
        try:
            return work(held if held is not None else self._connected())
        except psycopg.OperationalError:
            self._drop()
            if held is None:
                raise
            return work(self._connected())

    def _connected(self) -> psycopg.Connection:
        made = self._connection = psycopg.connect(
            self._dsn or "",
            autocommit=True,
            connect_timeout=3,
            application_name="datong-gateway-inbox",
            options="-c statement_timeout=3000",
            tcp_user_timeout=5_000,
        )
        return made

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _put(connection: psycopg.Connection, row: tuple[object, ...]) -> str:
    reference, _at, client, _resource, digest, _sealed = row
    same = connection.execute(SAME, (client, digest)).fetchone()
    if same is not None:
        return str(same[0])
    waiting = connection.execute(COUNT, (client,)).fetchone()
    if waiting is not None and waiting[0] >= MOST_WAITING:
        raise TooManyReports("too many of your reports wait to be taken in", remedy="send the next ones later")
    if connection.execute(PUT, row).rowcount:
        return str(reference)
    earlier = connection.execute(SAME, (client, digest)).fetchone()
    return str(earlier[0]) if earlier is not None else str(reference)


def _state(connection: psycopg.Connection, asked: tuple[str, str, str]) -> State | None:
    found = connection.execute(STATE, asked).fetchone()
    return None if found is None else State(*found)


def _away() -> InboxUnavailable:
    return InboxUnavailable("reports cannot be taken now; nothing was kept", remedy="send the same report again soon")
