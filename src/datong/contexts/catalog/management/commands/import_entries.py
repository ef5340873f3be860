# SPDX-License-Identifier: Apache-2.0
"""`import_entries JOB`: import one workbook in this process."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from datong.contexts.catalog import usecases


class Command(BaseCommand):
    """Import one workbook: the worker starts it as a process of its own."""

    help = "Import one queued workbook of entries."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """One argument: the job's number."""
        parser.add_argument("job", type=int)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Run it; the job itself says how it ended."""
        usecases.run_import(options["job"])
