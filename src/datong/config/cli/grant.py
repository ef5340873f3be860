# SPDX-License-Identifier: Apache-2.0
"""`datong grant …`: verify a grant's document offline. Needs neither a node nor a database, only file and public key."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from datong.config.cli import output

app = typer.Typer(help="Verify grants, offline.", no_args_is_help=True)
SHOWN = ("number", "resource", "department", "application", "purpose", "not_before", "not_after", "supersedes")
LARGEST = 10_000_000


@app.callback()
def _grants() -> None:
    """Verify grants, offline."""


@app.command()
def verify(
    file: Annotated[str, typer.Argument(help="The document as downloaded from a grant's page or the API; - for standard input.")],
    key: Annotated[
        Path | None, typer.Option("--key", help="Public key of the node (PEM). Default: that of the node here.")
    ] = None,
    *,
    as_json: Annotated[bool, output.JSON] = False,
) -> None:
    """Check that a grant is as the node signed it, by Ed25519 or SM2; exit 1 when it is not.

    The stage is no part of the document: ask the node whether the grant is still in force.
    """
    from datong.crypto.keys import load_verifier
    from datong.crypto.signing import BadSignature
    from datong.kernel.errors import Malformed
    from datong.wire import grants

    envelope = _envelope(file)
    place = key or Path(os.environ.get("DATONG_NODE") or ".") / "evidence" / "node.pub"
    verifier = load_verifier(_read(place))
    verdict: dict[str, Any] = {"ok": True, "reason": ""}
    try:
        grants.verify(envelope, verifier)
    except (BadSignature, Malformed) as error:
        verdict = {"ok": False, "reason": str(error)}
    told = envelope.get("grant")
    said = told if isinstance(told, dict) else {}
    facts = {name: said.get(name) for name in SHOWN} | {"algorithm": verifier.algorithm, "key_id": verifier.key_id}
    head = "as it was signed" if verdict["ok"] else f"NOT as it was signed: {verdict['reason']}"
    lines = [head, *(f"  {name}: {value}" for name, value in facts.items() if value is not None)]
    output.give({**verdict, **facts}, as_json=as_json, text="\n".join(lines))
    raise typer.Exit(0 if verdict["ok"] else output.NO)


def _envelope(file: str) -> dict[str, Any]:
    """Read the document.

    Raises:
        Unknown: It cannot be read.
        Malformed: It is no signed grant.
    """
    from datong.kernel.errors import Malformed

    data = sys.stdin.buffer.read(LARGEST + 1) if file == "-" else _read(Path(file))
    try:
        found = json.loads(data) if len(data) <= LARGEST else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Malformed("this is not a signed grant", remedy="download the document from the page of the grant")
    return found


def _read(file: Path) -> bytes:
    from datong.kernel.errors import Unknown

    try:
        return file.read_bytes()
    except OSError as error:
        raise Unknown(f"{file} cannot be read: {error.strerror}") from None
