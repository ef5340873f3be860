# SPDX-License-Identifier: Apache-2.0
"""Background work of exchange: landing in a process of its own, policy and calls by the worker's beat.

A landing runs as a separate process, so that its memory is given back and a revocation never waits behind it. It ends
with the worker that started it: its standard input closes then.
"""

from __future__ import annotations

import asyncio
import sys

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from datong.contexts.exchange.usecases.sources import LAND

LANDING_RETRIES = RetryStrategy(max_attempts=5, wait=5)


@app.task(name=LAND, queue="landing", retry=LANDING_RETRIES)
async def land(batch: int) -> None:
    """Land one batch in a process of its own.

    Raises:
        RuntimeError: the process ended badly; the queue tries again, and the batch says why.
    """
    command = (sys.executable, "-m", "django", "land", str(batch))
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE)
    try:
        status = await process.wait()
    finally:
        if process.returncode is None:  # the worker stops: the landing begins again with the next one
            process.kill()
            await process.wait()
    if status:
        raise RuntimeError(f"landing of batch {batch} ended with {status}")
