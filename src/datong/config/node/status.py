# SPDX-License-Identifier: Apache-2.0
"""The state of a node, seen from outside: processes, memory, readiness, evidence."""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path
from typing import Any

import psutil

from datong.config.node import state
from datong.config.node.children import answers
from datong.config.node.folder import NodeFolder


def status(place: NodeFolder) -> dict[str, Any]:
    """Everything worth knowing at a glance.

    Returns:
        running, ready, addresses, processes (name, pid, port, memory in MiB, restarts), memory_mib (proportional, of
        the whole tree), evidence (records per log), disk_free_gib.
    """
    config = place.read()
    pid = state.supervisor(place)
    seen = state.load(place) if pid else {}
    host = seen.get("host", config.host)
    ports = {name: seen.get(f"{name}_port", getattr(config, f"{name}_port")) for name in ("control", "gateway")}
    processes = _processes(pid, seen)
    asked = {name: bool(pid) and answers(host, port, "/readyz") for name, port in ports.items()}
    for one in processes:
        one["ready"] = asked.get(one["name"], one["ready"])
    return {
        "node": str(place.path),
        "code": config.code,
        "name": config.name,
        "role": config.role,
        "running": pid is not None,
        "ready": bool(seen.get("ready")) and all(asked.values()),
        "version": seen.get("version"),
        "since": seen.get("since"),
        "pages": f"http://{host}:{ports['control']}",
        "gateway": f"http://{host}:{ports['gateway']}",
        "processes": processes,
        "memory_mib": round(sum(one["memory_mib"] for one in processes), 1),
        "evidence": evidence(place.evidence),
        "disk_free_gib": round(shutil.disk_usage(place.path).free / 2**30, 1),
    }


def _processes(pid: int | None, seen: dict[str, Any]) -> list[dict[str, Any]]:
    if pid is None:
        return []
    found = [{"name": "supervisor", "pid": pid, "port": None, "ready": True, "restarts": 0, "memory_mib": memory(pid)}]
    for part in seen.get("processes", []):
        process = state.alive(part)
        row = {key: part.get(key) for key in ("name", "pid", "port", "ready", "restarts")}
        found.append({**row, "ready": bool(row["ready"] and process), "memory_mib": _tree(process) if process else 0.0})
    return found


def _tree(process: psutil.Process) -> float:
    members = [process.pid]
    with contextlib.suppress(psutil.Error):
        members += [child.pid for child in process.children(recursive=True)]
    return round(sum(memory(pid) for pid in members), 1)


def memory(pid: int) -> float:
    """Resident memory of a process in MiB, pages shared with others counted in proportion where the system tells."""
    with contextlib.suppress(OSError, ValueError):
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
        return round(next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1024, 1)
    with contextlib.suppress(psutil.Error):
        return round(psutil.Process(pid).memory_info().rss / 2**20, 1)
    return 0.0


def evidence(folder: Path) -> dict[str, int]:
    """Records per log, by the newest checkpoint of each; no database needed."""
    found: dict[str, int] = {}
    for file in sorted(folder.glob("*/log.json")):
        found[file.parent.name] = _size(file.parent / "checkpoints")
    return found


def _size(checkpoints: Path) -> int:
    """Size in the last whole line; a torn last line is passed over."""
    with contextlib.suppress(OSError), checkpoints.open("rb") as handle:
        handle.seek(max(0, checkpoints.stat().st_size - 8192))
        for line in reversed(handle.read().splitlines()):
            with contextlib.suppress(ValueError, KeyError, TypeError):
                return int(json.loads(line)["size"])
    return 0
