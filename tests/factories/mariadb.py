# SPDX-License-Identifier: Apache-2.0
"""A real MariaDB server for the tests of reverse compilation; where there is none, that is said loudly.

`make test` finds or installs one and names it in DATONG_MARIADBD.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

import pymysql
import pytest

NAMES = ("mariadbd", "mysqld")
SEARCHED = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
REMEDY = "apt-get install mariadb-server, or name the server in DATONG_MARIADBD"
PASSWORD = "s3cret-Pass/word@1"
DSN_PASSWORD = "s3cret-Pass%2Fword%401"


@cache
def program() -> str | None:
    """Path of the server, or None."""
    given = os.environ.get("DATONG_MARIADBD")
    return given or next(filter(None, (shutil.which(name, path=SEARCHED) for name in NAMES)), None)


@contextmanager
def served() -> Iterator[str]:
    """Serve an empty database `gov` on a free port; gives its address."""
    root = Path(tempfile.mkdtemp(prefix="datong-mariadb-"))
    data, port = root / "data", _free_port()
    account = ["--user=root"] if os.geteuid() == 0 else []
    install = shutil.which("mariadb-install-db", path=SEARCHED) or "mariadb-install-db"
    made = [install, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db", *account]
    subprocess.run(made, check=True, capture_output=True)
    command = [program(), "--no-defaults", f"--datadir={data}", f"--socket={root}/s", f"--pid-file={root}/pid", f"--port={port}",
               "--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=0", "--character-set-server=utf8mb4", *account]  # fmt: skip
    with (root / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _prepare(f"{root}/s", server)
        yield f"mysql://compiler:{DSN_PASSWORD}@127.0.0.1:{port}/gov"
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(root, ignore_errors=True)


def run(dsn: str, *statements: str) -> None:
    """Run statements as the account of an address."""
    port = int(dsn.rsplit(":", 1)[1].split("/", 1)[0])
    with closing(pymysql.connect(host="127.0.0.1", port=port, user="compiler", password=PASSWORD, database="gov", autocommit=True)) as connection:
        for statement in statements:
            connection.cursor().execute(statement)


def answer(dsn: str, query: str) -> list[tuple]:
    """Ask as the account of an address, instants in UTC."""
    port = int(dsn.rsplit(":", 1)[1].split("/", 1)[0])
    with closing(pymysql.connect(host="127.0.0.1", port=port, user="compiler", password=PASSWORD, database="gov")) as connection:
        cursor = connection.cursor()
        cursor.execute(query)
        return list(cursor.fetchall())


def _prepare(place: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while not Path(place).exists():
        assert server.poll() is None and time.monotonic() < deadline, "the MariaDB server did not start"
        time.sleep(0.05)
    with closing(pymysql.connect(unix_socket=place, user="root", autocommit=True)) as connection:
        cursor = connection.cursor()
        cursor.execute("create database gov character set utf8mb4")
        cursor.execute("create user compiler identified by %s", (PASSWORD,))
        cursor.execute("grant all on gov.* to compiler")


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        return taken.getsockname()[1]


def leave_out_where_there_is_none(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take tests marked `mariadb` out of the run when there is no server."""
    if program():
        return
    out = [item for item in items if item.get_closest_marker("mariadb")]
    items[:] = [item for item in items if not item.get_closest_marker("mariadb")]
    config.hook.pytest_deselected(items=out)


def say_so(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end that tests did not run."""
    if program() is None:
        terminalreporter.section("MARIADB TESTS DID NOT RUN", red=True, bold=True)
        terminalreporter.line(f"No MariaDB server was found and none could be installed: {REMEDY}")
