# SPDX-License-Identifier: Apache-2.0
"""`rebuild_search`: build the search index anew; the worker runs it in a process of its own."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from datong.contexts.catalog import usecases

PATIENCE = 30.0


class Command(BaseCommand):
    """Rebuild the search index."""

    help = "Rebuild the search index."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Run it."""
        usecases.rebuild_search(wait=PATIENCE)
