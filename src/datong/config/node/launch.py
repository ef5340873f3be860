# SPDX-License-Identifier: Apache-2.0
"""Start and stop a node from the command line.

Kept here: in the foreground the command becomes the supervisor, so nothing but that stays in memory; detached, it waits
until the node is ready and passes on what it says, the first password included.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from datong.config.node import state
from datong.config.node.folder import NodeFolder
from datong.kernel.errors import DatongError, Unavailable, Unknown

SUPERVISOR = ("-m", "datong.config.node.supervisor")


def become(place: NodeFolder, changes: Mapping[str, str], *, as_json: bool) -> None:
    """Turn this process into the supervisor; does not return."""
    options = ["--json"] if as_json else []
    sys.stdout.flush()
    os.execve(  # noqa: S606
        sys.executable, [sys.executable, *SUPERVISOR, str(place.path), *options], {**os.environ, **changes}
    )  # fmt: skip


def detach(place: NodeFolder, changes: Mapping[str, str], wait: float) -> dict[str, Any]:
    """Start the supervisor in the background and wait until the node is ready.

    Args:
        place: the node.
        changes: environment variables for the node.
        wait: seconds; then the node is stopped again.

    Returns:
        seconds: until ready; administrator: account and password where one was made, else None.

    Raises:
        Unavailable: it did not come up in time.
        DatongError: it says itself why it does not come up.
    """
    place.log.mkdir(parents=True, exist_ok=True)
    reading, writing = os.pipe()
    with (place.log / "node.err").open("ab") as err:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, *SUPERVISOR, str(place.path), "--notify", str(writing)],
            stdin=subprocess.DEVNULL, stdout=err, stderr=err, pass_fds=[writing], start_new_session=True, cwd="/",
            env={**os.environ, **changes},
        )  # fmt: skip
    os.close(writing)
    administrator = None
    for said in _lines(reading, time.monotonic() + wait):
        if said["event"] == "administrator":
            administrator = {key: said[key] for key in ("account", "password")}
        if said["event"] == "failed":
            raise _Told(said["problem"])
        if said["event"] == "ready":
            return {"seconds": said["seconds"], "administrator": administrator}
    waiting = ", ".join(one["name"] for one in state.load(place).get("processes", []) if not one["ready"]) or "PostgreSQL"
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    raise Unavailable(f"the node did not come up in {wait:g} seconds: {waiting} not ready", remedy=f"see {place.log}")


class _Told(DatongError):
    """An error the supervisor told us."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(
            problem["detail"], fields=problem.get("errors"), remedy=problem.get("remedy"), rule=problem.get("rule")
        )
        self.code, self.status, self.title = problem["code"], problem["status"], problem["title"]  # type: ignore[misc]


def _lines(reading: int, deadline: float) -> Iterator[dict[str, Any]]:
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        rest = b""
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([pipe], [], [], left)[0]:
                return
            data = pipe.read(65_536)
            if not data:
                return
            *whole, rest = (rest + data).split(b"\n")
            yield from (json.loads(line) for line in whole)


def stop(place: NodeFolder, wait: float) -> int:
    """Stop a running node and wait until it is down.

    Returns:
        Process id of the supervisor that was stopped.

    Raises:
        Unknown: it does not run.
        Unavailable: it did not stop in time.
    """
    place.read()
    pid = state.supervisor(place)
    if pid is None:
        raise Unknown(f"the node in {place.path} does not run", remedy=f"datong node up {place.path}")
    os.kill(pid, signal.SIGTERM)
    if not state.wait_until_down(place, wait):
        raise Unavailable(f"the node did not stop in {wait:g} seconds (process {pid})", remedy=f"kill -9 {pid}")
    return pid


def at(folder: Path | None) -> NodeFolder:
    """The node's folder: the one given, else DATONG_NODE, else here."""
    return NodeFolder((folder or Path(os.environ.get("DATONG_NODE") or ".")).resolve())
