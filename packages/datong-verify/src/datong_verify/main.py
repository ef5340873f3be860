# SPDX-License-Identifier: Apache-2.0
"""The command `datong-verify`: what is given is recognised by its content and checked; the exit status says what was found."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from cryptography import x509

from datong_verify import __version__
from datong_verify.bundles import check_exports
from datong_verify.c2sp import check_note, is_note
from datong_verify.folders import check_log, is_log
from datong_verify.known import Known
from datong_verify.nodes import SERIES, check_series, is_series
from datong_verify.notes import Key, node_checkpoint, read
from datong_verify.papers import check_export, check_pair, check_receipt
from datong_verify.stamps import STAMPS, check_stamps, is_stamps, roots_in
from datong_verify.verdicts import BAD, UNREADABLE, UNSUPPORTED, Unreadable, Unsupported, Verdict, Wrong

LARGEST_PAPER = 1 << 20
CARRIES_A_KEY = ("export", "log")
KNOWN_HELP = "receipt, checkpoint, note or stamp kept from before: what is checked must go on from it; may be given again"


def check(path: Path, key: Key | None, known: Known, roots: list[x509.Certificate]) -> Verdict:
    """Check one receipt, pair, export or log."""
    verdict = Verdict(str(path), key_given=key is not None)
    try:
        _check(path, key, known, roots, verdict)
    except Wrong as error:
        verdict.status, verdict.reason, verdict.first_bad = BAD, str(error), error.record
    except Unreadable as error:
        verdict.status, verdict.reason = UNREADABLE, str(error)
    except Unsupported as error:
        verdict.status, verdict.reason = UNSUPPORTED, str(error)
    except OSError as error:
        verdict.status, verdict.reason = UNREADABLE, f"{error.filename or path}: {error.strerror}"
    return verdict


def _check(path: Path, key: Key | None, known: Known, roots: list[x509.Certificate], verdict: Verdict) -> None:
    if path.is_dir():
        verdict.kind = "log"
        check_log(path, key, verdict, known)
        return
    with path.open("rb") as file:
        start = file.read(LARGEST_PAPER)
    if is_stamps(start) or path.name == STAMPS:
        verdict.kind = "stamps"
        check_stamps(path, key, roots, verdict)
    elif is_series(start) or path.name == SERIES:
        verdict.kind = "node"
        _check_node(path, key, known, verdict)
    else:
        _check_paper(path, start, key, known, roots, verdict)


def _check_node(path: Path, key: Key | None, known: Known, verdict: Verdict) -> None:
    found = check_series(path, key, verdict, {node.number for node, _ in known.nodes})
    if key and path.name == SERIES:
        known.check_series(found, verdict.origin, key)
    elif key and found:
        logs = node_checkpoint(read(found[max(found)])).logs
        verdict.notes += [said for mark in logs for said in known.check_shown(mark.origin, key, [mark])]


def _check_paper(
    path: Path, start: bytes, key: Key | None, known: Known, roots: list[x509.Certificate], verdict: Verdict
) -> None:  # fmt: skip
    if is_note(start):
        verdict.kind = "note"
        shown, signer = [check_note(start, key, verdict)], key
    elif not start.lstrip().startswith(b"{"):
        verdict.kind = "receipt"
        shown, signer = [check_receipt(start.decode("ascii", "replace"), key, verdict)], key
    elif b'"datong-exports/' in start.split(b"\n", 1)[0]:
        verdict.kind = "exports"
        check_exports(path, key, known, roots, verdict)
        return
    elif b'"datong-export/' in start.split(b"\n", 1)[0]:
        verdict.kind = "export"
        export = check_export(path, key, verdict)
        shown, signer = [*export.earlier, export.mark], export.key
    else:
        verdict.kind = "pair"
        facts = read(start)
        if facts.get("format") != "datong-consistency/1":
            raise Unreadable("this is of a kind unknown here")
        shown, signer = check_pair(facts, key, verdict), key
    if signer:
        verdict.notes += known.check_shown(shown[-1].origin, signer, shown)


def told(verdict: Verdict) -> str:
    """Give a verdict in words."""
    if verdict.status == UNSUPPORTED:
        return f"{verdict.subject}: NOT CHECKED: {verdict.reason}"
    if verdict.status == UNREADABLE:
        return f"{verdict.subject}: CANNOT be read: {verdict.reason}"
    if verdict.status:
        where = "" if verdict.first_bad is None else f"first bad record {verdict.first_bad}: "
        return f"{verdict.subject}: NOT as it was signed: {where}{verdict.reason}"
    lines = [f"{verdict.subject}: good: {verdict.kind} of {verdict.origin}, records proved: {verdict.records}"]
    lines.append(f"signed{verdict.at and ' '}{verdict.at} over {verdict.size} records by key {verdict.key_id}")
    if not verdict.key_given:
        lines.append(f"the key came with the {verdict.kind}: it agrees with itself; compare the key with one got from elsewhere")
    return "\n  ".join(lines + verdict.notes)


def main(arguments: list[str] | None = None) -> None:
    """Check everything named; leave with the worst status."""
    parser = argparse.ArgumentParser(prog="datong-verify", description="Checks the evidence of a Datong node offline.")
    parser.add_argument("evidence", nargs="+", type=Path, help="receipt, pair, checkpoint, note or stamp, export, folder of logs")
    parser.add_argument("--key", type=Path, help="public key of the node (PEM), got from elsewhere")
    parser.add_argument("--known", type=Path, action="append", default=[], metavar="FILE", help=KNOWN_HELP)
    parser.add_argument("--tsa", type=Path, metavar="FILE", help="roots (PEM) of the authority that stamped, got from elsewhere")
    parser.add_argument("--json", action="store_true", help="print one JSON list")
    parser.add_argument("--version", action="version", version=f"datong-verify {__version__}")
    said = parser.parse_args(arguments)
    try:
        key = Key(said.key.read_text("ascii")) if said.key else None
    except Unsupported as error:
        sys.stderr.write(f"{said.key}: {error}\n")
        raise SystemExit(UNSUPPORTED) from None
    except (Unreadable, OSError, UnicodeDecodeError):
        sys.stderr.write(f"{said.key} is not a public key\n")
        raise SystemExit(UNREADABLE) from None
    known, roots = _given(said.known, said.tsa)
    verdicts = [check(path, key, known, roots) for named in said.evidence for path in _inside(named)]
    verdicts += _missed(said.evidence, known)
    if said.json:
        sys.stdout.write(json.dumps([asdict(one) for one in verdicts], ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.write("".join(told(one) + "\n" for one in verdicts))
    raise SystemExit(max((one.status for one in verdicts), default=UNREADABLE))


def _given(known: list[Path], tsa: Path | None) -> tuple[Known, list[x509.Certificate]]:
    """Read what is known from before, and the roots of authorities; end where they cannot be read."""
    try:
        return Known(known), roots_in(tsa) if tsa else []
    except (Unreadable, Wrong, OSError) as error:
        sys.stderr.write(f"--known or --tsa cannot be read: {error}\n")
        raise SystemExit(UNREADABLE) from None


def _missed(named: list[Path], known: Known) -> list[Verdict]:
    """Say what is known from before and is nowhere in what was checked."""
    try:
        for path in named:
            if path.is_dir() and not is_log(path):
                known.check_there(path, SERIES)
        known.check_met()
    except Wrong as error:
        return [Verdict(str(path), status=BAD, reason=str(error))]
    except Unreadable as error:
        return [Verdict("--known", status=UNREADABLE, reason=str(error))]
    return []


def _inside(path: Path) -> list[Path]:
    """Give the logs in a folder of logs, or what was named itself."""
    if path.is_dir() and not is_log(path):
        logs = sorted(folder for folder in path.iterdir() if folder.is_dir() and is_log(folder))
        return logs + [file for file in (path / SERIES, path / STAMPS) if file.exists()] or [path]
    return [path]


if __name__ == "__main__":
    main()
