# SPDX-License-Identifier: Apache-2.0
"""What an application says of itself holds at the gateway: keys that overlap, and networks it calls from."""

from __future__ import annotations

import pytest

from datong.kernel import addresses
from datong.wire.instants import text_of
from factories.gateways import FORM, PLACE, Caller, Node, form, lawful, started


def test_two_keys_overlap_and_a_token_ends_with_its_own(node: Node):
    old, new = node.civil, Caller(node.civil.client_id, node.civil.department)
    with started(node) as gateway:
        early = gateway.token(old)
        ends = gateway.clock.now + 200
        gateway.offer(clients=[new.client(former_key=old.pem, former_ends=text_of(ends))])
        by_old, by_new = gateway.token(old), gateway.token(new)
        assert [gateway.records(token).status for token in (early, by_old, by_new)] == [200, 200, 200]
        gateway.clock.now = ends
        assert [gateway.records(token).status for token in (early, by_old, by_new)] == [401, 401, 200]
        late = gateway.ask("POST", "/oauth2/token", body=form(old.assertion(ends)), kind=FORM)
        assert (late.status, late.code) == (401, "unauthenticated")


def test_an_old_key_ended_by_hand_is_out_with_the_next_policy(node: Node):
    old, new = node.civil, Caller(node.civil.client_id, node.civil.department)
    with started(node, policy=False) as gateway:
        gateway.offer(clients=[new.client(former_key=old.pem, former_ends="2099-01-01")])
        by_old, by_new = gateway.token(old), gateway.token(new)
        gateway.offer(clients=[new.client()])
        assert [gateway.records(token).code for token in (by_old,)] == ["unauthenticated"]
        assert gateway.records(by_new).status == 200


@pytest.mark.parametrize(("networks", "status"), [([], 200), (["127.0.0.0/8"], 200), (["10.0.0.0/8", "::1/128"], 403)])
def test_an_application_calls_from_its_networks_alone(node: Node, networks: list[str], status: int):
    with started(node) as gateway:
        token = gateway.token(node.civil)
        gateway.offer(clients=[node.civil.client(networks=networks), node.police.client()])
        assert gateway.records(token).status == status
        assert gateway.verify(token, {"key": {"id": "330106199001010000"}, "claims": {"name": "张0"}}).status == status
        asked = gateway.ask("POST", "/oauth2/token", body=form(node.civil.assertion(gateway.clock.now)), kind=FORM)
        assert asked.status == status
        if status == 403:
            assert (asked.code, gateway.records(token).code) == ("address_not_allowed", "address_not_allowed")
            kept = node.evidence()
            assert [one["client"] for one in kept[-4:]] == ["civil-app"] * 4
            assert {one["code"] for one in kept[-4:]} == {"address_not_allowed"}


def test_an_address_outside_is_told_alike_of_what_is_there_and_what_is_not(node: Node):
    with started(node) as gateway:
        token = gateway.token(node.civil)
        gateway.offer(clients=[node.civil.client(networks=["10.0.0.0/8"])])
        here = gateway.records(token)
        there = gateway.ask("GET", f"{PLACE[:-1]}7/records?id=1", headers=lawful(token))
        forged = gateway.records(token, X_Forwarded_For="10.1.1.1")
        said = [{**one.json, "instance": ""} for one in (here, there, forged)]
        assert said[0] == said[1] == said[2]


def test_a_proxy_of_ours_says_where_an_application_calls_from(node: Node):
    with started(node, proxies=addresses.networks(["127.0.0.1"])) as gateway:
        token = gateway.token(node.civil)
        gateway.offer(clients=[node.civil.client(networks=["10.0.0.0/8"])])
        assert gateway.records(token, X_Forwarded_For="10.1.1.1").status == 200
        assert gateway.records(token, X_Forwarded_For="10.1.1.1, 192.0.2.1").status == 403
