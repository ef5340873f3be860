# SPDX-License-Identifier: Apache-2.0
"""Databases of other systems in the tests' PostgreSQL, and a TCP door to them: the server itself listens on a socket alone."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from urllib.parse import parse_qs, urlsplit

import psycopg


@cache
def a_business_database() -> str:
    """Give the address of a database no other process of the tests touches; it goes with the server."""
    address, name = os.environ["DATONG_DATABASE_URL"], f"business_{os.getpid()}"
    with psycopg.connect(address, autocommit=True) as held:
        held.execute(f"create database {name}")  # type: ignore[arg-type]  # a name of our own
    return address.replace("/datong?", f"/{name}?")


@contextmanager
def over_tcp(url: str) -> Iterator[str]:
    """Give the address of a database as a stranger's machine would know it."""
    parts = urlsplit(url)
    place = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432"
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_serve, args=(listener, place), daemon=True).start()
    try:
        yield f"postgresql://{parts.username or 'postgres'}:s3cret@127.0.0.1:{listener.getsockname()[1]}{parts.path}"
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _serve(listener: socket.socket, place: str) -> None:
    while True:
        try:
            near, _ = listener.accept()
        except OSError:
            return
        far = socket.socket(socket.AF_UNIX)
        far.connect(place)
        left = [near, far]
        for one, other in ((near, far), (far, near)):
            threading.Thread(target=_carry, args=(one, other, left), daemon=True).start()


def _carry(one: socket.socket, other: socket.socket, left: list[socket.socket]) -> None:
    with suppress(OSError):
        while piece := one.recv(65536):
            other.sendall(piece)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)
    left.remove(one)
    if not left:
        one.close()
        other.close()
