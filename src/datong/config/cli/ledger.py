# SPDX-License-Identifier: Apache-2.0
"""`datong ledger …`: verify evidence offline. Needs neither a node nor a database, only the files and the public key."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from datong.config.cli import output

if TYPE_CHECKING:
    from datong.ledger.verify import Progress, Report

app = typer.Typer(help="Verify evidence, offline.", no_args_is_help=True)
AsJson = Annotated[bool, output.JSON]


@app.command()
def verify(
    evidence: Annotated[
        Path | None, typer.Argument(help="Evidence folder: logs and node.pub. Default: that of the node here.")
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", help="Public key got from elsewhere, instead of node.pub.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Check every record, root and signature; exit 1 and name the first bad record when something is wrong."""
    from dataclasses import asdict

    from datong.ledger.verify import verify_directory

    folder = evidence or Path(os.environ.get("DATONG_NODE") or ".") / "evidence"
    reports = _with_key(folder, key) if key else verify_directory(folder, progress=_progress(as_json=as_json))
    ok = bool(reports) and all(report.ok for report in reports)
    if as_json:
        output.give({"ok": ok, "logs": [asdict(report) for report in reports]}, as_json=True)
    else:
        heads = ["log", "records", "checkpoints", "verdict", "first bad", "where", "why"]
        output.table(f"Evidence in {folder}", heads, [_row(report) for report in reports])
        sys.stdout.write("every record is as it was signed\n" if ok else "NOT as it was signed\n")
    raise typer.Exit(0 if ok else output.NO)


@app.command()
def receipt(
    file: Annotated[str, typer.Argument(help="File with the receipt (as in the header Datong-Receipt); - for standard input.")],
    key: Annotated[Path, typer.Option("--key", help="Public key of the node (PEM).")],
    *,
    as_json: AsJson = False,
) -> None:
    """Check that a receipt proves its record, by the public key alone; exit 1 when it does not."""
    from datong.crypto.keys import load_verifier
    from datong.crypto.signing import BadSignature
    from datong.kernel.errors import DatongError
    from datong.ledger import receipts

    text = sys.stdin.read() if file == "-" else _read(Path(file)).decode("ascii", "replace")
    found = receipts.decode(text.strip().removeprefix("Datong-Receipt:").strip())
    verdict = {"ok": True, "reason": ""}
    try:
        receipts.verify_receipt(found, load_verifier(_read(key)))
    except (BadSignature, DatongError) as error:
        verdict = {"ok": False, "reason": str(error)}
    record = found.record.decode("utf-8", "replace") if found.record is not None else None
    mark = found.checkpoint
    facts = {"log": found.origin, "index": found.index, "size": mark.size, "at": mark.at, "key_id": mark.key_id, "record": record}
    told = "proved" if verdict["ok"] else f"NOT proved: {verdict['reason']}"
    lines = [told, *(f"  {name}: {value}" for name, value in facts.items() if value is not None)]
    output.give({**verdict, **facts}, as_json=as_json, text="\n".join(lines))
    raise typer.Exit(0 if verdict["ok"] else output.NO)


def _with_key(folder: Path, key: Path) -> list[Report]:
    from datong.crypto.keys import load_verifier
    from datong.ledger.verify import verify_log

    verifier = load_verifier(_read(key))
    return [verify_log(file.parent, verifier) for file in sorted(folder.glob("*/log.json"))]


def _read(file: Path) -> bytes:
    from datong.kernel.errors import Unknown

    try:
        return file.read_bytes()
    except OSError as error:
        raise Unknown(f"{file} cannot be read: {error.strerror}") from None


def _row(report: Report) -> tuple[object, ...]:
    where = f"{report.segment}:{report.offset}" if report.segment else ""
    verdict = "good" if report.ok else "BAD"
    name = report.origin or report.directory
    return (name, report.size, report.checkpoints, verdict, report.first_bad, where, report.reason)


def _progress(*, as_json: bool) -> Progress | None:
    if as_json or not sys.stderr.isatty():
        return None

    def show(count: int) -> None:
        sys.stderr.write(f"\r{count:,} records")
        sys.stderr.flush()

    return show
