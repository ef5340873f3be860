# SPDX-License-Identifier: Apache-2.0
"""Long work in a process of its own: one at a time of a kind, ended with whoever started it.

Kept here: memory goes back when the work ends, and a revocation never waits behind it. The standard input of such a process
is a pipe from the worker: when that is gone, killed or not, the pipe closes and the work ends where it stands, so that none
goes on unseen; what it left half-done, the next attempt does again.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection

from datong.kernel.errors import Conflict


async def run_apart(*command: str) -> int:
    """Run a command of the node in a process of its own and give its exit code; it is killed when the worker stops."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "django", *command, stdin=asyncio.subprocess.PIPE)
    try:
        return await process.wait()
    finally:
        if process.returncode is None:  # the worker stops: the work begins again with the next one
            process.kill()
            await process.wait()


def end_with_starter() -> None:
    """End this process as soon as the one that started it is gone."""
    threading.Thread(target=_end_with_starter, daemon=True).start()


def _end_with_starter() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(1)


@contextmanager
def alone(key: str, busy: str, *, patience: float) -> Iterator[None]:
    """Hold the lock of a name, also against work whose worker was killed and that still runs.

    Args:
        key: Of what is done one at a time.
        busy: Said when it cannot be had.
        patience: Seconds to wait for it.

    Raises:
        Conflict: Somebody else held it all the while.
    """
    deadline = time.monotonic() + patience
    with connection.cursor() as cursor:
        while not cursor.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [key]).fetchone()[0]:
            if time.monotonic() > deadline:
                raise Conflict(busy)
            time.sleep(0.5)
    try:
        yield
    finally:
        with suppress(DatabaseError), connection.cursor() as cursor:  # a lost connection has lost its locks
            cursor.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [key])
