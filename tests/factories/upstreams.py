# SPDX-License-Identifier: Apache-2.0
"""Interfaces of providers: a real HTTP server that answers from made-up persons, or misbehaves as told; a gateway before it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_network
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from datong.wire import policy as wire
from factories.gateways import ITEMS, ROWS, Clock, Node, Reply, Standing, a_resource, row, started
from factories.listening import http_server, listening

LOOPBACK = (ip_network("127.0.0.0/8"),)
PEOPLE = [row(number) for number in range(ROWS)]
MEMBERS = {item.field: f"f_{item.field}" for item in ITEMS}
"""Item to what the interface calls it."""


def as_answered(person: dict[str, str]) -> dict[str, Any]:
    """A row as the interface writes it: numbers as numbers, truths as truths."""
    typed = {"income": float(person["income"]), "alive": person["alive"] == "true"}
    return {MEMBERS[name]: typed.get(name, value) for name, value in person.items()}


def found(given: dict[str, str]) -> list[dict[str, Any]]:
    """What an honest interface answers to its parameters."""
    fit = (one for one in PEOPLE if all(one[name] == value for name, value in given.items() if name in MEMBERS))
    return [as_answered(one) for one in fit]


class Server:
    """An interface; `behave` may be set to anything that answers a request, `asked` holds what came."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.behave: Callable[[Any], None] = honest
        self.released = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                self.body = self.rfile.read(length)
                self.given = dict(parse_qsl(urlsplit(self.path).query)) | (json.loads(self.body) if self.body else {})
                outer.asked.append(self)
                outer.behave(self)

            do_POST = do_GET  # noqa: N815  as the server calls it

        self.server = http_server(Handler)
        self.server.handle_error = lambda *_: None  # a caller that hangs up is part of the game

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/api"


def said(request: Any, status: int, body: bytes, **headers: str) -> None:
    """Answer."""
    request.send_response(status)
    for name, value in {"Content-Length": str(len(body)), "Content-Type": "application/json", **headers}.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    request.wfile.write(body)


def honest(request: Any) -> None:
    """Answer from the made-up persons."""
    said(request, 200, json.dumps({"data": {"list": found(request.given)}}).encode())


def saying(document: Any, status: int = 200, **headers: str) -> Callable[[Any], None]:
    """Always answer the same."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return lambda request: said(request, status, body, **headers)


@contextmanager
def an_interface() -> Iterator[Server]:
    """Run an interface on this machine."""
    made = Server()
    with listening(made.server):
        try:
            yield made
        finally:
            made.released.set()


def an_upstream(base: str, **changes: Any) -> wire.Upstream:
    """A registration of that interface for the persons of `factories.gateways`."""
    facts: dict[str, Any] = {
        "connection": "K-1", "base": base, "path": "/persons", "rows": "/data/list", "timeout": 2,
        "parameters": [
            wire.UpstreamParameter(item="id", name="id", needed=False),
            wire.UpstreamParameter(item="region", name="region", needed=False),
            wire.UpstreamParameter(item="name", name="name", needed=False),
        ],
        "members": [
            wire.UpstreamMember(item=item.field, name=MEMBERS[item.field], precision=2 if item.type == "N" else None)
            for item in ITEMS
        ],
    }  # fmt: skip
    return wire.Upstream(**(facts | changes))


def a_proxied_resource(base: str, **changes: Any) -> wire.Resource:
    return a_resource(index="", rows=0, upstream=an_upstream(base, **changes))


class Talking(Standing):
    """A gateway whose calls share one loop, as those of a process do."""

    def __init__(self, node: Node, app: Any, clock: Clock, runner: asyncio.Runner) -> None:
        super().__init__(node, app, clock)
        self.runner = runner

    def run(self, call: Coroutine[Any, Any, Reply]) -> Reply:
        return self.runner.run(call)

    def register(self, *grants: wire.Grant, base: str, **changes: Any) -> None:
        """Put a registration in force."""
        self.offer(*grants, resources=[a_proxied_resource(base, **changes)])

    def last_call(self) -> dict[str, Any]:
        """The newest record of a call."""
        return [one for one in self.node.evidence() if one["kind"] == "call"][-1]

    @property
    def upstreams(self) -> Any:
        return self.app._upstreams


@contextmanager
def talking(node: Node, **config: Any) -> Iterator[Talking]:
    """A gateway that may reach this machine; without a policy yet."""
    with started(node, policy=False, networks=LOOPBACK, **config) as standing, asyncio.Runner() as runner:
        made = Talking(node, standing.app, standing.clock, runner)
        try:
            yield made
        finally:
            runner.run(standing.app.hang_up())
