# SPDX-License-Identifier: Apache-2.0
"""Aggregates: counts and sums under a grant, nobody standing out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from datong.gateway.config import Limits
from datong.wire import policy as wire
from factories.gateways import PLACE, Node, Reply, Standing, a_grant, lawful, row, started

OPEN = [wire.GrantItem(field=name) for name in ("region", "alive", "income", "born", "name")]


@pytest.fixture
def gateway(node: Node) -> Any:
    with started(node, a_grant(items=[*OPEN, wire.GrantItem(field="phone", mask="partial:3:4")])) as standing:
        yield standing


def ask(gateway: Standing, token: str, query: str = "", **headers: str) -> Reply:
    return gateway.ask("GET", f"{PLACE}/aggregate?{query}", headers=lawful(token) | headers)


def test_counts_and_measures_are_of_the_rows_of_the_grant(gateway: Standing, token: str):
    reply = ask(gateway, token, "by=region&measures=count,sum:income,min:born,max:income")
    seen = [number for number in range(240) if number % 3 != 2]
    assert reply.json["groups"] == [
        {
            "by": {"region": region}, "count": 80,
            "sum": {"income": f"{sum(Decimal(row(number)['income']) for number in mine):.0f}"},
            "min": {"born": "1990-01-01"}, "max": {"income": f"{max(mine)}.5"},
        }
        for region in ("330106", "330203") if (mine := [number for number in seen if row(number)["region"] == region])
    ]  # fmt: skip
    assert (reply.json["suppressed"], reply.json["smallest_group"]) == (0, 10)
    assert ask(gateway, token).json["groups"] == [{"by": {}, "count": 160}]
    record = gateway.node.evidence()[-2]
    expected = {"channel": "call", "rows": 2, "items": ["region", "born", "income"], "status": 200, "calls": 1}
    assert expected.items() <= record.items()


def test_a_filter_picks_and_truth_values_are_told_as_such(gateway: Standing, token: str):
    reply = ask(gateway, token, "by=alive&region=330203")
    assert reply.json["groups"] == [{"by": {"alive": False}, "count": 40}, {"by": {"alive": True}, "count": 40}]
    assert ask(gateway, token, "region=320102").json["groups"] == []


def test_small_groups_are_not_told_nor_one_more_beside_them(node: Node):
    with started(node, a_grant(items=OPEN, smallest_group=3)) as gateway:
        token = gateway.token(node.civil)
        days = ask(gateway, token, "by=born").json
        sizes: dict[str, int] = {}
        for number in range(240):
            if number % 3 != 2:
                sizes[row(number)["born"]] = sizes.get(row(number)["born"], 0) + 1
        assert {one["by"]["born"]: one["count"] for one in days["groups"]} == sizes
        gateway.offer(a_grant(items=OPEN, smallest_group=6))
        some = ask(gateway, token, "by=born").json
        small = {day for day, rows in sizes.items() if rows < 6}
        assert small
        assert not small & {one["by"]["born"] for one in some["groups"]}
        assert len(some["groups"]) + some["suppressed"] == len(sizes)
        assert ask(gateway, token, "by=name").json["groups"] == []
        assert ask(gateway, token, "by=region&name=%E5%BC%A00").json == {"groups": [], "suppressed": 1, "smallest_group": 6}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("by=id", 403, "item_not_granted"), ("by=nosuch", 403, "item_not_granted"), ("by=phone", 403, "item_not_granted"),
        ("measures=sum:phone", 403, "item_not_granted"), ("measures=max:id", 403, "item_not_granted"),
        ("measures=sum:name", 422, "malformed"), ("measures=max:alive", 422, "malformed"), ("measures=sum:born", 422, "malformed"),
        ("measures=avg:income", 422, "malformed"), ("measures=sum", 422, "malformed"), ("measures=sum:", 422, "malformed"),
        ("measures=count,count", 422, "malformed"), ("by=region,region", 422, "malformed"), ("by=region,,alive", 422, "malformed"),
        ("by=region,alive,born,name", 422, "malformed"), ("by=alive,born,name&region=330106", 422, "malformed"),
        ("born=1990-01-01", 422, "filter_not_allowed"), ("income=1", 422, "filter_not_allowed"), ("phone=1", 422, "filter_not_allowed"),
        ("id=330106199001010000", 403, "item_not_granted"), ("by=region&by=alive", 422, "malformed"), ("region=%00", 422, "malformed"),
        ("limit=3", 422, "filter_not_allowed"),
    ],
)  # fmt: skip
def test_what_is_not_open_is_neither_grouped_measured_nor_filtered_by(
    gateway: Standing, token: str, query: str, status: int, code: str
):
    reply = ask(gateway, token, query)
    assert (reply.status, reply.code) == (status, code), reply.body
    assert gateway.node.evidence()[-1]["code"] == code


def test_one_record_is_no_aggregate_even_where_the_key_is_granted(node: Node):
    with started(node, a_grant(items=[*OPEN, wire.GrantItem(field="id")])) as gateway:
        token = gateway.token(node.civil)
        assert ask(gateway, token, "id=330106199001010000").code == "filter_not_allowed"
        assert ask(gateway, token, "by=id").json["groups"] == []


def test_only_json_only_by_the_channel_and_only_in_time(node: Node, monkeypatch: pytest.MonkeyPatch):
    with started(node, a_grant(items=OPEN, channels=["verify"]), limits=Limits(aggregate_seconds=0.0)) as gateway:
        token = gateway.token(node.civil)
        assert ask(gateway, token, "by=region").code == "channel_not_granted"
        gateway.offer(a_grant(items=OPEN))
        assert ask(gateway, token, "by=region", Accept="text/csv").code == "not_acceptable"
        assert gateway.ask("POST", f"{PLACE}/aggregate", headers=lawful(token)).status == 405
        monkeypatch.setattr("datong.engine.backends.index._STEPS", 1)
        slow = ask(gateway, token, "by=region")
        assert (slow.status, slow.code) == (422, "too_broad")
        monkeypatch.undo()
        assert ask(gateway, token, "by=region").status == 200


def test_too_many_groups_are_refused(gateway: Standing, token: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("datong.engine.plans.aggregating.MOST_CELLS", 100)
    assert ask(gateway, token, "by=name").code == "too_broad"
    assert ask(gateway, token, "by=region").status == 200


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"stage": "suspended"}, "grant_suspended"),
        ({"stage": "revoked"}, "grant_revoked"),
        ({"not_after": "2026-01-02"}, "grant_expired"),
        ({"not_before": "2099-01-01"}, "grant_not_yet"),
        ({"channels": ["table"]}, "channel_not_granted"),
        ({"client_id": "police-app", "department": "11330000002482053E"}, "unknown"),
        ({"purpose": "别的用途"}, "purpose_mismatch"),
        ({"rows": [wire.RowRule(field="gone", op="eq", values=["1"])]}, "grant_unusable"),
    ],
)
@pytest.mark.parametrize("place", ["aggregate", "verify:batch", "records"])
def test_every_place_keeps_to_the_grant(node: Node, place: str, changes: dict, code: str):
    with started(node, a_grant(items=OPEN, **changes)) as gateway:
        post = place == "verify:batch"
        body = b'{"key":{"id":"1"},"claims":{"name":"x"}}' if post else b""
        reply = gateway.ask(
            "POST" if post else "GET", f"{PLACE}/{place}" + ("" if post else "?region=330106"),
            headers=lawful(gateway.token(node.civil)), body=body, kind="application/x-ndjson" if post else "",
        )  # fmt: skip
        assert reply.code == code
        assert gateway.node.evidence()[-1]["code"] == code
