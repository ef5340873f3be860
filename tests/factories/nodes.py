# SPDX-License-Identifier: Apache-2.0
"""Whole nodes as processes, driven by the command line as an operator would."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from datong.config.node import ports
from datong.config.node.folder import NodeFolder
from datong.config.node.status import status

ROOT = Path(__file__).parents[2]
ORDINARY = "nobody"


@dataclass(frozen=True)
class Machine:
    """Who runs the commands, and by which Python."""

    python: str
    user: int | None = None

    def datong(self, *words: object, seconds: float = 180.0, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `datong`; never with the settings of the test run itself."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("DATONG_", "DJANGO_", "PYTEST_", "COV_"))}
        env = {**clean, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *map(str, _packages())]), "HOME": "/tmp", **environment}
        command = [self.python, "-m", "datong.config.cli.main", *map(str, words)]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=seconds, env=env, cwd="/", check=False, **self._identity()
        )

    def _identity(self) -> dict[str, object]:
        return {} if self.user is None else {"user": self.user, "group": pwd.getpwuid(self.user).pw_gid, "extra_groups": []}


def machines() -> list[Machine]:
    """The user of this run; for root an ordinary user too, where that one can run a Python of this version."""
    found = [Machine(sys.executable)]
    if os.geteuid() == 0:
        uid = pwd.getpwnam(ORDINARY).pw_uid
        named = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        candidates = [sys.executable, f"/usr/bin/{named}", f"/usr/local/bin/{named}"]
        usable = [one for one in candidates if _runs(Machine(one, uid))]
        found += [Machine(usable[0], uid)] if usable else []
    return found


def _runs(machine: Machine) -> bool:
    try:
        return machine.datong("--version").returncode == 0
    except OSError:
        return False


def _packages() -> list[Path]:
    return [Path(one) for one in sys.path if one.endswith("site-packages")]


class Node:
    """One node in a folder of its own."""

    def __init__(self, machine: Machine, folder: Path) -> None:
        self.machine, self.folder = machine, folder

    def run(self, *words: object, **environment: str) -> dict[str, object]:
        """Run `datong node WORD DIR … --json`; the answer and under `exit` the status."""
        verb, *rest = words
        done = self.machine.datong("node", verb, self.folder, *rest, "--json", **environment)
        assert done.stdout.strip(), done.stderr
        return {**json.loads(done.stdout), "exit": done.returncode}

    def status(self) -> dict[str, object]:
        """What `datong node status` says."""
        return self.run("status")

    def now(self) -> dict[str, object]:
        """The same without starting a command, for looking again and again."""
        return status(NodeFolder(self.folder))

    def part(self, name: str) -> dict[str, object]:
        """One process of the node."""
        return next(one for one in self.now()["processes"] if one["name"] == name)

    def pids(self) -> list[int]:
        """Every process of the tree."""
        return [one["pid"] for one in self.now()["processes"]]

    def wait_until(self, holds, seconds: float = 60.0) -> None:
        """Wait until the status satisfies a condition."""
        deadline = time.monotonic() + seconds
        while not holds(now := self.now()):
            assert time.monotonic() < deadline, now
            time.sleep(0.2)


@contextlib.contextmanager
def a_node(machine: Machine, *options: object) -> Iterator[Node]:
    """A node made in a folder that its user owns; down and gone afterwards."""
    root = Path(tempfile.mkdtemp(prefix="datong-node-"))
    if machine.user is not None:
        os.chown(root, machine.user, pwd.getpwuid(machine.user).pw_gid)
    root.chmod(0o755)
    node = Node(machine, root / "省 节点")
    try:
        control, gateway = _own_ports()
        chosen = ["--control-port", control, "--gateway-port", gateway]
        made = node.run("init", "--code", "330000", "--name", "浙江省", "--role", "provincial", *chosen, *options)
        assert made["exit"] == 0, made
        yield node
    finally:
        node.machine.datong("node", "down", node.folder)
        shutil.rmtree(root, ignore_errors=True)


def _own_ports() -> tuple[int, int]:
    """Two ports nobody else will think of, below those the system gives out: nodes of other test runs come and go."""
    while True:
        port = random.SystemRandom().randrange(15_000, 30_000, 2)
        if ports.is_free("127.0.0.1", port) and ports.is_free("127.0.0.1", port + 1):
            return port, port + 1


def gone(pids: list[int], seconds: float = 15.0) -> list[int]:
    """Wait for processes to end; those that did not."""
    left = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    return [one.pid for one in psutil.wait_procs(left, timeout=seconds)[1] if one.status() != psutil.STATUS_ZOMBIE]
