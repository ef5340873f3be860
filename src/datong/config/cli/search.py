# SPDX-License-Identifier: Apache-2.0
"""`datong search …`: prove the search index against the database, build it anew."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from datong.config.cli import output
from datong.config.node.django import of_node

app = typer.Typer(help="The search index of a running node.", no_args_is_help=True)
Node = Annotated[Path | None, typer.Option("--node", help="Folder of the node; default: DATONG_NODE, then here.")]
AsJson = Annotated[bool, output.JSON]
PATIENCE = 30.0


@app.command()
def verify(node: Node = None, *, as_json: AsJson = False) -> None:
    """Compare index and database: how many entries, and the sum of what each says. Leaves with 1 when they differ."""
    with of_node(node):
        from datong.contexts.catalog import face as catalog

        found = catalog.prove_search()
    told = asdict(found)
    (truth, sum_), (held, held_sum) = found.database, found.index
    lines = [
        f"database  {truth} entries, sum {sum_}, act {found.head}",
        f"index     {held} entries, sum {held_sum}, act {found.seq}" if found.present else "index     absent",
        *[f"wrong     {code}" for code in found.wrong],
        *([f"surplus   {found.surplus} entries"] if found.surplus else []),
        "they agree" if found.ok else "they differ: datong search rebuild",
    ]
    output.give(told, as_json=as_json, text="\n".join(lines))
    if not found.ok:
        raise typer.Exit(output.NO)


@app.command()
def rebuild(node: Node = None, *, as_json: AsJson = False) -> None:
    """Build the index anew and put it in force; search goes on meanwhile."""
    with of_node(node):
        from datong.contexts.catalog import face as catalog

        made = catalog.rebuild_search(wait=PATIENCE)
    output.give(asdict(made), as_json=as_json, text=f"{made.entries} entries in {made.seconds} s, up to act {made.seq}")
