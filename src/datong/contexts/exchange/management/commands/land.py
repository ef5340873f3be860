# SPDX-License-Identifier: Apache-2.0
"""`land BATCH`: run one batch in this process, and end with whoever started it.

Kept here: standard input is a pipe from the worker. When that is gone, killed or not, the pipe closes and the landing
ends where it stands, so that no landing goes on unseen; what it left half-done, the next attempt does again. It ends
where it stands too when somebody asks it to stop, and the worker puts back what it had committed.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from datong.contexts.exchange import queries, usecases
from datong.contexts.exchange.usecases import processes
from datong.contexts.exchange.usecases.sources import STOPPED

LOOK = 0.5
"""Seconds between two looks whether somebody asked to stop."""


class Command(BaseCommand):
    """Land one batch: the worker starts it as a process of its own."""

    help = "Land one queued batch."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """One argument: the batch's number."""
        parser.add_argument("batch", type=int)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Run it; the batch itself says how it ended."""
        processes.end_with_starter()
        threading.Thread(target=_end_when_stopped, args=(options["batch"],), daemon=True).start()
        usecases.run_batch(options["batch"])


def _end_when_stopped(batch: int) -> None:
    while True:
        time.sleep(LOOK)
        try:
            stopped = queries.is_stopped(batch)
        except DatabaseError:
            continue
        if stopped:
            os._exit(STOPPED)
