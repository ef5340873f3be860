# SPDX-License-Identifier: Apache-2.0
"""The peer of `ledger.py`, run in its own environment: pymerkle's tree in SQLite, appended in batches, proved and verified.

`python benchmarks/_ledger_peer.py FOLDER RECORDS BATCH LENGTH` prints one JSON object.
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path

from pymerkle import SqliteTree, verify_inclusion

PROOFS = 20


def main(folder: str, records: int, batch: int, length: int) -> dict[str, float]:
    tree = SqliteTree(str(Path(folder) / "tree.db"), algorithm="sha256")
    begun = time.perf_counter()
    for start in range(0, records, batch):
        tree.append_entries([str(number).zfill(length).encode() for number in range(start, min(records, start + batch))])
    seconds = time.perf_counter() - begun
    spent, chosen = [], random.Random(7)
    for _ in range(PROOFS):
        index = chosen.randrange(1, records + 1)
        begun = time.perf_counter()
        proof = tree.prove_inclusion(index)
        spent.append(time.perf_counter() - begun)
        verify_inclusion(tree.get_leaf(index), tree.get_state(), proof)
    tree.close()
    spent.sort()
    proof = round(spent[PROOFS // 2] * 1000, 3)
    return {"records": records, "append_per_second": round(records / seconds), "proof_p50_ms": proof}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], *map(int, sys.argv[2:]))))
