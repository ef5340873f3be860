# SPDX-License-Identifier: Apache-2.0
"""The doctor: looks a node over and says what is wrong and how to mend it.

Kept here: a check changes nothing and needs no running node; what can only be seen on a running one says so.
"""

from __future__ import annotations

import os
import shutil
import socket
import stat
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from datong.config.node import env, ports, state
from datong.config.node.folder import NodeConfig, NodeFolder
from datong.config.node.status import evidence
from datong.crypto import keys
from datong.gateway.room import filled
from datong.kernel.errors import DatongError
from datong.ledger import merged, stamps

LOW_DISK = 2 * 2**30
LITTLE_MEMORY = 1 * 2**30
VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        state: "ok", "warning" (the node works, but) or "fault".
        remedy: what to do, unless all is well.
    """

    check: str
    state: str
    found: str
    remedy: str = ""


class _Fault(Exception):
    """A check found a fault."""

    def __init__(self, found: str, remedy: str, state: str = "fault") -> None:
        super().__init__(found)
        self.found, self.remedy, self.state = found, remedy, state


def examine(place: NodeFolder) -> list[dict[str, Any]]:
    """Run every check."""
    return [asdict(finding) for finding in _all(place)]


def _all(place: NodeFolder) -> Iterator[Finding]:
    yield _run("python", _python)
    try:
        config = env.with_environment(place.read())
    except DatongError as error:
        yield Finding("node.toml", "fault", error.message, error.remedy or "")
        return
    yield Finding("node.toml", "ok", f"{config.code} {config.name}, {config.role}")
    checks: dict[str, Callable[[NodeFolder, NodeConfig], str]] = {
        "key": _key, "folders": _folders, "disk": _disk, "memory": _memory, "clock": _clock, "ports": _ports,
        "postgres": _postgres, "database": _database, "evidence": _evidence, "stamps": _stamps, "engine": _engine,
        "calendar": _calendar, "assets": _assets,
    }  # fmt: skip
    for name, check in checks.items():
        yield _run(name, check, place, config)


def _run(name: str, check: Callable[..., str], *arguments: object) -> Finding:
    try:
        return Finding(name, "ok", check(*arguments))
    except _Fault as fault:
        return Finding(name, fault.state, fault.found, fault.remedy)
    except DatongError as error:
        return Finding(name, "fault", error.message, error.remedy or "")
    except OSError as error:
        return Finding(name, "fault", str(error), "look at the file system")


def _python() -> str:
    if sys.version_info < (3, 11):  # noqa: UP036  a checkout may be run by any Python
        raise _Fault(f"Python {sys.version.split()[0]}", "Python 3.11 or newer")
    return f"Python {sys.version.split()[0]}, {sys.platform}"


def _key(place: NodeFolder, _config: NodeConfig) -> str:
    signer = keys.load_signer(place.key)
    public = place.evidence / "node.pub"
    if not public.exists() or public.read_bytes() != signer.public_pem():
        raise _Fault("node.pub does not belong to node.key", "put back the node.pub that was made with this key")
    mode = stat.S_IMODE(place.file.stat().st_mode)
    if mode & 0o077:
        raise _Fault(f"node.toml is readable by others ({mode:o})", f"chmod 600 {place.file}")
    return f"{signer.algorithm} {signer.key_id}"


def _folders(place: NodeFolder, _config: NodeConfig) -> str:
    for folder in place.places():
        if not folder.is_dir():
            raise _Fault(f"{folder} is missing", f"mkdir {folder}")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise _Fault(f"{folder} cannot be written", "run as the user that made the node")
    return f"{len(place.places())} writable"


def _disk(place: NodeFolder, config: NodeConfig) -> str:
    full = 100 * filled(place.evidence if place.evidence.is_dir() else place.path)
    if full >= config.evidence_stop_percent:
        raise _Fault(f"{full:.0f} % full", "make room: the gateway answers no calls until there is")
    if full >= config.evidence_warn_percent:
        remedy = f"make room: at {config.evidence_stop_percent} % the gateway answers no more calls"
        raise _Fault(f"{full:.0f} % full", remedy, "warning")
    free = shutil.disk_usage(place.path).free
    if free < LOW_DISK:
        raise _Fault(f"{free / 2**30:.1f} GiB free", "make room: evidence that cannot be written stops the answers", "warning")
    return f"{free / 2**30:.1f} GiB free"


def _memory(_place: NodeFolder, _config: NodeConfig) -> str:
    import psutil

    available = psutil.virtual_memory().available
    if available < LITTLE_MEMORY:
        raise _Fault(f"{available / 2**30:.1f} GiB available", "a landing of a large file wants 1 GiB", "warning")
    return f"{available / 2**30:.1f} GiB available"


def _clock(place: NodeFolder, _config: NodeConfig) -> str:
    now = datetime.now(UTC)
    newest = max((file.stat().st_mtime for file in place.evidence.rglob("*") if file.is_file()), default=0.0)
    if newest > time.time() + 5:
        raise _Fault("the clock is behind the newest evidence", "set the clock (NTP)")
    return f"{now:%Y-%m-%d %H:%M:%S} UTC"


def _ports(place: NodeFolder, config: NodeConfig) -> str:
    wanted = {"--control-port": config.control_port, "--gateway-port": config.gateway_port}
    if state.supervisor(place) is None:
        for option, port in wanted.items():
            ports.check(config.host, port, option)
        return ", ".join(f"{port} free" for port in wanted.values())
    return "the node runs"


def _postgres(place: NodeFolder, config: NodeConfig) -> str:
    if not env.uses_embedded(config):
        return "outside"
    from datong.config.node.postgres import binaries, program

    if not Path(program("postgres")).exists():
        raise _Fault(f"no PostgreSQL in {binaries()}", "make setup, or set DATONG_DATABASE_URL")
    made = (place.postgres / "PG_VERSION").exists()
    return "embedded, with data" if made else "embedded, made at the first start"


def _database(place: NodeFolder, config: NodeConfig) -> str:
    """Migrations; on the embedded PostgreSQL only while the node runs."""
    if env.uses_embedded(config) and state.supervisor(place) is None:
        return "seen when the node runs"
    from datong.config.node.django import of_node

    with of_node(place.path):
        from datong.config.node import prepare

        newer, pending = prepare.unknown_migrations(), prepare.pending_migrations()
    if newer:
        raise _Fault(f"written by a newer Datong: {', '.join(newer[:3])}", "run that version or a newer one")
    if pending:
        raise _Fault(f"{len(pending)} migrations wait", f"datong node down {place.path}, then up")
    return "as this version wants it"


def _evidence(place: NodeFolder, _config: NodeConfig) -> str:
    trial = place.evidence / f".doctor-{os.getpid()}"
    trial.write_bytes(b"x")
    trial.unlink()
    newest = merged.last(place.evidence)
    sizes = evidence(place.evidence)
    for mark in newest.logs if newest else ():
        size = sizes.get(mark.origin.rpartition("/")[2], 0)
        if size < mark.size:
            found = f"{mark.origin} has {size} records, and {mark.size} were signed in the newest node checkpoint"
            raise _Fault(found, "a log is missing or was cut: restore it, then `datong ledger verify`")
    return ", ".join(f"{name}: {size} records" for name, size in sizes.items()) or "writable, empty"


def _stamps(place: NodeFolder, config: NodeConfig) -> str:
    """Whether the time-stamping authority, where one is set, stamps as often as is wanted."""
    if not config.timestamp_url:
        return "no authority is asked"
    if not (place.evidence / stamps.ROOTS).exists():
        raise _Fault(f"{stamps.ROOTS} is missing", f"put the roots of the authority (PEM) into {place.evidence / stamps.ROOTS}")
    newest = stamps.last(place.evidence)
    told = f"newest at {newest.said.at.isoformat()}" if newest else "none so far"
    if newest is None or datetime.now(UTC) - newest.said.at > timedelta(hours=config.timestamp_hours + 1):
        remedy = "see `no time stamp` in the log of the worker; it is tried again every five minutes while the node runs"
        raise _Fault(f"{told}, wanted every {config.timestamp_hours} hours", remedy, "warning")
    return told


def _engine(_place: NodeFolder, _config: NodeConfig) -> str:
    """Whether what does the work on whole tables is there."""
    by = env.bulk()
    if not by.remote:
        return "DuckDB in process"
    from datong.engine import face as engine

    return f"{engine.answers(by)} at {by.label}"


def _calendar(_place: NodeFolder, _config: NodeConfig) -> str:
    from datong.config.node.calendar import shipped

    year = datetime.now(UTC).year
    if year not in shipped().years:
        raise _Fault(f"the shipped calendar ends before {year}", "import the State Council's arrangement of this year", "warning")
    return f"shipped to {max(shipped().years)}"


def _assets(_place: NodeFolder, config: NodeConfig) -> str:
    if not (VENDOR / "datong.css").exists():
        raise _Fault("the pages' assets were not built", "make setup")
    if config.host not in {"127.0.0.1", "localhost", "::1"} and not config.secure:
        name = socket.gethostname()
        raise _Fault(f"{name} serves pages without TLS", "put a proxy with TLS before the node and set secure = true", "warning")
    return "built"
