# SPDX-License-Identifier: Apache-2.0
"""`tell CODE`: make the events of what landed in a resource, in this process."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from datong.contexts.subscriptions import usecases


class Command(BaseCommand):
    """Make the events of one resource: the worker starts it as a process of its own."""

    help = "Make the change events of one resource."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """One argument: the code of the resource."""
        parser.add_argument("code")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Do it."""
        usecases.tell(options["code"])
