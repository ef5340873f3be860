# SPDX-License-Identifier: Apache-2.0
"""Claim: evidence is appended, signed and on the disk at 150,000 records a second, verified whole at 10 M in a minute, and
any record of 10 M is proved within a millisecond.

Ours: `Log.append` in batches of 512 (hash, tree, one durable write, one Ed25519 signature and a receipt for each record);
`verify_log` from the first record; `Prover` once it has caught up, each proof checked before it is given. Peer: pymerkle's
tree in SQLite (hashed and committed in the same batches, unsigned, at a tenth of the records and at most 100,000, for its
proofs read the whole tree). Limit: the same bytes in the same batches by write and fdatasync, neither hashed nor signed.

`python benchmarks/ledger.py [--quick] [--records N] --json` prints one object; `make bench-setup` installs the peer.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from _catalogue import load
from _scratch import scratch
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from datong.crypto.signing import Ed25519Signer
from datong.ledger import subtrees
from datong.ledger.log import Log
from datong.ledger.prover import Prover
from datong.ledger.verify import verify_log

HERE = Path(__file__).resolve().parent
CLAIM = "evidence is appended at 150,000 records/s, 10 M records are verified in 60 s, and any of them is proved within 1 ms"
BATCH, LENGTH, PROOFS, ROUNDS = 512, 420, 500, 3
MOST_OF_PEER = 100_000
MISSING = "not installed: run `make bench-setup` (or no wheel for this machine)"


def record(number: int) -> bytes:
    """A record as long as that of a call."""
    return b'{"at":"2026-03-01T08:00:00.000000Z","kind":"call","request_id":"%032x","response_hash":"%0320x"}' % (number, number)


def batches(records: int) -> Any:
    """Records in batches, made while nobody measures."""
    for start in range(0, records, BATCH):
        yield [record(number) for number in range(start, min(records, start + BATCH))]


def appended(folder: Path, records: int) -> dict[str, float]:
    """Append and tell the rate, wall and processor."""
    spent = busy = 0.0
    with Log.open(folder, origin="330000/bench", signer=Ed25519Signer(Ed25519PrivateKey.generate())) as log:
        for batch in batches(records):
            begun, worked = time.perf_counter(), time.process_time()
            log.append(batch)
            spent, busy = spent + time.perf_counter() - begun, busy + time.process_time() - worked
    return {"append_per_second": round(records / spent), "append_per_cpu_second": round(records / busy)}


def raw(folder: Path, records: int) -> float:
    """The same bytes, only written: records a second."""
    spent = 0.0
    handle = os.open(folder / "raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for batch in batches(records):
        data = b"".join(batch)
        begun = time.perf_counter()
        os.write(handle, data)
        os.fdatasync(handle)
        spent += time.perf_counter() - begun
    os.close(handle)
    (folder / "raw").unlink()
    return records / spent


def verified(folder: Path, records: int) -> dict[str, float]:
    """Verify the whole log."""
    begun, worked = time.perf_counter(), time.process_time()
    report = verify_log(folder)
    seconds, busy = time.perf_counter() - begun, time.process_time() - worked
    if not report.ok or report.size != records:
        raise SystemExit(f"the log is not good: {report.reason}")
    rate = round(records / seconds)
    return {"verify_seconds": round(seconds, 2), "verify_cpu_seconds": round(busy, 2), "verify_per_second": rate}


def proved(folder: Path, records: int) -> dict[str, float]:
    """Catch up, then prove random records and pairs of checkpoints."""
    (folder / subtrees.NAME).unlink(missing_ok=True)
    begun = time.perf_counter()
    with Prover(folder) as prover:
        caught = time.perf_counter() - begun
    begun = time.perf_counter()
    prover = Prover(folder)
    again = time.perf_counter() - begun
    chosen, marks = random.Random(7), [prover.checkpoint(size) for size in range(BATCH, min(records, 200 * BATCH), BATCH)]
    one = _times(lambda: prover.inclusion(chosen.randrange(records)))
    two = _times(lambda: prover.consistency(chosen.choice(marks)))
    prover.close()
    size = (folder / subtrees.NAME).stat().st_size
    held = sum(file.stat().st_size for file in folder.glob("*.seg"))
    return {
        "catch_up_seconds": round(caught, 2), "open_ms": round(again * 1000, 2), **_told("proof", one),
        **_told("consistency", two), "subtrees_of_log": round(size / held, 4), "subtrees_mb": round(size / 2**20, 1),
    }  # fmt: skip


def _times(work: Any) -> list[tuple[float, float]]:
    found = []
    for _ in range(PROOFS):
        begun, worked = time.perf_counter(), time.process_time()
        work()
        found.append((time.perf_counter() - begun, time.process_time() - worked))
    return found


def _told(name: str, times: list[tuple[float, float]]) -> dict[str, float]:
    wall = sorted(one for one, _ in times)
    cpu = statistics.mean(one for _, one in times)
    return {
        f"{name}_p50_ms": round(wall[len(wall) // 2] * 1000, 3), f"{name}_p99_ms": round(wall[len(wall) * 99 // 100] * 1000, 3),
        f"{name}_cpu_ms": round(cpu * 1000, 3),
    }  # fmt: skip


def peer(folder: Path, records: int) -> dict[str, Any]:
    """What pymerkle does with a part of the records."""
    python = HERE / ".envs" / "pymerkle" / "bin" / "python"
    if not python.exists():
        return {"absent": MISSING}
    asked = [folder, min(MOST_OF_PEER, records // 10), BATCH, LENGTH]
    command = [str(python), str(HERE / "_ledger_peer.py"), *map(str, asked)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def compare(folder: Path, records: int) -> dict[str, Any]:
    """Measure everyone and lay the figures side by side."""
    before, small = load(), min(records, 200_000)
    rounds, limits = [], []
    for number in range(ROUNDS):
        rounds.append(appended(folder / f"log{number}", small))
        limits.append(raw(folder, small))
        shutil.rmtree(folder / f"log{number}")
    mine = sorted(rounds, key=lambda one: one["append_per_second"])[ROUNDS // 2]
    whole = appended(folder / "log", records)
    ours = mine | {"append_per_second_whole": whole["append_per_second"]} | verified(folder / "log", records)
    ours |= proved(folder / "log", records)
    ours["rss_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    other, bound = peer(folder, records), statistics.median(limits)
    ratios = {"of_limit": round(ours["append_per_second"] / bound, 3)}
    if "absent" not in other:
        ratios["vs_pymerkle_append"] = round(ours["append_per_second"] / other["append_per_second"], 1)
        ratios["vs_pymerkle_proof"] = round(other["proof_p50_ms"] / ours["proof_p50_ms"], 1)
    scale = {"records": records, "bytes": len(record(0)), "batch": BATCH, "cores": os.cpu_count(), "load": [before, load()]}
    limit = {"append_per_second": round(bound), "what": "write and fdatasync of the same bytes in the same batches"}
    return {"claim": CLAIM, "scale": scale, "ours": ours, "peers": {"pymerkle": other}, "limit": limit, "ratios": ratios}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100,000 records; ends within a minute")
    parser.add_argument("--records", type=int, help="10,000,000 unless told")
    parser.add_argument("--json", action="store_true", help="one JSON object (there is no other form)")
    said = parser.parse_args()
    with scratch("ledger") as folder:
        found = compare(folder, said.records or (100_000 if said.quick else 10_000_000))
        print(json.dumps(found, ensure_ascii=False, indent=None if said.quick else 2))


if __name__ == "__main__":
    sys.exit(main())
