# SPDX-License-Identifier: Apache-2.0
"""Figures of the gateways: true to the calls made, over a restart and of several, and for the allow-list alone."""

from __future__ import annotations

import pytest

from datong.gateway import metrics
from datong.kernel.addresses import networks
from factories.gateways import POLICE, Caller, Node, a_grant, started


def figures(gateway) -> list[str]:
    gateway.app._tally.write(gateway.app._tally.taken())
    reply = gateway.ask("GET", "/metrics")
    assert (reply.status, reply.headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    return reply.body.decode().splitlines()


def test_calls_refusals_rows_and_tokens_are_told(gateway):
    token = gateway.token(gateway.node.civil)
    given = gateway.records(token)
    gateway.records(token, **{"Datong-Purpose": "another"})
    gateway.ask("GET", "/v1/resources/3330001001/99/records?id=1")
    told = figures(gateway)
    assert 'datong_calls_total{gateway="0",channel="call",code="ok"} 1' in told
    assert 'datong_calls_total{gateway="0",channel="call",code="purpose_mismatch"} 1' in told
    assert 'datong_calls_total{gateway="0",channel="call",code="unauthenticated"} 1' in told
    assert 'datong_calls_total{gateway="0",channel="token",code="ok"} 1' in told
    assert 'datong_rows_total{gateway="0",channel="call"} 1' in told
    assert f'datong_bytes_total{{gateway="0",channel="call"}} {len(given.body)}' in told
    assert 'datong_call_seconds_count{gateway="0",channel="call"} 3' in told
    assert 'datong_call_seconds_bucket{gateway="0",channel="call",le="+Inf"} 3' in told


def test_no_label_names_who_or_what(gateway):
    gateway.records(gateway.token(gateway.node.civil))
    told = "\n".join(figures(gateway))
    for name in ("civil-app", "11330000002482109N", "3330001001", "SQ-1", "AJ-1"):
        assert name not in told


def test_counters_go_on_after_a_restart_and_each_gateway_tells_of_all(node: Node):
    for _ in range(2):
        with started(node) as gateway:
            gateway.records(gateway.token(node.civil))
    with started(node, log_name="gateway-1") as other:
        other.records(other.token(node.civil))
        told = figures(other)
    assert 'datong_calls_total{gateway="0",channel="call",code="ok"} 2' in told
    assert 'datong_calls_total{gateway="1",channel="call",code="ok"} 1' in told


def test_other_desks_are_counted_too(gateway):
    gateway.ask("GET", "/delta-sharing/shares")
    gateway.ask("GET", "/v1/deliveries/a/b/c/d/e/f")
    told = figures(gateway)
    assert 'datong_calls_total{gateway="0",channel="table",code="unauthenticated"} 1' in told
    assert 'datong_calls_total{gateway="0",channel="file",code="unauthenticated"} 1' in told


def test_a_gateway_on_a_stale_policy_is_told_as_such(node: Node):
    with started(node) as gateway:
        gateway.app._board.sign(7, gateway.clock.now - 1, evidence=True)
        told = figures(gateway)
    assert 'datong_gateway_ready{gateway="0"} 0' in told
    assert 'datong_gateway_policy_version{gateway="0"} 7' in told
    assert 'datong_gateway_lease_seconds{gateway="0"} 0' in told


@pytest.mark.parametrize(
    ("peer", "said", "lists", "may"),
    [
        ("127.0.0.1", None, {}, True),
        ("::1", None, {}, True),
        ("10.0.0.7", None, {}, False),
        ("10.0.0.7", None, {"metrics": networks(("10.0.0.7",))}, True),
        ("127.0.0.1", None, {"metrics": ()}, False),
        ("127.0.0.1", b"127.0.0.1", {}, False),
        ("10.0.0.5", b"127.0.0.1, 10.0.0.7", {"proxies": networks(("10.0.0.5",)), "metrics": networks(("10.0.0.7",))}, True),
        ("10.0.0.5", b"10.0.0.7, 10.0.0.8", {"proxies": networks(("10.0.0.5",)), "metrics": networks(("10.0.0.7",))}, False),
        ("10.0.0.5", b"nonsense", {"proxies": networks(("10.0.0.5",))}, False),
    ],
)
def test_they_are_for_the_list_alone(node: Node, peer, said, lists, may):
    headers = [(b"x-forwarded-for", said)] if said else []
    assert metrics.may_read({"client": (peer, 1), "headers": headers}, node.config(**lists)) is may


def test_to_others_it_is_an_unknown_place(node: Node):
    with started(node, metrics=()) as gateway:
        refused, nowhere = gateway.ask("GET", "/metrics"), gateway.ask("GET", "/nowhere")
    assert (refused.status, refused.code) == (nowhere.status, nowhere.code) == (404, "unknown")
    assert {name: value for name, value in refused.json.items() if name != "instance"} == {
        name: value for name, value in nowhere.json.items() if name != "instance"
    }


def test_a_department_without_a_grant_makes_no_row_of_the_resource(node: Node):
    stranger = Caller("stranger", POLICE)
    with started(node, a_grant()) as gateway:
        gateway.offer(a_grant(), clients=[node.civil.client(), stranger.client()])
        assert gateway.records(gateway.token(stranger)).status == 404
        rows = gateway.app._tally.taken()
    assert {(resource, client) for _, resource, client, *_ in rows} == {("", "stranger")}
