# SPDX-License-Identifier: Apache-2.0
"""The guarded way to a host somebody named: its name is resolved once, every address checked, and one of them used.

Kept here: the connection goes to the very address that was checked, so that a name cannot change in between; no message
names an address or what a name stands for.
"""

import socket
from collections.abc import Sequence

from datong.engine.errors import SourceUnreadable
from datong.kernel import reach
from datong.kernel.reach import Hindrance, Network

_WORDS = {
    Hindrance.UNKNOWN: ("主机名解析不到 (the name of the host is unknown)", "核对主机名 (check the name)"),
    Hindrance.INNER: (
        "地址在内网，节点未允许 (the host lies in an inner network that this node does not allow)",
        "由系统管理员在 DATONG_CONNECTION_NETWORKS 中列出允许的网段 (the administrator lists it)",
    ),
    Hindrance.PLAIN: (
        "公网地址须加密 (the way to a public address has to be encrypted)",
        "改用 https，数据库选“必须加密” (use https, or require encryption of the database)",
    ),
}


def resolve(host: str, port: int, inside: Sequence[Network], *, encrypted: bool = True, field: str = "connection") -> str:
    """Give the address to connect to.

    Args:
        host: Name or number.
        port: Of the service.
        inside: Networks of this node's own that may be reached.
        encrypted: Whether the way there is; without, only networks inside are reached.
        field: In which the host was named, for the error.

    Raises:
        SourceUnreadable: The name is unknown, or it stands for an address that is not reached; says what to do.
    """
    try:
        found = list(dict.fromkeys(str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    except (OSError, UnicodeError):
        found = []
    hindered = reach.hindrance(found, inside, encrypted=encrypted)
    if hindered is not Hindrance.NONE:
        words, remedy = _WORDS[hindered]
        raise SourceUnreadable(words, fields={field: words}, remedy=remedy)
    return found[0].partition("%")[0]
