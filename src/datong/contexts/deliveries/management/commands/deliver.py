# SPDX-License-Identifier: Apache-2.0
"""`deliver NUMBER`: carry one delivery out in this process, and end with whoever started it.

Kept here: standard input is a pipe from the worker. When that is gone, killed or not, the pipe closes and the delivery ends
where it stands, so that none goes on unseen; what it left half-done, the next attempt does again.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from datong.contexts.deliveries import usecases
from datong.contexts.exchange import face as exchange


class Command(BaseCommand):
    """Carry one delivery out: the worker starts it as a process of its own."""

    help = "Carry one queued delivery out."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """One argument: the delivery's number."""
        parser.add_argument("number")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Carry it out; the delivery itself says how it ended."""
        exchange.end_with_starter()
        usecases.run_delivery(options["number"])
