# SPDX-License-Identifier: Apache-2.0
"""Batches of verifications that a provider's interface answers: judged first, a few at a time, all of them or none."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from datong.gateway.upstream import together
from datong.wire import policy as wire
from factories.gateways import PLACE, Reply, a_grant, lawful
from factories.upstreams import PEOPLE, Server, Talking, a_proxied_resource, honest, said

OUTSIDE = "320102199001010002"


@pytest.fixture
def gateway(proxying: Talking) -> Talking:
    return proxying


def asked_of(*keys: str, **claims: Any) -> list[dict[str, Any]]:
    return [{"key": {"id": key}, "claims": claims or {"alive": False}} for key in keys]


def batch(gateway: Talking, token: str, asked: list[Any], kind: str = "application/json") -> Reply:
    lines = kind == "application/x-ndjson"
    body = "\n".join(map(json.dumps, asked)) if lines else json.dumps(asked)
    return gateway.ask("POST", f"{PLACE}/verify:batch", headers=lawful(token), body=body.encode(), kind=kind)


@pytest.mark.parametrize("kind", ["application/json", "application/x-ndjson"])
def test_a_batch_says_of_each_question_what_it_would_say_alone(gateway: Talking, token: str, there: Server, kind: str):
    people = [one for one in PEOPLE if one["region"] == "330106"][:20]
    keys = [*(one["id"] for one in people), OUTSIDE, "330106190001010000"]
    asked = [{"key": {"id": key}, "claims": {"name": people[0]["name"], "alive": True}} for key in keys]
    alone = [gateway.verify(token, one).json for one in asked]
    came: list[str] = []
    there.behave = lambda request: (came.append(request.given["id"]), honest(request))
    reply = batch(gateway, token, asked + asked[:3], kind)
    told = reply.json if kind == "application/json" else [json.loads(one) for one in reply.body.splitlines()]
    assert (reply.status, told) == (200, alone + alone[:3])
    assert sorted(came) == sorted(keys)  # a record asked about twice is asked for once
    kept = gateway.last_call()
    assert (kept["calls"], kept["rows"], kept["upstream"]["asked"]) == (25, sum(one["found"] for one in told), 22)
    assert kept["upstream"]["outcome"] == "answered"
    assert list(kept["upstream"]) == ["asked", "ms", "outcome"]


def test_no_more_are_on_their_way_than_may(gateway: Talking, token: str, there: Server):
    here, most, lock, gate = [0], [0], threading.Lock(), threading.Barrier(together.AT_ONCE)

    def slow(request: Any) -> None:
        with lock:
            here[0] += 1
            most[0] = max(most[0], here[0])
        gate.wait(60)
        with lock:
            here[0] -= 1
        honest(request)

    there.behave = slow
    assert batch(gateway, token, asked_of(*(one["id"] for one in PEOPLE[: 2 * together.AT_ONCE]))).status == 200
    assert most[0] == together.AT_ONCE


def test_the_first_that_is_not_answered_ends_it_and_gives_the_quota_back(gateway: Talking, token: str, there: Server):
    people = [one["id"] for one in PEOPLE[:60]]
    gateway.register(a_grant(quota_per_day=60), base=there.url)

    def one_refuses(request: Any) -> None:
        said(request, 401, b"{}") if request.given["id"] == people[2] else honest(request)

    there.behave = one_refuses
    reply = batch(gateway, token, asked_of(*people))
    assert (reply.status, reply.code, reply.json["errors"]["question"]) == (502, "upstream_refuses", "3")
    kept = gateway.last_call()
    assert (kept["code"], kept["rows"], kept["upstream"]["outcome"]) == ("upstream_refuses", 0, "upstream_refuses")
    assert len(there.asked) <= kept["upstream"]["asked"] < 60
    there.behave = honest
    assert batch(gateway, token, asked_of(*people)).status == 200
    assert batch(gateway, token, asked_of(people[0])).code == "quota_exhausted"


@pytest.mark.parametrize(
    ("asked", "code", "number"),
    [
        ([*asked_of("1"), {"key": {"id": "2"}, "claims": {"phone": "1"}}], "item_not_granted", "2"),
        ([*asked_of("1", "2"), {"key": {}, "claims": {"alive": True}}], "malformed", "3"),
        ([*asked_of("1"), {"key": {"id": "2"}, "claims": {"alive": "perhaps"}}], "malformed", "2"),
    ],
)
def test_what_is_refused_is_refused_before_anybody_is_asked(
    gateway: Talking, token: str, there: Server, asked: list[Any], code: str, number: str
):
    reply = batch(gateway, token, asked)
    assert (reply.code, reply.json["errors"]["question"], there.asked) == (code, number, [])


def test_a_value_that_cannot_stand_in_the_path_is_named_before_anybody_is_asked(gateway: Talking, token: str, there: Server):
    parameters = [wire.UpstreamParameter(item="id", name="card", place="path")]
    gateway.register(base=there.url, path="/persons/{card}", parameters=parameters)
    reply = batch(gateway, token, asked_of("1", "2", "../3"))
    assert (reply.code, reply.json["errors"]["question"], there.asked) == ("malformed", "3", [])


def test_too_many_are_refused_with_the_bound(gateway: Talking, token: str, there: Server):
    reply = batch(gateway, token, asked_of(*map(str, range(together.MOST + 1))))
    assert (reply.status, reply.code, str(together.MOST) in reply.json["detail"]) == (413, "too_large", True)
    assert there.asked == []


def test_a_source_with_a_pace_is_asked_at_it(gateway: Talking, token: str, there: Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(together, "SECONDS", 0.9)  # the fourth may be asked after a second
    resource = a_proxied_resource(there.url)
    pace = wire.Pace(per_second=1, burst=3, at_once=1)
    gateway.offer(resources=[wire.msgspec.structs.replace(resource, pace=pace)])
    reply = batch(gateway, token, asked_of(*(one["id"] for one in PEOPLE[:9])))
    assert (reply.status, reply.code) == (504, "upstream_late")
    assert gateway.last_call()["upstream"]["asked"] == len(there.asked) == 3


def test_an_interface_on_trial_is_asked_once(gateway: Talking, token: str, there: Server):
    there.behave = lambda request: said(request, 500, b"{}")
    codes = {batch(gateway, token, asked_of(*(one["id"] for one in PEOPLE[:30]))).code for _ in range(6)}
    held = gateway.upstreams._lines["3330001001/1"].breaker
    assert (codes <= {"upstream_away", "upstream_resting"}, held.open) == (True, True)
    held._until, before = 0.0, len(there.asked)
    assert batch(gateway, token, asked_of(*(one["id"] for one in PEOPLE[:30]))).code == "upstream_away"
    assert (len(there.asked) - before, gateway.last_call()["upstream"]["asked"]) == (3, 1)  # once, and its two further tries
    held._until, there.behave = 0.0, honest
    assert batch(gateway, token, asked_of(*(one["id"] for one in PEOPLE[:30]))).status == 200


def test_sums_stay_refused(gateway: Talking, token: str, there: Server):
    reply = gateway.ask("GET", f"{PLACE}/aggregate?by=region", headers=lawful(token))
    assert (reply.status, reply.code, there.asked) == (403, "not_by_interface", [])
