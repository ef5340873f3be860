# SPDX-License-Identifier: Apache-2.0
"""Where a connection may not lead: to the node's own database, to networks nobody named, to what no system of a department is.

Kept here: the node's own database is known by a lock that is held here and would be seen there, so that no other name or
number for it helps. No error repeats an address.
"""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import conninfo

from datong.engine import face as engine
from datong.kernel.errors import Malformed, Refused

PATIENCE = 10
MYSQL = ("mysql://", "mariadb://")


def bound(dsn: str) -> str:
    """Check the address of a database before it is opened, and bind it to where it leads now.

    Args:
        dsn: of a PostgreSQL or MySQL server.

    Returns:
        The address to open: what its name stands for later does not matter any more.

    Raises:
        Refused: the node's own database.
        Malformed: it leads where this node may not go, or nobody answers there.
    """
    made = engine.bound_address(dsn, settings.CONNECTION_NETWORKS)
    if not made.startswith(MYSQL):
        check_foreign(made)
    return made


def check_folder(root: str) -> None:
    """Check that a folder has nothing to do with the node's own.

    Raises:
        Refused: it is the node's own, lies in it or holds it.
    """
    own, theirs = Path(settings.NODE_FOLDER.path).resolve(), Path(root).resolve()
    if own.is_relative_to(theirs) or theirs.is_relative_to(own):
        raise Refused(
            "这是节点自己的目录 (this is a folder of the node itself)",
            fields={"root": "换成业务系统的目录 (give a folder of the business system)"},
            rule="节点自己的数据不挂接 (a node does not attach its own data)",
        )


def check_foreign(dsn: str) -> None:
    """Check that an address does not lead to the node's own database: a lock held here would be seen there.

    Args:
        dsn: as libpq reads it.

    Raises:
        Refused: it is the node's own.
        Malformed: nobody answers there.
    """
    key = secrets.randbits(62)
    with connection.cursor() as ours:
        ours.execute("select pg_advisory_lock(%s)", [key])
        try:
            free = _try(dsn, key)
        finally:
            ours.execute("select pg_advisory_unlock(%s)", [key])
    if not free:
        raise Refused(
            "这是节点自己的数据库 (this is the node's own database)",
            fields={"dsn": "换成业务系统的数据库 (give the database of the business system)"},
            rule="节点自己的数据不挂接 (a node does not attach its own data)",
        )


def _try(dsn: str, key: int) -> bool:
    """Ask in a thread of its own, whose loop ends in time: a server that says nothing holds nobody."""
    shut = conninfo.make_conninfo(dsn, passfile=str(settings.NODE_FOLDER.run / "no-passwords"))
    try:
        with ThreadPoolExecutor(1) as apart:
            return apart.submit(lambda: asyncio.run(_ask(shut, key))).result()
    except (psycopg.Error, OSError, TimeoutError) as error:
        raise Malformed(
            "数据库连接不上 (the database cannot be reached)",
            fields={"dsn": type(error).__name__},
            remedy="核对地址、账号、口令和防火墙 (check address, account, password and firewall)",
        ) from None


async def _ask(dsn: str, key: int) -> bool:
    async with asyncio.timeout(PATIENCE):
        there = await psycopg.AsyncConnection.connect(dsn, autocommit=True, options="-c statement_timeout=10s")
        async with there:
            row = await (await there.execute("select pg_try_advisory_lock(%s)", [key])).fetchone()
    return row is not None and bool(row[0])
