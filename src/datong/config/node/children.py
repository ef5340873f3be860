# SPDX-License-Identifier: Apache-2.0
"""The child processes of a node: started, watched, started again when they die.

Kept here: a child that dies is started again. One that was ready is started at once: thirty times, and once more for each
second it was ready. For one that dies oftener, or never is ready, the pause doubles up to half a minute. No child outlives
the supervisor, even when that is killed.
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
from typing import IO, Protocol, cast

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 30.0
CREDIT = 30.0
"""Deaths of one that had been ready that are made good at once; a second of being ready earns another."""
FIRST_PATIENCE, PATIENCE = 0.1, 2.0
"""Seconds to wait for an answer about readiness."""
LEAN = {
    "MALLOC_ARENA_MAX": "2",  # glibc would give each thread a heap of its own
    "MALLOC_TRIM_THRESHOLD_": "131072",
    "PYTHONUNBUFFERED": "1",
    "PYTHONUTF8": "1",
    "RUST_BACKTRACE": "0",
    "TOKIO_WORKER_THREADS": "2",
}


class Process(Protocol):
    """What the supervisor asks of a process of the node, however that began."""

    @property
    def pid(self) -> int:
        """Its number."""

    def poll(self) -> int | None:
        """Exit status when it ended, else None."""

    def send_signal(self, sig: int) -> None:
        """Send a signal, unless it is known to have ended."""


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
        nursery: of which nursery it is born; none where it is empty.
        asks: tells whether the process of a number is ready, where several share one port and none can be asked there.
        ready: whether it was ready when last asked.
        well: since when it has been ready, on the monotonic clock, even if it was too busy to say so again; 0 for not yet.
        credit: deaths that are made good at once.
        restarts: since the node came up.
    """

    name: str
    environment: dict[str, str]
    host: str = ""
    port: int | None = None
    module: str = ""
    asks: Callable[[int], bool] | None = None
    nursery: str = ""
    process: Process | None = None
    ready: bool = False
    well: float = 0.0
    restarts: int = 0
    start_due: float = 0.0
    pause: float = FIRST_PAUSE
    credit: float = CREDIT
    patience: float = FIRST_PATIENCE
    tail: bytes = field(default=b"", repr=False)

    def start(self) -> IO[bytes]:
        """Start the process; returns the end of the pipe it writes its lines into."""
        return self._run([self.module or self.name], subprocess.DEVNULL)

    def _run(self, words: list[str], stdin: int) -> IO[bytes]:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "datong.config.node", *words],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **LEAN, **self.environment},
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509  the supervisor has one thread
        )
        pipe = cast("IO[bytes]", process.stdout)
        os.set_blocking(pipe.fileno(), False)
        self.began(process)
        return pipe

    def began(self, process: Process) -> None:
        """Note the process that was started."""
        self.process, self.ready, self.well, self.tail, self.patience = process, False, 0.0, b"", FIRST_PATIENCE

    def is_ready(self) -> None:
        """Note that it said so."""
        self.ready, self.well = True, self.well or time.monotonic()

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
        now = time.monotonic()
        self.credit = min(CREDIT, self.credit + (now - self.well if self.well else 0.0))
        if self.well and self.credit >= 1.0:
            wait, self.pause, self.credit = 0.0, FIRST_PAUSE, self.credit - 1.0
        else:
            wait, self.pause = self.pause, min(self.pause * 2, LONGEST_PAUSE)
        self.process, self.ready, self.well = None, False, 0.0
        self.restarts += 1
        self.start_due = now + wait
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
            self.ready = self._answers(self.host, self.port)
        if self.ready:
            self.is_ready()
        return self.ready

    def _answers(self, host: str, port: int) -> bool:
        """Ask over HTTP, with more patience the next time where this did not suffice: the supervisor has others to look after."""
        asked = time.monotonic()
        ready = answers(host, port, "/readyz", self.patience)
        if not ready and time.monotonic() - asked >= self.patience:
            self.patience = min(2 * self.patience, PATIENCE)
        return ready


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
