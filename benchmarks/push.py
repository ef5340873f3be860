# SPDX-License-Identifier: Apache-2.0
"""Claim: what a grant lets out reaches the consumer's own table, by key and proved on both sides, faster than by a loader alone.

The target holds nine tenths of the rows already, one in ten of those with an older value. Ours: from the Delta table by the
policy's statement, in one transaction, with counts and sums compared on both sides and a line in the ledger. Peer: sling,
incremental by primary key, from the same rows as CSV (for Delta it fetches another program), nothing compared. Limit: COPY of
that CSV into an empty table without keys. Each is a whole process, start included; rounds are interleaved and the median is
told; every round begins at the same target and is looked over at its end. `cpu` leaves PostgreSQL's own out.

`python benchmarks/push.py [--quick] [--rows N] --json` prints one object; `make bench-setup` installs the peer.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import _tables
import psycopg
from _catalogue import load
from _parties import MISSING, Party
from _scratch import scratch

HERE = Path(__file__).resolve().parent
CLAIM = "what a grant lets out reaches the consumer's own table, by key and proved on both sides, faster than by a loader alone"
TARGET = "people_there"


def parties(folder: Path) -> tuple[list[Party], dict[str, Any]]:
    """Everyone who can be run here; peers that cannot, with the reason."""
    script, address = str(HERE / "_push.py"), _tables.address()
    found = [Party(name, [sys.executable, script, name, address, str(folder), TARGET]) for name in ("ours", "limit")]
    sling = next((HERE / ".envs" / "sling").rglob("sling_linux_amd64/bin/sling-linux-amd64"), None)
    if sling is None:
        return found, {"sling": MISSING}
    sling.chmod(0o755)
    command = [str(sling), "run", "--src-stream", f"file://{folder}/people.csv", "--tgt-conn", address]
    command += ["--tgt-object", f"public.{TARGET}", "--mode", "incremental", "--primary-key", "cert"]
    quiet = {"SLING_DISABLE_TELEMETRY": "true", "SLING_HOME_DIR": str(folder / "sling")}
    return [*found, Party("sling", command, quiet)], {}


def write_csv(target: Path) -> None:
    """Write the rows as CSV, for those who do not read the lake."""
    out = f"copy {_tables.TABLE} to stdout (format csv, header)"
    with psycopg.connect(_tables.address()) as connection, target.open("wb") as file, connection.cursor().copy(out) as copy:
        file.writelines(copy)


def begin() -> None:
    """Put the target to its beginning: nine tenths of the rows, one in ten of them older, the key indexed."""
    with psycopg.connect(_tables.address(), autocommit=True) as connection:
        connection.execute("set statement_timeout = 0")
        connection.execute(f"drop table if exists {TARGET}, {TARGET}_bare, datong_deliveries")
        connection.execute(f"create table {TARGET} (like {_tables.TABLE} including all) with (autovacuum_enabled = off)")
        older = ", ".join("name || '旧'" if name == "name" else name for name in _tables.KINDS)
        kept = f"from (select *, row_number() over (order by cert) as i from {_tables.TABLE}) as p where i % 10 <> 0"
        connection.execute(f"insert into {TARGET} select {', '.join(_tables.KINDS)} {kept} and i % 100 >= 10")
        connection.execute(f"insert into {TARGET} select {older} {kept} and i % 100 < 10")
        connection.execute(f"vacuum (analyze) {TARGET}")
        connection.execute("checkpoint")


def came(party: Party, rows: int) -> bool:
    """Whether the table holds what it should: every row, with the value it has now."""
    with psycopg.connect(_tables.address()) as connection:
        table = f"{TARGET}_bare" if party.name == "limit" else TARGET
        (held,) = connection.execute(f"select count(*) from {table}").fetchone() or (0,)
        query = f"select count(*) from {table} t join {_tables.TABLE} p on p.cert = t.cert where p.name <> t.name"
        (older,) = connection.execute(query).fetchone() or (1,)  # type: ignore[arg-type]  names of our own
    return (held, older) == (rows, 0)


def run(party: Party, folder: Path, rows: int) -> None:
    """One round of one party."""
    begin()
    party.run(folder, folder / f"{party.name}.log", lambda: came(party, rows))


def compare(folder: Path, *, rows: int, rounds: int) -> dict[str, Any]:
    """Measure everyone and lay the figures side by side."""
    server = _tables.made_server(folder)
    try:
        _tables.fill(rows)
        _tables.landed(folder / "lake", rows)
        write_csv(folder / "people.csv")
        before = load()
        everyone, absent = parties(folder)
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
    scale = {"rows": rows, "columns": len(_tables.KINDS), "rounds": rounds, "cores": os.cpu_count(), "load": [before, load()]}
    return {
        "claim": CLAIM,
        "scale": scale,
        "ours": mine | {"does": "policy, one transaction, upsert by key, counts and sums of both sides, ledger"},
        "peers": told | absent,
        "limit": bound | {"what": "COPY of the same rows as CSV into an empty table without keys"},
        "ratios": ratios | {"of_limit": round(bound["seconds"] / mine["seconds"], 3)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100,000 rows, one round; ends within a minute")
    parser.add_argument("--rows", type=int, help="1,000,000 unless told")
    parser.add_argument("--json", action="store_true", help="one JSON object (there is no other form)")
    said = parser.parse_args()
    with scratch("push") as folder:
        rows = said.rows or (100_000 if said.quick else 1_000_000)
        found = compare(folder, rows=rows, rounds=1 if said.quick else 3)
        print(json.dumps(found, ensure_ascii=False, indent=None if said.quick else 2))


if __name__ == "__main__":
    main()
