# SPDX-License-Identifier: Apache-2.0
"""Claim: a keyed call with every control on costs little more than the look-up itself.

Ours: token, grant, purpose and case number, quota, row rule, two masks, tag of the person, durable signed evidence with its
proof in the answer. Peers: Datasette and ROAPI, which have none of this, and nginx, which gives everybody the same file.
Limit: granian and one SQLite look-up, nothing else. Same table, same machine, same load, one worker each; rounds are
interleaved and the median is told, at 32 and at 128 connections. `two` are two gateways of one node on one port, under the
same load: what a second core is worth, where there is one left for it (`client_cpu` and `cores` say). What each control costs
is timed by `_controls`, in one process without HTTP.

`python benchmarks/gateway.py [--quick] --json` prints one object; `make bench-setup` installs the peers. `--steady N` asks
one gateway N times instead and says how its memory grew.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import jwt
import psutil
from _scratch import scratch
from _servers import FOLDER, INDEX, ITEMS, LOG, NODE
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from datong.crypto import keys
from datong.engine import face as engine
from datong.kernel.sharing import ItemType
from datong.wire import policy as wire
from datong.wire.instants import text_of

HERE = Path(__file__).resolve().parent
CODE = "3330001001/1"
DEPARTMENT = "11330000002482109N"
PURPOSE = "社会救助资格核对"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
COLUMNS = {"id": "C", "name": "C", "phone": "C", "region": "C", "born": "D"}
MASKS = {"phone": "partial:3:4", "born": "year"}
CONNECTIONS = (32, 128)
NGINX = """user {user}; daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 512; }}
http {{ access_log off; sendfile on; keepalive_requests 100000000; client_body_temp_path {folder}/tmp;
proxy_temp_path {folder}/tmp; fastcgi_temp_path {folder}/tmp; uwsgi_temp_path {folder}/tmp; scgi_temp_path {folder}/tmp;
server {{ listen 127.0.0.1:{port}; root {folder}/static; }} }}
"""


@dataclass
class Party:
    """One server under measurement: how to ask it by key, and what its answers gave; `sign_in` gives a way with a fresh token."""

    name: str
    port: int
    ask: Callable[[str], str]
    record: Callable[[Any], dict[str, Any]]
    sign_in: Callable[[], Callable[[str], str]] | None = None
    results: dict[int, list[dict[str, float]]] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """The median round at each number of connections."""
        return {f"at_{connections}": _median(rounds) for connections, rounds in self.results.items()}


def _median(rounds: list[dict[str, float]]) -> dict[str, Any]:
    middle = sorted(rounds, key=lambda one: one["rps"])[len(rounds) // 2]
    return middle | {"rps_rounds": [one["rps"] for one in rounds]}


def made_table(folder: Path, rows: int) -> list[str]:
    """Land made-up persons and build the index all parties serve; the keys."""
    source = folder / "persons.csv"
    ids = [f"330106{1950 + n % 60}{n // 60 % 12 + 1:02}{n // 720 % 28 + 1:02}{n // 20160:04}" for n in range(rows)]
    with source.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number, key in enumerate(ids):
            writer.writerow([key, f"张{number}", f"138{number:08d}", "330106", f"{1950 + number % 60}-01-01"])
    schema = engine.Schema(tuple(engine.Column(name, ItemType(kind), key=name == "id") for name, kind in COLUMNS.items()))
    engine.land(engine.CsvSource(source), schema, {name: name for name in COLUMNS}, folder / "lake" / "persons", batch="b")
    (folder / "serving").mkdir()
    engine.build_index(folder / "lake" / "persons", schema, ["region"], folder / INDEX)
    return ids


def made_policy(folder: Path, client: Ed25519PrivateKey) -> None:
    """Write the node's key and a policy with one grant and all its controls."""
    signer = keys.generate(folder / "node.key")
    (folder / "evidence").mkdir()
    (folder / "run").mkdir()
    (folder / "evidence" / "node.pub").write_bytes(signer.public_pem())
    pem = client.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    now = time.time()
    grant = wire.Grant(
        number="SQ-1", resource=CODE, client_id="app", department=DEPARTMENT, channels=["call", "verify"], purpose=PURPOSE,
        items=[wire.GrantItem(field=name, mask=MASKS.get(name, "none")) for name in ITEMS],
        rows=[wire.RowRule(field="region", op="prefix", values=["33"])], require_purpose=True, require_case=True,
        quota_per_day=100_000_000, max_rows=100, not_before="2020-01-01", not_after="2099-12-31",
    )  # fmt: skip
    resource = wire.Resource(
        code=CODE, name="人口", version=1, index=INDEX, keys=["id"], queries=["region"],
        items=[wire.Item(field=name, name=name, type=kind) for name, kind in COLUMNS.items()],
    )  # fmt: skip
    policy = wire.Policy(
        node=NODE, version=1, issued_at=text_of(now), not_after=text_of(now + 86_400), resources=[resource], grants=[grant],
        clients=[wire.Client(client_id="app", name="app", department=DEPARTMENT, public_key=pem)],
    )  # fmt: skip
    (folder / "run" / "policy").write_bytes(wire.encode(policy, signer))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], folder: Path, probe: str, **more: str) -> Iterator[None]:
    """Run a server until it answers its probe, then stop it; `more` is told it in its environment."""
    environment = os.environ | {FOLDER: str(folder), "PYTHONPATH": str(HERE)} | more
    with (folder / "servers.log").open("ab") as log:
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                if httpx.get(probe).status_code < 500:
                    break
            except httpx.TransportError:
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


def request(port: int, target: str, *headers: str) -> str:
    lines = [f"GET {target} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Accept: */*", *headers]
    return "\r\n".join(lines) + "\r\n\r\n"


def granian(port: int, factory: str) -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--workers", "1", "--no-ws", "--backpressure",
        "512", "--no-log", "--port", str(port), f"_servers:{factory}",
    ]  # fmt: skip


def ours_with_token(
    folder: Path, stack: ExitStack, client: Ed25519PrivateKey, logs: tuple[str, ...] = ("",)
) -> tuple[int, str]:
    """Start ours, one gateway for each log: their port, and an access token."""
    port = free_port()
    for log in logs:
        more = {LOG: log} if log else {}
        stack.enter_context(running(granian(port, "ours"), folder, f"http://127.0.0.1:{port}/readyz", **more))
    return port, a_token(port, client)


def a_token(port: int, client: Ed25519PrivateKey) -> str:
    """A fresh access token of the application."""
    claims = {"iss": "app", "sub": "app", "aud": NODE, "exp": int(time.time()) + 120, "jti": uuid.uuid4().hex}
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
    form["client_assertion"] = jwt.encode(claims, client, algorithm="EdDSA")
    return str(httpx.post(f"http://127.0.0.1:{port}/oauth2/token", data=form).json()["access_token"])


def ours(
    folder: Path, stack: ExitStack, client: Ed25519PrivateKey, name: str = "ours", logs: tuple[str, ...] = ("",)
) -> Party:
    port, token = ours_with_token(folder, stack, client, logs)

    def sign_in() -> Callable[[str], str]:
        return asking(port, a_token(port, client))

    return Party(name, port, asking(port, token), lambda answer: answer["records"][0], sign_in)


def asking(port: int, token: str) -> Callable[[str], str]:
    """The request for one person, under a token."""
    headers = (f"Authorization: Bearer {token}", f"Datong-Purpose: {quote(PURPOSE)}", "Datong-Case: AJ-2026-1", "Datong-User: u1")

    def ask(key: str) -> str:
        return request(port, f"/v1/resources/{CODE}/records?id={key}", *headers)

    return ask


def bare(folder: Path, stack: ExitStack) -> Party:
    port = free_port()
    stack.enter_context(running(granian(port, "bare"), folder, f"http://127.0.0.1:{port}/?id=0"))
    return Party("limit", port, lambda key: request(port, f"/?id={key}"), lambda answer: answer["records"][0])


def datasette(folder: Path, stack: ExitStack) -> Party:
    port, program = free_port(), HERE / ".envs" / "datasette" / "bin" / "datasette"
    command = [str(program), "serve", "-i", str(folder / INDEX), "--port", str(port), "--setting", "default_cache_ttl", "0"]
    stack.enter_context(running(command, folder, f"http://127.0.0.1:{port}/-/versions.json"))
    wanted = "&".join(f"_col={name}" for name in ITEMS)
    tail = f"&{wanted}&_shape=array&_nocount=1&_nofacet=1&_nosuggest=1"

    def ask(key: str) -> str:
        return request(port, f"/persons/records.json?id__exact={key}{tail}")

    return Party("datasette", port, ask, lambda rows: rows[0])


def roapi(folder: Path, stack: ExitStack) -> Party:
    port, program = free_port(), HERE / ".envs" / "roapi" / "bin" / "roapi"
    flight, postgres = free_port(), free_port()
    (parquet,) = (folder / "lake" / "persons").glob("*.parquet")
    command = [
        str(program), "--addr-http", f"127.0.0.1:{port}", "--addr-postgres", f"127.0.0.1:{postgres}", "--addr-flight-sql",
        f"127.0.0.1:{flight}", "--table", f"persons={parquet}",
    ]  # fmt: skip
    stack.enter_context(running(command, folder, f"http://127.0.0.1:{port}/api/schema"))
    columns = ",".join(ITEMS)

    def ask(key: str) -> str:
        return request(port, f"/api/tables/persons?columns={columns}&filter[id]=%27{key}%27")

    return Party("roapi", port, ask, lambda rows: rows[0])


def nginx(folder: Path, stack: ExitStack) -> Party | None:
    """The same answer for everybody, from a file."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        return None
    port = free_port()
    for name in ("tmp", "static"):
        (folder / name).mkdir()
    answer = {"records": [{"name": "张7", "phone": "13800000007", "region": "330106", "born": "1957-01-01"}], "next": None}
    (folder / "static" / "answer").write_text(json.dumps(answer, ensure_ascii=False), "utf-8")
    place = folder / "nginx.conf"
    place.write_text(NGINX.format(folder=folder, port=port, user="root" if os.geteuid() == 0 else "nobody"))
    stack.enter_context(
        running([program, "-e", str(folder / "nginx.log"), "-c", str(place)], folder, f"http://127.0.0.1:{port}/answer")
    )
    return Party("nginx", port, lambda _key: request(port, "/answer"), lambda answer: answer["records"][0])


def parties(folder: Path, stack: ExitStack, client: Ed25519PrivateKey) -> tuple[list[Party], dict[str, Any]]:
    """Start everyone; peers that are not there, with the reason."""
    two = ours(folder, stack, client, "two", ("gateway-1", "gateway-2"))
    started, absent = [ours(folder, stack, client), two, bare(folder, stack)], {}
    for name, start in (("datasette", datasette), ("roapi", roapi)):
        if (HERE / ".envs" / name / "bin" / name).exists():
            started.append(start(folder, stack))
        else:
            absent[name] = {"absent": "not installed: run `make bench-setup` (or no wheel for this machine)"}
    static = nginx(folder, stack)
    if static is None:
        absent["nginx"] = {"absent": "not installed"}
    else:
        started.append(static)
    return started, absent


def check_same_answer(party: Party, key: str, number: int) -> None:
    """See that everyone answers the same record, ours with its mask on."""
    line = party.ask(key).split(" ")[1]
    headers = dict(part.split(": ", 1) for part in party.ask(key).strip().split("\r\n")[1:])
    answer = httpx.get(f"http://127.0.0.1:{party.port}{line}", headers=headers)
    if answer.status_code != 200:
        raise SystemExit(f"{party.name} answered {answer.status_code}: {answer.text[:300]}")
    record = party.record(answer.json())
    phone = f"138{number:08d}"
    shown = f"{phone[:3]}****{phone[-4:]}" if party.name in ("ours", "two") else phone
    expected = {"name": f"张{number}", "region": "330106", "phone": shown}
    if expected.items() - record.items():
        raise SystemExit(f"{party.name} answered another record: {record}")


def measure(party: Party, ids: list[str], folder: Path, seconds: float) -> None:
    file = requests(party, random.Random(7).sample(ids, min(20_000, len(ids))), folder)
    for connections in CONNECTIONS:
        party.results.setdefault(connections, []).append(load(party, file, connections, seconds))


def requests(party: Party, picked: list[str], folder: Path) -> Path:
    """Write down what a party is asked, with a token that lives for minutes from now on where it wants one."""
    file, ask = folder / f"{party.name}.json", party.sign_in() if party.sign_in else party.ask
    file.write_text(json.dumps([ask(key) for key in picked]), "utf-8")
    return file


def load(party: Party, file: Path, connections: int, seconds: float) -> dict[str, float]:
    """Ask a party for some seconds what stands in a file; ends the run where one answer is no 200."""
    command = [sys.executable, str(HERE / "_load.py"), str(file), str(party.port), str(connections), str(seconds)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told = dict(json.loads(done.stdout))
    if told["errors"]:
        raise SystemExit(f"{party.name} refused {told['errors']} of {told['requests']} requests")
    return told


def durable_appends(folder: Path) -> float:
    """Durable writes of 600 bytes, one by one, the disk gives in a second."""
    handle = os.open(folder / "probe", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_DSYNC)
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < 0.5:
        os.write(handle, bytes(600))
        count += 1
    os.close(handle)
    return round(count / (time.perf_counter() - begun), 1)


def compare(folder: Path, *, rows: int, rounds: int, seconds: float) -> dict[str, Any]:
    """Measure everyone and lay the figures side by side."""
    client = Ed25519PrivateKey.generate()
    ids = made_table(folder, rows)
    made_policy(folder, client)
    with ExitStack() as stack:
        started, absent = parties(folder, stack, client)
        for party in started:
            check_same_answer(party, ids[7], 7)
        for _ in range(rounds):
            for party in started:
                measure(party, ids, folder, seconds)
    told = {party.name: party.told() for party in started}
    mine, two, limit = told.pop("ours"), told.pop("two"), told.pop("limit")
    ratios = {f"vs_{name}": shares(mine, one) for name, one in told.items()}
    return {
        "claim": "a keyed call with every control on costs little more than the look-up itself",
        "scale": {"rows": rows, "connections": CONNECTIONS, "rounds": rounds, "seconds": seconds, "cores": os.cpu_count()},
        "load": os.getloadavg()[0],
        "ours": mine | {"controls": "token, grant, purpose, case, quota, row rule, two masks, durable evidence with proof"},
        "two": two | {"what": "two gateways of one node on one port", "times_one": shares(two, mine)},
        "controls": controls(),
        "peers": told | absent,
        "limit": limit | {"what": "granian, raw ASGI, one SQLite look-up", "durable_appends": durable_appends(folder)},
        "ratios": ratios | {"of_limit": shares(mine, limit)},
    }


def shares(one: dict[str, Any], other: dict[str, Any]) -> dict[str, float]:
    """How many times as many calls the one answered, at each number of connections."""
    return {at: round(told["rps"] / other[at]["rps"], 3) for at, told in one.items()}


def controls() -> Any:
    """What each control costs, by a process of its own."""
    done = subprocess.run([sys.executable, str(HERE / "_controls.py")], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def steady(folder: Path, calls: int) -> dict[str, Any]:
    """Ask one gateway so many times and look at its memory all along."""
    client = Ed25519PrivateKey.generate()
    ids = made_table(folder, 100_000)
    made_policy(folder, client)
    held: list[dict[str, float]] = []
    keys_asked = random.Random(7).sample(ids, 50_000)
    with ExitStack() as stack:
        party = ours(folder, stack, client)
        asked, process = 0.0, worker(party.port)
        while asked < calls:
            took = load(party, requests(party, keys_asked, folder), 64, 60.0)
            asked += took["rps"] * 60.0
            held.append({"asked": round(asked), "rss_mb": round(process.memory_info().rss / 1e6, 1), **took})
            print(held[-1], file=sys.stderr, flush=True)
    return {"claim": "the gateway's memory is flat however many calls it answers", "calls": round(asked), "held": held}


def worker(port: int) -> psutil.Process:
    """The process that answers on a port."""
    (server,) = (one for one in psutil.Process().children() if str(port) in one.cmdline())
    return server.children()[0] if server.children() else server


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of the rows, one short round; ends within a minute")
    parser.add_argument("--json", action="store_true", help="one JSON object (there is no other form)")
    parser.add_argument("--steady", type=int, default=0, metavar="N", help="ask one gateway N times and watch its memory")
    asked = parser.parse_args()
    quick = asked.quick
    with scratch("gateway") as folder:
        if asked.steady:
            found = steady(folder, asked.steady)
        else:
            found = compare(folder, rows=20_000 if quick else 1_000_000, rounds=1 if quick else 5, seconds=2 if quick else 6)
        print(json.dumps(found, ensure_ascii=False, indent=None if quick else 2))


if __name__ == "__main__":
    main()
