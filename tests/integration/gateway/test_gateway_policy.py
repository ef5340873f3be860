# SPDX-License-Identifier: Apache-2.0
"""The policy held: heard of at once, kept for a restart, never older than its lease, never backwards."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import psycopg
import pytest

from datong.config.node.postgres import EmbeddedPostgres
from datong.crypto import keys
from datong.gateway import policy as holding
from datong.gateway.app import build
from datong.wire import policy as wire
from datong.wire.policy import CHANNEL, TABLE
from factories.gateways import FORM, NODE, Node, Standing, a_grant, form, started


@pytest.fixture
def published(postgres: EmbeddedPostgres) -> Iterator[Callable[[bytes, int], None]]:
    """The control plane's side: write a document, notify with the commit."""

    def publish(document: bytes, version: int) -> None:
        with psycopg.connect(postgres.url) as connection:
            connection.execute(f"insert into {TABLE} values (%s, %s, now())", (version, document))
            connection.execute(f"select pg_notify('{CHANNEL}', %s)", (str(version),))

    yield publish
    with psycopg.connect(postgres.url) as connection:
        connection.execute(f"delete from {TABLE}")


def until(true: Callable[[], bool], seconds: float) -> None:
    """Wait until something holds."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < seconds
        time.sleep(0.005)


def test_a_revocation_bites_by_its_notification_and_waits_for_no_poll(node: Node, postgres: EmbeddedPostgres, published: Callable):
    published(node.policy(), 1)
    with started(node, policy=False, dsn=postgres.url, poll_seconds=3_600) as gateway:
        until(lambda: gateway.app.holder.version == 1, 60)
        token = gateway.token(node.civil)
        assert gateway.records(token).status == 200
        published(node.policy(a_grant(stage="revoked")), 2)
        until(lambda: gateway.records(token).status == 403, 60)
        assert gateway.records(token).code == "grant_revoked"


def test_a_gateway_that_was_away_answers_nothing_on_what_it_knew_before(
    node: Node, postgres: EmbeddedPostgres, published: Callable
):
    published(node.policy(), 1)
    with started(node, policy=False, dsn=postgres.url) as gateway:
        token = gateway.token(node.civil)
        assert gateway.records(token).status == 200, "the first look is over before the first call"
    published(node.policy(a_grant(stage="revoked")), 2)
    with started(node, policy=False, dsn=postgres.url) as gateway:
        assert gateway.records(token).code == "grant_revoked"


def test_a_lost_notification_costs_a_poll(node: Node, postgres: EmbeddedPostgres, published: Callable):
    with started(node, policy=False, dsn=postgres.url, poll_seconds=0.2) as gateway:
        time.sleep(0.3)
        with psycopg.connect(postgres.url) as connection:
            connection.execute(f"insert into {TABLE} values (1, %s, now())", (node.policy(),))
        until(lambda: gateway.app.holder.version == 1, 60)


def test_it_goes_on_while_postgresql_is_away_closes_with_its_lease_and_comes_back(node: Node, postgres: EmbeddedPostgres, published: Callable):
    """PostgreSQL gone for minutes: the seconds left are to be seen, past them nothing is answered, and nobody has to help."""
    with started(node, policy=False, dsn=postgres.url, poll_seconds=0.2) as gateway:
        published(node.policy(), 1)
        until(lambda: gateway.app.holder.version == 1, 60)
        postgres.stop()
        for minutes, left in ((0, 599), (4, 359), (9, 59)):
            gateway.clock.now = time.time() + 60 * minutes
            assert gateway.records(gateway.token(node.civil)).status == 200
            assert gateway.ask("GET", "/readyz").json["lease_seconds"] in range(left - 9, left + 1)
        token = gateway.token(node.civil)
        gateway.clock.now += 60
        assert (gateway.records(token).code, gateway.ask("GET", "/readyz").status) == ("policy_stale", 503)
        postgres.start()
        published(node.policy(now=gateway.clock.now), 2)
        until(lambda: gateway.app.holder.version == 2, 60)
        assert (gateway.records(token).status, gateway.ask("GET", "/readyz").status) == (200, 200)


def test_a_node_without_the_table_waits_for_it(node: Node, postgres: EmbeddedPostgres):
    bare = postgres.url.replace("/datong?", "/postgres?")
    with started(node, policy=False, dsn=bare, poll_seconds=0.05) as gateway:
        time.sleep(0.3)
        assert gateway.app.holder.version == 0


def test_it_starts_from_disk_when_postgresql_is_away(node: Node):
    with started(node) as gateway:
        token = gateway.token(node.civil)
    with started(node, policy=False, dsn="postgresql://127.0.0.1:1/none?connect_timeout=1", poll_seconds=0.1) as gateway:
        assert gateway.records(token).status == 200
        assert (node.folder / "run" / "policy").stat().st_mode & 0o777 == 0o600


def test_past_its_lease_nothing_is_answered(gateway: Standing):
    token = gateway.token(gateway.node.civil)
    assert gateway.ask("GET", "/readyz").json["ok"] is True
    gateway.clock.now += 601
    reply = gateway.records(token)
    assert (reply.status, reply.code, reply.headers["retry-after"]) == (503, "policy_stale", "2")
    asked = gateway.ask("POST", "/oauth2/token", body=form(gateway.node.civil.assertion(gateway.clock.now)), kind=FORM)
    assert (asked.status, asked.code, asked.json["error"]) == (503, "policy_stale", "temporarily_unavailable")
    ready = gateway.ask("GET", "/readyz")
    assert (ready.status, ready.json["checks"], ready.json["lease_seconds"]) == (503, {"policy": False, "evidence": True}, 0)
    assert gateway.ask("GET", "/healthz").status == 200
    assert [one["code"] for one in gateway.node.evidence()[-2:]] == ["policy_stale", "policy_stale"]
    gateway.offer()
    assert gateway.ask("GET", "/readyz").status == 200


def test_without_any_policy_nothing_is_answered(node: Node):
    with started(node, policy=False) as gateway:
        assert gateway.records("x").code == "policy_stale"
        assert gateway.ask("GET", "/readyz").status == 503


def test_versions_never_go_backwards_and_strangers_are_refused(gateway: Standing, node: Node):
    older, holder = node.policy(), gateway.app.holder
    gateway.offer()
    assert holder.version == 3
    assert not holder.offer(older)
    assert not holder.offer(node.policy(node="320000"))
    assert not holder.offer(b"nonsense")
    stranger = keys.generate(node.folder / "stranger.key")
    forged = wire.Policy(node=NODE, version=99, issued_at="2026-01-01T00:00:00Z", not_after="2099-01-01T00:00:00Z")
    assert not holder.offer(wire.encode(forged, stranger))
    assert holder.version == 3


def test_a_damaged_file_is_passed_over(node: Node):
    place = node.folder / "run" / "policy"
    place.parent.mkdir()
    place.write_bytes(b"\x00")
    with started(node, policy=False) as gateway:
        assert gateway.app.holder.version == 0
        gateway.offer()
    place.unlink()
    place.mkdir()
    with started(node, policy=False) as gateway:
        assert gateway.app.holder.version == 0


def test_a_full_disk_is_no_reason_to_answer_on_a_revoked_grant(gateway: Standing, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object, **_how: object) -> None:
        raise OSError(28, "No space left on device")

    token = gateway.token(gateway.node.civil)
    monkeypatch.setattr(holding, "place", full)
    gateway.offer(a_grant(stage="revoked"))
    assert gateway.records(token).code == "grant_revoked"


def test_a_silent_disk_holds_no_revocation_up(gateway: Standing, monkeypatch: pytest.MonkeyPatch):
    """A policy that is being written for seconds, and the next one, which revokes."""
    answers, written = Event(), []
    truly = holding.place

    def slow(path: Path, document: bytes, **how: bool) -> None:
        assert answers.wait(30)
        truly(path, document, **how)
        written.append(document)

    token = gateway.token(gateway.node.civil)
    gateway.app.holder.settle()
    monkeypatch.setattr(holding, "place", slow)
    gateway.offer()
    gateway.offer(a_grant(stage="suspended"))
    gateway.offer(a_grant(stage="revoked"))
    assert gateway.records(token).code == "grant_revoked"
    answers.set()
    gateway.app.holder.settle(30)
    assert written[-1] == (gateway.node.folder / "run" / "policy").read_bytes()
    assert b"revoked" in written[-1]


def test_no_evidence_no_answer(gateway: Standing):
    token = gateway.token(gateway.node.civil)
    gateway.app._evidence.close()
    for reply in (gateway.records(token), gateway.records("forged"), gateway.ask("POST", "/oauth2/token", kind=FORM)):
        assert (reply.status, reply.code) == (503, "evidence_unavailable")
        assert "datong-receipt" not in reply.headers
    ready = gateway.ask("GET", "/readyz")
    assert (ready.status, ready.json["checks"]["evidence"]) == (503, False)


def test_lifespan_starts_and_stops(node: Node):
    async def live(app: object, *kinds: str) -> list[str]:
        told: list[str] = []
        waiting = iter(kinds)

        async def receive() -> dict[str, str]:
            return {"type": next(waiting)}

        async def send(message: dict[str, str]) -> None:
            told.append(message["type"])

        await app({"type": "lifespan"}, receive, send)
        return told

    app = build(node.config())
    assert asyncio.run(live(app, "lifespan.startup", "lifespan.shutdown")) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    (node.folder / "node.key").chmod(0o644)
    assert asyncio.run(live(build(node.config()), "lifespan.startup")) == ["lifespan.startup.failed"]
