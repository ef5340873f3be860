# SPDX-License-Identifier: Apache-2.0
"""Streams of change events as the gateway reads them: manifests and pages remembered, waiters woken when one grows.

Kept here: many that follow one stream share one reading of its file; a notification only wakes, what has grown is seen on
disk, so that a lost one costs a poll's time and no more.
"""

import asyncio
from collections import OrderedDict
from pathlib import Path
from typing import Final

from datong.gateway.refusals import EventsNotReady
from datong.wire import events

MOST_PAGES: Final = 64
Mark = tuple[int, int]


class Streams:
    """What is known of streams; of one event loop."""

    def __init__(self, node_dir: Path, poll_seconds: float) -> None:
        self._node, self._poll = node_dir, poll_seconds
        self._held: dict[str, tuple[Mark, events.Manifest]] = {}
        self._pages: OrderedDict[tuple[object, ...], asyncio.Future[events.Page]] = OrderedDict()
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}
        self._seen: dict[str, Mark | None] = {}
        self._marks: dict[str, Mark | None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    def manifest(self, place: str) -> events.Manifest:
        """Give what a stream holds now.

        Args:
            place: Folder of the stream below the node's; empty where the policy names none.

        Raises:
            EventsNotReady: There is none yet.
        """
        mark = self._mark(place) if place else None
        if mark is None:
            raise EventsNotReady(
                "变化事件正在准备 (the events of this subscription are being prepared)", remedy="稍后再读 (again soon)"
            )
        known = self._held.get(place)
        if known is None or known[0] != mark:
            held = events.manifest(self._node / place)
            if held is None:
                raise EventsNotReady(
                    "变化事件正在准备 (the events of this subscription are being prepared)", remedy="稍后再读 (again soon)"
                )
            known = self._held[place] = (mark, held)
        return known[1]

    async def page(self, place: str, after: events.Cursor, limit: int) -> events.Page:
        """Read the events after a cursor.

        Raises:
            EventsNotReady: As `manifest`.
            ResyncRequired: They are not kept, or the stream is another one now.
        """
        held = self.manifest(place)
        held.checked(after)
        key = (place, held.since, held.newest, after, limit)
        made = self._pages.get(key)
        if made is None:
            work = asyncio.to_thread(events.page, self._node / place, held, after, limit)
            made = self._pages[key] = asyncio.ensure_future(work)
            while len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)
        try:
            return await asyncio.shield(made)
        except FileNotFoundError:  # a segment was let go of while it was read: the manifest says so by now
            self._pages.pop(key, None)
            self._held.pop(place, None)
            raise EventsNotReady(
                "变化事件正在整理 (the events of this subscription are being tidied)", remedy="再读一次 (again)"
            ) from None

    async def grown(self, place: str, known: events.Cursor, seconds: float) -> None:
        """Return when a stream may hold more than is known of it, or after some seconds.

        Args:
            place: As of `manifest`.
            known: `next` of the page that was empty: the stream may have grown while that was read.
            seconds: How long to wait.

        Raises:
            EventsNotReady: As `manifest`.
        """
        if self.manifest(place).end > known:
            return
        self._loop = asyncio.get_running_loop()
        self._seen.setdefault(place, self._mark(place))
        if self._timer is None:
            self._timer = self._loop.call_later(self._poll, self._look)
        future: asyncio.Future[None] = self._loop.create_future()
        self._waiting.setdefault(place, []).append(future)
        try:
            async with asyncio.timeout(seconds):
                await future
        except TimeoutError:
            return
        finally:
            left = self._waiting.get(place, [])
            if future in left:
                left.remove(future)

    def wake(self, place: str) -> None:
        """Wake who waits for a stream; from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake, place)

    def wake_all(self) -> None:
        """Wake everybody; from any thread."""
        for place in list(self._waiting):
            self.wake(place)

    def _wake(self, place: str) -> None:
        self._seen.pop(place, None)
        for future in self._waiting.pop(place, []):
            if not future.done():
                future.set_result(None)

    def _look(self) -> None:
        """Wake who waits for streams that grew unnoticed; again and again while anybody waits."""
        self._timer = None
        for place in list(self._waiting):
            if self._mark(place) != self._seen.get(place):
                self._wake(place)
        if any(self._waiting.values()) and self._loop is not None:
            self._timer = self._loop.call_later(self._poll, self._look)

    def _mark(self, place: str) -> Mark | None:
        """Which manifest lies there: looked at once for all whom one turn of the loop wakes."""
        if place not in self._marks:
            self._marks[place] = self._looked_at(place)
            asyncio.get_running_loop().call_soon(self._marks.clear)
        return self._marks[place]

    def _looked_at(self, place: str) -> Mark | None:
        try:
            stat = (self._node / place / events.MANIFEST).stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_ino
