# SPDX-License-Identifier: Apache-2.0
"""`land BATCH`: run one batch in this process."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from datong.contexts.exchange import usecases


class Command(BaseCommand):
    """Land one batch: the worker starts it as a process of its own."""

    help = "Land one queued batch."

    def add_arguments(self, parser: CommandParser) -> None:
        """One argument: the batch's number."""
        parser.add_argument("batch", type=int)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Run it; the batch itself says how it ended."""
        usecases.run_batch(options["batch"])
