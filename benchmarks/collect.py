# SPDX-License-Identifier: Apache-2.0
"""Claim: a table of another PostgreSQL lies checked in the lake in little more time than it takes to read it.

Ours: every type checked, keys that repeat and rows that do not fit set aside, a digest over all rows, provenance in each,
one Delta commit. Peers: sling (to CSV, which is less work: for Parquet it fetches another program; unchecked), dlt (to
Delta, unchecked). Limit: the same table read by ADBC and thrown away. Each is a whole process, start included; rounds are
interleaved and the median is told; `cpu` leaves PostgreSQL's own out, `rss` is the largest process.

`python benchmarks/collect.py [--quick] [--rows N] [--wide] --json` prints one object; `make bench-setup` installs the peers.
`--wide` lands, derives and exports a table of forty columns (10 M rows unless told) alone and tells the memory it took.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import _tables
from _catalogue import load
from _parties import MISSING, Party
from _scratch import scratch

HERE = Path(__file__).resolve().parent
CLAIM = "a table of another PostgreSQL lies checked in the lake in little more time than it takes to read it"


def parties(width: int) -> tuple[list[Party], dict[str, Any]]:
    """Everyone who can be run here; peers that cannot, with the reason."""
    script, address = str(HERE / "_collect.py"), _tables.address()

    def of_ours(name: str, python: Path) -> Party:
        return Party(name, [str(python), script, name, address, "{target}", str(width)])

    envs = HERE / ".envs"
    found = [of_ours("ours", Path(sys.executable)), of_ours("limit", Path(sys.executable))]
    absent = {}
    sling = next((envs / "sling").rglob("sling_linux_amd64/bin/sling-linux-amd64"), None)
    if sling is not None:
        sling.chmod(0o755)
        command = [str(sling), "run", "--src-conn", address, "--src-stream", _tables.TABLE]
        command += ["--tgt-object", "file://{target}/people.csv", "--mode", "full-refresh"]
        found.append(Party("sling", command, {"SLING_DISABLE_TELEMETRY": "true", "SLING_HOME_DIR": "{target}"}))
    else:
        absent["sling"] = MISSING
    if (envs / "dlt" / "bin" / "python").exists():
        found.append(of_ours("dlt", envs / "dlt" / "bin" / "python"))
        found[-1].environment |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": "{target}"}
    else:
        absent["dlt"] = MISSING
    return found, absent


def run(party: Party, folder: Path, rows: int) -> None:
    """One round of one party, in a folder that goes afterwards."""
    target = Path(tempfile.mkdtemp(prefix=f"{party.name}-", dir=folder))
    said = folder / f"{party.name}.log"
    party.run(target, said, lambda: _came(party, target, rows, said))
    shutil.rmtree(target, ignore_errors=True)


def _came(party: Party, target: Path, rows: int, said: Path) -> bool:
    """Whether all rows are there, by the files themselves where there are any."""
    if party.name == "limit":
        return int(said.read_text().split()[-1]) == rows
    from deltalake import DeltaTable

    if party.name == "sling":
        with (target / "people.csv").open("rb") as file:
            return sum(1 for _ in file) == rows + 1
    (log,) = target.rglob("people/_delta_log")
    return DeltaTable(str(log.parent)).to_pyarrow_dataset().count_rows() == rows


def compare(folder: Path, *, rows: int, rounds: int, width: int) -> dict[str, Any]:
    """Measure everyone and lay the figures side by side."""
    server = _tables.made_server(folder)
    try:
        _tables.fill(rows, width)
        before = load()
        everyone, absent = parties(width)
        for party in everyone[:2]:
            run(party, folder, rows)  # warm: the table in memory, the programs read
            party.results.clear()
        for _ in range(rounds):
            for party in everyone:
                run(party, folder, rows)
    finally:
        server.stop()
    told = {party.name: party.told(rows) for party in everyone}
    mine, bound = told.pop("ours"), told.pop("limit")
    ratios = {f"vs_{name}": round(one["seconds"] / mine["seconds"], 2) for name, one in told.items()}
    return {
        "claim": CLAIM,
        "scale": {"rows": rows, "columns": width, "rounds": rounds, "cores": os.cpu_count(), "load": [before, load()]},
        "ours": mine | {"does": "types, lengths, repeated keys, quarantine, digest, provenance, Delta commit"},
        "peers": told | absent,
        "limit": bound | {"what": "ADBC, every value into Arrow, thrown away"},
        "ratios": ratios | {"of_limit": round(bound["seconds"] / mine["seconds"], 3)},
    }


def wide(folder: Path, *, rows: int, width: int) -> dict[str, Any]:
    """Land, derive and export a wide table, each in a process of its own; only ours, for what is asked is memory."""
    server = _tables.made_server(folder)
    try:
        _tables.fill(rows, width)
        before = load()
        script, target = str(HERE / "_collect.py"), folder / "wide"
        target.mkdir()
        found = {}
        for name in ("ours", "derive", "export"):
            begun = time.perf_counter()
            command = [sys.executable, script, name, _tables.address(), str(target), str(width)]
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                raise SystemExit(f"{name} failed")
            found["land" if name == "ours" else name] = {
                "seconds": round(time.perf_counter() - begun, 1), "rss_mb": round(used.ru_maxrss / 1024),
            }  # fmt: skip
    finally:
        server.stop()
    return {
        "claim": "a wide table is landed, derived and exported under 2 GiB",
        "scale": {"rows": rows, "columns": width, "cores": os.cpu_count(), "load": [before, load()]},
        "ours": found,
        "limit": {"rss_mb": 2048, "what": "the bound that is asked for"},
        "ratios": {"of_limit": round(max(one["rss_mb"] for one in found.values()) / 2048, 3)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="200,000 rows, one round; ends within a minute")
    parser.add_argument("--rows", type=int, help="1,000,000 unless told (--wide: 10,000,000)")
    parser.add_argument("--wide", action="store_true", help="forty columns, landed, derived and exported; tells peak memory")
    parser.add_argument("--json", action="store_true", help="one JSON object (there is no other form)")
    said = parser.parse_args()
    with scratch("collect") as folder:
        if said.wide:
            found = wide(folder, rows=said.rows or (200_000 if said.quick else 10_000_000), width=_tables.WIDE)
        else:
            rows = said.rows or (200_000 if said.quick else 1_000_000)
            found = compare(folder, rows=rows, rounds=1 if said.quick else 3, width=len(_tables.KINDS))
        print(json.dumps(found, ensure_ascii=False, indent=None if said.quick else 2))


if __name__ == "__main__":
    main()
