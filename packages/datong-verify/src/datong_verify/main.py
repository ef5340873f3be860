# SPDX-License-Identifier: Apache-2.0
"""The command `datong-verify`: what is given is recognised by its content and checked; the exit status says what was found."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from datong_verify import __version__
from datong_verify.bundles import check_exports
from datong_verify.folders import check_log, is_log
from datong_verify.nodes import SERIES, check_series, is_series
from datong_verify.notes import Key, read
from datong_verify.papers import check_export, check_pair, check_receipt
from datong_verify.verdicts import BAD, UNREADABLE, UNSUPPORTED, Unreadable, Unsupported, Verdict, Wrong

LARGEST_PAPER = 1 << 20
CARRIES_A_KEY = ("export", "log")


def check(path: Path, key: Key | None) -> Verdict:
    """Check one receipt, pair, export or log."""
    verdict = Verdict(str(path), key_given=key is not None)
    try:
        _check(path, key, verdict)
    except Wrong as error:
        verdict.status, verdict.reason, verdict.first_bad = BAD, str(error), error.record
    except Unreadable as error:
        verdict.status, verdict.reason = UNREADABLE, str(error)
    except Unsupported as error:
        verdict.status, verdict.reason = UNSUPPORTED, str(error)
    except OSError as error:
        verdict.status, verdict.reason = UNREADABLE, f"{error.filename or path}: {error.strerror}"
    return verdict


def _check(path: Path, key: Key | None, verdict: Verdict) -> None:
    if path.is_dir():
        verdict.kind = "log"
        check_log(path, key, verdict)
        return
    with path.open("rb") as file:
        start = file.read(LARGEST_PAPER)
    if is_series(start):
        verdict.kind = "node"
        check_series(path, key, verdict)
        return
    if not start.lstrip().startswith(b"{"):
        verdict.kind = "receipt"
        check_receipt(start.decode("ascii", "replace"), key, verdict)
    elif b'"datong-exports/' in start.split(b"\n", 1)[0]:
        verdict.kind = "exports"
        check_exports(path, key, verdict)
    elif b'"datong-export/' in start.split(b"\n", 1)[0]:
        verdict.kind = "export"
        check_export(path, key, verdict)
    else:
        verdict.kind = "pair"
        facts = read(start)
        if facts.get("format") != "datong-consistency/1":
            raise Unreadable("this is of a kind unknown here")
        check_pair(facts, key, verdict)


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
    lines.append(f"signed {verdict.at} over {verdict.size} records by key {verdict.key_id}")
    if not verdict.key_given:
        lines.append(f"the key came with the {verdict.kind}: it agrees with itself; compare the key with one got from elsewhere")
    return "\n  ".join(lines + verdict.notes)


def main(arguments: list[str] | None = None) -> None:
    """Check everything named; leave with the worst status."""
    parser = argparse.ArgumentParser(prog="datong-verify", description="Checks the evidence of a Datong node offline.")
    parser.add_argument("evidence", nargs="+", type=Path, help="receipt, pair, node checkpoint, export, folder of logs or of one")
    parser.add_argument("--key", type=Path, help="public key of the node (PEM), got from elsewhere")
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
    verdicts = [check(path, key) for named in said.evidence for path in _inside(named)]
    if said.json:
        sys.stdout.write(json.dumps([asdict(one) for one in verdicts], ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.write("".join(told(one) + "\n" for one in verdicts))
    raise SystemExit(max((one.status for one in verdicts), default=UNREADABLE))


def _inside(path: Path) -> list[Path]:
    """Give the logs in a folder of logs, or what was named itself."""
    if path.is_dir() and not is_log(path):
        logs = sorted(folder for folder in path.iterdir() if folder.is_dir() and is_log(folder))
        return logs + [file for file in (path / SERIES,) if file.exists()] or [path]
    return [path]


if __name__ == "__main__":
    main()
