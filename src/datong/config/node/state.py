# SPDX-License-Identifier: Apache-2.0
"""What a running node tells others about itself: a lock, and one small file.

Kept here: the lock is held by the supervisor as long as it lives and freed by the kernel however it dies, so it never
goes stale; `run/state.json` names the processes, and a process id counts only together with its start time.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from pathlib import Path
from typing import Any

import psutil

from datong.config.node.folder import NodeFolder
from datong.kernel.errors import Conflict


def lock_file(place: NodeFolder) -> Path:
    """The file that a running supervisor holds locked; it contains its process id."""
    return place.run / "node.pid"


def take_lock(place: NodeFolder) -> int:
    """Take the node for this process until it ends.

    Returns:
        The open file; keep it open.

    Raises:
        Conflict: the node runs already.
    """
    place.run.mkdir(parents=True, exist_ok=True)
    handle = os.open(lock_file(place), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise Conflict(
            f"the node in {place.path} runs already (process {supervisor(place)})",
            remedy=f"datong node status {place.path}, or datong node down {place.path}",
        ) from None
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle


def supervisor(place: NodeFolder) -> int | None:
    """Process id of the supervisor of a running node; None when it does not run."""
    with contextlib.suppress(FileNotFoundError, ValueError), lock_file(place).open("r+", encoding="ascii") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(handle.readline())
    return None


def wait_until_down(place: NodeFolder, seconds: float) -> bool:
    """Wait until the node is down; False when it still runs after so long."""
    deadline = time.monotonic() + seconds
    while supervisor(place) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def save(place: NodeFolder, state: dict[str, Any]) -> None:
    """Write the state in one move."""
    file = place.run / "state.json"
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(state, ensure_ascii=False, indent=1), "utf-8")
    fresh.replace(file)


def load(place: NodeFolder) -> dict[str, Any]:
    """Read the state; empty when there is none or it is torn."""
    try:
        found = json.loads((place.run / "state.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def started_at(pid: int) -> float | None:
    """When a process started (seconds since the epoch); None when there is none."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return None


def alive(part: dict[str, Any]) -> psutil.Process | None:
    """The process that the state names, if it is still the same one."""
    pid, born = part.get("pid"), part.get("started")
    if not isinstance(pid, int) or not isinstance(born, (int, float)):
        return None
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        if abs(process.create_time() - born) < 2 and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None


def kill_orphans(place: NodeFolder) -> list[int]:
    """Kill what a killed supervisor left behind; call only while holding the lock. PostgreSQL is stopped more gently.

    Returns:
        Process ids killed.
    """
    parts = [part for part in load(place).get("processes", []) if part.get("name") != "postgres"]
    orphans = [process for part in parts if (process := alive(part))]
    for process in orphans:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(orphans, timeout=10)
    return [process.pid for process in orphans]
