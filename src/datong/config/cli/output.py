# SPDX-License-Identifier: Apache-2.0
"""What commands print: a table or a sentence for people, JSON for programs, and the exit statuses.

Kept here: with --json standard output holds one JSON value and nothing else, also when the command fails.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import typer

from datong.kernel.errors import (
    Conflict,
    DatongError,
    IllegalMove,
    Malformed,
    Refused,
    Unauthenticated,
    Unavailable,
    Unknown,
    problem,
)

JSON = typer.Option("--json", help="Print JSON.")
NO, USAGE, ABSENT, FORBIDDEN, CONFLICT, UNAVAILABLE = 1, 2, 3, 4, 5, 6
STATUSES: dict[type[DatongError], int] = {
    Malformed: USAGE,
    Unknown: ABSENT,
    Refused: FORBIDDEN,
    Unauthenticated: FORBIDDEN,
    Conflict: CONFLICT,
    IllegalMove: CONFLICT,
    Unavailable: UNAVAILABLE,
}


def give(value: Any, *, as_json: bool, text: str | None = None) -> None:
    """Print a value as JSON, or the text made of it for people."""
    if as_json:
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")
    elif text:
        sys.stdout.write(text + "\n")


def table(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table for people."""
    from rich.console import Console
    from rich.table import Table

    shown = Table(title=title, title_justify="left", header_style="bold")
    for head in heads:
        shown.add_column(head, overflow="fold")
    for row in rows:
        shown.add_row(*("" if cell is None else str(cell) for cell in row))
    Console().print(shown)


def status_of(error: DatongError) -> int:
    """The exit status of an error's family."""
    alike = (status for family, status in STATUSES.items() if isinstance(error, family) or error.code == family.code)
    return next(alike, NO)


def tell(error: DatongError, *, as_json: bool) -> int:
    """Tell an error and what to do about it; returns the exit status."""
    if as_json:
        give(problem(error), as_json=True)
        return status_of(error)
    colour = sys.stderr.isatty()
    sys.stderr.write(f"\x1b[31m{error.message}\x1b[0m\n" if colour else f"{error.message}\n")
    for name, why in error.fields.items():
        sys.stderr.write(f"  {name}: {why}\n")
    if error.remedy:
        sys.stderr.write(f"→ {error.remedy}\n")
    if error.rule:
        sys.stderr.write(f"  ({error.rule})\n")
    return status_of(error)
