# SPDX-License-Identifier: Apache-2.0
"""Births: how the supervisor has processes of the node forked from a nursery instead of starting an interpreter for each.

Kept here: a birth is asked for and answered within one turn of the supervisor; a nursery that does not answer is killed, and
what it may have borne finds its gate shut and ends. Where there is no nursery a child is started as ever.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from typing import IO

from datong.config.node.children import Child

ADOPTS = 36
"""PR_SET_CHILD_SUBREAPER of Linux: who is orphaned below becomes a child of this process."""
PATIENCE = 5.0
WARMS_UP = 30.0
"""Seconds a nursery may take to load the program before children are started without it."""
POSSIBLE = sys.platform == "linux"


@dataclass(slots=True)
class Born:
    """A process that a nursery forked and that is a child of this one.

    Attributes:
        pid: its number.
        status: exit status when it ended.
    """

    pid: int
    status: int | None = None

    def poll(self) -> int | None:
        """Exit status when it ended, else None."""
        if self.status is None:
            try:
                ended, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # somebody else saw it end
                ended, status = self.pid, 0
            self.status = os.waitstatus_to_exitcode(status) if ended else None
        return self.status

    def send_signal(self, sig: int) -> None:
        """Send a signal, unless it is known to have ended."""
        if self.poll() is None:
            os.kill(self.pid, sig)


@dataclass(slots=True)
class Nursery(Child):
    """The process that children are forked from.

    Attributes:
        line: our end of the socket on which births are asked for.
        since: when it was started, on the monotonic clock.
    """

    line: socket.socket | None = None
    since: float = field(default=0.0)

    def start(self) -> IO[bytes]:
        """Start the process; returns the end of the pipe it writes its lines into."""
        if self.line is not None:
            self.line.close()
        self.line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.line.settimeout(PATIENCE)
        self.since = time.monotonic()
        with theirs:
            return self._run(["nursery", self.name.removeprefix("nursery-")], theirs.fileno())

    def warms_up(self) -> bool:
        """Whether it is worth waiting for."""
        soon = self.process is None and self.start_due - time.monotonic() < 0.1 and self.restarts > 0
        return not self.well and (soon or (self.process is not None and time.monotonic() - self.since < WARMS_UP))

    def bear(self, child: Child) -> IO[bytes] | None:
        """Have a child forked; returns the end of the pipe it writes its lines into, None where that failed."""
        if not self.well or self.line is None:
            return None
        output, theirs = os.pipe()
        gate, ours = os.pipe()
        told = {
            "name": child.name, "module": child.module or child.name, "environment": child.environment, "supervisor": os.getpid(),
        }  # fmt: skip
        _adopt(1)
        try:
            socket.send_fds(self.line, [json.dumps(told).encode()], [theirs, gate])
            process = Born(int(json.loads(self.line.recv(4_096))["pid"]))
            os.write(ours, b"!")
        except (OSError, ValueError):  # it was killed, or does not answer
            os.close(output)
            self.signal(signal.SIGKILL)
            return None
        finally:
            _adopt(0)
            for handle in (theirs, gate, ours):
                os.close(handle)
        child.began(process)
        os.set_blocking(output, False)
        return os.fdopen(output, "rb", buffering=0)


def _adopt(whether: int) -> None:
    ctypes.CDLL(None).prctl(ADOPTS, whether)


def nurseries(shared: dict[str, str]) -> dict[str, Nursery]:
    """The nurseries of a node, by the name under which children ask for theirs."""
    if not POSSIBLE:
        return {}
    return {kind: Nursery(f"nursery-{kind}", shared, module="nursery") for kind in ("gateway", "control")}


def bury_strays(known: set[int]) -> None:
    """Let processes go that were adopted while somebody was born, and ended."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and ended.si_pid not in known:
            os.waitpid(ended.si_pid, 0)
