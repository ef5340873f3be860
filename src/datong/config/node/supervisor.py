# SPDX-License-Identifier: Apache-2.0
"""The supervisor: one small process that brings a node up, keeps it up and takes it down.

Kept here: the order of things (lock, ports, PostgreSQL, migrations, processes, and back), one thread, one loop. It
imports neither Django nor of the gateway more than its board.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import IO, Any, cast

import datong
from datong.config.node import births, env, ports, state
from datong.config.node.children import LEAN, Child
from datong.config.node.folder import NodeConfig, NodeFolder
from datong.config.node.journal import Journal, cut_down, parse
from datong.config.node.postgres import EmbeddedPostgres
from datong.gateway.limits.board import seats
from datong.kernel.errors import DatongError, Unavailable, problem

QUICK, SLOW = 0.05, 1.0
GRACE = 15.0
ASK_AGAIN = 5.0
POSTGRES_PAUSE = 0.5
"""Between two starts of PostgreSQL, which nothing here waits for: the other processes are looked after meanwhile."""
STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Supervisor:
    """A node while it runs.

    Args:
        place: the node's folder.
        journal: where lines go.
        notify: file descriptor of a waiting `up --detach`, told in JSON lines what happens; None for nobody.
    """

    def __init__(self, place: NodeFolder, config: NodeConfig, journal: Journal, notify: int | None = None) -> None:
        self.place, self.config, self.journal, self._notify = place, config, journal, notify
        self._selector = selectors.DefaultSelector()
        self._stops = 0
        self._began = time.monotonic()
        self._since = time.time()
        self._told_ready = False
        self._asked = 0.0
        self._postgres_restarts, self._postgres_due = 0, 0.0
        embedded = env.uses_embedded(config)
        self.postgres = EmbeddedPostgres(place.postgres, place.log / "postgres.log") if embedded else None
        shared = {
            "DATONG_NODE": str(place.path),
            "DATONG_HOST": config.host,
            "DATONG_CONTROL_PORT": str(config.control_port),
            "DATONG_GATEWAY_PORT": str(config.gateway_port),
            "DJANGO_SETTINGS_MODULE": "datong.config.settings",
        }
        self._shared = shared
        self.children = [
            Child("control", shared, config.host, config.control_port, nursery="control"),
            *gateways(place, config, shared),
            Child("worker", shared, nursery="control"),
        ]
        self.nurseries = births.nurseries(shared)
        self._woken, self._wakes = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    @property
    def everyone(self) -> list[Child]:
        """The children, and those that bear them."""
        return [*self.children, *self.nurseries.values()]

    def run(self) -> None:
        """Bring the node up and keep it up until a signal stops it."""
        for number in STOPPING:
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakes, warn_on_full_buffer=False)
        self._selector.register(self._woken, selectors.EVENT_READ)
        with self._telling():
            lock = state.take_lock(self.place)
        try:
            with self._telling():
                self._begin()
            while not self._stops:
                self._turn()
        finally:
            self._end()
            os.close(lock)

    def _on_stop(self, number: int, _frame: FrameType | None) -> None:
        self._stops += 1
        if self._stops > 1:
            for child in self.everyone:
                child.signal(signal.SIGKILL)
        self.journal.say("info", "stopping", signal=signal.Signals(number).name)

    def _begin(self) -> None:
        orphans = state.kill_orphans(self.place)
        if orphans:
            self.journal.say("warning", "processes of a killed supervisor ended", pids=orphans)
        ports.check(self.config.host, self.config.control_port, "--control-port")
        ports.check(self.config.host, self.config.gateway_port, "--gateway-port")
        for nursery in self.nurseries.values():
            self._start(nursery)
        if self.postgres:
            cut_down(self.place.log / "postgres.log")
            self.postgres.start()
            self.journal.say("info", "PostgreSQL answers", data=str(self.place.postgres))
        for shared in (self.place.board, *self.place.run.glob("assertions.sqlite*")):
            shared.unlink(missing_ok=True)  # what they say is in the evidence too, and no gateway lives
        self._save()
        self._prepare()
        for child in self.children:
            if not self._stops:
                self._start(child)
        self._save()

    def _prepare(self) -> None:
        """Migrations and seeds, in a process that gives its memory back."""
        done = subprocess.run(
            [sys.executable, "-m", "datong.config.node.prepare"],
            env={**os.environ, **LEAN, **self._shared},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        said = parse("node", done.stdout.decode("utf-8", "replace").strip().split("\n"))
        answer = said[-1] if said else {}
        if self._stops:
            return
        if done.returncode or answer.get("event") != "prepared":
            for value in said:
                self.journal.write(value)
            told = answer.get("detail") or answer.get("event") or f"exit status {done.returncode}"
            raise Unavailable(f"the database could not be prepared: {told}", remedy=answer.get("remedy"))
        if answer["migrations"]:
            self.journal.say("info", "migrations applied", count=len(answer["migrations"]))
        if answer["administrator"]:
            self._show_administrator(answer["administrator"])

    def _show_administrator(self, made: dict[str, str]) -> None:
        """Show the first password once; it goes into no file."""
        self._tell("administrator", **made)
        if self._notify is None:
            line = f"\n  First administrator: {made['account']}\n  Password (shown this once): {made['password']}\n\n"
            with contextlib.suppress(OSError):
                sys.stderr.write(line)

    def _start(self, child: Child) -> bool:
        """Have a child borne, or start it; false while its nursery is about to be there."""
        nursery = self.nurseries.get(child.nursery)
        if nursery is not None and nursery.warms_up():
            return False
        pipe = nursery.bear(child) if nursery is not None else None
        self._selector.register(pipe or child.start(), selectors.EVENT_READ, child)
        return True

    def _turn(self) -> None:
        """One turn of the loop: read the pipes, bury and restart, ask who is ready."""
        waiting = not all(child.ready for child in self.children)
        for key, _ in self._selector.select(QUICK if waiting else SLOW):
            self._read(key)
        changed = self._look_after_postgres()
        for child in self.everyone:
            changed |= self._look_after(child)
        births.bury_strays(self._known())
        changed |= self._ask(everyone=not waiting)
        if changed:
            self._save()
        if not self._told_ready and all(child.ready for child in self.children):
            self._on_ready()

    def _known(self) -> set[int]:
        server = self.postgres.process if self.postgres else None
        return {one.pid for one in (server, *(child.process for child in self.everyone)) if one is not None}

    def _read(self, key: selectors.SelectorKey) -> None:
        try:
            data = os.read(key.fd, 65_536)
        except BlockingIOError:
            return
        if key.data is None:  # a signal: somebody ended, or is to end
            return
        child, pipe = key.data, cast("IO[bytes]", key.fileobj)
        for value in parse(child.name, child.lines(data or b"\n")):
            if child.port is None and value["event"] == "ready":
                child.is_ready()
                self._save()
            self.journal.write(value)
        if not data:
            self._selector.unregister(pipe)
            pipe.close()

    def _look_after(self, child: Child) -> bool:
        status = child.dead()
        if status is not None:
            wait = child.buried()
            self.journal.say("error", f"{child.name} ended, starts again", status=status, after=f"{wait:g} s")
            return True
        if child.process is None and child.start_due <= time.monotonic() and not self._stops:
            return self._start(child)
        return False

    def _look_after_postgres(self) -> bool:
        server = self.postgres
        if server is None or server.process is None or server.process.poll() is None or self._stops:
            return False
        now = time.monotonic()
        if now < self._postgres_due:
            return False
        self.journal.say("error", "PostgreSQL ended, starts again", status=server.process.returncode)
        self._postgres_restarts += 1
        self._postgres_due = now + POSTGRES_PAUSE
        try:
            server.revive()
        except (DatongError, OSError) as error:
            self.journal.say("error", "PostgreSQL did not start", reason=str(error))
        for child in self.children:
            child.forgive()
        return True

    def _ask(self, *, everyone: bool) -> bool:
        """Ask those not ready yet in each turn, and everyone now and then; true when an answer changed."""
        now = time.monotonic()
        everyone = everyone and now - self._asked > ASK_AGAIN
        if everyone:
            self._asked = now
        before = [child.ready for child in self.children]
        for child in self.children:
            if child.process and (everyone or not child.ready):
                child.ask()
        return before != [child.ready for child in self.children]

    def _on_ready(self) -> None:
        self._told_ready = True
        seconds = round(time.monotonic() - self._began, 1)
        urls = {"pages": self._url(self.config.control_port), "gateway": self._url(self.config.gateway_port)}
        self.journal.say("info", "ready", seconds=seconds, **urls)
        self._tell("ready", seconds=seconds)

    def _url(self, port: int) -> str:
        host = "localhost" if self.config.host in {"0.0.0.0", "::", "127.0.0.1"} else self.config.host  # noqa: S104
        return f"http://{host}:{port}"

    def _tell(self, event: str, **facts: Any) -> None:
        if self._notify is not None:
            with contextlib.suppress(OSError):
                os.write(self._notify, (json.dumps({"event": event, **facts}, ensure_ascii=False) + "\n").encode())

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        """Say why the node does not come up."""
        try:
            yield
        except DatongError as error:
            self.journal.say("error", error.message, **({"remedy": error.remedy} if error.remedy else {}))
            self._tell("failed", problem=problem(error))
            raise

    def _save(self) -> None:
        server = self.postgres.process if self.postgres else None
        processes = [
            {"name": one.name, "pid": one.process.pid, "port": one.port, "ready": one.ready, "restarts": one.restarts,
             "started": state.started_at(one.process.pid)}
            for one in self.everyone if one.process
        ]  # fmt: skip
        if server:
            processes.append(
                {"name": "postgres", "pid": server.pid, "port": None, "ready": server.poll() is None,
                 "restarts": self._postgres_restarts, "started": state.started_at(server.pid)}
            )  # fmt: skip
        everything = {
            "version": datong.__version__, "supervisor": os.getpid(), "since": self._since, "host": self.config.host,
            "control_port": self.config.control_port, "gateway_port": self.config.gateway_port,
            "ready": all(child.ready for child in self.children) and (server is None or server.poll() is None),
            "processes": processes,
        }  # fmt: skip
        with contextlib.suppress(OSError):
            state.save(self.place, everything)

    def _end(self) -> None:
        """Stop the children together, then PostgreSQL."""
        for child in self.everyone:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        while any(child.process and child.dead() is None for child in self.everyone):
            if time.monotonic() > deadline:
                for child in self.everyone:
                    child.signal(signal.SIGKILL)
            for key, _ in self._selector.select(QUICK):
                self._read(key)
        if self.postgres:
            self.postgres.stop()
        (self.place.run / "state.json").unlink(missing_ok=True)
        self.journal.say("info", "stopped")
        self.journal.close()


def gateways(place: NodeFolder, config: NodeConfig, shared: dict[str, str]) -> list[Child]:
    """The processes of the gateway: one, or several on one port that are asked by their signs of life."""
    if config.gateways == 1:
        return [Child("gateway", shared, config.host, config.gateway_port, nursery="gateway")]

    def asks(seat: int) -> Callable[[int], bool]:
        def ready(pid: int) -> bool:
            sign = seats(place.board, config.gateways)[seat]
            return sign is not None and sign.pid == pid and sign.ready()

        return ready

    def one(seat: int) -> Child:
        told = {**shared, "DATONG_GATEWAY_SEAT": str(seat)}
        return Child(f"gateway-{seat}", told, config.host, config.gateway_port, "gateway", asks(seat), "gateway")

    return [one(seat) for seat in range(config.gateways)]


def main() -> None:
    """`python -m datong.config.node.supervisor DIR`: what `datong node up` becomes."""
    options = argparse.ArgumentParser(prog="datong node up")
    options.add_argument("folder", type=Path)
    options.add_argument("--notify", type=int)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    os.environ["DATONG_NODE"] = str(given.folder.resolve())
    try:
        place, config = env.node()
        terminal = None if given.notify is not None else sys.stdout
        journal = Journal(place.log, terminal, env.log_level(), as_json=given.json)
        supervisor = Supervisor(place, config, journal, given.notify)
    except DatongError as error:
        sys.stderr.write(f"{error.message}\n{error.remedy or ''}\n")
        sys.exit(2)
    try:
        supervisor.run()
    except DatongError:
        sys.exit(1)


if __name__ == "__main__":
    main()
