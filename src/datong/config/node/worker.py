# SPDX-License-Identifier: Apache-2.0
"""Process of the background work: the queue's jobs, and the beats that follow the acts.

Kept here: one asyncio loop; jobs run in the loop, beats one after another in one thread with one connection. A beat that
fails is told and tried again later, the others go on; the loss of the database ends the process, whatever hangs on it, and
the supervisor starts another, which waits for the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog

from datong.config import logs, wiring
from datong.config.node import env, traces
from datong.config.wiring import Beat, Sender

if TYPE_CHECKING:
    from procrastinate.middleware import WorkerMiddleware

log = structlog.get_logger("datong.worker")
LONGEST_PAUSE = 60.0
HEARTBEAT_LOST = 30.0
DATABASE_WAIT, DATABASE_AGAIN = 60.0, 0.1
"""Seconds to wait for the database at the start, and between two looks."""
LEAVES_WITHIN = 5.0
"""Seconds after a loss within which all that is under way has to end."""


@dataclass(slots=True)
class Rhythm:
    """When a beat is due.

    Attributes:
        due: on the monotonic clock.
        failures: in a row.
    """

    beat: Beat
    due: float = 0.0
    failures: int = field(default=0)

    def attempt(self) -> None:
        """Run the beat once and settle when it runs next."""
        try:
            self.beat.run()
        except Exception as error:  # the beats of other contexts must go on
            self.failures += 1
            log.exception("beat failed", beat=self.beat.name, failures=self.failures, error=str(error))
        else:
            self.failures = 0
        pause = min(2.0**self.failures, LONGEST_PAUSE) if self.failures else self.beat.period
        self.due = time.monotonic() + pause


class Conductor:
    """Runs beats when an act was committed, and in their period.

    Args:
        tidy: run after each round, in the same thread.
    """

    def __init__(self, beats: tuple[Beat, ...], tidy: Callable[[], object] = int) -> None:
        self.rhythms = [Rhythm(beat) for beat in beats]
        self._tidy = tidy

    def noticed(self) -> None:
        """An act was committed: beats that follow the acts are due, unless they fail just now."""
        for rhythm in self.rhythms:
            if rhythm.beat.on_act and not rhythm.failures:
                rhythm.due = 0.0

    def run_due(self) -> None:
        """Run every beat that is due."""
        for rhythm in self.rhythms:
            if rhythm.due <= time.monotonic():
                rhythm.attempt()
        self._tidy()

    def pause(self) -> float:
        """Seconds until the next beat is due."""
        return max(0.05, min(rhythm.due for rhythm in self.rhythms) - time.monotonic())


async def follow_acts(conductor: Conductor, channel: str, url: str) -> None:
    """Listen for acts and keep the beats going until cancelled."""
    import psycopg

    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, thread_name_prefix="beats") as thread:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute(f'listen "{channel}"')
            await loop.run_in_executor(thread, conductor.run_due)
            log.info("ready")
            while True:
                async for _ in connection.notifies(timeout=conductor.pause(), stop_after=1):
                    conductor.noticed()
                await loop.run_in_executor(thread, conductor.run_due)


async def send_on(sender: Sender, url: str, tidy: Callable[[], object] = int) -> None:
    """Run a sender when it is notified and in its period, until cancelled; one that fails is told and tried again."""
    import psycopg

    def once() -> None:
        try:
            sender.run()
        except Exception as error:  # the next time it may work
            log.exception("sender failed", sender=sender.name, error=str(error))
        finally:
            tidy()

    with ThreadPoolExecutor(1, thread_name_prefix="sender") as thread:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute(f'listen "{sender.channel}"')
            while True:
                await asyncio.get_running_loop().run_in_executor(thread, once)
                async for _ in connection.notifies(timeout=sender.period, stop_after=1):
                    pass


async def database(url: str) -> None:
    """Wait until the database takes connections.

    Raises:
        psycopg.OperationalError: It did not in time.
    """
    import psycopg

    until = time.monotonic() + DATABASE_WAIT
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True):
                return
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
        await asyncio.sleep(DATABASE_AGAIN)


async def or_end(work: Awaitable[None]) -> None:
    """Do something for as long as the process lives; where it fails, that ends soon, even if others do not let go.

    A pool of connections that is opened while the database is being lost never does.
    """
    try:
        await work
    except Exception:
        late = threading.Timer(LEAVES_WITHIN, os._exit, (1,))
        late.daemon = True
        late.start()
        raise


async def do_jobs(watch: Sequence[WorkerMiddleware] = ()) -> None:
    """Do the queue's jobs until cancelled.

    Args:
        watch: What stands around each job.
    """
    from procrastinate import PsycopgConnector
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.utils import connector_params

    parameters: dict[str, Any] = connector_params()
    mine = app.with_connector(PsycopgConnector(kwargs=parameters, min_size=1, max_size=4))
    async with mine.open_async() as opened, asyncio.TaskGroup() as group:
        await put_back_stalled(opened, 0)  # no other worker lives while this one starts
        group.create_task(retry_stalled(opened))
        group.create_task(
            opened.run_worker_async(
                concurrency=2, install_signal_handlers=False, delete_jobs="successful", shutdown_graceful_timeout=10,
                worker_middleware=list(watch),
            )
        )


async def retry_stalled(app: Any) -> None:
    """Put jobs whose worker was killed back into the queue, every now and then."""
    while True:
        await asyncio.sleep(HEARTBEAT_LOST)
        await put_back_stalled(app, HEARTBEAT_LOST)


async def put_back_stalled(app: Any, seconds: float) -> None:
    """Put jobs of workers that were silent for some seconds back into the queue."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds):
        log.warning("job of a lost worker tried again", job=job.id, task=job.task_name)
        await app.job_manager.retry_job(job)


async def work() -> None:
    """Everything, until SIGTERM or SIGINT."""
    from django.conf import settings
    from django.db import close_old_connections

    from datong.contexts.audit import face as audit

    current = asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, current.cancel)  # type: ignore[union-attr]
    with contextlib.suppress(asyncio.CancelledError):
        await database(settings.DATABASE_URL)
        async with asyncio.TaskGroup() as group:
            beats, senders, watch = _work()
            group.create_task(or_end(do_jobs(watch)))
            conductor = Conductor(beats, close_old_connections)
            group.create_task(or_end(follow_acts(conductor, audit.CHANNEL, settings.DATABASE_URL)))
            for sender in senders:
                group.create_task(or_end(send_on(sender, settings.DATABASE_URL, close_old_connections)))
    log.info("stopped")


def _work() -> tuple[tuple[Beat, ...], tuple[Sender, ...], tuple[WorkerMiddleware, ...]]:
    """Beats, senders, and what stands around each job: traced where the node sends traces."""
    if not env.traces():
        return wiring.beats(), wiring.senders(), ()
    from datong.config.node.traces import work as traced

    return traced.beats(wiring.beats()), traced.senders(wiring.senders()), (traced.job,)


def main() -> None:
    """Set Django up and work."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "datong.config.settings")
    logs.configure("worker", env.log_level())
    import django

    django.setup()
    asyncio.run(work())
    traces.leaving("worker")()
