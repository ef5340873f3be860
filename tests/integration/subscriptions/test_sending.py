# SPDX-License-Identifier: Apache-2.0
"""The worker runs a sender when it is notified; one that fails is run again all the same."""

from __future__ import annotations

import asyncio
import contextlib
import os

import psycopg

from datong.config import wiring
from datong.config.node.worker import send_on
from datong.contexts.audit import face as audit
from datong.wire import events


def test_a_sender_runs_when_notified_whatever_became_of_it_before():
    url, ran, tidied = os.environ["DATONG_DATABASE_URL"], [], []

    def run() -> None:
        ran.append(len(ran))
        if len(ran) == 1:
            raise OSError("away")

    async def notified() -> None:
        sender = wiring.Sender("test", run, events.CHANNEL, period=30)
        task = asyncio.create_task(send_on(sender, url, lambda: tidied.append(1)))
        async with asyncio.timeout(10), await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            while len(ran) < 3:
                await connection.execute("select pg_notify(%s, '')", [events.CHANNEL])
                await asyncio.sleep(0.02)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(notified())
    assert len(ran) >= 3 and len(tidied) >= 3
    assert [sender.channel for sender in wiring.senders()] == [audit.CHANNEL, events.CHANNEL]
