# SPDX-License-Identifier: Apache-2.0
"""Logs of calls and what is taken from them into other hands; the offline verifier run as others run it."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from datong.ledger import exports, identity, search
from datong.ledger.prover import Prover
from factories.evidence import a_log, a_signer
from factories.house import ROOT

PACKAGE = ROOT / "packages" / "datong-verify"


@cache
def a_call(number: int) -> bytes:
    """Give the record of a call: one of five grants, a second after the one before."""
    facts = {
        "at": f"2026-03-01T08:{number // 60 % 60:02d}:{number % 60:02d}.000000Z",
        "case": "杭民救〔2026〕17号", "grant": f"S{number % 5}", "kind": "call", "request_id": f"{number:032x}",
    }  # fmt: skip
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()


def a_log_of_calls(folder: Path, batches=(3, 20, 14, 40, 23), **options) -> Path:
    """Write a log of calls and the public key beside it."""
    with a_log(folder, **{"segment_bytes": 4000, **options}) as log:
        for count in batches:
            log.append([a_call(number) for number in range(log.size, log.size + count)])
    (folder.parent / "node.pub").write_bytes(options.get("signer", a_signer()).public_pem())
    return folder


def an_export(folder: Path, target: Path, known=(), **where) -> Path:
    """Take an export from a log."""
    with Prover(folder) as prover:
        indexes = [one.index for one in search.forwards(prover, search.Wanted(where))]
        target.write_bytes(b"".join(exports.lines(prover, identity.load(folder), indexes, where=where, known=known)))
    return target


def verified_elsewhere(
    *papers: Path, key: Path | None = None, known: Sequence[Path] = (), tsa: Path | None = None
) -> list[dict]:  # fmt: skip
    """Run the offline verifier as a process that knows nothing of Datong, once for all that is named."""
    command = [sys.executable, "-m", "datong_verify", "--json", *map(str, papers), *(["--key", str(key)] if key else [])]
    command += [word for one in known for word in ("--known", str(one))] + (["--tsa", str(tsa)] if tsa else [])
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PACKAGE / "src")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=PACKAGE)
    assert not done.stderr, done.stderr
    found = json.loads(done.stdout)
    assert done.returncode == max(one["status"] for one in found)
    return found
