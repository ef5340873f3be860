# SPDX-License-Identifier: Apache-2.0
"""Shared tables by the gateway: who reads what, how addresses of files end, and that all of it is evidence."""

from __future__ import annotations

import io

import orjson
import pyarrow.parquet as pq
import pytest

from datong.wire.delta_sharing.profile import token_hash
from factories import tables
from factories.gateways import CODE, Node, landed, started

BASE = "https://gateway.example"
OTHER = "dtds_" + "o" * 43


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lake")
    landed(folder)
    return folder / "lake" / "persons"


@pytest.fixture
def made(lake, tmp_path):
    """A node with a derived table, and its path."""
    node = Node(tmp_path)
    return node, tables.derived(lake, tmp_path, tables.shared())


@pytest.fixture
def gateway(made):
    node, table = made
    with started(node, tables.shared(table=table), public_url=f"{BASE}/") as standing:
        yield standing


def ask(gateway, method, target, token=tables.TOKEN, body=b"", **headers):
    given = {"authorization": f"Bearer {token}"} if token else {}
    return gateway.ask(
        method, target, headers=given | {name.replace("_", "-"): value for name, value in headers.items()}, body=body
    )


def query(gateway, body=b"{}", **headers):
    return ask(gateway, "POST", f"{tables.PLACE}/query", body=body, **headers)


def urls(reply):
    return [line["file"]["url"].removeprefix(BASE) for line in map(orjson.loads, reply.body.splitlines()) if "file" in line]


def test_listings(gateway):
    share = {"name": tables.SHARE}
    table = {"name": tables.TABLE, "schema": "data", "share": tables.SHARE}
    for place, items in (
        ("/shares", [share]),
        (f"/shares/{tables.SHARE}/schemas", [{"name": "data", "share": tables.SHARE}]),
        (f"/shares/{tables.SHARE}/schemas/DATA/tables", [table]),
        (f"/shares/{tables.SHARE.lower()}/all-tables", [table]),
    ):
        reply = ask(gateway, "GET", tables.ROOT + place)
        assert (reply.status, reply.json) == (200, {"items": items}), place
    assert ask(gateway, "GET", f"{tables.ROOT}/shares/{tables.SHARE}").json == {"share": share}


def test_pages(gateway):
    first = ask(gateway, "GET", f"{tables.ROOT}/shares?maxResults=0").json
    assert first["items"] == []
    following = f"{tables.ROOT}/shares?maxResults=1&pageToken={first['nextPageToken']}"
    assert ask(gateway, "GET", following).json == {"items": [{"name": tables.SHARE}]}
    other = f"{tables.ROOT}/shares/{tables.SHARE}/schemas?pageToken={first['nextPageToken']}"
    for bad in (other, f"{tables.ROOT}/shares?maxResults=501", f"{tables.ROOT}/shares?maxResults=x"):
        assert ask(gateway, "GET", bad).json["errorCode"] == "INVALID_PARAMETER_VALUE"


@pytest.mark.parametrize("token", ["", OTHER, "dtds_", token_hash(tables.TOKEN), "\xff"])
def test_nobody_is_let_in_without_his_token(gateway, token):
    for method, place in (
        ("GET", f"{tables.ROOT}/shares"),
        ("GET", f"{tables.PLACE}/metadata"),
        ("POST", f"{tables.PLACE}/query"),
    ):
        reply = ask(gateway, method, place, token=token)
        assert reply.status in (400, 401)
        assert tables.SHARE not in reply.body.decode()


def test_what_is_unknown_and_what_is_anothers_are_alike(gateway, made):
    gateway.offer(tables.shared(table=made[1]), tables.shared("SQ-2", OTHER))
    places = [place.replace(tables.SHARE, share) for share in ("SQ-2", "SQ-3") for place in (
        f"{tables.ROOT}/shares/{tables.SHARE}", f"{tables.ROOT}/shares/{tables.SHARE}/all-tables", f"{tables.PLACE}/metadata",
        f"{tables.PLACE}/version",
    )]  # fmt: skip
    strange = [f"{tables.ROOT}/", f"{tables.ROOT}/x", f"{tables.PLACE}x/metadata", f"{tables.PLACE}/x", f"{tables.PLACE}/a/b"]
    replies = [ask(gateway, "GET", place) for place in [*places, *strange]]
    replies += [ask(gateway, "POST", f"{tables.PLACE.replace(tables.SHARE, share)}/query") for share in ("SQ-2", "SQ-3")]
    assert {(reply.status, reply.body) for reply in replies} == {(404, replies[0].body)}


def test_version_and_metadata(gateway):
    for method, place in (("GET", f"{tables.PLACE}/version"), ("HEAD", tables.PLACE)):
        reply = ask(gateway, method, place)
        assert (reply.status, reply.headers["delta-table-version"], reply.body) == (200, "0", b"")
    reply = ask(gateway, "GET", f"{tables.PLACE}/metadata", delta_sharing_capabilities="responseformat=delta,parquet")
    protocol, metadata = map(orjson.loads, reply.body.splitlines())
    assert reply.headers["delta-sharing-capabilities"] == "responseformat=parquet"
    assert reply.headers["content-type"] == "application/x-ndjson; charset=utf-8"
    fields = orjson.loads(metadata["metaData"]["schemaString"])["fields"]
    assert [field["name"] for field in fields] == ["name", "phone", "region", "alive"]
    assert protocol == {"protocol": {"minReaderVersion": 1}}


@pytest.mark.parametrize(
    ("place", "headers"),
    [("metadata?version=0", {}), ("version?startingTimestamp=2026-01-01T00:00:00Z", {}), ("changes?startingVersion=0", {}),
     ("metadata", {"delta_sharing_capabilities": "responseformat=iceberg"}), ("metadata", {"fileidhash": " "})],
)  # fmt: skip
def test_what_is_not_given_is_refused_in_words(gateway, place, headers):
    reply = ask(gateway, "GET", f"{tables.PLACE}/{place}", **headers)
    assert (reply.status, reply.json["errorCode"]) == (400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"version":1}', b'{"limitHint":"x"}', b"\x00" * 70_000])
def test_queries_that_do_not_read(gateway, body):
    assert query(gateway, body).status == 400


def test_a_query_gives_files_that_hold_what_was_granted(gateway):
    reply = query(gateway)
    (url,) = urls(reply)
    file = ask(gateway, "GET", url, token="")
    rows = pq.read_table(io.BytesIO(file.body)).to_pylist()
    assert {row["region"] for row in rows} == {"330106", "330203"}
    assert all(row["phone"][3:7] == "****" for row in rows)
    assert urls(query(gateway, b'{"limitHint":0}')) == []
    assert urls(query(gateway, b'{"predicateHints":["region = 1"]}')) == urls(reply)


def test_ranges_and_heads(gateway):
    (url,) = urls(query(gateway))
    whole = ask(gateway, "GET", url, token="").body
    head = ask(gateway, "HEAD", url, token="")
    assert (head.status, head.headers["content-length"], head.body) == (200, str(len(whole)), b"")
    for header, part in (
        ("bytes=0-3", whole[:4]),
        ("bytes=4-", whole[4:]),
        ("bytes=-8", whole[-8:]),
        ("bytes=2-999999", whole[2:]),
    ):
        reply = ask(gateway, "GET", url, token="", range=header)
        assert (reply.status, reply.body) == (206, part), header
    assert ask(gateway, "GET", url, token="", range="bytes=0-3").headers["content-range"] == f"bytes 0-3/{len(whole)}"
    for header in ("bytes=-", "x", "bytes=0-1,3-4"):
        assert ask(gateway, "GET", url, token="", range=header).status == 200
    for header in (f"bytes={len(whole)}-", "bytes=-0", "bytes=5-2"):
        reply = ask(gateway, "GET", url, token="", range=header)
        assert (reply.status, reply.headers["content-range"]) == (416, f"bytes */{len(whole)}")


def test_an_address_is_good_for_its_file_and_its_hour_alone(gateway):
    (url,) = urls(query(gateway))
    ends = url.partition("ends=")[2].partition("&")[0]
    for broken in (url[:-1] + "0" * (url[-1] != "0") + "1" * (url[-1] == "0"), url.replace(ends, str(int(ends) + 1)),
                   url.partition("?")[0], url.replace("ends=", "ends=x"), url.replace("/files/", "/files/0")):  # fmt: skip
        assert ask(gateway, "GET", broken, token="").status == 401, broken
    assert ask(gateway, "POST", url, token="").status == 405
    gateway.clock.now += 3_599
    gateway.offer(tables.shared(table=gateway.app.holder._held.recipients[token_hash(tables.TOKEN)].standing.grant.table))
    assert ask(gateway, "GET", url, token="").status == 200
    gateway.clock.now += 2
    assert ask(gateway, "GET", url, token="").status == 401


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"stage": "revoked"}, 403), ({"stage": "suspended"}, 403), ({"recipients": []}, 401), ({"channels": ["call"]}, 403),
     ({"not_after": "2026-01-02"}, 403), ({"require_case": True}, 403)],
)  # fmt: skip
def test_what_ends_takes_its_addresses_with_it(gateway, made, changes, status):
    (url,) = urls(query(gateway))
    gateway.offer(tables.shared(table=made[1], **changes))
    assert ask(gateway, "GET", url, token="").status == status
    assert query(gateway).status == status
    assert ask(gateway, "GET", f"{tables.ROOT}/shares").status == status


def test_another_policy_of_the_grant_ends_the_addresses_of_the_one_before(gateway, lake, made):
    (url,) = urls(query(gateway))
    narrower = tables.derived(lake, made[0].folder, tables.shared(items=tables.shared().items[:1]))
    gateway.offer(tables.shared(table=narrower))
    assert ask(gateway, "GET", url, token="").status == 404


@pytest.mark.parametrize("table", ["", "derived/x/9-" + "0" * 32])
def test_a_table_not_made_yet_is_said_so(gateway, table):
    gateway.offer(tables.shared(table=table))
    reply = query(gateway)
    assert (reply.status, reply.json["errorCode"]) == (503, "TEMPORARILY_UNAVAILABLE")
    assert "正在生成" in reply.json["message"]


def test_a_quota_counts_queries_and_not_the_reads_of_their_files(gateway, made):
    gateway.offer(tables.shared(table=made[1], quota_per_day=2))
    (url,) = urls(query(gateway))
    assert {ask(gateway, "GET", url, token="").status for _ in range(5)} == {200}
    assert [query(gateway).status for _ in range(2)] == [200, 429]


def test_everything_is_evidence(gateway):
    (url,) = urls(query(gateway))
    ask(gateway, "GET", f"{tables.ROOT}/shares")
    part = ask(gateway, "GET", url, token="", range="bytes=0-9")
    ask(gateway, "GET", f"{tables.ROOT}/shares", token=OTHER)
    assert "datong-receipt" in part.headers
    kept = {(one["asked"], one["status"]): one for one in gateway.node.evidence()}
    assert kept["query", 200]["rows"] == 160
    assert (kept["query", 200]["kind"], kept["query", 200]["resource"]) == ("call", CODE)
    assert (kept["shares", 200]["kind"], kept["file", 206]["size"]) == ("table", 10)
    assert {kept[key]["grant"] for key in [("query", 200), ("shares", 200), ("file", 206)]} == {tables.SHARE}
    assert kept["", 401]["code"] == "unauthenticated"
    assert tables.TOKEN not in str(kept)


def test_without_evidence_there_is_no_answer(gateway):
    gateway.app._evidence.close()
    assert query(gateway).status == 503


def test_a_gateway_that_does_not_know_its_address_gives_none(made):
    with started(made[0], tables.shared(table=made[1])) as gateway:
        assert query(gateway).status == 503


def test_without_a_fresh_policy_nothing_is_read(gateway):
    (url,) = urls(query(gateway))
    gateway.clock.now += 700
    assert ask(gateway, "GET", url, token="").status == 503
