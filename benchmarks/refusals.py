# SPDX-License-Identifier: Apache-2.0
"""Claim: how long a refusal takes does not tell whether there is something to refuse.

At each place where the words of a refusal keep something back, the cases they do not distinguish are asked in turn, in an
order drawn anew each round, over one connection to a gateway (to the pages, for signing in) that does nothing else: an
unknown resource beside one of somebody else, a row outside the grant beside one that is not there, an unknown application
beside a wrong key, an unknown name beside a wrong password. The first case is asked twice a round (`again`), so that the
method's own noise stands beside what it finds. For each case: the median, the middle half, and `slower`, the chance that
one such refusal takes longer than one of the first case (a rank test; 0.5 tells nothing). `apart` says whether that is
further from 0.5 than the same case is from itself and than chance explains, and `to_tell` how many calls of each a caller
would need then. `told` are refusals whose words differ on purpose, for scale.

`python benchmarks/refusals.py [--quick] --json` prints one object; its exit is 1 when something can be told apart.
"""

from __future__ import annotations

import argparse
import bisect
import json
import math
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import orjson
from _scratch import scratch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from datong.config.demo.clients import Person
from factories.attacked import ABSENT, HELD, NOWHERE, OUTSIDE, STRANGE, Asked, Attacked, attacked
from factories.gateways import CIVIL, CODE, FORM, Caller, form, landed, lawful
from factories.nodes import a_node, machines

CLAIM = "how long a refusal takes does not tell whether there is something to refuse"
AGAIN = "again"
TRIES = 4
"""Wrong passwords an account bears without being locked."""
SURE = 4.0
"""Standard errors from 0.5 that chance is not taken to explain: there are some twenty comparisons."""
LEAST = 0.02
"""Further from 0.5 than that, or it is noise of the method."""
PASSWORD = "Datong-refusals-4711"
Ask = Callable[[int], object]


def records(world: Attacked, code: str, key: str = HELD, who: str = "civil", **more: str) -> Ask:
    """A call for a record."""
    told = lawful(world.token(who)) | {name.replace("_", "-"): value for name, value in more.items()}
    asked = Asked("GET", f"/v1/resources/{code}/records?id={key}", told).raw()
    return lambda _: world.line.send(asked)


def verify(world: Attacked, key: str) -> Ask:
    """A verification."""
    told = lawful(world.token("civil")) | {"Content-Type": "application/json"}
    body = orjson.dumps({"key": {"id": key}, "claims": {"name": "x"}})
    asked = Asked("POST", f"/v1/resources/{CODE}/verify", told, body).raw()
    return lambda _: world.line.send(asked)


def spoken(world: Attacked, code: str) -> Ask:
    """The same in X-Road's tongue."""
    told = lawful(world.token("civil")) | {"X-Road-Client": f"330000/GOV/{CIVIL}/civil-app"}
    asked = Asked("GET", f"/r1/330000/GOV/11330000002482053E/{code}/records?id={HELD}", told).raw()
    return lambda _: world.line.send(asked)


def plain(world: Attacked, path: str, **headers: str) -> Ask:
    """A GET."""
    asked = Asked("GET", path, headers).raw()
    return lambda _: world.line.send(asked)


def token(world: Attacked, signer: Caller, **claims: Any) -> Ask:
    """A request for a token, signed before it is timed."""

    def made(_: int) -> Callable[[], object]:
        asked = Asked("POST", "/oauth2/token", {"Content-Type": FORM}, form(signer.assertion(**claims))).raw()
        return lambda: world.line.send(asked)

    return made


def places(world: Attacked) -> dict[str, dict[str, Ask]]:
    """Where something is kept back, and the cases that are not to be told apart; the first is what is not there."""
    own = lawful(world.token("civil"))
    bearer = {"Authorization": f"Bearer {world.bearer('civil')}"}
    shares = "/delta-sharing/shares/SQ-{}-B/schemas/data/tables/3330001001-1/version"
    held, lost = world.file_address("police"), world.file_address("police").replace("J-SQ-police-B", "J-SQ-nobody-B")
    stranger = Caller("civil-app", CIVIL)
    return {
        "resource": {
            "unknown": records(world, NOWHERE), "another's": records(world, STRANGE),
            "another's grant named": records(world, CODE, Datong_Grant="SQ-police"),
        },
        "resource, X-Road": {"unknown": spoken(world, NOWHERE), "another's": spoken(world, STRANGE)},
        "subscription": {
            "unknown": plain(world, "/v1/subscriptions/E-nobody/events", **own),
            "another's": plain(world, "/v1/subscriptions/E-police/events", **own),
        },
        "table": {
            "unknown": plain(world, shares.format("nobody"), **bearer),
            "another's": plain(world, shares.format("police"), **bearer),
        },
        "delivered file": {"unknown": plain(world, lost[:-4] + "0000"), "another's, forged": plain(world, held[:-4] + "0000")},
        "row by records": {"unknown": records(world, CODE, ABSENT), "outside of the grant": records(world, CODE, OUTSIDE)},
        "row by verify": {"unknown": verify(world, ABSENT), "outside of the grant": verify(world, OUTSIDE)},
        "application": {
            "unknown": token(world, stranger, iss="nobody-app", sub="nobody-app"), "wrong key": token(world, stranger),
            "out of use": token(world, Caller("gone-app", CIVIL)), "two keys": token(world, Caller("rotated-app", CIVIL)),
        },
    }  # fmt: skip


def told(world: Attacked) -> dict[str, Ask]:
    """Refusals whose holder is told why, and an answer."""
    return {
        "unknown": records(world, NOWHERE), "grant expired": records(world, CODE, who="expired"),
        "grant revoked": records(world, CODE, who="revoked"), "answered": records(world, CODE),
    }  # fmt: skip


def timed(cases: dict[str, Ask], rounds: int) -> dict[str, list[float]]:
    """Microseconds of each case, one of each a round."""
    cases = cases | {AGAIN: next(iter(cases.values()))}
    found: dict[str, list[float]] = {name: [] for name in cases}
    order, dice = list(cases), random.Random(7)
    for turn in range(rounds):
        dice.shuffle(order)
        for name in order:
            asked = cases[name]
            ready = asked(turn) if asked.__name__ == "made" else lambda one=asked, now=turn: one(now)
            begun = time.perf_counter()
            ready()
            found[name].append((time.perf_counter() - begun) * 1e6)
    return found


def slower(base: list[float], other: list[float]) -> float:
    """The chance that one of the others takes longer than one of the base."""
    ranked = sorted(base)
    below = sum(bisect.bisect_left(ranked, one) + bisect.bisect_right(ranked, one) for one in other)
    return below / 2 / len(base) / len(other)


def compared(times: dict[str, list[float]]) -> dict[str, Any]:
    """Each case beside the first."""
    (first, base), *others = times.items()
    chance = {name: slower(base, other) for name, other in others}
    error = math.sqrt((2 * len(base) + 1) / (12 * len(base) ** 2))
    bound = max(SURE * error, 2 * abs(chance[AGAIN] - 0.5), LEAST)
    shown = {}
    for name, values in times.items():
        low, middle, high = statistics.quantiles(values, n=4)
        shown[name] = {"median_us": round(middle, 1), "middle_half_us": [round(low, 1), round(high, 1)]}
        if name != first:
            apart = name != AGAIN and abs(chance[name] - 0.5) > bound
            shown[name] |= {"slower": round(chance[name], 3), "apart": apart}
            if apart:
                shown[name]["to_tell"] = math.ceil((SURE / (chance[name] - 0.5)) ** 2 / 6)
    return {"calls_each": len(base), "noise": round(bound, 3), "cases": shown}


def signing_in(rounds: int) -> dict[str, list[float]]:
    """Microseconds of sign-ins that are refused, by the interface of the pages of a whole node."""
    with a_node(machines()[0]) as node:
        up = node.run("up", "--detach")
        base, first = node.status()["pages"], up["administrator"]
        admin = Person(base, first["account"], first["password"])
        admin.renew(first["password"], PASSWORD)
        known = [f"officer.{number}" for number in range(math.ceil(rounds / TRIES))]
        for name in (*known, "locked.one", "gone.one"):
            admin.post("/accounts", {"username": name, "name": "某人"})
        admin.post("/accounts/gone.one/suspension")
        with httpx.Client(base_url=f"{base}/api/v1", timeout=60) as http:
            http.headers["X-CSRFToken"] = http.get("/session").json()["csrf_token"]

            def attempt(name: Callable[[int], str]) -> Ask:
                return lambda turn: http.post("/session", json={"username": name(turn), "password": "not-this-one"}).status_code

            locked = attempt(lambda _: "locked.one")
            statuses = {locked(0) for _ in range(TRIES + 2)}
            if statuses != {401}:
                raise SystemExit(f"signing in wrongly was answered {statuses}")
            cases = {
                "unknown name": attempt(lambda turn: f"nobody.{turn}"),
                "wrong password": attempt(lambda turn: known[turn // TRIES]),
                "locked": locked, "suspended": attempt(lambda _: "gone.one"),
            }  # fmt: skip
            return timed(cases, rounds)


def measured(folder: Path, rounds: int, sign_ins: int) -> dict[str, Any]:
    index = landed(folder)
    (folder / "node").mkdir()
    with attacked(folder / "node", index) as world:
        found = {place: compared(timed(cases, rounds)) for place, cases in places(world).items()}
        scale = compared(timed(told(world), rounds // 4))
    found["account"] = compared(signing_in(sign_ins))
    apart = [f"{place}: {name}" for place, one in found.items() for name, case in one["cases"].items() if case.get("apart")]
    load = [round(one, 2) for one in os.getloadavg()]
    return {
        "claim": CLAIM, "scale": {"rounds": rounds, "sign_ins": sign_ins, "cores": os.cpu_count(), "load": load},
        "apart": apart, "places": found, "told": scale,
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer calls of each")
    parser.add_argument("--json", action="store_true", help="one JSON object (there is no other form)")
    quick = parser.parse_args().quick
    with scratch("refusals") as folder:
        found = measured(folder, rounds=300 if quick else 2_000, sign_ins=20 if quick else 160)
        print(json.dumps(found, ensure_ascii=False, indent=None if quick else 2))
    return 1 if found["apart"] else 0


if __name__ == "__main__":
    sys.exit(main())
