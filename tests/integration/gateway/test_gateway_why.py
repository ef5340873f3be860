# SPDX-License-Identifier: Apache-2.0
"""A caller asks why: what is told is what a call would meet, and no more than the caller may know."""

from __future__ import annotations

import pytest

from factories.gateways import PLACE, Node, Reply, Standing, a_grant, a_resource, lawful, started

WHY = f"{PLACE}/why"
QUESTION = {"key": {"id": "330106199001010000"}, "claims": {"name": "张0"}}


def why(gateway: Standing, token: str, **headers: str) -> Reply:
    return gateway.ask("GET", WHY, headers=lawful(token) | headers)


def verdict(reply: Reply, channel: str) -> dict:
    return next(one for one in reply.json["channels"] if one["channel"] == channel)


def test_it_names_the_grant_that_would_answer_and_what_it_gives(gateway: Standing):
    reply = why(gateway, gateway.token(gateway.node.civil))
    assert reply.status == 200
    told = verdict(reply, "call")
    assert (told["may"], told["grant"], told["code"]) == (True, "SQ-1", "ok")
    assert verdict(reply, "file")["code"] == "channel_not_granted"
    (grant,) = reply.json["grants"]
    assert grant["number"] == "SQ-1"
    assert {"field": "phone", "mask": "partial:3:4"} in grant["items"]
    record = gateway.node.evidence()[-1]
    assert (record["kind"], record["channel"], record["resource"], record["rows"]) == ("why", "why", "3330001001/1", 0)


@pytest.mark.parametrize(
    ("changes", "headers"),
    [
        ({}, {}),
        ({}, {"Datong-Purpose": ""}),
        ({}, {"Datong-Purpose": "another"}),
        ({}, {"Datong-Case": ""}),
        ({"stage": "suspended"}, {}),
        ({"stage": "revoked"}, {}),
        ({"stage": "expired"}, {}),
        ({"not_before": "2099-01-01"}, {}),
        ({"not_after": "2026-01-02"}, {}),
        ({"channels": ["call"]}, {}),
        ({"channels": ["verify"]}, {}),
    ],
)
def test_it_says_what_a_call_would_meet(node: Node, changes, headers):
    with started(node, a_grant(**changes)) as gateway:
        token = gateway.token(node.civil)
        told = why(gateway, token, **headers)
        given = gateway.records(token, **headers)
        checked = gateway.verify(token, QUESTION, **headers)
    for channel, reply in (("call", given), ("verify", checked)):
        said = verdict(told, channel)
        assert said["may"] is (reply.status == 200)
        assert said["code"] == ("ok" if reply.status == 200 else reply.code)
        assert said["why"]


def test_of_several_grants_it_says_that_one_has_to_be_named(node: Node):
    with started(node, a_grant("SQ-1"), a_grant("SQ-2", stage="suspended"), a_grant("SQ-3")) as gateway:
        token = gateway.token(node.civil)
        assert verdict(why(gateway, token), "call")["code"] == "grant_ambiguous"
        assert verdict(why(gateway, token, **{"Datong-Grant": "SQ-3"}), "call")["grant"] == "SQ-3"
        named = why(gateway, token, **{"Datong-Grant": "SQ-2"})
        assert [one["number"] for one in named.json["grants"]] == ["SQ-2"]
        assert verdict(named, "call")["code"] == "grant_suspended"
        assert why(gateway, token, **{"Datong-Grant": "SQ-9"}).code == "unknown"


def test_rows_that_are_not_there_are_told(node: Node):
    with started(node) as gateway:
        gateway.offer(a_grant(), resources=[a_resource(index="")])
        assert verdict(why(gateway, gateway.token(node.civil)), "call")["code"] == "not_landed"


def test_who_holds_no_grant_learns_as_little_as_from_a_call(gateway: Standing):
    token = gateway.token(gateway.node.police)
    refused, elsewhere = why(gateway, token), gateway.ask("GET", "/v1/resources/3330001001/77/why", headers=lawful(token))
    assert (refused.status, refused.json["title"]) == (elsewhere.status, elsewhere.json["title"]) == (404, refused.json["title"])
    assert gateway.ask("GET", WHY).status == 401


def test_it_counts_against_no_quota_and_knows_its_methods(node: Node):
    with started(node, a_grant(quota_per_day=1)) as gateway:
        token = gateway.token(node.civil)
        assert [why(gateway, token).status for _ in range(3)] == [200] * 3
        assert gateway.records(token).status == 200
        assert gateway.ask("POST", WHY, headers=lawful(token)).status == 405
        assert gateway.ask("OPTIONS", WHY, headers=lawful(token)).headers["allow"] == "GET, HEAD, OPTIONS"
