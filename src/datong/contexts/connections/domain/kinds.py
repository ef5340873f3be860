# SPDX-License-Identifier: Apache-2.0
"""Kinds of systems, and a connection opened for use.

Kept here: an address is made of parts that may be shown; the secret is never one of them. The address of a database as
its driver takes it holds the secret, so it is made when it is used and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from datong.kernel.errors import Malformed
from datong.kernel.labels import Labelled


class ConnectionKind(Labelled):
    """What kind of system a connection leads to (数据源连接)."""

    POSTGRES = "postgres", "PostgreSQL 协议数据库"
    MYSQL = "mysql", "MySQL 协议数据库"
    S3 = "s3", "S3 对象存储"
    SFTP = "sftp", "SFTP 文件服务器"
    HTTP = "http", "HTTP 数据接口"
    FOLDER = "folder", "本机目录"


DATABASES = frozenset({ConnectionKind.POSTGRES, ConnectionKind.MYSQL})
FILES = frozenset({ConnectionKind.S3, ConnectionKind.SFTP})
READ_FILES = FILES | {ConnectionKind.FOLDER}
"""Where files are read; folders of the node's machine are never written to."""
SCHEMES = {ConnectionKind.POSTGRES: "postgresql", ConnectionKind.MYSQL: "mysql"}


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection with its secret, for the use case that reads or writes through it; never stored, logged or shown.

    Attributes:
        number: of the connection.
        name: as its department calls it.
        kind: decides which parts `address` has (see `addresses.PARTS`).
        department: unified social credit code of the owner.
        address: parts that may be shown.
        account: who the other system knows; empty where it asks for none.
        secret: password, secret key, private key or token; empty where none is needed.
    """

    number: str
    name: str
    kind: ConnectionKind
    department: str
    address: Mapping[str, str]
    account: str = ""
    secret: str = field(default="", repr=False)


def dsn_of(opened: Opened) -> str:
    """Give the address of a database as the engine takes it, with the secret in it.

    Raises:
        Malformed: not a database.
    """
    if opened.kind not in DATABASES:
        raise Malformed(
            "这个连接不是数据库 (this connection leads to no database)",
            fields={"connection": opened.kind.label},
            remedy="选择数据库连接 (choose a connection to a database)",
        )
    parts = opened.address
    who = quote(opened.account, safe="") + (":" + quote(opened.secret, safe="") if opened.secret else "")
    place = f"[{parts['host']}]" if ":" in parts["host"] else parts["host"]
    options = {name: parts[name] for name in ("sslmode", "ssl", "charset") if parts.get(name)}
    said = f"?{urlencode(options)}" if options else ""
    return f"{SCHEMES[opened.kind]}://{who}@{place}:{parts['port']}/{quote(parts['database'], safe='')}{said}"
