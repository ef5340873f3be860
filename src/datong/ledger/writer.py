# SPDX-License-Identifier: Apache-2.0
"""Group commit: many submit, one thread appends, each waits until its own record is durable and signed.

Kept here: what waits while the disk is busy makes up the next batch, so load makes batches larger and not calls
slower. No evidence, no answer: after a failure of the log every waiting and every later record gets Unavailable. A disk that
does not answer holds nobody up for longer than its owner is willing to wait.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from time import monotonic
from typing import Final

from datong.kernel.errors import DatongError, Unavailable
from datong.ledger import frames
from datong.ledger.log import Log
from datong.ledger.receipts import Receipt

MAX_BATCH: Final = 512
MAX_QUEUE: Final = 10_000

Outcome = Receipt | DatongError
Loop = asyncio.AbstractEventLoop
Waiting = Future[Receipt] | asyncio.Future[Receipt]
Entry = tuple[bytes, Waiting, Loop | None]


class GroupWriter:
    """Appends what many callers submit, in batches, from one thread; owns its log."""

    def __init__(self, log: Log, *, max_batch: int = MAX_BATCH, max_queue: int = MAX_QUEUE) -> None:
        """Start writing.

        Args:
            log: An open log; `close` closes it.
            max_batch: Most records in one append.
            max_queue: Most records waiting; what comes beyond is refused at once.
        """
        self._log, self._max_batch, self._max_queue = log, max_batch, max_queue
        self._waiting: list[Entry] = []
        self._news = threading.Condition(threading.Lock())
        self._open = True
        self._under_way: list[Entry] = []
        self._begun = 0.0
        self._thread = threading.Thread(target=self._run, name=f"ledger {log.origin}", daemon=True)
        self._thread.start()

    @property
    def writable(self) -> bool:
        """Whether evidence can be written now."""
        return self._open

    def submit(self, record: bytes) -> Future[Receipt]:
        """Hand in a record; the future gives its receipt once it is durable and signed.

        Raises:
            Malformed: Not a record.
            Unavailable: The writer is closed or its queue is full.
        """
        future: Future[Receipt] = Future()
        self._enter([(record, future, None)])
        return future

    async def write(self, record: bytes) -> Receipt:
        """Write a record and give its receipt once it is durable and signed.

        Raises:
            Malformed: Not a record.
            Unavailable: The writer is closed, its queue is full, or the log failed.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Receipt] = loop.create_future()
        self._enter([(record, future, loop)])
        return await future

    def hand_in(self, gathered: Sequence[tuple[bytes, asyncio.Future[Receipt]]]) -> None:
        """Hand in what an event loop gathered, from that loop: the writer's thread wakes once for all.

        Each future gets its receipt once its record is durable and signed. When they are refused, each is told why:
        Malformed where one of them is no record, Unavailable where the writer is closed or its queue full.
        """
        entries = [(record, future, future.get_loop()) for record, future in gathered]
        try:
            self._enter(entries)
        except DatongError as refused:
            for _, future, _ in entries:
                future.set_exception(type(refused)(refused.message, remedy=refused.remedy))

    def give_up(self, seconds: float) -> bool:
        """Send those away who wait, were the disk silent for so long; to be asked again and again meanwhile.

        What was being written may be kept all the same: a record of an answer that nobody got. What waited behind it is not.

        Returns:
            Whether the disk is silent.
        """
        begun = self._begun
        if not begun or monotonic() - begun < seconds:
            return False
        with self._news:
            waiting, self._waiting = [*self._under_way, *self._waiting], []
        _settle(waiting, [Unavailable(f"the disk of {self._log.origin} does not answer") for _ in waiting])
        return True

    def close(self) -> None:
        """Write what waits, then close the log. Closing twice does nothing."""
        with self._news:
            self._open = False
            self._news.notify()
        self._thread.join()
        self._log.close()

    def _enter(self, entries: Sequence[Entry]) -> None:
        for record, _, _ in entries:
            frames.check(record)
        with self._news:
            if not self._open:
                raise Unavailable(f"no evidence can be written to {self._log.origin}: its writer is closed")
            if len(self._waiting) + len(entries) > self._max_queue:
                raise Unavailable(f"{self._max_queue} records wait for {self._log.origin} already", remedy="try again")
            self._waiting += entries
            self._news.notify()

    def _run(self) -> None:
        while batch := self._next():
            if not self._commit(batch):
                return

    def _next(self) -> list[Entry]:
        """Wait for records and take what is there; nothing when the writer is to stop."""
        with self._news:
            while self._open and not self._waiting:
                self._news.wait()
            batch, self._waiting = self._waiting[: self._max_batch], self._waiting[self._max_batch :]
            return batch

    def _commit(self, batch: list[Entry]) -> bool:
        self._under_way, self._begun = batch, monotonic()
        try:
            receipts = self._log.append([record for record, _, _ in batch])
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            self._begun = 0.0
            self._fail(batch, error)
            return False
        self._begun = 0.0
        _settle(batch, receipts)
        return True

    def _fail(self, batch: list[Entry], error: Exception) -> None:
        """Close for good and tell everyone who waits."""
        with self._news:
            self._open = False
            batch, self._waiting = [*batch, *self._waiting], []
        reason = f"no evidence could be written to {self._log.origin}: {error}"
        _settle(batch, [Unavailable(reason) for _ in batch])


def _settle(batch: Sequence[Entry], outcomes: Sequence[Outcome]) -> None:
    """Tell each caller its outcome; each event loop is woken once."""
    by_loop: dict[Loop, list[tuple[Waiting, Outcome]]] = {}
    for (_, future, loop), outcome in zip(batch, outcomes, strict=True):
        if loop is not None:
            by_loop.setdefault(loop, []).append((future, outcome))
        else:
            _tell(future, outcome)
    for loop, told in by_loop.items():
        _wake(loop, _telling(told))


def _telling(told: list[tuple[Waiting, Outcome]]) -> Callable[[], None]:
    def tell_all() -> None:
        for future, outcome in told:
            _tell(future, outcome)

    return tell_all


def _tell(future: Waiting, outcome: Outcome) -> None:
    if not _waits(future):
        return
    if isinstance(outcome, DatongError):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def _waits(future: Waiting) -> bool:
    """Whether the caller has not given up; from here on it cannot."""
    if isinstance(future, Future):
        return not future.done() and future.set_running_or_notify_cancel()
    return not future.done()


def _wake(loop: Loop, tell: Callable[[], None]) -> None:
    try:
        loop.call_soon_threadsafe(tell)
    except RuntimeError:
        return  # the loop is gone, and all who waited in it
