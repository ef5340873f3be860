# SPDX-License-Identifier: Apache-2.0
"""Background work of deliveries: each is carried out in a process of its own, which ends with the worker that began it."""

from __future__ import annotations

import asyncio
import sys

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from datong.contexts.deliveries.usecases.queueing import CARRY, QUEUE

RETRIES = RetryStrategy(max_attempts=5, exponential_wait=4)


@app.task(name=CARRY, queue=QUEUE, retry=RETRIES)
async def carry(number: str) -> None:
    """Carry one delivery out in a process of its own.

    Raises:
        RuntimeError: The process ended badly; the queue tries again, and the delivery says why.
    """
    command = (sys.executable, "-m", "django", "deliver", number)
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE)
    try:
        status = await process.wait()
    finally:
        if process.returncode is None:  # the worker stops: the delivery begins again with the next one
            process.kill()
            await process.wait()
    if status:
        raise RuntimeError(f"delivery {number} ended with {status}")
