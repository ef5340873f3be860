# SPDX-License-Identifier: Apache-2.0
"""The child processes of a node: started, watched, started again when they die.

Kept here: a child that dies is started again after a pause. One that was ready is back as soon as it can be, however often
it is killed; for one that never was, the pause doubles up to half a minute. No child outlives the supervisor, even when that
is killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, cast

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 30.0
LEAN = {
    "MALLOC_ARENA_MAX": "2",  # glibc would give each thread a heap of its own
    "MALLOC_TRIM_THRESHOLD_": "131072",
    "PYTHONUNBUFFERED": "1",
    "PYTHONUTF8": "1",
    "RUST_BACKTRACE": "0",
    "TOKIO_WORKER_THREADS": "2",
}


def _die_with_parent() -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: Linux only; elsewhere the next `up` clears


@dataclass(slots=True)
class Child:
    """One process of the node.

    Attributes:
        name: in the journal, and of its log file.
        module: beside this one; the name where it is empty.
        port: where its readiness is asked; None when it says "ready" in its log.
        asks: tells whether the process of a number is ready, where several share one port and none can be asked there.
        ready: whether it was ready when last asked.
        well: whether it has been ready since it was started, even if it was too busy to say so again.
        restarts: since the node came up.
    """

    name: str
    environment: dict[str, str]
    host: str = ""
    port: int | None = None
    module: str = ""
    asks: Callable[[int], bool] | None = None
    process: subprocess.Popen[bytes] | None = None
    ready: bool = False
    well: bool = False
    restarts: int = 0
    start_due: float = 0.0
    pause: float = FIRST_PAUSE
    tail: bytes = field(default=b"", repr=False)

    def start(self) -> IO[bytes]:
        """Start the process; returns the end of the pipe it writes its lines into."""
        self.ready, self.well, self.tail = False, False, b""
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "datong.config.node", self.module or self.name],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **LEAN, **self.environment},
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509  the supervisor has one thread
        )
        pipe = cast("IO[bytes]", self.process.stdout)
        os.set_blocking(pipe.fileno(), False)
        return pipe

    def lines(self, data: bytes) -> list[str]:
        """Cut what the pipe gave into whole lines; the rest waits for more, a line without end is cut."""
        *whole, self.tail = (self.tail + data).split(b"\n")
        if len(self.tail) > 65_536:
            whole.append(self.tail)
            self.tail = b""
        return [line.decode("utf-8", "replace") for line in whole if line.strip()]

    def dead(self) -> int | None:
        """Exit status when the process ended, else None."""
        return self.process.poll() if self.process else None

    def buried(self) -> float:
        """Note the death; returns the pause before the next start."""
        if self.well:
            self.pause = FIRST_PAUSE
        wait, self.pause = self.pause, min(self.pause * 2, LONGEST_PAUSE)
        self.process, self.ready, self.well = None, False, False
        self.restarts += 1
        self.start_due = time.monotonic() + wait
        return wait

    def forgive(self) -> None:
        """What it may have died of is mended: start it again soon."""
        self.pause = FIRST_PAUSE
        self.start_due = min(self.start_due, time.monotonic() + FIRST_PAUSE)

    def signal(self, number: int) -> None:
        """Send a signal, if there is a process."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)

    def ask(self) -> bool:
        """Ask the process whether it is ready, over HTTP unless told otherwise."""
        if self.asks is not None:
            self.ready = self.process is not None and self.asks(self.process.pid)
        elif self.port is not None:
            self.ready = answers(self.host, self.port, "/readyz")
            self.well = self.well or self.ready
        return self.ready


def answers(host: str, port: int, path: str, wait: float = 2.0) -> bool:
    """Whether a GET is answered with 200. No HTTP library: the supervisor stays small."""
    target = "127.0.0.1" if host in {"0.0.0.0", ""} else "::1" if host == "::" else host  # noqa: S104
    try:
        with socket.create_connection((target, port), timeout=wait) as link:
            link.settimeout(wait)
            link.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            return link.recv(64).split(b" ", 2)[1:2] == [b"200"]
    except OSError:
        return False
