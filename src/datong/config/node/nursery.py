# SPDX-License-Identifier: Apache-2.0
"""A nursery: a process that has loaded the program once and forks the node's processes from there, in a few milliseconds each.

Kept here: it has one thread, opens no connection, no log and no key, and does nothing but fork. Who is born becomes a child
of the supervisor (an orphan at birth, which the supervisor takes in), dies with that, and begins only when told to: where
the supervisor has not learnt of a birth, there was none.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from datong.config.node.journal import announce, entry

ROOM = 16_384
DEATH_SIGNAL, NAME = 1, 15
"""PR_SET_PDEATHSIG and PR_SET_NAME of Linux."""
GATEWAY = ("datong.gateway.app", "datong.config.node.gateway", "datong.config.node.lake", "granian.asgi", "granian._loops")
CONTROL = ("datong.config.wsgi", "datong.config.node.control", "datong.config.node.worker")


def main() -> None:
    """`python -m datong.config.node nursery gateway|control`, with the supervisor's socket as standard input."""
    kind = sys.argv[2]
    {"gateway": load_gateway, "control": load_control}[kind]()
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads != 1:
        sys.exit(f"the nursery has {threads} threads: what they hold would be lost in a fork")
    gc.collect()
    gc.freeze()  # what is there now is never looked at again, so that its pages stay shared
    announce(entry(f"nursery-{kind}", "info", "ready"))
    with socket.socket(fileno=os.dup(0)) as line:
        attend(line)


def load_gateway() -> None:
    """Load what a gateway runs, and nothing of Django."""
    for name in GATEWAY:
        import_module(name)


def load_control() -> None:
    """Load what the control plane and the worker run; Django opens no connection by that."""
    import django

    django.setup()
    from django.urls import get_resolver

    from datong.config import wiring
    from datong.engine import face as engine

    for name in CONTROL:
        import_module(name)
    for load in (wiring.beats, wiring.senders, engine.chinese.ready, lambda: get_resolver().url_patterns):
        load()


def attend(line: socket.socket) -> None:
    """Bear whoever is asked for, until the supervisor hangs up."""
    while True:
        data, handles, _, _ = socket.recv_fds(line, ROOM, 2)
        if not data:
            return
        number = fork_twice(lambda: begin(line, json.loads(data), *handles))  # noqa: B023  it runs before the next turn
        for handle in handles:
            os.close(handle)
        line.sendall(json.dumps({"pid": number}).encode())


def fork_twice(life: Callable[[], None]) -> int:
    """Fork a grandchild, which is left an orphan at once; its number."""
    reading, writing = os.pipe()
    between = os.fork()
    if not between:
        child = os.fork()
        if child:
            os.write(writing, str(child).encode())
            os._exit(0)
        os.close(reading)
        os.close(writing)
        life()
        os._exit(0)
    os.close(writing)
    os.waitpid(between, 0)
    with os.fdopen(reading, "rb") as pipe:
        return int(pipe.read())


def begin(line: socket.socket, told: dict[str, Any], output: int, gate: int) -> None:
    """Live as a process of the node, once the supervisor knows of it."""
    try:
        line.close()
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDONLY)
        for held, wanted in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(held, wanted)
        known = os.read(gate, 1)
        for handle in (nothing, output, gate):
            os.close(handle)
        libc = ctypes.CDLL(None)
        libc.prctl(DEATH_SIGNAL, signal.SIGKILL)
        libc.prctl(NAME, told["name"].encode()[:15])
        if not known or os.getppid() != told["supervisor"]:
            return
        os.environ |= told["environment"]
        sys.argv[1:] = [told["module"]]
        import_module(f"datong.config.node.{told['module']}").main()
    except SystemExit as ended:
        _leave(ended)
    except BaseException:  # noqa: BLE001  told as the interpreter would, and never back into the nursery's loop
        sys.excepthook(*sys.exc_info())
        os._exit(1)


def _leave(ended: SystemExit) -> None:
    """Leave as the interpreter would, without the end of the nursery's own life."""
    status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    if isinstance(ended.code, str):
        sys.stderr.write(ended.code + "\n")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
