# SPDX-License-Identifier: Apache-2.0
"""Claim: a grant that is stopped stops at every gateway of the node within a second.

A whole node of two gateways, as `datong node up` starts it, answers an application on one connection to each gateway. The
authority suspends the grant by the use case behind the button, then lets it go on, again and again; told is the time from
before the click to the first refusal at each gateway, through everything: the transaction, its act, the worker's beat, the
signed policy, the notification.

`python benchmarks/revocation.py [--quick] --json` prints one object; its exit is 1 when one took longer than a second.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from chaos_evidence import granted

from datong.config.demo.clients import Caller
from datong.config.node.postgres import EmbeddedPostgres
from datong.ledger import receipts
from factories.nodes import Node, a_node, machines

GATEWAYS = 2
ENOUGH = 200
"""Connections after which every gateway has been met: the kernel deals them out by their ports."""
MOST = 1.0
GIVES_UP = 30.0
PAUSE = 0.005
"""Seconds between two calls: often enough to tell, not so often that the asking itself holds the node up."""
FORK = multiprocessing.get_context("fork")


def clicks(told: Connection, folder: Path, url: str, public_key: str) -> None:
    """The control plane's side in a process of its own: make the grant, then stop it and let it go on when told."""
    told.send(granted(folder, url, public_key))
    from datong.contexts.sharing import usecases
    from datong.contexts.sharing.models import Grant
    from factories.catalog import an_authority

    number, authority = Grant.objects.get().number, an_authority()
    for verb in iter(told.recv, ""):
        before = time.monotonic()
        getattr(usecases, verb)(number, "测量 (measured)", by=authority)
        told.send(before)


def one_each(base: str, path: str, headers: dict[str, str]) -> dict[str, httpx.Client]:
    """A connection to each gateway, known by the log its receipts name."""
    found: dict[str, httpx.Client] = {}
    for _ in range(ENOUGH):
        client = httpx.Client(base_url=base, headers=headers, timeout=10, limits=httpx.Limits(max_connections=1))
        answer = client.get(path)
        log = receipts.decode(answer.headers["datong-receipt"]).origin
        found[log] = found.get(log) or client
        if found[log] is not client:
            client.close()
        if len(found) == GATEWAYS:
            return found
    raise RuntimeError(f"only {sorted(found)} answered")


def first(client: httpx.Client, path: str, status: int, at: dict[str, float], name: str) -> None:
    """When a gateway first answers with a status."""
    until = time.monotonic() + GIVES_UP
    while client.get(path).status_code != status:
        time.sleep(PAUSE)
        if time.monotonic() > until:
            return
    at[name] = time.monotonic()


@contextmanager
def a_node_of_two() -> Iterator[Node]:
    with a_node(machines()[0]) as node:
        file = node.folder / "node.toml"
        file.write_text(file.read_text("utf-8").replace("gateways = 1", f"gateways = {GATEWAYS}"), "utf-8")
        up = node.run("up", "--detach")
        if up["exit"]:
            raise RuntimeError(f"the node did not come up: {up}")
        yield node


def measured(node: Node, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Seconds from the click, by what was done and by gateway."""
    app = Caller(str(node.status()["gateway"]), "330000")
    url = EmbeddedPostgres(node.folder / "postgres", node.folder / "log" / "postgres.log").url
    near, far = FORK.Pipe()
    clicker = FORK.Process(target=clicks, args=(far, node.folder, url, app.public_pem))
    clicker.start()
    code, purpose, app.client_id = near.recv()
    path = f"/v1/resources/{code}/records?code=330000000001"
    while app.sign_in().status_code != 200:
        time.sleep(0.1)
    stated = {"Authorization": f"Bearer {app.token}", "Datong-Purpose": quote(purpose), "Datong-Case": "AJ-1"}
    clients = one_each(app.base, path, stated)
    found: dict[str, dict[str, list[float]]] = {verb: {log: [] for log in clients} for verb in ("suspend_grant", "resume_grant")}
    for client in clients.values():
        first(client, path, 200, {}, "")
    for _ in range(rounds):
        for verb, status in (("suspend_grant", 403), ("resume_grant", 200)):
            at: dict[str, float] = {}
            waiting = [threading.Thread(target=first, args=(one, path, status, at, log)) for log, one in clients.items()]
            for one in waiting:
                one.start()
            near.send(verb)
            before = near.recv()
            for one in waiting:
                one.join()
            for log in clients:
                found[verb][log].append(at.get(log, before + GIVES_UP) - before)
    near.send("")
    clicker.join()
    return found


def told(times: dict[str, list[float]]) -> dict[str, dict[str, float]]:
    return {
        log: {"median_ms": round(1000 * statistics.median(some), 1), "longest_ms": round(1000 * max(some), 1)}
        for log, some in sorted(times.items())
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true", help="five rounds instead of fifty")
    asked.add_argument("--json", action="store_true", help="one JSON object (there is no other form)")
    rounds = 5 if asked.parse_args().quick else 50
    with a_node_of_two() as node:
        found = measured(node, rounds)
    longest = max(max(some) for some in found["suspend_grant"].values())
    result: dict[str, Any] = {
        "claim": "a grant that is stopped stops at every gateway of the node within a second",
        "scale": {"gateways": GATEWAYS, "rounds": rounds, "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1)},
        "stopped": told(found["suspend_grant"]),
        "going_on": told(found["resume_grant"]),
        "longest_s": round(longest, 3),
    }
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    sys.exit(longest > MOST)


if __name__ == "__main__":
    main()
