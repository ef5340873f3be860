# SPDX-License-Identifier: Apache-2.0
"""Turns: work beside the event loop in a few threads, each grant's one after another, all grants in a round.

Kept here: whoever floods waits behind himself; another waits for what runs, and for one of each who was there before. Of
one grant so many may wait, and so many of all: what comes beyond is refused at once instead of growing a queue. A thread
counts as busy until its work is truly over, also when nobody waits for it any more.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Final, ParamSpec, TypeVar

from datong.gateway.refusals import TooManyWaiting

P = ParamSpec("P")
T = TypeVar("T")

EACH: Final = 256
"""Of one grant."""
ALL: Final = 2_048


class Turns:
    """Threads and who waits for them; of one event loop."""

    def __init__(self, threads: int, name: str, *, each: int = EACH, most: int = ALL) -> None:
        """Prepare.

        Args:
            threads: That work at once.
            name: Of the threads.
            each: Most that wait of one grant.
            most: Most that wait at all.
        """
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._free, self._each, self._most = threads, each, most
        self._round: dict[str, deque[asyncio.Future[None]]] = {}

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._round.values()))

    async def run(self, whose: str, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Do work in a thread when it is somebody's turn.

        Args:
            whose: Number of the grant.
            work: To be done.
            args: Of the work.
            named: Of the work.

        Raises:
            TooManyWaiting: As many of this grant, or of all, wait as may.
        """
        await self._turn(whose)
        loop = asyncio.get_running_loop()
        try:
            done: Future[T] = self._threads.submit(partial(work, *args, **named))
        except BaseException:
            self._over()
            raise
        done.add_done_callback(lambda _: _tell(loop, self._over))
        return await asyncio.wrap_future(done)

    async def _turn(self, whose: str) -> None:
        if self._free and not self._round:
            self._free -= 1
            return
        mine = self._round.get(whose)
        if (mine is not None and len(mine) >= self._each) or self.waiting >= self._most:
            raise _full(whose)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._round.setdefault(whose, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._over()
            raise

    def _over(self) -> None:
        """A thread is free: who is next in the round has it, and goes behind the others."""
        self._free += 1
        while self._free and self._round:
            whose = next(iter(self._round))
            theirs = self._round.pop(whose)
            turn = theirs.popleft()
            if theirs:
                self._round[whose] = theirs
            if not turn.done():
                self._free -= 1
                turn.set_result(None)

    def close(self) -> None:
        """Let what runs end, and let go of the threads."""
        self._threads.shutdown()


def _tell(loop: asyncio.AbstractEventLoop, over: Callable[[], None]) -> None:
    if loop.is_closed():  # nobody waits any more: what came of it is nobody's
        over()
    else:
        loop.call_soon_threadsafe(over)


def _full(whose: str) -> TooManyWaiting:
    return TooManyWaiting(
        f"授权 {whose} 等候处理的调用过多 (too many calls of grant {whose} wait for their turn)",
        rule="排队上限 (calls that may wait)",
        remedy="减少同时发出的查询，按 Retry-After 再试 (send fewer at once, call again after Retry-After)",
    )
