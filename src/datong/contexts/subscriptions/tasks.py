# SPDX-License-Identifier: Apache-2.0
"""Background work of subscriptions: events that a landing did not tell, in a process of their own."""

from __future__ import annotations

import asyncio
import sys

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from datong.contexts.subscriptions.usecases.streaming import QUEUE, TELL

RETRIES = RetryStrategy(max_attempts=5, wait=5)


@app.task(name=TELL, queue=QUEUE, retry=RETRIES)
async def tell(code: str) -> None:
    """Make the events of a resource in a process of its own, which gives its memory back.

    Raises:
        RuntimeError: the process ended badly; the queue tries again.
    """
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "django", "tell", code)
    try:
        status = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if status:
        raise RuntimeError(f"telling the changes of {code} ended with {status}")
