# SPDX-License-Identifier: Apache-2.0
"""Addresses of other databases: what one may say, and that it is not the node's own.

Kept here: what an address may say is the engine's one list (a server on the network, an account, a database); on top
of it no password of the node's own is lent, and the node's own database is never a source. No error repeats an address.
"""

from __future__ import annotations

import secrets

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import conninfo

from datong.engine import face as engine
from datong.kernel.errors import Malformed, Refused

PATIENCE = 10
KINDS = ("postgresql://", "postgres://")


def checked(dsn: str) -> str:
    """Check an address; returns it as libpq reads it, with the node's own password file shut out.

    Raises:
        Malformed: it is no address of a PostgreSQL server, or says something that is not taken; never repeating it.
    """
    text = engine.check_address(dsn)
    if not text.startswith(KINDS):
        raise Malformed(
            "只能挂接 PostgreSQL 的库表 (only tables of PostgreSQL are attached)",
            fields={"dsn": "postgresql://…"},
            remedy="导出为 CSV 后挂接 (export it as CSV and attach that)",
        )
    return conninfo.make_conninfo(text, passfile=str(settings.NODE_FOLDER.run / "no-passwords"))


def check_foreign(dsn: str) -> None:
    """Check that an address does not lead to the node's own database: a lock held here would be seen there.

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
    try:
        with psycopg.connect(dsn, connect_timeout=PATIENCE, autocommit=True, options="-c statement_timeout=10s") as theirs:
            row = theirs.execute("select pg_try_advisory_lock(%s)", [key]).fetchone()
    except psycopg.Error as error:
        raise Malformed(
            "数据库连接不上 (the database cannot be reached)",
            fields={"dsn": type(error).__name__},
            remedy="核对地址、账号、口令和防火墙 (check address, account, password and firewall)",
        ) from None
    return row is not None and bool(row[0])
