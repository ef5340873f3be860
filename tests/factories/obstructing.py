# SPDX-License-Identifier: Apache-2.0
"""A way to an object store that can be obstructed: a proxy in a process of its own, told over HTTP what to refuse.

It has a process of its own because the writer of Delta tables holds the interpreter's lock while it asks a store.
"""

from __future__ import annotations

import json
import multiprocessing
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import unquote

import httpx

from factories.stores import Bucket


@dataclass
class Way:
    """A running way: the endpoint under which the store is reached by it."""

    endpoint: str

    def refuse(self, method: str, part: str = "", times: int = 1_000_000, status: int = 503) -> None:
        """Answer requests of a method whose path holds a text with a status, so many times; 0 lets all pass."""
        rule = {"method": method, "part": part, "times": times, "status": status}
        httpx.post(f"{self.endpoint}/-/refuse", json=rule, trust_env=False)

    @property
    def seen(self) -> list[tuple[str, str]]:
        """Methods and paths of all requests so far."""
        return [(method, unquote(path)) for method, path in httpx.get(f"{self.endpoint}/-/seen", trust_env=False).json()]


@contextmanager
def a_way(bucket: Bucket) -> Iterator[Way]:
    """A proxy on this machine before an object store."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(bucket.endpoint, theirs), daemon=True)
    process.start()
    assert ours.poll(60), "the way did not open"
    try:
        yield Way(f"http://127.0.0.1:{ours.recv()}")
    finally:
        process.kill()
        process.join(60)


def _serve(endpoint: str, told: Connection) -> None:
    seen: list[tuple[str, str]] = []
    rule: dict[str, Any] = {"times": 0}
    lock = threading.Lock()
    client = httpx.Client(trust_env=False, timeout=30)

    def refused(method: str, path: str) -> int | None:
        with lock:
            seen.append((method, path))
            if rule["times"] < 1 or method != rule["method"] or rule["part"] not in path:
                return None
            rule["times"] -= 1
            return int(rule["status"])

    class Talk(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.path == "/-/seen":
                self._say(200, {}, json.dumps(seen).encode())
            elif self.path == "/-/refuse":
                rule.update(json.loads(body))
                self._say(200, {}, b"")
            elif (status := refused(self.command, self.path)) is not None:
                self._say(status, {}, b"")
            else:
                asked = {**dict(self.headers), "accept-encoding": "identity"}
                answer = client.request(self.command, endpoint + self.path, headers=asked, content=body)
                left_out = ("connection", "transfer-encoding", "date", "server")
                kept = {name: value for name, value in answer.headers.items() if name not in left_out}
                self._say(answer.status_code, kept, answer.content)

        def _say(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _pass  # noqa: N815  the names the server looks for

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Talk) as server:
        server.daemon_threads = True
        told.send(server.server_address[1])
        server.serve_forever()
