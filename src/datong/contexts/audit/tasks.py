# SPDX-License-Identifier: Apache-2.0
"""Background work of audit: time stamps asked for every few minutes where one is due.

Kept here: an authority that is gone fails nothing: it is told, and asked again the next time.
"""

from __future__ import annotations

import structlog
from django.db import close_old_connections
from procrastinate.contrib.django import app

from datong.contexts.audit import usecases
from datong.kernel.errors import DatongError

QUEUE = "evidence"
STAMP = "audit.stamp_checkpoint"
OFTEN = "*/5 * * * *"
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
