# SPDX-License-Identifier: Apache-2.0
"""Addresses of databases people hand in: which are taken, and what they may say.

Kept here: an address names a server, an account and a database, and nothing that makes this machine read its own
files, use its own sockets or its own credentials; options are a closed list. No part of an address is ever shown. The
way to a server goes to the very address that was checked, as that to a store or an interface does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import psycopg
from psycopg import conninfo

from datong.engine.backends.remote import guard
from datong.kernel.errors import Malformed
from datong.kernel.reach import Network

POSTGRES = ("postgresql", "postgres")
MYSQL = ("mysql", "mariadb")
POSTGRES_OPTIONS = frozenset(
    {"host", "hostaddr", "port", "dbname", "user", "password", "sslmode", "application_name", "connect_timeout"}
)
MYSQL_OPTIONS = frozenset({"charset", "ssl"})
ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})
LONGEST = 2000
FIELD = "dsn"
"""In which an address is named where it is typed."""
EXAMPLES = "postgresql://用户:口令@主机:5432/库, mysql://用户:口令@主机:3306/库"


@dataclass(frozen=True, slots=True)
class MysqlAddress:
    """A MySQL or MariaDB server, read from `mysql://user:password@host:port/database?ssl=true`."""

    host: str
    port: int
    user: str
    database: str
    password: str = field(repr=False)
    charset: str = "utf8mb4"
    ssl: bool = False


def kind_of(dsn: str) -> str:
    """Tell "postgres" or "mysql" by the address.

    Raises:
        Malformed: Neither, or too long; says which forms are taken.
    """
    scheme = dsn.strip().split("://", 1)[0].lower() if "://" in dsn[:20] else ""
    if len(dsn) > LONGEST or not dsn.isprintable() or scheme not in POSTGRES + MYSQL:
        raise _bad("连接串须以 postgresql:// 或 mysql:// 开头 (begin with postgresql:// or mysql://)")
    return "postgres" if scheme in POSTGRES else "mysql"


def check(dsn: str) -> str:
    """Check an address a person handed in.

    Returns:
        The address without blanks around it.

    Raises:
        Malformed: Not an address of a server, or with an option outside the list; the address is not quoted.
    """
    text = dsn.strip()
    if kind_of(text) == "mysql":
        mysql(text)
    else:
        _check_postgres(text)
    return text


def mysql(dsn: str) -> MysqlAddress:
    """Read a MySQL address.

    Raises:
        Malformed: A part is missing or an option is not taken.
    """
    try:
        parts = urlsplit(dsn)
        port = parts.port or 3306
    except ValueError:
        raise _bad("连接串读不懂 (it does not read)") from None
    options = dict(parse_qsl(parts.query))
    _only(options, MYSQL_OPTIONS)
    database = unquote(parts.path.lstrip("/"))
    _server(parts.hostname or "")
    if not parts.username or not database or "/" in database:
        raise _bad("写明用户和库名 (name the account and the database)")
    return MysqlAddress(
        host=parts.hostname or "",
        port=port,
        user=unquote(parts.username),
        database=database,
        password=unquote(parts.password or ""),
        charset="gbk" if options.get("charset", "").lower() == "gbk" else "utf8mb4",
        ssl=options.get("ssl", "").lower() in ("1", "true", "on"),
    )


def bound(dsn: str, inside: Sequence[Network]) -> str:
    """Bind an address to where its server is now, if this node may go there.

    Args:
        dsn: Address of a PostgreSQL or MySQL server, as `check` takes it or as libpq reads it.
        inside: Networks of this node's own that may be reached; others have to be public and encrypted.

    Returns:
        The same address, leading to the checked number whatever the name stands for later.

    Raises:
        Malformed: It does not read.
        SourceUnreadable: The name is unknown, or it stands for an address that is not reached.
    """
    if dsn.startswith(tuple(f"{one}://" for one in MYSQL)):
        return _bound_mysql(dsn, inside)
    try:
        said = {key: str(value) for key, value in conninfo.conninfo_to_dict(dsn).items() if value is not None}
    except psycopg.Error:
        raise _bad("连接串读不懂 (it does not read)") from None
    encrypted = said.get("sslmode") in ENCRYPTED
    ports = said.get("port", "5432").split(",")
    hosts = (said.get("hostaddr") or said.get("host") or "").split(",")
    for host in hosts:
        _server(host)
    found = [guard.resolve(host, int(ports[0] or 5432), inside, encrypted=encrypted, field=FIELD) for host in hosts]
    if "://" not in dsn[:20]:
        return conninfo.make_conninfo(dsn, hostaddr=",".join(found))
    return f"{dsn}{'&' if '?' in dsn else '?'}hostaddr={quote(','.join(found), safe='')}"


def _bound_mysql(dsn: str, inside: Sequence[Network]) -> str:
    server = mysql(dsn)
    found = guard.resolve(server.host, server.port, inside, encrypted=server.ssl, field=FIELD)
    parts = urlsplit(dsn)
    place = f"[{found}]" if ":" in found else found
    return parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@{place}:{server.port}").geturl()


def _check_postgres(dsn: str) -> None:
    try:
        options = {key: str(value) for key, value in conninfo.conninfo_to_dict(dsn).items() if value is not None}
    except psycopg.Error:
        raise _bad("连接串读不懂 (it does not read)") from None
    _only(options, POSTGRES_OPTIONS)
    for host in (options.get("host") or options.get("hostaddr") or "").split(","):
        _server(host)
    if not all(port.isdigit() for port in options.get("port", "5432").split(",")):
        raise _bad("端口是数字 (a port is a number)")
    if not options.get("user") or not options.get("dbname"):
        raise _bad("写明用户和库名 (name the account and the database)")


def _server(host: str) -> None:
    """A name or a number; a path would be a socket of this machine, which may trust whoever comes."""
    if not host or host.startswith(("/", "@")) or not host.isprintable() or "/" in host:
        raise _bad("写明数据库服务器的主机名或地址 (name the host; sockets of this machine are not taken)")


def _only(options: Mapping[str, str], taken: frozenset[str]) -> None:
    strange = sorted(set(options) - taken)
    if strange:
        named = ", ".join(name[:30] for name in strange[:5])
        raise _bad(f"不接受的选项：{named} (options not taken; those that name local files never are)")


def _bad(why: str) -> Malformed:
    return Malformed(
        "连接串不能用 (the address cannot be used)", fields={FIELD: why}, remedy=f"如 {EXAMPLES} (write it like this)"
    )
