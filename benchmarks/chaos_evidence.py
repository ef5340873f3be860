# SPDX-License-Identifier: Apache-2.0
"""Claim: whatever is killed under load, every call that was answered is in the evidence, and calls are answered again soon.

A whole node, as `datong node up` starts it, serves a landed resource to an application with a grant; callers ask it all the
time and keep what they were given. Its gateway, its worker or its PostgreSQL is killed (SIGKILL) at random moments, at times
once more before it is back. Then each receipt is checked by `datong-verify`, which shares no code with the node, its record
is looked for in the log, and both hashes in it are made again from what was asked and answered; the logs are verified whole.

`python benchmarks/chaos_evidence.py [--kills 1000] [--seed 1] --json` prints {"kills", "answered", "lost",
"max_recovery_s", …}; recovery is from a kill to the first answer to a call begun after it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from _chaos import apart

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "packages" / "datong-verify" / "src")]

from datong_verify.main import check  # noqa: E402
from datong_verify.notes import Key  # noqa: E402
from datong_verify.papers import check_receipt  # noqa: E402
from datong_verify.verdicts import Verdict, Wrong  # noqa: E402

from datong.config.demo.clients import Caller  # noqa: E402
from datong.config.node import state  # noqa: E402
from datong.config.node.folder import NodeFolder  # noqa: E402
from datong.config.node.postgres import EmbeddedPostgres  # noqa: E402
from datong.ledger import receipts  # noqa: E402
from datong.ledger.read import records  # noqa: E402
from factories.nodes import a_node, machines  # noqa: E402

PARTS = {"gateway": 6, "worker": 2, "postgres": 2}
"""What is killed, and how often compared with the others."""
AGAIN = 0.1
"""Share of the kills that are followed by another before the first is over."""
LONGEST_LULL = 0.4
GIVES_UP = 60.0
CALLERS = 3


@dataclass(frozen=True)
class Kept:
    """What a caller holds of one answer."""

    asked: str
    body: bytes
    receipt: str
    salt: str


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
    """Callers that ask all the time, and what they were given."""

    def __init__(self, base: str, code: str, purpose: str, app: Caller) -> None:
        self._base, self._path, self._purpose, self._app = base, f"/v1/resources/{code}/records", purpose, app
        self.kept: list[Kept] = []
        self.refused: Counter[str] = Counter()
        self.newest = self.came = 0.0
        """When the newest call that was answered had begun, and when its answer came."""
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

    def lull(self, moment: float) -> float:
        """Wait for an answer to a call begun after a moment; seconds from that to the answer."""
        with self._news:
            if not self._news.wait_for(lambda: self.newest > moment, GIVES_UP):
                raise RuntimeError(f"no call was answered within {GIVES_UP} s after a kill")
            return self.came - moment

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
            self.kept.append(kept)
            if begun > self.newest:
                self.newest, self.came = begun, time.monotonic()
            self._news.notify_all()


def _stated(purpose: str) -> dict[str, str]:
    return {"Datong-Purpose": quote(purpose), "Datong-Case": "AJ-1", "Datong-User": "u1"}


class Killer:
    """Kills parts of a node, and notes how long calls went unanswered and how soon the part was back."""

    def __init__(self, folder: Path, load: Load, dice: random.Random) -> None:
        self._place, self._load, self._dice = NodeFolder(folder), load, dice
        self.kills: Counter[str] = Counter()
        self.lulls: dict[str, list[float]] = {name: [] for name in PARTS}
        self.backs: dict[str, list[float]] = {name: [] for name in PARTS}
        self._gone: dict[str, tuple[float, int]] = {}

    def run(self, kills: int, seconds: float) -> None:
        """Kill so many times, or for so long; the last one is waited for."""
        ends = time.monotonic() + seconds
        while self.kills.total() < kills and time.monotonic() < ends:
            self._wait(self._dice.uniform(0, LONGEST_LULL))
            part = self._dice.choices(list(PARTS), list(PARTS.values()))[0]
            killed = self._kill(part)
            if killed and self._dice.random() > AGAIN:
                self.lulls[part].append(self._load.lull(killed))
        self._load.lull(time.monotonic())
        until = time.monotonic() + GIVES_UP
        while self._gone and time.monotonic() < until:
            self._wait(0.1)
        if self._gone:
            raise RuntimeError(f"never came back: {', '.join(self._gone)}")

    def _wait(self, seconds: float) -> None:
        """Let time pass and see who came back meanwhile."""
        until = time.monotonic() + seconds
        while True:
            for one in self._parts():
                killed, pid = self._gone.get(one["name"], (0.0, 0))
                if killed and one["ready"] and one["pid"] != pid:
                    self.backs[one["name"]].append(time.monotonic() - killed)
                    del self._gone[one["name"]]
            if time.monotonic() >= until:
                return
            time.sleep(0.05)

    def _kill(self, part: str) -> float:
        """Kill a part that is alive now; when, or 0 where it is not."""
        for one in self._parts():
            process = state.alive(one) if one["name"] == part else None
            if process is not None:
                process.kill()
                self.kills[part] += 1
                killed = time.monotonic()
                self._gone[part] = (self._gone.get(part, (killed, 0))[0], process.pid)
                return killed
        return 0.0

    def _parts(self) -> list[dict[str, Any]]:
        return list(state.load(self._place).get("processes", []))


def lost(kept: list[Kept], evidence: Path, key: Key) -> Iterator[str]:
    """Give, for each answer that is not in the evidence as its caller holds it, why."""
    log = dict(records(evidence / "gateway-0"))
    for one in kept:
        verdict, receipt, salt = Verdict("receipt"), receipts.decode(one.receipt), bytes.fromhex(one.salt)
        try:
            check_receipt(one.receipt, key, verdict)
        except Wrong as error:
            yield str(error)
            continue
        said = json.loads(receipt.record or b"{}")
        hashes = sha256(salt + one.asked.encode()).hexdigest(), sha256(salt + one.body).hexdigest()
        if log.get(receipt.index) != receipt.record:
            yield f"record {receipt.index} is not in the log"
        elif (said["request_hash"], said["response_hash"]) != hashes:
            yield f"record {receipt.index} is of another call"


def verified(evidence: Path, key: Key) -> dict[str, int]:
    """Verify both logs of the node whole; how many records each holds."""
    found = {}
    for log in ("gateway-0", "acts"):
        verdict = check(evidence / log, key)
        if verdict.status:
            raise RuntimeError(f"{log}: record {verdict.first_bad}: {verdict.reason}")
        found[log] = verdict.records
    return found


def told(killer: Killer, load: Load) -> Told:
    """Lay the figures together."""
    lulls = [one for part in killer.lulls.values() for one in part]
    by_part = {
        name: {
            "kills": killer.kills[name], "median_lull_s": _middle(killer.lulls[name]), "max_lull_s": _most(killer.lulls[name]),
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


def run(kills: int, seed: int, seconds: float) -> Told:
    """Kill so many times, or for so long, and tell what came of it."""
    with a_node(machines()[0]) as node:
        up = node.run("up", "--detach")
        if up["exit"]:
            raise RuntimeError(f"the node did not come up: {up}")
        app = Caller(str(node.status()["gateway"]), "330000")
        address = EmbeddedPostgres(node.folder / "postgres", node.folder / "log" / "postgres.log").url
        code, purpose, app.client_id = apart(granted, node.folder, address, app.public_pem)
        load = Load(app.base, code, purpose, app)
        killer, begun = Killer(node.folder, load, random.Random(seed)), time.monotonic()
        with load.running():
            load.lull(begun)
            killer.run(kills, seconds)
        found, evidence = told(killer, load), node.folder / "evidence"
        found.seconds = round(time.monotonic() - begun, 1)
        key = Key((evidence / "node.pub").read_text("ascii"))
        for reason in lost(load.kept, evidence, key):
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
    asked.add_argument("--json", action="store_true", help="kept for the one form of all benchmarks")
    given = asked.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the node goes down with us
    found = run(given.kills, given.seed, given.seconds)
    sys.stdout.write(json.dumps(asdict(found)) + "\n")
    sys.exit(1 if found.lost else 0)


if __name__ == "__main__":
    main()
