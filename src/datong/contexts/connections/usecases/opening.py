# SPDX-License-Identifier: Apache-2.0
"""Open a connection: as what the engine reads from or writes to.

Kept here: the one place where a secret is opened; only the department the connection belongs to is served; what comes out
goes to the engine in the same process or in one of its own, and is stored, logged and shown nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from datong.contexts.connections import domain
from datong.contexts.connections.domain import ConnectionKind, Opened
from datong.contexts.connections.models import Connection
from datong.contexts.connections.usecases import guarding, sealing
from datong.engine import face as engine
from datong.kernel.errors import Malformed, Refused, Unknown

if TYPE_CHECKING:
    from datong.engine.base import Source
    from datong.engine.face import Caller, Store


def checked(number: str, what: Mapping[str, Any]) -> dict[str, Any]:
    """Check what is to be read through a connection, before it is stored.

    Args:
        number: of the connection.
        what: `table` or `query`; `path` and how its file reads; `path`, `rows`, `paging` of an interface.

    Raises:
        Unknown: no such connection.
        Malformed: naming each field that does not fit.
    """
    return domain.checked(ConnectionKind(_found(number).kind), what)


def secret_of(number: str, *, department: str) -> Opened:
    """Open a connection for a use case of another context.

    Args:
        number: of the connection.
        department: for which it is used: only its owner is served.

    Raises:
        Unknown: no such connection, or another department's.
        Refused: retired.
    """
    return unsealed(_owned(number, department))


def unsealed(found: Connection) -> Opened:
    """Give a connection with its secret.

    Raises:
        BadSeal: the node's key is another than when it was sealed.
    """
    return Opened(
        number=found.number,
        name=found.name,
        kind=ConnectionKind(found.kind),
        department=found.department_id,
        address=dict(found.address),
        account=found.account,
        secret=sealing.unseal(found.sealed, found.number),
    )


def database(number: str, *, department: str) -> str:
    """Give the address of a database as the engine takes it, the secret in it; never the node's own database.

    Raises:
        Unknown, Refused: as `secret_of`; the node's own database.
        Malformed: no database, one where this node may not go, or nobody answers there.
    """
    opened = secret_of(number, department=department)
    return guarding.bound(domain.dsn_of(opened))


def reading(number: str, what: Mapping[str, Any], *, department: str) -> Source:
    """Give what is to be read as the engine reads it: a source that can be inspected, landed and rehearsed.

    Args:
        number: of the connection.
        what: as `checked` gave it.
        department: for which it is read.

    Raises:
        Unknown, Refused, Malformed: as `database`.
    """
    opened = secret_of(number, department=department)
    said = domain.checked(opened.kind, what)
    if opened.kind in domain.DATABASES:
        return _of_database(database(number, department=department), opened, said)
    if opened.kind is ConnectionKind.HTTP:
        path, columns = said.pop("path"), tuple(said.pop("columns", ()))
        return engine.InterfaceSource(caller_of(opened), path, engine.Paging(**said), columns)
    return engine.RemoteFile(store_of(opened), said.pop("path"), spill=_spill(), **said)


def writing(number: str, *, department: str) -> Store:
    """Give an object store or file server to write files to: `put`, `size`, `remove`, `entries`.

    Raises:
        Unknown, Refused: as `secret_of`.
        Malformed: neither S3 nor SFTP.
    """
    return store_of(secret_of(number, department=department))


def calling(number: str, *, department: str) -> Caller:
    """Give an interface to be called: who it is called as, and where.

    Raises:
        Unknown, Refused: as `secret_of`.
        Malformed: no interface.
    """
    opened = secret_of(number, department=department)
    if opened.kind is not ConnectionKind.HTTP:
        raise Malformed("这个连接不是数据接口 (this connection leads to no interface)", fields={"connection": opened.kind.label})
    return caller_of(opened)


def sealed_of(number: str, *, department: str) -> tuple[dict[str, str], str, bytes]:
    """Give the address, account and sealed secret of a connection; the gateway alone opens it (`datong.crypto.sealing`).

    Raises:
        Unknown, Refused: as `secret_of`.
    """
    found = _owned(number, department)
    return dict(found.address), found.account, bytes(found.sealed)


def store_of(opened: Opened) -> Store:
    """Give the store a connection leads to.

    Raises:
        Malformed: it carries no files.
        Refused: a folder of the node itself.
    """
    parts, inside = opened.address, settings.CONNECTION_NETWORKS
    if opened.kind is ConnectionKind.S3:
        return engine.S3Store(
            parts["endpoint"], parts["bucket"], parts["region"], opened.account, opened.secret, parts["prefix"], inside
        )
    if opened.kind is ConnectionKind.SFTP:
        return engine.SftpStore(
            parts["host"], int(parts["port"]), opened.account, opened.secret, parts["fingerprint"], parts["folder"], inside
        )
    if opened.kind is ConnectionKind.FOLDER:
        guarding.check_folder(parts["root"])
        return engine.LocalStore(parts["root"], settings.CONNECTION_FOLDERS)
    raise Malformed(
        "这个连接不存取文件 (this connection carries no files)",
        fields={"connection": opened.kind.label},
        remedy="选择 S3 或者 SFTP 连接 (choose a connection to S3 or SFTP)",
    )


def caller_of(opened: Opened) -> Caller:
    """Give the caller of an interface."""
    parts, inside = opened.address, settings.CONNECTION_NETWORKS
    who = (parts["signing"], opened.account, opened.secret, parts["header"])
    return engine.Caller(parts["base"], *who, inside, parts["check"])


def _of_database(dsn: str, opened: Opened, said: Mapping[str, Any]) -> Source:
    if "query" in said:
        return engine.QuerySource(dsn, said["query"], opened.name)
    if opened.kind is ConnectionKind.POSTGRES:
        return engine.PostgresSource(dsn, said["table"])
    schema, _, table = str(said["table"]).rpartition(".")
    return engine.MysqlSource(dsn, schema or opened.address["database"], table)


def _spill() -> Path:
    """Where files of others lie while they are read; swept with what was handed in and never attached."""
    return Path(settings.NODE_FOLDER.uploads)


def _owned(number: str, department: str) -> Connection:
    found = _found(number)
    if not department or found.department_id != department:
        raise Unknown("没有这个连接 (there is no such connection)")
    if found.retired_at is not None:
        raise Refused("这个连接已停用 (this connection is retired)", fields={"connection": found.number})
    return found


def _found(number: str) -> Connection:
    found = Connection.objects.filter(number=number).first()
    if found is None:
        raise Unknown("没有这个连接 (there is no such connection)")
    return found
