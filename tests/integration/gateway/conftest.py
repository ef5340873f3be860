# SPDX-License-Identifier: Apache-2.0
"""One landed table for all, a node of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from datong.config.node.postgres import EmbeddedPostgres
from datong.gateway.upstream import line
from datong.wire.policy import TABLE
from factories.gateways import Node, Standing, landed, started
from factories.upstreams import Server, Talking, an_interface, talking


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return landed(tmp_path_factory.mktemp("landed"))


@pytest.fixture
def node(tmp_path: Path, index: Path) -> Node:
    return Node(tmp_path, index)


@pytest.fixture
def gateway(node: Node) -> Iterator[Standing]:
    with started(node) as standing:
        yield standing


@pytest.fixture
def token(gateway: Standing) -> str:
    """Of the application that holds the usual grant."""
    return gateway.token(gateway.node.civil)


@pytest.fixture
def there() -> Iterator[Server]:
    """A provider's interface."""
    with an_interface() as made:
        yield made


@pytest.fixture
def proxying(node: Node, there: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Talking]:
    """A gateway that asks that interface, again at once where it fails."""
    monkeypatch.setattr(line, "PAUSES", (0.001, 0.001))
    with talking(node) as made:
        made.register(base=there.url)
        yield made


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL of its own, that tests may take down, with the table the control plane writes policies into."""
    folder = tmp_path_factory.mktemp("policies")
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder / "pg", folder / "pg.log", {"fsync": "off"})
    server.start()
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"create table {TABLE} (version bigint primary key, document bytea, issued_at timestamptz)")
    yield server
    server.stop()
