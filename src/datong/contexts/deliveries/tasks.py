# SPDX-License-Identifier: Apache-2.0
"""Background work of deliveries: each is carried out in a process of its own, which ends with the worker that began it."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from datong.contexts.deliveries.usecases.queueing import CARRY, QUEUE
from datong.contexts.exchange import face as exchange

RETRIES = RetryStrategy(max_attempts=5, exponential_wait=4)


@app.task(name=CARRY, queue=QUEUE, retry=RETRIES)
async def carry(number: str) -> None:
    """Carry one delivery out in a process of its own.

    Raises:
        RuntimeError: The process ended badly; the queue tries again, and the delivery says why.
    """
    status = await exchange.run_apart("deliver", number)
    if status:
        raise RuntimeError(f"delivery {number} ended with {status}")
