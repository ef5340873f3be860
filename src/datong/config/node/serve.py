# SPDX-License-Identifier: Apache-2.0
"""Granian with its one worker in this very process.

Kept here: the supervisor restarts what dies, so granian's own parent process would only cost memory, and would leave a
worker behind on the port when it is killed.
"""

from __future__ import annotations

import logging
import os
import resource
from collections.abc import Callable
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import MPServer

MOST_CONNECTIONS = 4_096
"""Of the gateway: subscribers wait on theirs, so there are many more than calls under way."""
LOGGING: dict[str, Any] = {
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"handlers": [], "propagate": True}, "granian.access": {"handlers": [], "propagate": False}},
}


class InProcess(MPServer):
    """A granian server whose only worker is the calling process."""

    def _serve(self, spawn_target: Callable[..., None], target_loader: Callable[..., Any]) -> None:
        self._init_shared_socket()  # type: ignore[no-untyped-call]
        self._start_ipc()  # type: ignore[no-untyped-call]
        self._spawn_worker(0, spawn_target, target_loader).inner.run()


def serve(
    target: str, host: str, port: int, *, threads: int | None = None, leave: Callable[[], object] = int
) -> None:  # fmt: skip
    """Serve until SIGTERM or SIGINT, then leave.

    Args:
        target: "module:name" of the application.
        host: address to bind.
        port: port to bind.
        threads: threads of a WSGI application; None for an ASGI application.
        leave: done before the process ends.
    """
    _allow_files(MOST_CONNECTIONS + 512)
    InProcess(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI if threads else Interfaces.ASGI,
        workers=1,
        blocking_threads=threads or 1,
        backlog=1_024,
        backpressure=64 if threads else MOST_CONNECTIONS,
        websockets=False,
        log_level=LogLevels.error,
        log_dictconfig=LOGGING,
    ).serve()
    leave()
    logging.shutdown()
    os._exit(0)  # granian's own threads do not outlive an interpreter that winds down in order


def _allow_files(wanted: int) -> None:
    """Have as many files open as connections want, as far as the machine lets us."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if most == resource.RLIM_INFINITY else min(wanted, most), most))
