# SPDX-License-Identifier: Apache-2.0
"""Claim: the table of a grant is downloaded as fast as a bare server sends its files, each read checked and kept as evidence.

Ours: the gateway: token, stage and time of the grant at the query; signature, end, grant and file looked up again at each
read; evidence before each answer. Limit: nginx with sendfile over the same files (where there is no nginx, granian sending
them by itself), no control. Peer: the same rows as a paged JSON dump as CKAN's DataStore gives it, 32,000 at a time, made
by PostgreSQL; its pages are read and thrown away like the files. Four connections read files at once; the released client
is a whole process that ends with a pandas table. Rounds are interleaved and the median is told.

`python benchmarks/delta_sharing.py [--quick] [--rows N] --json` prints one object; `make bench-setup` installs the client.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import _servers
import _tables
import duckdb
import httpx
import psycopg
from _catalogue import load
from _scratch import scratch
from gateway import free_port, granian, running

from datong.crypto import keys
from datong.engine.backends.manifests import derived
from datong.wire import policy as wire
from datong.wire.delta_sharing.profile import new_token, profile, token_hash
from datong.wire.instants import text_of

HERE = Path(__file__).resolve().parent
CODE, DEPARTMENT, SHARE = "3330001001/1", "11330000002482109N", "SQ-1"
PLACE = f"/delta-sharing/shares/{SHARE}/schemas/data/tables/{CODE.replace('/', '-')}"
READERS = 4
DUMPED = 1_000_000
NGINX = """user {user}; daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 64; }}
http {{ access_log off; sendfile on; tcp_nopush on; client_body_temp_path {folder}/tmp; proxy_temp_path {folder}/tmp;
fastcgi_temp_path {folder}/tmp; uwsgi_temp_path {folder}/tmp; scgi_temp_path {folder}/tmp;
server {{ listen 127.0.0.1:{port}; root {folder};
location /delta-sharing/ {{ proxy_pass http://127.0.0.1:{gateway}; proxy_set_header Host $host; proxy_http_version 1.1;
proxy_set_header Connection ""; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; }}
location /inside/derived/ {{ internal; alias {folder}/derived/; }} }} }}
"""


def made_node(folder: Path, rows: int, token: str) -> Path:
    """A node's folder with a derived table and a policy that gives it to one token; the table's folder."""
    items, lake = _tables.schema(), folder / "lake" / "people"
    lake.parent.mkdir()
    _tables.landed(lake, rows)
    made = _tables.derived(lake, items, folder / "derived" / "people")
    signer = keys.generate(folder / "node.key")
    (folder / "evidence").mkdir()
    (folder / "run").mkdir()
    (folder / "evidence" / "node.pub").write_bytes(signer.public_pem())
    granted = _tables.granted(items)
    grant = wire.Grant(
        number=SHARE, resource=CODE, client_id="app", department=DEPARTMENT, channels=["table"], purpose="统计",
        items=[wire.GrantItem(field=name, mask=str(mask)) for name, mask in granted.granted.items()],
        rows=[wire.RowRule(field=rule.field, op="in", values=list(rule.values)) for rule in granted.rows],
        not_before="2020-01-01", not_after="2099-12-31", table=made.relative_to(folder).as_posix(),
        recipients=[wire.Recipient(token_hash=token_hash(token))],
    )  # fmt: skip
    resource = wire.Resource(
        code=CODE, name="人口", version=1, index="", keys=["cert"], queries=[],
        items=[wire.Item(field=one.field, name=one.field, type=one.type.value) for one in items.columns],
    )  # fmt: skip
    now = time.time()
    client = wire.Client(client_id="app", name="app", department=DEPARTMENT, public_key=signer.public_pem().decode())
    policy = wire.Policy(
        node=_servers.NODE, version=1, issued_at=text_of(now), not_after=text_of(now + 7200), resources=[resource],
        grants=[grant], clients=[client],
    )  # fmt: skip
    (folder / "run" / "policy").write_bytes(wire.encode(policy, signer))
    return made


def dumped(made: Path, folder: Path) -> int:
    """Put the same rows into PostgreSQL, as a DataStore would hold them: the first million, for later pages cost more."""
    csv = folder / "dumped.csv"
    names = f"select * from read_parquet(?) limit {DUMPED}"
    with duckdb.connect() as session:
        session.execute(f"copy ({names.replace('?', repr(str(made / '*.parquet')))}) to '{csv}' (format csv, header false)")
        columns = session.execute(f"describe {names}", [str(made / "*.parquet")]).fetchall()
    kinds = {
        "TIMESTAMP WITH TIME ZONE": "timestamptz",
        "VARCHAR": "text",
        "DOUBLE": "double precision",
        "DECIMAL(38,2)": "numeric",
    }
    declared = ", ".join(f"{name} {kinds.get(kind, kind)}" for name, kind, *_ in columns)
    with psycopg.connect(_tables.address(), autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"create table dumped (_id serial primary key, {declared})")
        listed = ", ".join(name for name, *_ in columns)
        with cursor.copy(f"copy dumped ({listed}) from stdin (format csv)") as copy, csv.open("rb") as file:
            while piece := file.read(1 << 20):
                copy.write(piece)
        cursor.execute("vacuum (analyze, freeze) dumped")
        held = cursor.execute("select count(*) from dumped").fetchone()
    csv.unlink()
    return int(held[0]) if held else 0


def read(url: str) -> int:
    """Read one answer to nothing, faster than any server sends; its bytes."""
    place = urlsplit(url)
    buffer = memoryview(bytearray(1 << 20))
    with socket.create_connection((place.hostname or "", place.port or 80)) as connection:
        asked = f"GET {place.path}?{place.query} HTTP/1.1\r\nHost: {place.netloc}\r\nConnection: close\r\n\r\n"
        connection.sendall(asked.encode())
        head = b""
        while b"\r\n\r\n" not in head:
            got = connection.recv(65_536)
            if not got:
                raise SystemExit(f"no answer from {place.netloc}")
            head += got
        if head[9:12] != b"200":
            raise SystemExit(f"{place.path} answered {head[:300]!r}")
        size = len(head) - head.index(b"\r\n\r\n") - 4
        while got := connection.recv_into(buffer):
            size += got
    return size


def parallel(urls: list[str], size: int) -> None:
    """Read all addresses, four at once, and see that every byte came."""
    with ThreadPoolExecutor(READERS) as pool:
        if sum(pool.map(read, urls)) != size:
            raise SystemExit("not all bytes came")


def asked(session: httpx.Client, base: str, token: str) -> list[str]:
    """Ask the gateway for the addresses of the table, as every client does before it reads."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = session.post(f"{base}{PLACE}/query", headers=headers, json={}).raise_for_status()
    return [line["file"]["url"] for line in map(json.loads, answer.text.splitlines()) if "file" in line]


def paged(session: httpx.Client, base: str, rows: int) -> None:
    """Read the dump page by page on one connection, as its clients do."""
    for offset in range(0, rows, _servers.PAGE):
        session.get(f"{base}/?offset={offset}").raise_for_status().read()


def clocked(work: Callable[[], Any], times: int = 1) -> float:
    """Seconds of one of `times` repetitions."""
    begun = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - begun) / times


def started(folder: Path, stack: ExitStack, factory: str, probe: str) -> str:
    """Start one of the servers; its address."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    os.environ[_servers.URL] = base
    stack.enter_context(running(granian(port, factory), folder, base + probe))
    return base


def sender(folder: Path, stack: ExitStack) -> tuple[str, str, str]:
    """The bare server of files: its address and name, and the address of a gateway behind it where it is nginx."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        return started(folder, stack, "files", "/run/policy"), "granian, its own sending of files (no nginx here)", ""
    port, gateway, place = free_port(), free_port(), folder / "nginx.conf"
    base = f"http://127.0.0.1:{port}"
    (folder / "tmp").mkdir()
    user = "root" if os.geteuid() == 0 else "nobody"
    place.write_text(NGINX.format(folder=folder, port=port, gateway=gateway, user=user))
    stack.enter_context(running([program, "-e", str(folder / "nginx.log"), "-c", str(place)], folder, f"{base}/run/policy"))
    os.environ |= {_servers.URL: base, _servers.ACCEL: "/inside", _servers.LOG: "gateway-1"}
    stack.enter_context(running(granian(gateway, "ours"), folder, f"http://127.0.0.1:{gateway}/readyz"))
    return base, "nginx, sendfile", base


def client(folder: Path, base: str, token: str, rows: int) -> Callable[[], None] | None:
    """The released client reading the table into pandas; None where it is not installed."""
    python = HERE / ".envs" / "delta_sharing" / "bin" / "python"
    if not python.exists():
        return None
    place = folder / "profile.share"
    place.write_text(json.dumps(profile(f"{base}/delta-sharing", token, "2099-12-31T16:00:00Z")), "utf-8")
    table = f"{place}#{SHARE}.data.{CODE.replace('/', '-')}"
    script = f"import delta_sharing; assert len(delta_sharing.load_as_pandas({table!r})) == {rows}"

    def reads() -> None:
        subprocess.run([str(python), "-c", script], check=True, capture_output=True)

    return reads


def compare(folder: Path, *, rows: int, rounds: int) -> dict[str, Any]:
    """Measure everyone and lay the figures side by side."""
    token = new_token()
    made = made_node(folder, rows, token)
    held = derived(made)
    if held is None:
        raise SystemExit("the derived table is not there")
    server = _tables.made_server(folder)
    try:
        pages = dumped(made, folder)
        os.environ[_servers.DATABASE] = _tables.address()
        with ExitStack() as stack:
            session = stack.enter_context(httpx.Client(timeout=60))
            ours = started(folder, stack, "ours", "/readyz")
            bare, what, behind = sender(folder, stack)
            dump = started(folder, stack, "dump", "/?offset=0")
            plain = [f"{bare}/{(made / one.path).relative_to(folder).as_posix()}" for one in held.filled]
            repeats = max(1, round(2_000_000_000 / held.size / 4))
            works = {
                "ours": (lambda: parallel(asked(session, ours, token), held.size), repeats),
                "limit": (lambda: parallel(plain, held.size), repeats),
                "paged_dump": (lambda: paged(session, dump, pages), 1),
            }
            if behind:
                works["behind_nginx"] = (lambda: parallel(asked(session, behind, token), held.size), repeats)
            if reads := client(folder, ours, token, held.rows):
                works["client"] = (reads, 1)
            before = load()
            found = measured(works, rounds)
    finally:
        server.stop()
    return told(found, held, what, {"dumped_rows": pages, "rounds": rounds, "load": [before, load()]})


def measured(works: dict[str, tuple[Callable[[], None], int]], rounds: int) -> dict[str, list[float]]:
    """Everyone in turn, after one round that is not counted."""
    found: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, (work, times) in works.items():
            if number or name in {"ours", "limit", "behind_nginx"}:
                seconds = clocked(work, times)
            if number:
                found[name].append(seconds)
    return found


def told(found: dict[str, list[float]], held: Any, what: str, scale: dict[str, Any]) -> dict[str, Any]:
    """The object that is printed."""

    def shown(name: str, rows: int = held.rows) -> dict[str, Any]:
        seconds = statistics.median(found[name])
        rounds = [round(one, 4) for one in found[name]]
        return {"seconds": round(seconds, 4), "rows_per_second": round(rows / seconds), "rounds": rounds}

    def ratio(name: str) -> float:
        return round(parties[name]["rows_per_second"] / dump["rows_per_second"], 1)

    parties, dump = {name: shown(name) for name in found}, shown("paged_dump", scale["dumped_rows"])
    for name in ("ours", "limit", "behind_nginx"):
        if name not in parties:
            continue
        parties[name]["megabytes_per_second"] = round(held.size / statistics.median(found[name]) / 2**20)
    ratios = {
        "of_limit": round(parties["limit"]["seconds"] / parties["ours"]["seconds"], 3),
        "vs_paged_dump": ratio("ours"),
    }
    if "behind_nginx" in parties:
        ratios["behind_nginx_of_limit"] = round(parties["limit"]["seconds"] / parties["behind_nginx"]["seconds"], 3)
    if "client" in found:
        ratios["client_vs_paged_dump"] = ratio("client")
    client = parties.get("client", {"absent": "not installed: run `make bench-setup`"})
    size = {"rows": held.rows, "bytes": held.size, "files": len(held.filled), "readers": READERS, "cores": os.cpu_count()}
    return {
        "claim": "the table of a grant is downloaded as fast as a bare server sends its files",
        "scale": size | scale,
        "ours": parties["ours"]
        | {
            "does": "query, then each file with signature, grant and evidence",
            "client_1.4.2": client,
            "behind_nginx": parties.get("behind_nginx", {"absent": "no nginx here"}),
        },
        "peers": {"paged_dump": dump | {"what": "32,000 rows a page as JSON, made by PostgreSQL"}},
        "limit": parties["limit"] | {"what": what},
        "ratios": ratios,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="200,000 rows, one round; ends within a minute")
    parser.add_argument("--rows", type=int, help="10,000,000 unless told")
    parser.add_argument("--json", action="store_true", help="one JSON object (there is no other form)")
    said = parser.parse_args()
    with scratch("sharing") as folder:
        found = compare(folder, rows=said.rows or (200_000 if said.quick else 10_000_000), rounds=1 if said.quick else 5)
        print(json.dumps(found, ensure_ascii=False, indent=None if said.quick else 2))


if __name__ == "__main__":
    main()
