# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: SLF001  (parts of the application are what is timed)
"""What each control of a keyed call costs: the gateway's own code in one process, once whole and once without each of them.

Kept here: 64 calls at once by the application itself, without HTTP; evidence is written for true. Rounds with and without a
control take turns, and the median of the differences is told, in microseconds of processor time of all threads. What is
left out is put back at once; a control that others lean on takes a little of their cost with it, so the parts may come to
more than the whole.

Run as `python benchmarks/_controls.py`; `gateway.py` does.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import _servers
import gateway as bench
from _scratch import scratch
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from datong.engine.backends.index import ServingIndex
from datong.engine.plans.lookup import Lookup
from datong.gateway import plane, quotas
from datong.gateway.app import Gateway

ROWS, CALLS, ROUNDS, AT_ONCE = 20_000, 2_000, 7, 64
PLACE = f"/v1/resources/{bench.CODE}/records"


def scopes(app: Gateway, ids: list[str]) -> list[dict[str, Any]]:
    """Requests as the server gives them to the application."""
    now = time.time()
    key = app.holder.current(now).keys_of("app", now)[0]
    token = app._plane._callers.tokens.mint("app", key.print, now)
    headers = [
        (b"host", b"127.0.0.1"), (b"accept", b"*/*"), (b"authorization", f"Bearer {token}".encode()),
        (b"datong-purpose", quote(bench.PURPOSE).encode()), (b"datong-case", b"AJ-2026-1"), (b"datong-user", b"u1"),
    ]  # fmt: skip
    same = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http"}
    same |= {"path": PLACE, "raw_path": PLACE.encode(), "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80)}
    picked = random.Random(7).sample(ids, CALLS)
    return [same | {"query_string": b"id=" + one.encode(), "headers": list(headers)} for one in picked]


async def ask(app: Gateway, asked: list[dict[str, Any]]) -> float:
    """Ask all, 64 at once; microseconds of processor time of one call."""
    left, bad = iter(asked), []

    async def send(message: dict[str, Any]) -> None:
        if message.get("status", 200) != 200:
            bad.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def one() -> None:
        for scope in left:
            await app(scope, receive, send)

    begun = time.process_time()
    await asyncio.gather(*(one() for _ in range(AT_ONCE)))
    if bad:
        raise SystemExit(f"a call was refused: {bad[0]}")
    return (time.process_time() - begun) / len(asked) * 1e6


@contextmanager
def without(*parts: tuple[Any, str, Any]) -> Iterator[None]:
    """Put something empty in the place of some parts meanwhile."""
    held = [(owner, name, getattr(owner, name)) for owner, name, _ in parts]
    for owner, name, empty in parts:
        setattr(owner, name, empty)
    try:
        yield
    finally:
        for owner, name, whole in held:
            setattr(owner, name, whole)


def controls(app: Gateway, asked: list[dict[str, Any]]) -> dict[str, list[tuple[Any, str, Any]]]:
    """Each control by its name, and what stands in its place where it is left out."""
    desk_plane = app._plane
    services = desk_plane._services
    desk, now = services._desk, time.time()
    snapshot = app.holder.current(now)
    (standing,) = snapshot.standings("app", bench.CODE)
    read, client = plane.Ask(asked[0]["headers"]), snapshot.clients["app"]
    plain = f"select {', '.join(_servers.ITEMS)}, rowid from records where id = ?"
    index = ServingIndex(_servers.folder() / _servers.INDEX)._connection

    def fetch(_index: ServingIndex, plan: Lookup) -> list[tuple[Any, ...]]:
        return list(index.execute(plain, (plan.params[-3],)))

    async def keep(_record: bytes) -> bytes:
        return bytes(1_200)

    def nothing(*_: object, **__: object) -> None:
        return None

    return {
        "evidence": [(desk_plane._evidence, "keep", keep)],
        "token and headers": [(plane, "Ask", lambda _: read), (desk_plane._callers, "client", lambda *_: client)],
        "grant, purpose, case": [(plane, "permit", lambda call, *_: _granted(call, standing)), (plane, "check_purpose", nothing)],
        "quota": [(services._quotas, "take", lambda *_: quotas.NOTHING)],
        "row rule and masks": [(ServingIndex, "fetch", fetch)],
        "tag of the person": [(services._persons, "tags", lambda _: [])],
        "entity tag": [(desk, "tag", lambda *_: 'W/"0"')],
        "tally": [(desk_plane._tally, "note", nothing)],
    }


def _granted(call: Any, standing: Any) -> Any:
    call.record.grant, call.record.version = standing.grant.number, standing.resource.version
    return standing


async def compare(app: Gateway, ids: list[str]) -> dict[str, Any]:
    """Time a call whole and without each control, in turns."""
    asked = scopes(app, ids)
    parts = controls(app, asked)
    await ask(app, asked)
    whole, spared = [], {name: [] for name in parts}  # type: tuple[list[float], dict[str, list[float]]]
    for _ in range(ROUNDS):
        for name, changed in parts.items():
            took = await ask(app, asked)
            with without(*changed):
                spared[name].append(took - await ask(app, asked))
            whole.append(took)
    return {
        "unit": "µs of processor time of a call", "whole": round(statistics.median(whole), 1), "load": os.getloadavg()[0],
        "without": {name: round(statistics.median(found), 1) for name, found in spared.items()},
    }  # fmt: skip


def main(make: Callable[[], Gateway] = _servers.ours) -> None:
    with scratch("controls") as folder:
        ids = bench.made_table(folder, ROWS)
        bench.made_policy(folder, Ed25519PrivateKey.generate())
        os.environ[_servers.FOLDER] = str(folder)
        app = make()
        app.start()
        json.dump(asyncio.run(compare(app, ids)), sys.stdout, ensure_ascii=False)
        app.stop()


if __name__ == "__main__":
    main()
