# SPDX-License-Identifier: Apache-2.0
"""Change events at the gateway: each once by the cursor, on record page by page, nothing after the grant says no."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import psycopg
import pytest

from datong.config.node.postgres import EmbeddedPostgres
from datong.gateway import tally
from datong.gateway.events import record
from datong.gateway.events.streams import Streams
from datong.wire import events, tallies
from datong.wire import policy as wire
from factories.gateways import Node, Reply, Standing, a_grant, lawful, started
from factories.streams import DIGEST, NUMBER, OTHER, PLACE, grow

TARGET = f"/v1/subscriptions/{NUMBER}/events"


def a_following(stage: str = "active", **changes: Any) -> wire.Grant:
    """A grant that somebody follows from version 3 on."""
    facts: dict[str, Any] = {"channels": ["call", "subscription"], "require_case": False, "events": PLACE}
    follower = wire.Subscription(number=NUMBER, stage=stage, start=f"{DIGEST[:16]}-4-0")
    return a_grant(**(facts | {"subscriptions": [follower]} | changes))


@pytest.fixture
def gateway(node: Node):
    grow(node.folder, 4, 0)
    with started(node, a_following(), poll_seconds=0.05) as standing:
        yield standing


def read(gateway: Standing, query: str = "", token: str = "", **headers: str) -> Reply:
    given = lawful(token or gateway.token(gateway.node.civil)) | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return gateway.ask("GET", TARGET + (f"?{query}" if query else ""), headers=given)


def records(gateway: Standing) -> list[dict[str, Any]]:
    return [one for one in gateway.node.evidence() if one.get("channel") == "subscription"]


def test_each_event_comes_once_and_in_order(gateway, node):
    grow(node.folder, 5, 7)
    grow(node.folder, 6, 0)
    grow(node.folder, 7, 250)
    token, seen, after = gateway.token(node.civil), [], ""
    while True:
        reply = read(gateway, f"limit=40{after and f'&after={after}'}", token)
        assert reply.status == 200
        seen += [one["id"] for one in reply.json["events"]]
        after = reply.json["next"]
        if not reply.json["events"]:
            break
    assert seen == [f"{DIGEST[:16]}-{version}-{index}" for version, count in ((5, 7), (7, 250)) for index in range(1, count + 1)]
    assert read(gateway, f"after={seen[5]}&limit=2", token).json["events"][0]["id"] == seen[6]
    given = [one for one in records(gateway) if one["kind"] == "call"]
    assert sum(one["rows"] for one in given) == len(seen) + 2
    assert given[0]["versions"] == [5, 7] and given[0]["subscription"] == NUMBER and given[0]["grant"] == "SQ-1"
    assert given[0]["items"] == ["name", "phone", "region", "alive"]
    assert records(gateway)[-2]["kind"] == "events"


def waiting(
    gateway: Standing, query: str, then: Callable[[], Awaitable[None]], **headers: str
) -> tuple[list[dict[str, Any]], float]:
    """Ask, do something meanwhile, and give what was sent and how long it took after that."""
    given = lawful(gateway.token(gateway.node.civil)) | headers
    scope = {
        "type": "http", "method": "GET", "path": TARGET, "raw_path": TARGET.encode(), "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
    }  # fmt: skip
    sent: list[dict[str, Any]] = []

    async def both() -> float:
        left = asyncio.Event()

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> dict[str, Any]:
            await left.wait()
            return {"type": "http.disconnect"}

        asked = asyncio.ensure_future(gateway.app(scope, receive, send))
        await asyncio.sleep(0.1)
        begun = time.monotonic()
        await then()
        if query == "gone" or headers.get("Accept"):
            await asyncio.sleep(0.15)
            left.set()
        await asyncio.wait_for(asked, 10)
        return time.monotonic() - begun

    scope["query_string"] = b"wait=30" if query == "gone" else query.encode()
    return sent, asyncio.run(both())


def test_a_long_poll_is_answered_when_something_comes(gateway, node, monkeypatch):
    set_forward = [0.0]
    for module in (tally, record):
        monkeypatch.setattr(module, "clock", lambda: time.perf_counter() + set_forward[0])

    async def later() -> None:
        set_forward[0] = 1_000.0
        grow(node.folder, 5, 3)

    sent, took = waiting(gateway, "wait=30", later)
    assert len(orjson.loads(sent[1]["body"])["events"]) == 3
    assert took < 25, "as soon as it comes, and not when the wait is over"
    told = [one for one in gateway.app._tally.taken() if one[4] == "subscription"]
    assert [one[-1] < tallies.step_of(900_000) for one in told] == [True]  # what it waited for is no time of ours


def test_a_notification_wakes_at_once(node, postgres: EmbeddedPostgres):
    grow(node.folder, 4, 0)
    with started(node, a_following(), dsn=postgres.url, poll_seconds=60.0) as gateway:

        async def later() -> None:
            grow(node.folder, 5, 1)
            async with await psycopg.AsyncConnection.connect(postgres.url, autocommit=True) as connection:
                await connection.execute("select pg_notify(%s, %s)", [events.CHANNEL, PLACE])

        time.sleep(0.3)
        sent, took = waiting(gateway, "wait=30", later)
        assert len(orjson.loads(sent[1]["body"])["events"]) == 1
        assert took < 25
        gateway.app._listener._stopping.set()


def test_what_was_revoked_meanwhile_is_not_given(gateway, node):
    async def later() -> None:
        gateway.offer(a_grant_revoked())
        grow(node.folder, 5, 3)

    sent, _ = waiting(gateway, "wait=30", later)
    assert sent[0]["status"] == 403 and orjson.loads(sent[1]["body"])["code"] == "grant_revoked"


def a_grant_revoked() -> wire.Grant:
    follower = wire.Subscription(number=NUMBER, start=f"{DIGEST[:16]}-4-0")
    return a_grant(channels=["subscription"], require_case=False, events=PLACE, subscriptions=[follower], stage="revoked")


def test_who_left_meanwhile_leaves_no_page_behind(gateway):
    async def later() -> None:
        return

    sent, _ = waiting(gateway, "gone", later)
    assert sent == []
    assert [one for one in records(gateway) if one["status"] == 200] == []


def test_a_feed_gives_events_with_ids_and_their_receipts(gateway, node):
    grow(node.folder, 5, 2)

    async def later() -> None:
        grow(node.folder, 6, 1)

    sent, _ = waiting(gateway, "", later, Accept="text/event-stream", **{"Last-Event-ID": f"{DIGEST[:16]}-5-1"})
    assert (b"content-type", b"text/event-stream") in sent[0]["headers"]
    said = b"".join(one.get("body", b"") for one in sent[1:]).decode()
    ids = [line[4:] for line in said.splitlines() if line.startswith("id: ")]
    assert ids == [f"{DIGEST[:16]}-5-2", f"{DIGEST[:16]}-6-1"]
    assert said.count("event: receipt") == 2
    assert [one["rows"] for one in records(gateway) if one["kind"] == "call"] == [1, 1]
    assert tallied(gateway) == {"ok": [3, 2, 2]}


def test_a_feed_ends_with_the_reason(gateway, node):
    async def later() -> None:
        gateway.offer(a_grant_revoked())
        grow(node.folder, 5, 3)

    sent, _ = waiting(gateway, "", later, Accept="text/event-stream")
    said = b"".join(one.get("body", b"") for one in sent[1:]).decode()
    assert "event: problem" in said and "grant_revoked" in said and "event: change" not in said
    assert sent[-1] == {"type": "http.response.body", "body": b""}


def test_a_feed_ends_with_its_token(gateway, node):
    async def later() -> None:
        gateway.clock.now += 301
        grow(node.folder, 5, 3)

    sent, _ = waiting(gateway, "", later, Accept="text/event-stream")
    assert b"event: change" not in b"".join(one.get("body", b"") for one in sent[1:])


def test_strangers_and_nothing_look_alike(gateway, node):
    token = gateway.token(node.police)
    other = gateway.ask("GET", TARGET, headers=lawful(token))
    none = gateway.ask("GET", "/v1/subscriptions/E20261122-9999/events", headers=lawful(token))
    assert other.status == none.status == 404
    assert other.json | {"instance": ""} == none.json | {"instance": ""}
    for strange in ("/v1/subscriptions/", "/v1/subscriptions/E1", "/v1/subscriptions/%00/events", "/v1/subscriptions/../events"):
        assert gateway.ask("GET", strange, headers=lawful(token)).status == 404
    assert gateway.ask("POST", TARGET, headers=lawful(token)).status == 405
    assert gateway.ask("GET", TARGET).status == 401


@pytest.mark.parametrize(
    ("grant", "status", "code"),
    [
        (a_following("paused"), 409, "subscription_paused"),
        (a_following("ended"), 410, "subscription_ended"),
        (a_following(channels=["call"]), 403, "channel_not_granted"),
        (a_following(stage="active", events=""), 503, "events_not_ready"),
        (a_following(events=f"events/3330001001-1/{OTHER}"), 503, "events_not_ready"),
        (a_following(require_case=True), 200, None),
        (a_grant_revoked(), 403, "grant_revoked"),
        (a_following(not_before="2098-01-01"), 403, "grant_not_yet"),
    ],
)
def test_refusals_say_why(gateway, grant, status, code):
    gateway.offer(grant)
    reply = read(gateway)
    assert reply.status == status
    assert code is None or reply.code == code
    assert records(gateway)[-1]["code"] == (code or "ok")


def test_purpose_and_case_are_checked_as_at_calls(gateway):
    token = gateway.token(gateway.node.civil)
    assert gateway.ask("GET", TARGET, headers={"Authorization": f"Bearer {token}"}).code == "purpose_required"
    gateway.offer(a_following(require_case=True))
    purpose = {name: value for name, value in lawful(token).items() if name != "Datong-Case"}
    assert gateway.ask("GET", TARGET, headers=purpose).code == "case_required"


@pytest.mark.parametrize(
    "query", ["after=x", "after=1-2-3", "limit=0", "wait=31", "wait=-1", "wait=x", "what=1", f"after={'a' * 16}-1"]
)
def test_what_does_not_read(gateway, query):
    assert read(gateway, query).status == 422


@pytest.mark.parametrize("cursor", [f"{OTHER[:16]}-5-1", f"{DIGEST[:16]}-3-0", f"{DIGEST[:16]}-2-9", f"{DIGEST[:16]}-99-1"])
def test_who_fell_out_reads_anew(gateway, node, cursor):
    grow(node.folder, 5, 3)
    reply = read(gateway, f"after={cursor}")
    assert (reply.status, reply.code) == (410, "resync_required")
    newest = reply.json["errors"]["after"]
    assert read(gateway, f"after={newest}").json == {"events": [], "next": newest}


def test_pages_with_events_count_in_the_day(gateway, node):
    gateway.offer(a_following(quota_per_day=1))
    assert [read(gateway).status for _ in range(2)] == [200, 200]
    grow(node.folder, 5, 3)
    assert read(gateway, "limit=1").status == 200
    assert read(gateway, f"after={DIGEST[:16]}-5-1").code == "quota_exhausted"
    assert tallied(gateway) == {"ok": [3, 1, 1], "quota_exhausted": [1, 0, 0]}


def tallied(gateway: Standing) -> dict[str, list[int]]:
    """Calls, events and what counts against the day, by outcome, of subscriptions."""
    made: dict[str, list[int]] = {}
    for (_, resource, _, _, channel, code, _), (calls, rows, _, counted) in gateway.app._tally.taken().items():
        if channel == "subscription":
            assert resource == "3330001001/1"
            made[code] = [now + more for now, more in zip(made.get(code, [0, 0, 0]), (calls, rows, counted), strict=True)]
    return made


def test_events_let_go_of_under_a_reader(gateway, node):
    grow(node.folder, 5, 3)
    token = gateway.token(node.civil)
    (node.folder / PLACE / "5.at").unlink()
    assert read(gateway, "", token).code == "events_not_ready"


def test_no_more_than_a_few_wait_at_once(gateway):
    gateway.app._events._open[NUMBER] = 4
    assert read(gateway).status == 429


def test_what_grew_while_an_empty_page_was_read_is_not_waited_for(node):
    grow(node.folder, 4, 0)
    streams = Streams(node.folder, poll_seconds=60)

    async def waits() -> None:
        empty = await streams.page(PLACE, events.Cursor.parse(f"{DIGEST[:16]}-4-0"), 10)
        grow(node.folder, 5, 1)
        await streams.grown(PLACE, empty.next, 60)
        assert len((await streams.page(PLACE, empty.next, 10)).lines) == 1

    asyncio.run(asyncio.wait_for(waits(), 10))
