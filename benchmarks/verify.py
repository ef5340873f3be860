# SPDX-License-Identifier: Apache-2.0
"""Claim: ten thousand verifications in one call cost little more than looking the keys up.

Ours: batches of 10,000 questions (key and two claims each, one in ten of them wrong) with token, grant, purpose and case
number, quota, row rule and durable signed evidence, by one gateway with one worker. Peer: the same questions as single
calls of `verify`. Limit: the same look-ups in the same index file by SQLite in one Python program, nothing else: one by
one, and by `executemany` into a table that is joined. Rounds are interleaved and the median is told.

`python benchmarks/verify.py [--quick] --json` prints one object.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gateway
import httpx
import psutil
from _scratch import scratch
from _servers import INDEX
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

HERE = Path(__file__).resolve().parent
BATCH = 10_000
BATCHES = 8
AT_ONCE = 2
SINGLES = 64
PLACE = f"/v1/resources/{gateway.CODE}"


def questions(ids: list[str]) -> list[dict[str, Any]]:
    """Some persons in no order, each with a name that is right but for one in ten, and a region."""
    picked = random.Random(7).choices(range(len(ids)), k=BATCH * BATCHES)
    return [
        {"key": {"id": ids[number]}, "claims": {"name": f"张{number}" if number % 10 else "李", "region": "330106"}}
        for number in picked
    ]


def posted(port: int, token: str, place: str, kind: str, body: str) -> str:
    length = len(body.encode())
    lines = [
        f"POST {PLACE}/{place} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Authorization: Bearer {token}",
        f"Datong-Purpose: {quote(gateway.PURPOSE)}", "Datong-Case: AJ-2026-1", f"Content-Type: {kind}",
        f"Content-Length: {length}",
    ]  # fmt: skip
    return "\r\n".join(lines) + "\r\n\r\n" + body


def loaded(folder: Path, port: int, requests: list[str], connections: int, seconds: float) -> dict[str, float]:
    file = folder / "requests.json"
    file.write_text(json.dumps(requests), "utf-8")
    command = [sys.executable, str(HERE / "_load.py"), str(file), str(port), str(connections), str(seconds)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def used() -> float:
    """Seconds of processor time that the gateway, our only child now, has used."""
    tree = psutil.Process().children(recursive=True)
    return float(sum(one.user + one.system for one in (process.cpu_times() for process in tree)))


def processor_time(port: int, batches: list[str]) -> float:
    """Microseconds of the gateway's processor time for a key, one batch after the other."""
    before = used()
    with httpx.Client(timeout=60) as client:
        for batch in batches:
            post(client, port, batch)
    return (used() - before) / (len(batches) * BATCH) * 1e6


def post(client: httpx.Client, port: int, batch: str) -> httpx.Response:
    head, _, body = batch.partition("\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:]) | {"Accept-Encoding": "identity"}
    return client.post(f"http://127.0.0.1:{port}{PLACE}/verify:batch", headers=headers, content=body.encode())


def one_by_one(index: Path, asked: list[dict[str, Any]]) -> tuple[float, float]:
    """Plain look-ups: keys a second, and microseconds of processor time for a key."""
    connection = opened(index)
    rows = [(one["claims"]["name"], one["claims"]["region"], one["key"]["id"]) for one in asked]
    begun, busy = time.perf_counter(), time.process_time()
    for row in rows:
        connection.execute("select name = ?, region = ? from records where id = ?", row).fetchall()
    return len(rows) / (time.perf_counter() - begun), (time.process_time() - busy) / len(rows) * 1e6


def joined(index: Path, asked: list[dict[str, Any]]) -> tuple[float, float]:
    """`executemany` into a table in memory, joined with the index: keys a second, and processor time for a key."""
    connection = opened(index)
    connection.execute("pragma temp_store = memory")
    connection.execute("create temp table asked (id, name, region)")
    rows = [(one["key"]["id"], one["claims"]["name"], one["claims"]["region"]) for one in asked]
    sql = "select p.name = a.name, p.region = a.region from temp.asked a cross join records p on p.id = a.id"
    begun, busy = time.perf_counter(), time.process_time()
    for start in range(0, len(rows), BATCH):
        connection.execute("begin")
        connection.executemany("insert into temp.asked values (?, ?, ?)", rows[start : start + BATCH])
        connection.execute(sql).fetchall()
        connection.execute("rollback")
    return len(rows) / (time.perf_counter() - begun), (time.process_time() - busy) / len(rows) * 1e6


def opened(index: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{index}?immutable=1&mode=ro", uri=True, isolation_level=None)
    connection.execute("pragma mmap_size = 17179869184")
    return connection


def check_answers(port: int, batch: str, asked: list[dict[str, Any]]) -> None:
    """See that every question of a batch is answered, and rightly."""
    with httpx.Client(timeout=60) as client:
        answer = post(client, port, batch)
    right = [{"found": True, "matches": {"name": one["claims"]["name"] != "李", "region": True}} for one in asked]
    if answer.status_code != 200 or [json.loads(line) for line in answer.text.splitlines()] != right:
        raise SystemExit(f"the batch was answered {answer.status_code}: {answer.text[:300]}")


def compare(folder: Path, *, rows: int, rounds: int, seconds: float) -> dict[str, Any]:
    client = Ed25519PrivateKey.generate()
    asked = questions(gateway.made_table(folder, rows))
    gateway.made_policy(folder, client)
    parts = [asked[start : start + BATCH] for start in range(0, len(asked), BATCH)]
    found: dict[str, list[float]] = {name: [] for name in ("ours", "single", "one_by_one", "joined")}
    cpu: dict[str, list[float]] = {name: [] for name in ("ours", "one_by_one", "joined")}
    last: dict[str, dict[str, float]] = {}
    with ExitStack() as stack:
        port, token = gateway.ours_with_token(folder, stack, client)
        lines = ["\n".join(json.dumps(one, ensure_ascii=False) for one in part) for part in parts]
        batches = [posted(port, token, "verify:batch", "application/x-ndjson", body) for body in lines]
        singles = [
            posted(port, token, "verify", "application/json", json.dumps(one, ensure_ascii=False)) for one in asked[:5_000]
        ]
        check_answers(port, batches[0], parts[0])
        for _ in range(rounds):
            last["ours"] = loaded(folder, port, batches, AT_ONCE, seconds)
            found["ours"].append(last["ours"]["rps"] * BATCH)
            last["single"] = loaded(folder, port, singles, SINGLES, seconds)
            found["single"].append(last["single"]["rps"])
            cpu["ours"].append(processor_time(port, batches))
            for name, plain in (("one_by_one", one_by_one), ("joined", joined)):
                for values, value in zip((found[name], cpu[name]), plain(folder / INDEX, asked), strict=True):
                    values.append(value)
    return told(found, cpu, last, {"rows": rows, "batch": BATCH, "rounds": rounds, "seconds": seconds})


def told(
    found: dict[str, list[float]], cpu: dict[str, list[float]], last: dict[str, dict[str, float]], scale: dict[str, Any]
) -> dict[str, Any]:
    """Lay the figures side by side."""
    middle = {name: round(sorted(values)[len(values) // 2]) for name, values in found.items()}
    used = {name: round(sorted(values)[len(values) // 2], 2) for name, values in cpu.items()}
    limit = max(middle["one_by_one"], middle["joined"])
    load = [round(one, 2) for one in os.getloadavg()]
    rest = {name: {key: value for key, value in one.items() if key != "rps"} for name, one in last.items()}
    return {
        "claim": "ten thousand verifications in one call cost little more than looking the keys up",
        "scale": scale | {"batches_at_once": AT_ONCE, "single_connections": SINGLES, "cores": os.cpu_count(), "load": load},
        "ours": {"keys_per_s": middle["ours"], "rounds": [round(one) for one in found["ours"]], **rest["ours"]},
        "peers": {"single_calls": {"keys_per_s": middle["single"], **rest["single"]}},
        "limit": {"what": "SQLite in one program", "one_by_one": middle["one_by_one"], "executemany_joined": middle["joined"]},
        "processor_us_per_key": used,
        "ratios": {"vs_single_calls": round(middle["ours"] / middle["single"], 1), "of_limit": round(middle["ours"] / limit, 3)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows, one short round")
    parser.add_argument("--json", action="store_true", help="one JSON object (there is no other form)")
    quick = parser.parse_args().quick
    with scratch("verify") as folder:
        found = compare(folder, rows=100_000 if quick else 1_000_000, rounds=1 if quick else 3, seconds=3 if quick else 6)
        print(json.dumps(found, ensure_ascii=False, indent=None if quick else 2))


if __name__ == "__main__":
    main()
