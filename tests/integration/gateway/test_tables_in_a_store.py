# SPDX-License-Identifier: Apache-2.0
"""Shared tables whose files lie in a real object store: sent through the gateway with every check, or read there by links."""

from __future__ import annotations

import io
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
import pyarrow.parquet as pq
import pytest

from datong.engine.backends.remote import web
from datong.engine.places import Remote
from factories import stores, tables
from factories.gateways import Node, a_resource, landed, started

BASE = "https://gateway.example"


@pytest.fixture(scope="module")
def bucket():
    with stores.a_bucket() as found:
        yield found


@pytest.fixture(scope="module")
def made(bucket, tmp_path_factory):
    """A node whose one derived table has its files in the store; the same table here; and its path."""
    folder = tmp_path_factory.mktemp("node")
    landed(folder)
    lake = folder / "lake" / "persons"
    store = Remote(bucket.lake("330000"), f"derived/{tables.TABLE}", folder / "cache")
    table = tables.derived(lake, folder, tables.shared(), store=store)
    local = tables.derived(lake, folder / "here", tables.shared())
    rows = [row for one in (folder / "here" / local).glob("*.parquet") for row in pq.read_table(one).to_pylist()]
    return Node(folder), table, rows


@pytest.fixture
def gateway(made, bucket, monkeypatch):
    monkeypatch.setattr(web, "PAUSES", (0.01,))
    node, table, _ = made
    with started(node, tables.shared(table=table), public_url=BASE, lake=bucket.lake("330000")) as standing:
        standing.table = table
        yield standing


def urls(gateway):
    given = {"authorization": f"Bearer {tables.TOKEN}"}
    reply = gateway.ask("POST", f"{tables.PLACE}/query", headers=given, body=b"{}")
    assert reply.status == 200, reply.body
    return [line["file"]["url"] for line in map(orjson.loads, reply.body.splitlines()) if "file" in line]


def get(gateway, url, method="GET", **headers):
    return gateway.ask(method, url.removeprefix(BASE), headers=headers)


def read(body):
    return pq.read_table(io.BytesIO(body)).to_pylist()


def test_files_are_sent_through_the_gateway_whole_and_in_parts(gateway, made):
    (url,) = urls(gateway)
    assert url.startswith(f"{BASE}/delta-sharing/files/")
    whole = get(gateway, url)
    assert (whole.status, read(whole.body)) == (200, made[2])
    size = len(whole.body)
    part = get(gateway, url, range="bytes=4-99")
    assert (part.status, part.body, part.headers["content-range"]) == (206, whole.body[4:100], f"bytes 4-99/{size}")
    assert get(gateway, url, range="bytes=-8").body == whole.body[-8:]
    assert get(gateway, url, range=f"bytes={size}-").status == 416
    head = get(gateway, url, method="HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(size))
    assert [one["size"] for one in gateway.node.evidence() if one.get("asked") == "file"][-5:] == [size, 96, 8, 0, 0]


def test_a_grant_that_ended_takes_its_files_with_it_wherever_they_lie(gateway):
    (url,) = urls(gateway)
    gateway.offer(tables.shared(table=gateway.table, stage="revoked"))
    assert get(gateway, url).status == 403
    gateway.offer(tables.shared(table=gateway.table))
    assert get(gateway, url).status == 200


@pytest.mark.parametrize("changed", [{"endpoint": "http://127.0.0.1:9"}, {"secret": "wrong"}, {"name": "gone"}, None])
def test_a_store_that_does_not_give_is_said_before_anything_is_sent(made, bucket, monkeypatch, changed):
    monkeypatch.setattr(web, "PAUSES", (0.01,))
    node, table, _ = made
    lake = None if changed is None else bucket.lake("330000", **changed)
    with started(node, tables.shared(table=table), public_url=BASE, lake=lake) as gateway:
        (url,) = urls(gateway)
        reply = get(gateway, url)
    assert reply.status == 503
    assert stores.SECRET.encode() not in reply.body
    assert gateway.node.evidence()[-1]["code"] == "store_away"


def test_what_is_shared_unconditionally_is_read_in_the_store_by_links_that_end(made, bucket):
    node, table, rows = made
    lake = bucket.lake("330000", links=bucket.endpoint)
    with started(node, tables.shared(table=table), public_url=BASE, lake=lake) as gateway:
        gateway.offer(tables.shared(table=table), resources=[a_resource(unconditional=True)])
        (url,) = urls(gateway)
        assert url.startswith(f"{bucket.endpoint}/{stores.BUCKET}/330000/derived/")
        assert int(parse_qs(urlsplit(url).query)["X-Amz-Expires"][0]) <= 3600
        with httpx.Client(trust_env=False) as anybody:
            assert read(anybody.get(url).content) == rows
            assert anybody.get(url, headers={"range": "bytes=0-3"}).content == b"PAR1"
            assert anybody.get(url.replace("X-Amz-Expires=", "X-Amz-Expires=9")).status_code == 403
            assert anybody.get(url.partition("?")[0]).status_code == 403
        networks = [tables.a_recipient(networks=["10.0.0.0/8"])]
        for grant, resource in (
            (tables.shared(table=table), a_resource()),
            (tables.shared(table=table, recipients=networks), a_resource(unconditional=True)),
        ):
            gateway.offer(grant, resources=[resource])
            given = {"authorization": f"Bearer {tables.TOKEN}"}
            reply = gateway.ask("POST", f"{tables.PLACE}/query", headers=given, body=b"{}")
            assert reply.status == 403 or BASE.encode() in reply.body
            assert bucket.endpoint.encode() not in reply.body
