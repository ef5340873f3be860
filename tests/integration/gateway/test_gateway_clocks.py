# SPDX-License-Identifier: Apache-2.0
"""A clock that is set forward or back: nothing opens that was closed, what closes opens again, and it is on record."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from datong.crypto.keys import load_verifier
from datong.gateway.limits import spent as spending
from datong.gateway.limits.spent import KEPT, SHARE, Spent
from datong.gateway.policy import AHEAD, PolicyHolder
from datong.gateway.quotas import DAY, day_of, midnight
from datong.kernel.errors import Throttled, Unauthenticated
from factories.gateways import FORM, NODE, Clock, Node, Standing, a_grant, form, started

HOUR = 3_600.0


@pytest.fixture
def gateway(node: Node) -> Iterator[Standing]:
    with started(node) as standing:
        yield standing


def test_an_hour_forward_ends_tokens_and_lease_and_a_new_policy_opens_again(gateway: Standing):
    token, body = gateway.token(gateway.node.civil), form(gateway.node.civil.assertion(gateway.clock.now))
    gateway.clock.now += HOUR
    assert gateway.records(token).code == "policy_stale"
    assert gateway.ask("GET", "/readyz").json["lease_seconds"] == 0
    gateway.offer()
    assert gateway.records(token).code == "unauthenticated"
    assert gateway.ask("POST", "/oauth2/token", body=body, kind=FORM).code == "unauthenticated"
    assert gateway.records(gateway.token(gateway.node.civil)).status == 200


def test_an_hour_back_lengthens_no_token_and_no_lease(gateway: Standing):
    token = gateway.token(gateway.node.civil)
    gateway.clock.now -= HOUR
    assert gateway.records(token).code == "policy_stale"  # it is of a time to come
    assert (gateway.ask("GET", "/readyz").status, gateway.app.holder.lease_ends) == (503, 0.0)
    gateway.offer()
    assert gateway.records(token).code == "unauthenticated"
    assert gateway.records(gateway.token(gateway.node.civil)).status == 200


def test_a_lease_runs_by_a_clock_that_nobody_sets(node: Node):
    """However little the machine's clock says has passed, and however long a policy says it is good."""
    clock, steady = Clock(1_800_000_000.0), Clock(50.0)
    holder = PolicyHolder(NODE, load_verifier(node.signer.public_pem()), node.folder / "run" / "policy", clock, steady)
    assert holder.offer(node.policy(now=clock.now, lease=600))
    clock.now, steady.now = clock.now - AHEAD / 2, steady.now + 599
    assert holder.current(clock.now).version == 1
    assert holder.lease_ends - clock.now == pytest.approx(1)
    steady.now += 1
    with pytest.raises(Exception, match="no fresh policy"):
        holder.current(clock.now)
    assert holder.offer(node.policy(now=clock.now + AHEAD / 2, lease=600))
    assert holder.lease_ends - clock.now == pytest.approx(600)


def test_a_signed_assertion_is_good_once_though_the_clock_went_an_hour_on_and_back(node: Node):
    spent, begun = Spent(node.folder / "spent", most=8), 1_800_000_000.0
    spent.spend("mark", begun, begun + 360)
    spent.spend("other", begun + HOUR, begun + HOUR + 360)
    with pytest.raises(Unauthenticated):
        spent.spend("mark", begun + 10, begun + 360)
    spent.spend("later", begun + 2 * KEPT, begun + 2 * KEPT + 360)
    for number in range(5):
        spent.spend(f"many {number}", begun + 2 * KEPT + number, begun + 2 * KEPT + 360)
    spent.spend("room", begun + 2 * KEPT + HOUR, begun + 2 * KEPT + HOUR + 360)
    spent.close()


def test_an_application_that_asks_for_a_token_with_each_call_shuts_nobody_else_out(node: Node):
    spent, now = Spent(node.folder / "spent", most=4 * SHARE), 1_800_000_000.0
    for number in range(4):
        spent.spend(f"mark {number}", now, now + 360, "busy")
    with pytest.raises(Throttled):
        spent.spend("one more", now + 2, now + 362, "busy")
    spent.spend("another's", now + 2, now + 362, "other")
    spent.spend("when they are over", now + 360, now + 720, "busy")
    spent.close()


def test_marks_are_folded_into_their_file_by_whoever_may_wait_for_a_disk(node: Node, monkeypatch: pytest.MonkeyPatch):
    """Until then they lie beside it, and whoever writes them waits for no disk; afterwards the file alone has them."""
    place = node.folder / "spent"
    spent = Spent(place, most=10_000)
    for number in range(1_500):
        spent.spend(f"mark {number}", 1_000.0, 2_000.0)

    def alone() -> int:
        (node.folder / "copy").write_bytes(place.read_bytes())
        with closing(sqlite3.connect(node.folder / "copy")) as base:
            there = base.execute("select count(*) from sqlite_master where name = 'spent'").fetchone()[0]
            return int(base.execute("select count(*) from spent").fetchone()[0]) if there else 0

    assert alone() == 0
    monkeypatch.setattr(spending, "MUCH", 1)
    spent.fold()
    assert alone() == 1_500
    spent.close()


def test_a_clock_past_midnight_and_back_gives_the_day_once_more_at_most(node: Node):
    late = midnight(day_of(1_800_000_000.0)) + DAY - 600
    with started(node, policy=False, now=late) as gateway:
        grant = a_grant(quota_per_day=3)

        def calls() -> list[int]:
            gateway.offer(grant)
            token = gateway.token(node.civil)
            return [gateway.records(token).status for _ in range(4)]

        assert calls() == [200, 200, 200, 429]
        gateway.clock.now = late + HOUR
        assert calls() == [200, 200, 200, 429]
        gateway.clock.now = late
        assert calls() == [429, 429, 429, 429]
        gateway.clock.now = late + 3 * DAY
        assert calls() == [200, 200, 200, 429]
        gateway.clock.now = late + HOUR
        assert calls() == [200, 200, 200, 429]  # so far ahead it was a mistake: the day of now is begun


def test_a_jump_is_on_record(gateway: Standing):
    async def looked() -> None:
        await gateway.app.note_clock()

    for by in (0.5, 3_600.0, 0.0, -7_200.0):
        gateway.clock.now += by
        asyncio.run(looked())
    told = [(one["kind"], one["code"], round(one["seconds"])) for one in gateway.node.evidence()]
    assert told == [("clock", "clock_set", 3_600), ("clock", "clock_set", -7_200)]
