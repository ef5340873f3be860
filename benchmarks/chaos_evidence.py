# SPDX-License-Identifier: Apache-2.0
"""Claim: whatever is killed under load, every call that was answered is in the evidence, and calls are answered again soon.

A whole node, as `datong node up` starts it, serves a landed resource to an application with a grant; callers ask it all the
time and keep what they were given. Its gateway, its worker, its PostgreSQL, its control plane or one of the nurseries they are
forked from is killed (SIGKILL) at random moments: as soon as calls are answered again and a little while under load is over,
whether or not another part is still on its way back, and at times once more before calls are answered. Then each receipt is
checked by `datong-verify`, which shares no code with the node, its record is looked for in the log, and both hashes in it are
made again from what was asked and answered; the logs are verified whole.

`python benchmarks/chaos_evidence.py [--kills 1000] [--seed 1] [--gateways 1] --json` prints {"kills", "answered", "lost",
"max_recovery_s", …}; recovery is from a kill to the first answer to a call begun after it, for every kill. How far it is
stands on standard error.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import resource
import signal
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from _chaos import apart
from _kept import Answers, Kept
from datong_verify.known import Known
from datong_verify.main import check
from datong_verify.notes import Key

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests")]

from datong.config.demo.clients import Caller  # noqa: E402
from datong.config.node import state  # noqa: E402
from datong.config.node.folder import NodeFolder  # noqa: E402
from datong.config.node.postgres import EmbeddedPostgres  # noqa: E402
from factories.nodes import a_node, machines  # noqa: E402

PARTS = {"gateway": 12, "worker": 4, "postgres": 4, "control": 1, "nursery-gateway": 1, "nursery-control": 1}
"""What is killed, and how often compared with the others; one of several gateways is a gateway."""
AGAIN = 0.1
"""Share of the kills that are followed by another before calls are answered again, if there is time."""
LONGEST_CALM = 1.6
"""Seconds under load between a recovery and the next kill, at most."""
GIVES_UP = 60.0
CALLERS = 3
BREATH = 0.015
"""Seconds between an answer and the caller's next question, at most: it bounds what a run writes."""
TELLS_EVERY = 15.0


@dataclass
class Told:
    """What is printed."""

    kills: int = 0
    answered: int = 0
    lost: int = 0
    max_recovery_s: float = 0.0
    median_recovery_s: float = 0.0
    by_part: dict[str, dict[str, float]] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    verified: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    load_average: float = 0.0
    megabytes: dict[str, int] = field(default_factory=dict)


def granted(folder: Path, url: str, public_key: str) -> tuple[str, str, str]:
    """Have a resource landed and granted by the use cases people use; its code, its purpose and the application."""
    os.environ |= {"DATONG_NODE": str(folder), "DATONG_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "datong.config.settings"}
    import django

    django.setup()
    from datong.contexts.organisations import usecases
    from factories.exchange import a_landed_resource
    from factories.sharing import a_grant, a_request, a_request_draft, an_applicant

    app = usecases.register_application("核对系统", by=an_applicant(), responsible="信息中心", public_key=public_key)
    home = a_landed_resource((f"33{number:010d}", f"村{number}", "甲") for number in range(2_000))
    draft = a_request_draft(
        home, application=app.application.client_id, items=("code", "title"), rows=(), row_scope="全部", quota_per_day=10**8
    )
    a_grant(request=a_request(draft))
    return home.resource.code, draft.purpose, app.application.client_id


class Load:
    """Callers that ask all the time, what they were given, and for how long they were given nothing."""

    def __init__(self, base: str, code: str, purpose: str, app: Caller, kept: Answers) -> None:
        self._base, self._path, self._purpose, self._app, self.kept = base, f"/v1/resources/{code}/records", purpose, app, kept
        self.refused: Counter[str] = Counter()
        self.lulls: dict[str, list[float]] = {name: [] for name in (*PARTS, "")}
        self._open: list[tuple[float, str]] = []
        self._news = threading.Condition()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask_always, args=(number,)) for number in range(CALLERS)]

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Ask while this lasts."""
        for one in self._threads:
            one.start()
        try:
            yield
        finally:
            self._stop.set()
            for one in self._threads:
                one.join()

    def struck(self, part: str = "") -> None:
        """Note that a part was killed now: the next call that begins and is answered ends the lull."""
        with self._news:
            self._open.append((time.monotonic(), part))

    def answered(self) -> None:
        """Wait until calls are answered that began after the last kill."""
        with self._news:
            if not self._news.wait_for(lambda: not self._open, GIVES_UP):
                raise RuntimeError(f"no call was answered within {GIVES_UP} s after a kill")

    def _ask_always(self, number: int) -> None:
        caller, dice = Caller(self._base, "330000", key=self._app.key, client_id=self._app.client_id), random.Random(number)
        while not self._stop.is_set():
            try:
                self._ask(caller, dice)
            except httpx.HTTPError:
                time.sleep(0.01)
        caller.http.close()

    def _ask(self, caller: Caller, dice: random.Random) -> None:
        if not caller.token and caller.sign_in().status_code != 200:
            time.sleep(0.05)
            return
        begun, key = time.monotonic(), f"33{dice.randrange(2_000):010d}"
        headers = {"Authorization": f"Bearer {caller.token}"} | _stated(self._purpose)
        answer = caller.http.get(f"{self._path}?code={key}", headers=headers)
        if answer.status_code != 200:
            self.refused[str(answer.json().get("code"))] += 1
            caller.token = "" if answer.status_code == 401 else caller.token
            time.sleep(0.02)
            return
        said = answer.headers
        kept = Kept(f"GET {self._path}?code={key}\n", answer.content, said["Datong-Receipt"], said["Datong-Salt"])
        with self._news:
            self.kept.add(kept)
            over, now = [one for one in self._open if one[0] < begun], time.monotonic()
            for killed, part in over:
                self.lulls[part].append(now - killed)
                self._open.remove((killed, part))
            self._news.notify_all()
        time.sleep(dice.uniform(0, BREATH))


def _stated(purpose: str) -> dict[str, str]:
    return {"Datong-Purpose": quote(purpose), "Datong-Case": "AJ-1", "Datong-User": "u1"}


class Killer:
    """Kills parts of a node, and notes how soon each was back."""

    def __init__(self, folder: Path, load: Load, dice: random.Random) -> None:
        self._place, self._load, self._dice = NodeFolder(folder), load, dice
        self.kills: Counter[str] = Counter()
        self.backs: dict[str, list[float]] = {name: [] for name in PARTS}
        self._gone: dict[str, tuple[float, int]] = {}
        self._begun = self._told = time.monotonic()

    def run(self, kills: int, seconds: float) -> None:
        """Kill so many times, or for so long; the last one is waited for."""
        ends = time.monotonic() + seconds
        while self.kills.total() < kills and time.monotonic() < ends:
            self._wait(self._dice.uniform(0, LONGEST_CALM))
            if self._kill() and self._dice.random() > AGAIN:
                self._load.answered()
            self._tell()
        self._load.answered()
        until = time.monotonic() + GIVES_UP
        while self._gone and time.monotonic() < until:
            self._wait(0.1)
        if self._gone:
            last = "".join((self._place.log / "node.log").read_text("utf-8").splitlines(keepends=True)[-20:])
            raise RuntimeError(f"never came back: {', '.join(self._gone)}\n{last}")

    def _wait(self, seconds: float) -> None:
        """Let time pass and see who came back meanwhile."""
        until = time.monotonic() + seconds
        while True:
            for one in self._parts():
                killed, pid = self._gone.get(one["name"], (0.0, 0))
                if killed and one["ready"] and one["pid"] != pid:
                    self.backs[_kind(one["name"])].append(time.monotonic() - killed)
                    del self._gone[one["name"]]
            if time.monotonic() >= until:
                return
            time.sleep(0.05)

    def _kill(self) -> bool:
        """Kill one of the parts that live now; whether there was one."""
        living = [(one, process) for one in self._parts() if (process := state.alive(one)) is not None]
        weights = [PARTS[_kind(one["name"])] for one, _ in living]
        if not living:
            return False
        one, process = self._dice.choices(living, weights)[0]
        process.kill()
        self._load.struck(_kind(one["name"]))
        self.kills[_kind(one["name"])] += 1
        self._gone[one["name"]] = (self._gone.get(one["name"], (time.monotonic(), 0))[0], process.pid)
        return True

    def _parts(self) -> list[dict[str, Any]]:
        return list(state.load(self._place).get("processes", []))

    def _tell(self) -> None:
        """Say now and then how far it is."""
        now = time.monotonic()
        if now - self._told < TELLS_EVERY:
            return
        self._told = now
        worst = max((one for lulls in self._load.lulls.values() for one in lulls), default=0.0)
        so_far = f"{now - self._begun:6.0f} s: {self.kills.total()} kills, {len(self._load.kept)} answered"
        sys.stderr.write(f"{so_far}, longest recovery {worst:.2f} s, load {os.getloadavg()[0]:.1f}\n")
        sys.stderr.flush()


def _kind(name: str) -> str:
    return "gateway" if name.startswith("gateway-") else name


def verified(evidence: Path, key: Key) -> dict[str, int]:
    """Verify all logs of the node whole; how many records each holds."""
    found = {}
    for log in sorted(file.parent.name for file in evidence.glob("*/log.json")):
        verdict = check(evidence / log, key, Known(), [])
        if verdict.status:
            raise RuntimeError(f"{log}: record {verdict.first_bad}: {verdict.reason}")
        found[log] = verdict.records
    return found


def told(killer: Killer, load: Load) -> Told:
    """Lay the figures together."""
    lulls = [one for part in PARTS for one in load.lulls[part]]
    by_part = {
        name: {
            "kills": killer.kills[name], "median_lull_s": _middle(load.lulls[name]), "max_lull_s": _most(load.lulls[name]),
            "median_back_s": _middle(killer.backs[name]), "max_back_s": _most(killer.backs[name]),
        }
        for name in PARTS
    }  # fmt: skip
    return Told(
        killer.kills.total(), len(load.kept), max_recovery_s=_most(lulls), median_recovery_s=_middle(lulls), by_part=by_part,
        refused=dict(load.refused),
    )  # fmt: skip


def _middle(times: list[float]) -> float:
    return round(statistics.median(times), 3) if times else 0.0


def _most(times: list[float]) -> float:
    return round(max(times, default=0.0), 2)


def folder_megabytes(folder: Path) -> int:
    """What lies in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) // 1_000_000


def run(kills: int, seed: int, seconds: float, gateways: int) -> Told:
    """Kill so many times, or for so long, and tell what came of it."""
    with a_node(machines()[0]) as node, Answers(node.folder.parent / "answers") as kept:
        place = NodeFolder(node.folder)
        place.write(replace(place.read(), gateways=gateways))
        up = node.run("up", "--detach")
        if up["exit"]:
            raise RuntimeError(f"the node did not come up: {up}")
        app = Caller(str(node.status()["gateway"]), "330000")
        address = EmbeddedPostgres(node.folder / "postgres", node.folder / "log" / "postgres.log").url
        code, purpose, app.client_id = apart(granted, node.folder, address, app.public_pem)
        load = Load(app.base, code, purpose, app, kept)
        killer, begun = Killer(node.folder, load, random.Random(seed)), time.monotonic()
        with load.running():
            load.struck()
            load.answered()
            killer.run(kills, seconds)
        found, evidence = told(killer, load), node.folder / "evidence"
        found.seconds, found.load_average = round(time.monotonic() - begun, 1), round(os.getloadavg()[1], 1)
        found.megabytes = {
            "answers": (node.folder.parent / "answers").stat().st_size // 1_000_000, "node": folder_megabytes(node.folder),
            "this_process": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_000,
        }  # fmt: skip
        sys.stderr.write(f"{found.kills} kills in {found.seconds} s, {found.answered} answers are looked for now\n")
        key = Key((evidence / "node.pub").read_text("ascii"))
        for reason in kept.lost(evidence, key):
            found.lost += 1
            sys.stderr.write(reason + "\n")
        found.verified = verified(evidence, key)
        return found


def main() -> None:
    """Run it and print one object."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=1_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--seconds", type=float, default=3_600.0, help="stop killing after so long, whatever was done by then")
    asked.add_argument("--gateways", type=int, default=1)
    asked.add_argument("--json", action="store_true", help="kept for the one form of all benchmarks")
    given = asked.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the node goes down with us
    found = run(given.kills, given.seed, given.seconds, given.gateways)
    sys.stdout.write(json.dumps(asdict(found)) + "\n")
    sys.exit(1 if found.lost else 0)


if __name__ == "__main__":
    main()
