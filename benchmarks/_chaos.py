# SPDX-License-Identifier: Apache-2.0
"""What the chaos of the exchange needs: a node, work in processes that can be killed, a receiver, and what is whole.

Kept here: nothing of the platform's work is done in the process that measures, so that no child inherits a connection or a
lock; the receiver is a process of its own that writes down what came before it answers.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import random
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg

from datong.config.node.folder import NodeConfig, NodeFolder
from datong.config.node.postgres import EmbeddedPostgres
from datong.crypto import keys
from datong.wire import deliveries, events

LONGEST = 4.0
HERE = "127.0.0.0/8"
FORK = multiprocessing.get_context("fork")  # a warm interpreter: more kills in less time


@contextmanager
def a_node(folder: Path) -> Iterator[str]:
    """Make a node and a business database beside it; gives the address of the latter."""
    place = NodeFolder(folder)
    for one in place.places():
        one.mkdir(parents=True)
    (place.evidence / "node.pub").write_bytes(keys.generate(place.key).public_pem())
    place.write(NodeConfig(code="330000", name="浙江省", role="provincial", secret_key=secrets.token_urlsafe(48)))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    hasty = {"fsync": "off", "listen_addresses": "127.0.0.1"}  # processes are killed here, not the machine
    server = EmbeddedPostgres(place.postgres, place.log / "postgres.log", hasty, port=port)
    server.start()
    try:
        os.environ |= {"DATONG_NODE": str(folder), "DATONG_DATABASE_URL": server.url}
        os.environ |= {"DATONG_CONNECTION_NETWORKS": HERE, "DATONG_WEBHOOK_NETWORKS": HERE}
        os.environ["DJANGO_SETTINGS_MODULE"] = "datong.config.settings"
        with psycopg.connect(server.url, autocommit=True) as held:
            held.execute("create database business")
        yield f"postgresql://postgres@127.0.0.1:{port}/business?sslmode=disable"
    finally:
        server.stop()


def apart(work: Callable[..., Any], *given: Any) -> Any:
    """Run something in a process of its own, so that this one never holds what a child would inherit."""
    from django.conf import settings
    from django.db import connections

    if settings.configured:
        connections.close_all()
    near, far = FORK.Pipe(duplex=False)
    child = FORK.Process(target=lambda: far.send(work(*given)))
    child.start()
    far.close()
    try:
        return near.recv()
    except EOFError:
        raise RuntimeError(f"{work.__name__} did not do its work") from None
    finally:
        child.join()


class Killer:
    """Has work begun, killed at a random moment of its usual span, and done in the end.

    Args:
        times: How often a piece of work is killed; one of them by chance.
    """

    def __init__(self, times: Sequence[int]) -> None:
        self._times = times
        self.kills: dict[str, int] = {}
        self.spans: dict[str, float] = {}
        self.recoveries: list[float] = []

    def carry(self, name: str, work: Callable[..., Any], *given: Any, after: Callable[[], Any] = lambda: None) -> Any:
        """Do something, killed now and then; `after` is called after each kill, and what it is worth is the caller's."""
        killed = 0.0
        whole = True
        for _ in range(random.choice(self._times)):
            if not self._killed(name, work, *given):
                whole = False
                break
            killed = time.monotonic()
            self.kills[name] = self.kills.get(name, 0) + 1
            after()
        begun = time.monotonic()
        found = apart(work, *given)
        ended = time.monotonic()
        if whole:  # else another had done it before
            self.spans[name] = 0.5 * self.spans.get(name, ended - begun) + 0.5 * min(ended - begun, LONGEST)
        if killed:
            self.recoveries.append(ended - killed)
        return found

    def _killed(self, name: str, work: Callable[..., Any], *given: Any) -> bool:
        """Begin work in a process and kill that; whether it was still at it."""
        from django.db import connections

        connections.close_all()
        child = FORK.Process(target=work, args=given)
        child.start()
        child.join(random.uniform(0.0, self.spans.get(name, 1.0)))
        alive = child.is_alive()
        child.kill()
        child.join()
        return alive


class Receiver:
    """A webhook receiver: a process that writes each message into a file before it says that it took it.

    Args:
        file: Where.
    """

    def __init__(self, file: Path) -> None:
        self._file, self._read = file, 0
        file.touch()
        near, far = FORK.Pipe(duplex=False)
        self._process = FORK.Process(target=_receive, args=(file, far), daemon=True)
        self._process.start()
        self.url = f"http://127.0.0.1:{near.recv()}/hook"

    def came(self) -> list[tuple[str, str]]:
        """What came since the last look: key and body of each message, again where it was sent again."""
        with self._file.open("rb") as file:
            file.seek(self._read)
            lines = file.readlines()
            self._read = file.tell()
        return [(str(key), str(body)) for key, body in map(json.loads, lines)]

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.join()


def _receive(file: Path, told: Any) -> None:
    class Take(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            line = json.dumps([self.headers["webhook-id"], body.decode()]).encode() + b"\n"
            with file.open("ab", buffering=0) as out:
                out.write(line)
            with suppress(OSError):  # the sender was killed meanwhile
                self.send_response(204)
                self.end_headers()

        def log_message(self, *_args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Take) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  a sender that was killed
        told.send(server.server_address[1])
        server.serve_forever()


def torn_tables(folder: Path) -> int:
    """Derived tables that have their name and lack something."""
    torn = 0
    for manifest in folder.glob("[0-9]*-*"):
        try:
            said = json.loads((manifest / "manifest.json").read_text("utf-8"))
        except (OSError, ValueError):
            torn += 1
            continue
        torn += any((manifest / one["path"]).stat().st_size != one["size"] for one in said["files"] if one["rows"])
    return torn


def torn_files(folder: Path) -> int:
    """1 where the folder of a delivery has its name and lacks something."""
    if not folder.exists():
        return 0
    held = deliveries.read(folder)
    if held is None:
        return 1
    return int(any(hashlib.sha256((folder / one.name).read_bytes()).hexdigest() != one.sha256 for one in held.files if one.rows))


def torn_segments(folder: Path) -> int:
    """Segments of a stream that its manifest names and that do not hold the events it says."""
    held = events.manifest(folder)
    if held is None:
        return 0
    return sum((folder / f"{one.version}.ndjson").read_bytes().count(b"\n") != one.events for one in held.segments)
