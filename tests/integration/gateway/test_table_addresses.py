# SPDX-License-Identifier: Apache-2.0
"""Recipients read from their networks alone, at every request; what a stranger's header says of an address counts nothing."""

from __future__ import annotations

import orjson
import pytest

from datong.kernel.addresses import networks
from datong.wire.delta_sharing.profile import mark, token_hash
from datong.wire.instants import text_of
from factories import tables
from factories.gateways import Node, landed, started

BASE = "https://gateway.example"
PEER = "127.0.0.1"
"""Where the factory's callers stand."""


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lake")
    landed(folder)
    return folder / "lake" / "persons"


@pytest.fixture
def made(lake, tmp_path):
    """A node with a derived table, and its path."""
    return Node(tmp_path), tables.derived(lake, tmp_path, tables.shared())


def ask(gateway, method, target, forwarded="", body=b"", *, signed=True):
    headers = {"authorization": f"Bearer {tables.TOKEN}" if signed else "", "x-forwarded-for": forwarded}
    return gateway.ask(method, target, headers=headers, body=body)


def everything(gateway, url, forwarded=""):
    """Statuses of a listing, a query and the read of a file."""
    return [
        ask(gateway, "GET", f"{tables.ROOT}/shares", forwarded).status,
        ask(gateway, "POST", f"{tables.PLACE}/query", forwarded, b"{}").status,
        ask(gateway, "GET", url, forwarded, signed=False).status,
    ]


def a_url(gateway):
    reply = ask(gateway, "POST", f"{tables.PLACE}/query", body=b"{}")
    return next(line["file"]["url"] for line in map(orjson.loads, reply.body.splitlines()) if "file" in line).removeprefix(BASE)


def offer(gateway, table, **changes):
    gateway.offer(tables.shared(table=table, recipients=[tables.a_recipient(**changes)]))


@pytest.mark.parametrize(
    ("allowed", "status"),
    [([], 200), ([f"{PEER}/32"], 200), (["10.0.0.0/8", "127.0.0.0/8"], 200), (["10.0.0.0/8"], 403), (["::1/128"], 403)],
)
def test_listings_queries_and_files_come_from_the_networks_alone(made, allowed, status):
    node, table = made
    with started(node, tables.shared(table=table), public_url=BASE) as gateway:
        url = a_url(gateway)
        offer(gateway, table, networks=allowed)
        assert everything(gateway, url) == [status] * 3
        assert everything(gateway, url, "10.1.1.1") == [status] * 3, "nobody here is believed"
        kept = [one for one in gateway.node.evidence() if one["status"] == status]
        assert {one["recipient"] for one in kept} == {mark(token_hash(tables.TOKEN))}
        assert status == 200 or {one["code"] for one in kept} == {"address_not_allowed"}


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [("10.1.1.1", 200), ("192.0.2.1, 10.1.1.1", 200), ("10.1.1.1, 192.0.2.1", 403), ("10.1.1.1, 127.0.0.9", 200), ("x", 403),
     ("10.1.1.1, x", 403), ("", 403), ("::ffff:10.1.1.1", 200), (", ,", 403)],
)  # fmt: skip
def test_a_proxy_of_ours_is_believed_as_far_as_it_goes(made, forwarded, status):
    node, table = made
    proxies = networks(["127.0.0.0/8"])
    with started(node, tables.shared(table=table), public_url=BASE, proxies=proxies) as gateway:
        url = a_url(gateway)
        offer(gateway, table, networks=["10.0.0.0/8"])
        assert everything(gateway, url, forwarded) == [status] * 3


def test_one_that_ends_ends_in_the_gateway_by_itself(made):
    node, table = made
    with started(node, tables.shared(table=table), public_url=BASE) as gateway:
        offer(gateway, table, ends=text_of(gateway.clock.now + 60))
        url = a_url(gateway)
        gateway.clock.now += 59
        assert everything(gateway, url) == [200] * 3
        gateway.clock.now += 1
        assert everything(gateway, url) == [401] * 3


def test_a_proxy_of_ours_sends_the_file_once_all_is_checked_and_kept(made):
    node, table = made
    for proxies, left in ((networks(["127.0.0.0/8"]), True), (networks(["10.0.0.0/8"]), False)):
        with started(node, tables.shared(table=table), public_url=BASE, proxies=proxies, accel="/inside") as gateway:
            url = a_url(gateway)
            reply = gateway.ask("GET", url)
            assert (reply.status, "datong-receipt" in reply.headers) == (200, True)
            assert reply.headers.get("x-accel-redirect", "").startswith(f"/inside/{table}/part-") is left
            assert (reply.body == b"") is left
            assert gateway.ask("GET", url.replace("Signature=", "Signature=0")).status == 401
            assert gateway.node.evidence()[-2]["size"] > 0
