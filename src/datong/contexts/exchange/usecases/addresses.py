# SPDX-License-Identifier: Apache-2.0
"""Addresses of other databases that are typed when data are attached: what one may say.

Kept here: what an address may say is the engine's one list (a server on the network, an account, a database); on top
of it no password of the node's own is lent. That the node's own database is never a source connections check. No error
repeats an address.
"""

from __future__ import annotations

from django.conf import settings
from psycopg import conninfo

from datong.engine import face as engine
from datong.kernel.errors import Malformed

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
