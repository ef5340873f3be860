# SPDX-License-Identifier: Apache-2.0
"""Addresses of other databases: what one may say, and that it is not the node's own.

Kept here: an address names a server on the network, a database and an account, and nothing that makes this node read
or write a file of its own, use a password of its own or take a Unix socket (whoever connects through one is the node's
own user). No error repeats the address.
"""

from __future__ import annotations

import secrets

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import conninfo

from datong.kernel.errors import Malformed, Refused

ALLOWED = frozenset({
    "host", "port", "dbname", "user", "password", "sslmode", "sslrootcert", "channel_binding", "connect_timeout",
    "application_name", "client_encoding", "target_session_attrs", "keepalives", "keepalives_idle",
})  # fmt: skip
SHAPE = "postgresql://user:password@host:5432/database"
PATIENCE = 10


def checked(dsn: str) -> str:
    """Check an address; returns it as libpq reads it, with the node's own password file shut out.

    Raises:
        Malformed: it does not read, or says something that is not allowed; never repeating it.
    """
    try:
        said = conninfo.conninfo_to_dict(dsn)
    except (psycopg.Error, ValueError):
        raise _refused(f"写作 {SHAPE} (write it like this)") from None
    strange = sorted(said.keys() - ALLOWED)
    if strange:
        raise _refused(f"不能使用的参数：{', '.join(strange)} (not allowed)")
    if said.get("sslrootcert", "system") != "system":
        raise _refused("sslrootcert 只能是 system (only `system`)")
    hosts = str(said.get("host") or "").split(",")
    if any(not host or host[0] in "/@" for host in hosts):
        raise _refused("写明数据库服务器的网络地址 (name the server's network address)")
    if not said.get("dbname") or not said.get("user"):
        raise _refused("写明数据库和账号 (name database and account)")
    return conninfo.make_conninfo(dsn, passfile=str(settings.NODE_FOLDER.run / "no-passwords"))


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


def _refused(why: str) -> Malformed:
    return Malformed("连接串不可用 (the address cannot be used)", fields={"dsn": why}, remedy=SHAPE)
