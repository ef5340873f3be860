# SPDX-License-Identifier: Apache-2.0
"""Connections for tests, made by the use cases that people would use."""

from __future__ import annotations

from itertools import count
from typing import Any
from urllib.parse import unquote, urlsplit

from datong.contexts.connections import usecases
from datong.contexts.connections.models import Connection
from datong.kernel.actors import Officer, Role
from factories import organisations
from factories.catalog import PROVIDER

_numbers = count(1)


def a_keeper(department: str = PROVIDER, role: Role = Role.COMPILER) -> Officer:
    """An officer who keeps the connections of a department."""
    return organisations.an_officer(roles=[role], department=organisations.a_department(department))


def a_connection(by: Officer, *, kind: str = "http", address: dict[str, str] | None = None, **said: Any) -> Connection:
    """A connection of somebody's department; untested."""
    said = {"name": f"连接{next(_numbers)}", "account": "" if kind == "http" else "reader", **said}
    return usecases.add(kind, said.pop("name"), address or {"base": "https://app.example.gov.cn/api"}, by=by, **said)


def of_database(by: Officer, dsn: str, **said: Any) -> Connection:
    """A connection to a database behind an address."""
    parts = urlsplit(dsn)
    kind = "mysql" if parts.scheme == "mysql" else "postgres"
    address = {"host": parts.hostname or "", "port": str(parts.port), "database": parts.path.lstrip("/")}
    if kind == "postgres":
        address["sslmode"] = "disable"
    said = {"account": unquote(parts.username or ""), "secret": unquote(parts.password or ""), **said}
    return a_connection(by, kind=kind, address=address, **said)
