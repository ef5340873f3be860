# SPDX-License-Identifier: Apache-2.0
"""`datong deliveries …`: find whose copy a leaked file is."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from datong.config.cli import output
from datong.config.node.django import of_node

app = typer.Typer(help="Deliveries of a running node.", no_args_is_help=True)


@app.callback()
def _deliveries() -> None:
    """Deliveries of a running node."""


@app.command()
def trace(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, JSON lines or Parquet, in the order it was found.")],
    node: Annotated[Path | None, typer.Option("--node", help="Folder of the node; default: DATONG_NODE, then here.")] = None,
    *,
    as_json: Annotated[bool, output.JSON] = False,
) -> None:
    """Name the deliveries whose traceable row order a file shows; exit 1 when it shows none.

    Rows that were left out and columns beside the key do not matter; 30 rows are the least. A file sorted anew shows nothing.
    """
    with of_node(node):
        from datong.contexts.deliveries import face as deliveries

        found = deliveries.trace(file)
    if as_json:
        output.give({"found": [asdict(one) for one in found]}, as_json=True)
    elif found:
        heads = ["delivery", "grant", "consumer", "asked by", "rows", "sureness"]
        rows = [(one.delivery, one.grant, one.consumer, one.asked_by, one.rows, one.score) for one in found]
        output.table(f"Order of the rows in {file.name}", heads, rows)
    else:
        output.give({}, as_json=False, text="the order of these rows is that of no traceable delivery")
    raise typer.Exit(0 if found else output.NO)
