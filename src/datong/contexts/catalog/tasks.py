# SPDX-License-Identifier: Apache-2.0
"""Background work of the catalogue: the search index rebuilt and proved every night, workbooks imported.

What takes memory runs in a process of its own, which gives it back.
"""

from __future__ import annotations

import asyncio
import sys

from django.conf import settings
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from datong.contexts.catalog.usecases.importing import IMPORT
from datong.contexts.catalog.usecases.indexing import QUEUE, REBUILD, keep_search_true

NIGHTLY = settings.NODE.nightly(40)


@app.task(name=REBUILD, queue=QUEUE, retry=RetryStrategy(max_attempts=5, wait=20))
async def rebuild_search() -> None:
    """Rebuild the search index in a process of its own, whose memory is given back.

    Raises:
        RuntimeError: It ended badly; the queue tries again.
    """
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "django", "rebuild_search")
    if await process.wait():
        raise RuntimeError(f"the rebuild of the search index ended with {process.returncode}")


@app.periodic(cron=NIGHTLY)
@app.task(name="catalog.prove_search", queue=QUEUE, queueing_lock="catalog.prove_search")
def prove_search(timestamp: int) -> None:  # noqa: ARG001  the queue tells when
    """Prove the search index against the database, and have it mended where it is wrong."""
    keep_search_true()


@app.task(name=IMPORT, queue="landing", retry=RetryStrategy(max_attempts=5, wait=5))
async def import_entries(job: int) -> None:
    """Import one workbook; what was imported before a kill is not imported again.

    Raises:
        RuntimeError: It ended badly; the queue tries again.
    """
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "django", "import_entries", str(job))
    try:
        status = await process.wait()
    finally:
        if process.returncode is None:  # the worker stops: the import goes on with the next one
            process.kill()
            await process.wait()
    if status:
        raise RuntimeError(f"import {job} ended with {status}")
