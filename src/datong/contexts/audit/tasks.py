# SPDX-License-Identifier: Apache-2.0
"""Background work of audit: time stamps asked for every few minutes where one is due, old evidence of calls removed by night.

Kept here: an authority that is gone fails nothing: it is told, and asked again the next time.
"""

from __future__ import annotations

import structlog
from django.conf import settings
from django.db import close_old_connections
from procrastinate.contrib.django import app

from datong.contexts.audit import usecases
from datong.kernel.errors import DatongError

QUEUE = "evidence"
STAMP = "audit.stamp_checkpoint"
OFTEN = "*/5 * * * *"
PRUNE = "audit.prune_by_night"
NIGHTLY = settings.NODE.nightly(45)
"""Behind the other work of the night."""
log = structlog.get_logger("datong.evidence")


@app.periodic(cron=OFTEN)
@app.task(name=STAMP, queue=QUEUE, queueing_lock=STAMP, lock=STAMP, pass_context=False)
def stamp_checkpoint(timestamp: int) -> None:  # noqa: ARG001  the moment it was planned for
    """Have the newest node checkpoint stamped, when that is due."""
    close_old_connections()
    try:
        usecases.stamp_checkpoint()
    except (DatongError, OSError) as error:
        log.warning("no time stamp", error=str(error))
    finally:
        close_old_connections()


@app.periodic(cron=NIGHTLY)
@app.task(name=PRUNE, queue=QUEUE, queueing_lock=PRUNE, lock=PRUNE, pass_context=False)
def prune_by_night(timestamp: int) -> None:  # noqa: ARG001  the moment it was planned for
    """Remove the evidence of calls that has been kept for its years."""
    close_old_connections()
    try:
        for one in usecases.prune_by_night():
            log.info("evidence removed after its years", log=one.log, records=one.records, first=one.first)
    finally:
        close_old_connections()
