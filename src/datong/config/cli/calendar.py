# SPDX-License-Identifier: Apache-2.0
"""`datong calendar …`: working days, by the node's calendar inside a node, else by the shipped one."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from datong.config.cli import output

if TYPE_CHECKING:
    from datetime import date

    from datong.kernel.workdays import WorkCalendar

app = typer.Typer(help="Working days.", no_args_is_help=True)


@app.command("add-days")
def add_days(
    day: Annotated[str, typer.Argument(metavar="DATE", help="Day of the event, YYYY-MM-DD; it is not counted.")],
    count: Annotated[int, typer.Argument(metavar="N", help="Working days.")],
    node: Annotated[Path | None, typer.Option("--node", help="Folder of a running node whose calendar counts.")] = None,
    *,
    as_json: Annotated[bool, output.JSON] = False,
) -> None:
    """Give the last day of a period of N working days that begins with an event on DATE."""
    calendar, source = _calendar(node)
    due = calendar.add_days(_date(day), count)
    facts = {
        "due": due.due.isoformat(),
        "published": due.published,
        "warning": due.warning,
        "calendar": calendar.version,
        "source": source,
    }
    text = due.due.isoformat() + (f"\n{due.warning}" if due.warning else "")
    output.give(facts, as_json=as_json, text=text)


def _date(text: str) -> date:
    from datetime import date

    from datong.kernel.errors import Malformed

    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise Malformed(f"{text!r} is not a date", fields={"DATE": "YYYY-MM-DD"})


def _calendar(node: Path | None) -> tuple[WorkCalendar, str]:
    """The node's calendar where one is asked for or stands here and answers; else the one shipped."""
    from datong.kernel.errors import DatongError

    here = node or Path(os.environ.get("DATONG_NODE") or ".")
    if node is not None or (here / "node.toml").exists():
        try:
            return _of_node(here), "node"
        except DatongError:
            if node is not None:
                raise
    from datong.config.node.calendar import shipped

    return shipped(), "shipped"


def _of_node(folder: Path) -> WorkCalendar:
    from datong.config.node.django import of_node

    with of_node(folder):
        from datong.contexts.organisations import face as organisations

        return organisations.working_calendar()
