# SPDX-License-Identifier: Apache-2.0
"""`datong ledger …`: show, prove, export and verify evidence, without a node or a database: by files and key."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from datong.config.cli import output

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from datong.ledger.verify import Progress, Report

app = typer.Typer(help="Show, prove, export and verify evidence, offline.", no_args_is_help=True)
AsJson = Annotated[bool, output.JSON]
ALog = Annotated[str, typer.Argument(help="Folder of a log, or its name in the evidence of the node here: acts, gateway-0.")]
AGrant = Annotated[str, typer.Option("--grant", help="Only records of this grant.")]
ARequest = Annotated[str, typer.Option("--request-id", help="Only records of this call (Datong-Request-Id).")]


@app.command()
def verify(
    evidence: Annotated[
        Path | None, typer.Argument(help="Folder of logs and node.pub, or an export. Default: that of the node here.")
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", help="Public key got from elsewhere, instead of node.pub.")] = None,
    known: Annotated[
        list[Path] | None, typer.Option("--known", help="Node checkpoint, checkpoint, note or receipt kept from before.")
    ] = None,
    tsa: Annotated[
        Path | None, typer.Option("--tsa", help="Roots (PEM) of the time-stamping authority, instead of tsa.pem.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Check every record, root and signature; exit 1 and name the first bad record when something is wrong."""
    from dataclasses import asdict

    from datong.crypto.keys import load_verifier
    from datong.crypto.timestamps import roots_of
    from datong.ledger.exports import known_states
    from datong.ledger.verify import verify_directory

    folder = evidence or _evidence()
    roots = roots_of(_read(tsa)) if tsa else None
    if folder.is_file():
        _verify_export(folder, key, roots, as_json=as_json)
    states, held = known_states(_read(one).decode("utf-8", "replace") for one in known or [])
    verifier, progress = load_verifier(_read(key)) if key else None, _progress(as_json=as_json)
    reports = verify_directory(folder, verifier, known=states, held=held, roots=roots, progress=progress)
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


@app.command()
def show(
    log: ALog,
    grant: AGrant = "",
    request_id: ARequest = "",
    since: Annotated[str, typer.Option("--since", help="From then on: 2026-01-31 (in China) or 2026-01-31T08:00:00Z.")] = "",
    until: Annotated[str, typer.Option("--until", help="Up to then.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="Most records; the newest are shown, oldest first.")] = 50,
    *,
    as_json: AsJson = False,
) -> None:
    """Show records of a log, the newest ones that fit; with `node-checkpoints` the newest signed statement over all logs."""
    from datong.ledger import history, search
    from datong.ledger.prover import Prover

    folder = _folder(log)
    if folder.is_file():
        _show_node(folder, as_json=as_json)
        return
    where = _where(grant, request_id)
    wanted = search.Wanted(where, _second(since, "since"), _second(until, "until", closing=True))
    with Prover(folder) as prover:
        low = history.size_before(folder, wanted.since) if wanted.since else 0
        page = search.backwards(prover, wanted, low=low, limit=limit, seconds=float("inf"))
    found = page.items[::-1]
    if as_json:
        output.give([{"index": one.index, "record": one.facts} for one in found], as_json=True)
    else:
        rows = [(one.index, one.facts.get("at", ""), _what(one.facts), _whom(one.facts)) for one in found]
        output.table(f"{log}: {len(found)} of {prover.size} records", ["index", "at", "what", "who and whom"], rows)


@app.command()
def prove(
    log: ALog,
    index: Annotated[int | None, typer.Argument(min=0, help="Record to prove.")] = None,
    size: Annotated[int | None, typer.Option("--size", help="Under the checkpoint of this size; default: the newest.")] = None,
    consistency: Annotated[
        tuple[int, int] | None, typer.Option("--consistency", help="Instead: that one checkpoint is a beginning of another.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Prove a record (as a receipt) or that one checkpoint of a log is a beginning of another."""
    from datong.kernel.errors import Malformed
    from datong.ledger import exports
    from datong.ledger.prover import Prover

    if (index is None) == (consistency is None):
        raise Malformed("name a record, or --consistency FIRST SECOND", remedy="datong ledger prove --help")
    with Prover(_folder(log)) as prover:
        if consistency is not None:
            first, second = (prover.checkpoint(one) for one in consistency)
            output.give(exports.pair(prover.consistency(first, second)), as_json=True)
            return
        found = prover.inclusion(index or 0, size)
    text = found.encode()
    record = (found.record or b"").decode("utf-8", "replace")
    facts = {"log": found.origin, "index": found.index, "size": found.checkpoint.size, "receipt": text, "record": record}
    output.give(facts, as_json=as_json, text=text)


@app.command()
def note(log: ALog, *, as_json: AsJson = False) -> None:
    """Show the newest state of a log as a C2SP checkpoint, which tools of others read; on its node signed anew when it grew."""
    from datong.crypto.keys import load_signer
    from datong.kernel.errors import Unknown
    from datong.ledger import identity, notes, noting

    folder = _folder(log)
    key = folder.absolute().parent.parent / "node.key"
    found = noting.renewed(folder, load_signer(key)) if os.access(key, os.R_OK) else noting.kept(folder)
    if found is None:
        raise Unknown(f"no note of {log} was signed here", remedy="ask on its node: datong ledger note, or by the API")
    text, verifier = found.line().decode(), identity.load(folder).verifier()
    named = {"verifier_key": notes.key_of(found.origin, verifier).text(), "note": text}
    facts = {"origin": found.origin, "size": found.size, "root": found.root.hex(), **named}
    output.give(facts, as_json=as_json, text=text.rstrip("\n"))


@app.command()
def key(
    log: ALog,
    given: Annotated[Path | None, typer.Option("--key", help="Public key got from elsewhere, not that in log.json.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show the verifier key of a log, as tools that check notes are configured with it: name+hash+base64."""
    from datong.crypto.keys import load_verifier
    from datong.ledger import identity, notes

    known = identity.load(_folder(log))
    verifier = load_verifier(_read(given)) if given else known.verifier()
    notes.check_suite(known.hash, verifier.algorithm)
    text = notes.key_of(known.origin, verifier).text()
    output.give({"origin": known.origin, "verifier_key": text}, as_json=as_json, text=text)


@app.command()
def export(
    log: Annotated[str, typer.Argument(help="A log, or the folder of all of them, which is the default on a node.")] = "",
    *,
    target: Annotated[Path, typer.Option("--output", "-o", help="File to make.")],
    grant: AGrant = "",
    request_id: ARequest = "",
    known: Annotated[
        list[Path] | None, typer.Option("--known", help="Earlier checkpoint, note or receipt the log must go on from.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Put all records of a grant or call, of one log or of all, into one file, with everything that proves them."""
    from datong.kernel.errors import Malformed
    from datong.ledger import bundles, exports, identity, search
    from datong.ledger.prover import Prover

    where = _where(grant, request_id)
    if not where:
        raise Malformed("name --grant or --request-id")
    folder = _folder(log) if log else _evidence()
    held, nodes = exports.known_states(_read(one).decode("utf-8", "replace") for one in known or [])
    if not (folder / identity.NAME).exists() and any(folder.glob(f"*/{identity.NAME}")):
        _write(target, bundles.lines(folder, where, known=held, held=nodes))
        _verify_bundle(target, None, None, as_json=as_json)
    with Prover(folder) as prover:
        prover.checkpoint()
        held += [mark for one in nodes for mark in one.logs if mark.origin == prover.checkpoint().origin]
        indexes = [one.index for one in search.forwards(prover, search.Wanted(where))]
        _write(target, exports.lines(prover, identity.load(folder), indexes, where=where, known=held))
        facts = {"file": str(target), "records": len(indexes), "size": prover.size, "known": [one.size for one in held]}
    told = f"{len(indexes)} records, proved under the checkpoint of size {facts['size']}: {target}"
    output.give(facts, as_json=as_json, text=told)


@app.command()
def prune(
    node: Annotated[Path | None, typer.Option("--node", help="Folder of the node; default: DATONG_NODE, then here.")] = None,
    before: Annotated[str, typer.Option("--before", help="Calls before that day; default: older than keep_calls_years.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Remove the evidence of calls that has been kept for its years, by whole segments; never younger than three years."""
    from dataclasses import asdict
    from datetime import UTC, datetime

    from datong.config.node.django import of_node
    from datong.wire.instants import instant

    with of_node(node):
        from datong.contexts.audit import face as audit

        gone = audit.prune(datetime.fromtimestamp(instant(before, field="before"), UTC) if before else None)
    told = [f"{one.log}: {one.records} records removed, the first left is {one.first}" for one in gone]
    output.give([asdict(one) for one in gone], as_json=as_json, text="\n".join(told) or "nothing is old enough")


@app.command()
def persons(
    purpose: Annotated[str, typer.Option("--purpose", help="Why it is asked; kept with the act.")],
    since: Annotated[str, typer.Option("--since", help="From then on: 2026-01-31 (in China) or 2026-01-31T08:00:00Z.")] = "",
    until: Annotated[str, typer.Option("--until", help="Up to then.")] = "",
    node: Annotated[Path | None, typer.Option("--node", help="Folder of the node; default: DATONG_NODE, then here.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show the calls about a person, whose id is asked for or read from standard input; that it was asked is on record."""
    import getpass

    from datong.config.node.django import of_node

    person = getpass.getpass("公民身份号码 (resident id): ") if sys.stdin.isatty() else sys.stdin.readline()
    with of_node(node):
        from datong.contexts.audit import face as audit
        from datong.kernel.actors import SYSTEM

        first, last = _second(since, "since"), _second(until, "until", closing=True)
        asked = audit.Question(person, purpose, first, last, shell=getpass.getuser())
        found = audit.who_looked(asked, by=SYSTEM)
    if as_json:
        items = [{"log": one.log, "index": one.index, "record": one.facts} for one in found.items]
        output.give({"whole": found.whole, "found": items}, as_json=True)
        return
    rows = [(one.log, one.index, one.facts.get("at", ""), _what(one.facts), _whom(one.facts)) for one in found.items]
    output.table(f"{len(rows)} calls about this person", ["log", "index", "at", "what", "who and whom"], rows)
    if not found.whole:
        sys.stdout.write("NOT everything was looked through: narrow the time by --since and --until\n")


def _verify_bundle(file: Path, key: Path | None, roots: Sequence[Certificate] | None, *, as_json: bool) -> NoReturn:
    from dataclasses import asdict

    from datong.crypto.keys import load_verifier
    from datong.ledger import bundles

    found = bundles.verify(file, load_verifier(_read(key)) if key else None, roots or ())
    told = f"{found.records} records of {len(found.logs)} logs are as they were signed by key {found.key_id}: {file}"
    told += "".join(f"\n{one.origin}: {one.records} of {one.size} records" for one in found.logs)
    told += "" if found.node is None else f"\nno log that node checkpoint {found.node} pins is left out"
    told += f"\nall of them were there at {found.stamped}, {_by(found.authority)}" if found.stamped else ""
    told += "" if key else "\nthe key came with the export: compare it with one got from elsewhere, or name --key"
    output.give(asdict(found), as_json=as_json, text=told if found.ok else f"NOT as it was signed: {found.reason}")
    raise typer.Exit(0 if found.ok else output.NO)


def _by(authority: str) -> str:
    return f"says {authority}" if authority else "says a stamp that is NOT checked: name the authority's roots by --tsa"


def _show_node(file: Path, *, as_json: bool) -> None:
    """Show the newest node checkpoint, or the newest stamped one: as JSON the line itself, which is to be kept."""
    from datong.kernel.errors import Unknown
    from datong.ledger import merged, stamps

    if file.name == stamps.NAME and (stamped := stamps.last(file.parent)):
        said = f"node checkpoint {stamped.node.number} of {stamped.node.origin}, stamped {stamped.said.at.isoformat()}\n"
        sys.stdout.write(stamped.line().decode() if as_json else said)
        return
    newest = merged.last(file.parent) if file.name == merged.NAME else None
    if newest is None:
        raise Unknown(f"{file} holds no node checkpoint", remedy=f"name a log, {merged.NAME} or {stamps.NAME}")
    if as_json:
        sys.stdout.write(newest.line().decode())
        return
    rows = [(mark.origin, mark.size, mark.at, mark.root.hex()) for mark in newest.logs]
    output.table(f"node checkpoint {newest.number} of {newest.origin}, {newest.at}", ["log", "records", "at", "root"], rows)


def _verify_export(file: Path, key: Path | None, roots: Sequence[Certificate] | None, *, as_json: bool) -> NoReturn:
    from dataclasses import asdict

    from datong.crypto.keys import load_verifier
    from datong.ledger.bundles import is_bundle
    from datong.ledger.exports import verify_export
    from datong.ledger.notes import LARGEST, is_note

    with file.open("rb") as start:
        if is_note(start.read(LARGEST).decode("utf-8", "replace")):
            _verify_note(file, key, as_json=as_json)
    if is_bundle(file):
        _verify_bundle(file, key, roots, as_json=as_json)
    found = verify_export(file, load_verifier(_read(key)) if key else None)
    if found.ok:
        told = f"{found.records} records of {found.origin} are as they were signed by key {found.key_id}"
        told += f" (checkpoint of {found.size} records, {found.at})"
        told += "".join(f"\nthe log goes on from its state of {size} records" for size in found.known)
        told += "" if key else "\nthe key came with the export: compare it with one got from elsewhere, or name --key"
    else:
        told = f"NOT as it was signed: line {found.line}: {found.reason}"
    output.give(asdict(found), as_json=as_json, text=told)
    raise typer.Exit(0 if found.ok else output.NO)


def _verify_note(file: Path, key: Path | None, *, as_json: bool) -> NoReturn:
    from datong.crypto.keys import load_verifier
    from datong.kernel.errors import DatongError, Malformed
    from datong.ledger import notes

    if key is None:
        raise Malformed("a note carries no public key", remedy="name --key: the public key, or the verifier key of the log")
    text, raw, reason = _read(key), _read(file), ""
    found = notes.parse(raw)
    try:
        if text.startswith(b"-----"):
            found.check(load_verifier(text))
        else:
            notes.opened(raw, notes.parse_key(text.decode("utf-8", "replace")))
    except DatongError as error:
        reason = str(error)
    facts = {"ok": not reason, "reason": reason, "origin": found.origin, "size": found.size, "root": found.root.hex()}
    told = f"the log {found.origin} has {found.size} records and the root {found.root.hex()}: so it was signed"
    output.give(facts, as_json=as_json, text=f"NOT as it was signed: {reason}" if reason else told)
    raise typer.Exit(output.NO if reason else 0)


def _evidence() -> Path:
    return Path(os.environ.get("DATONG_NODE") or ".") / "evidence"


def _folder(log: str) -> Path:
    named = _evidence() / log
    return named if "/" not in log and not (Path(log) / "log.json").exists() and named.exists() else Path(log)


def _write(target: Path, lines: Iterable[bytes]) -> None:
    """Make a file whole or not at all; never over another."""
    from datong.kernel.errors import Conflict, Unavailable

    try:
        with target.open("xb") as file:
            try:
                file.writelines(lines)
            except BaseException:
                target.unlink()
                raise
    except FileExistsError:
        raise Conflict(f"{target} exists already", remedy="name another file") from None
    except OSError as error:
        raise Unavailable(f"{target} cannot be written: {error.strerror}") from None


def _where(grant: str, request_id: str) -> dict[str, str]:
    return {name: value for name, value in (("grant", grant), ("request_id", request_id)) if value}


def _second(text: str, name: str, *, closing: bool = False) -> str:
    from datong.wire.instants import instant, text_of

    return text_of(instant(text, field=name, closing=closing)) if text else ""


def _what(facts: Mapping[str, Any]) -> str:
    parts = (facts.get("tag") or facts.get("kind"), facts.get("channel"), facts.get("status"), facts.get("code"))
    return " ".join(str(part) for part in parts if part)


def _whom(facts: Mapping[str, Any]) -> str:
    parts = [facts.get(name) for name in ("account", "client", "subject", "grant", "resource", "request_id")]
    return " ".join(str(part) for part in parts if part)


def _read(file: Path) -> bytes:
    from datong.kernel.errors import Unknown

    try:
        return file.read_bytes()
    except OSError as error:
        raise Unknown(f"{file} cannot be read: {error.strerror}") from None


def _row(report: Report) -> tuple[object, ...]:
    where = f"{report.segment}:{report.offset}" if report.segment else ""
    verdict = "good" if report.ok else "BAD"
    name = f"{report.origin} time stamps" if report.stamped else report.origin or report.directory
    return (name, report.size, report.checkpoints, verdict, report.first_bad, where, report.reason or report.note)


def _progress(*, as_json: bool) -> Progress | None:
    if as_json or not sys.stderr.isatty():
        return None

    def show(count: int) -> None:
        sys.stderr.write(f"\r{count:,} records")
        sys.stderr.flush()

    return show
