# SPDX-License-Identifier: Apache-2.0
"""The command `datong`: nouns, and one voice for errors.

Kept here: an error of ours is told in one sentence with its remedy, never as a traceback; the exit status says its kind
(docs/reference/cli.md). `--help` reads no database and imports no framework.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

import datong
from datong.config.cli import calendar, deliveries, docs, grant, ledger, node, output, search, user
from datong.kernel.errors import DatongError

app = typer.Typer(
    name="datong",
    help="大同 Datong: the integrated government data platform as one program.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(node.app, name="node")
app.add_typer(user.app, name="user")
app.add_typer(ledger.app, name="ledger")
app.add_typer(grant.app, name="grant")
app.add_typer(calendar.app, name="calendar")
app.add_typer(search.app, name="search")
app.add_typer(deliveries.app, name="deliveries")
app.command("stages")(docs.stages)
app.command("settings")(docs.settings)


def _version(value: bool) -> None:  # noqa: FBT001  typer calls it
    if value:
        typer.echo(f"datong {datong.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,  # noqa: FBT002
) -> None:
    """大同 Datong: the integrated government data platform as one program."""


@app.command()
def demo(
    folder: Annotated[str, typer.Option("--dir", help="Folder of the demonstration's node; made anew.")] = "demo-node",
    *,
    serve: Annotated[bool, typer.Option(help="Keep serving the pages when the story is told.")] = True,
    as_json: Annotated[bool, output.JSON] = False,
) -> None:
    """Tell one story with real data: from a catalogue entry to an answered call with evidence."""
    from pathlib import Path

    from datong.config.demo import story

    raise typer.Exit(0 if story.run(Path(folder), serve=serve, as_json=as_json) else output.NO)


def main() -> None:
    """Run a command; leave with a status that means something."""
    try:
        app()
    except DatongError as error:
        sys.exit(output.tell(error, as_json="--json" in sys.argv))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)


if __name__ == "__main__":
    main()
