# SPDX-License-Identifier: Apache-2.0
"""Background work of exchange: landing in a process of its own, drift by night, policy and calls by the worker's beat.

A landing runs as a separate process, so that its memory is given back and a revocation never waits behind it. It ends
with the worker that started it: its standard input closes then.
"""

from __future__ import annotations

import asyncio

from django.conf import settings
from django.db import close_old_connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from datong.contexts.exchange import usecases
from datong.contexts.exchange.usecases import processes
from datong.contexts.exchange.usecases.deriving import DERIVE
from datong.contexts.exchange.usecases.deriving import QUEUE as DERIVING
from datong.contexts.exchange.usecases.drifting import COMPARE, QUEUE
from datong.contexts.exchange.usecases.sources import LAND, STOPPED

LANDING_RETRIES = RetryStrategy(max_attempts=5, exponential_wait=4)
"""After 4, 16, 64 and 256 seconds: a source that went away has some minutes to come back."""
NIGHTLY, LATER = settings.NODE.nightly(0), settings.NODE.nightly(30)


@app.task(name=LAND, queue="landing", retry=LANDING_RETRIES)
async def land(batch: int) -> None:
    """Land one batch in a process of its own.

    Raises:
        RuntimeError: the process ended badly; the queue tries again, and the batch says why.
    """
    status = await processes.run_apart("land", str(batch))
    if status == STOPPED:
        await asyncio.to_thread(_end_stopped, batch)
    elif status:
        raise RuntimeError(f"landing of batch {batch} ended with {status}")


def _end_stopped(batch: int) -> None:
    close_old_connections()
    try:
        usecases.end_stopped(batch)
    finally:
        close_old_connections()


@app.task(name=DERIVE, queue=DERIVING, lock=DERIVE, queueing_lock=DERIVE)
def derive() -> None:
    """Make the tables that grants lack."""
    close_old_connections()
    usecases.make_tables()


@app.periodic(cron=NIGHTLY)
@app.task(name="exchange.compare_all", queue=QUEUE, pass_context=False)
def compare_all(timestamp: int) -> None:  # noqa: ARG001  the hour it was planned for
    """Queue the nightly comparison of every resource with its source."""
    close_old_connections()
    usecases.compare_all()


@app.periodic(cron=LATER)
@app.task(name="exchange.vacuum_lake", queue=DERIVING, lock=DERIVE, queueing_lock="exchange.vacuum_lake", pass_context=False)
def vacuum_lake(timestamp: int) -> None:  # noqa: ARG001  the hour it was planned for
    """Clear up the lake; no table is made meanwhile."""
    close_old_connections()
    usecases.vacuum_lake()


@app.task(name=COMPARE, queue=QUEUE)
def compare(code: str) -> None:
    """Compare one resource with its source."""
    close_old_connections()
    usecases.compare_quietly(code)
