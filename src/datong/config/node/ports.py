# SPDX-License-Identifier: Apache-2.0
"""Ports: which are free, and who holds one that is not.

Kept here: a taken port is refused before anything starts, because two servers that both allow sharing a port would
otherwise answer in turns.
"""

from __future__ import annotations

import contextlib
import socket

import psutil

from datong.kernel.errors import Refused

HIGHEST = 65_535


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen on this port now."""
    family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, proto) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(address)
        except OSError:
            return False
    return True


def free_from(host: str, wanted: int, taken: frozenset[int] = frozenset()) -> int:
    """The first free port from `wanted` upwards that is not in `taken`.

    Raises:
        Refused: none is free in the next hundred.
    """
    for port in range(wanted, min(wanted + 100, HIGHEST + 1)):
        if port not in taken and is_free(host, port):
            return port
    raise Refused(f"no free port from {wanted} on {host}", remedy="choose with --control-port and --gateway-port")


def holder(port: int) -> str:
    """Who listens on a port, in words; "another process" where that cannot be seen."""
    with contextlib.suppress(psutil.Error, OSError):
        for link in psutil.net_connections("tcp"):
            if link.status == psutil.CONN_LISTEN and link.laddr and link.laddr.port == port and link.pid:
                process = psutil.Process(link.pid)
                return f"process {link.pid} ({' '.join(process.cmdline())[:80] or process.name()})"
    return "another process"


def check(host: str, port: int, option: str) -> None:
    """Check that a port can be listened on.

    Args:
        host: address to bind.
        port: wanted port.
        option: the option of the command line that chooses this port.

    Raises:
        Refused: it is taken (naming by whom) or not ours to use.
    """
    if is_free(host, port):
        return
    other = free_from(host, port + 1) if port < HIGHEST else 8700
    raise Refused(
        f"port {port} on {host} is taken by {holder(port)}",
        fields={option.strip("-").replace("-", "_"): "taken"},
        remedy=f"choose another: datong node up … {option} {other}",
    )
