# SPDX-License-Identifier: Apache-2.0
"""The Delta Sharing protocol point by point, against a gateway in process: the list every server is measured by.

One table with four versions: landed, added to, changed (a row leaves the granted region), deleted from. Three recipients:
one may look back, one may not, one's grant began after the second version.
"""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import orjson
import pyarrow.parquet as pq
import pytest

from datong.engine.backends.manifests import derived
from factories import tables
from factories.gateways import Node, landed, started

BASE = "https://gateway.example"
LATER, FULL = "dtds_" + "l" * 43, "dtds_" + "f" * 43
FULL_SHARE, LATER_SHARE = "SQ-2", "SQ-3"
NO_HISTORY = (
    "Reading table by version or timestamp is not supported because history sharing is not enabled on table: "
    f"{FULL_SHARE}.data.{tables.TABLE}"
)
DELTA = {"delta-sharing-capabilities": "responseformat=delta;readerfeatures=deletionvectors,columnmapping"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A node with the four versions of the table; their folders, oldest first."""
    folder = tmp_path_factory.mktemp("protocol")
    landed(folder)
    lake = folder / "lake" / "persons"
    tables.grown(lake)
    node = Node(folder)
    return node, [tables.derived(lake, folder, tables.shared(), version=version, history=True) for version in range(4)]


@pytest.fixture(scope="module")
def times(made):
    """When the versions were committed, in milliseconds."""
    return [derived(made[0].folder / path).timestamp for path in made[1]]


@pytest.fixture(scope="module")
def gateway(made, times):
    node, paths = made
    grants = [
        tables.shared(table=paths[3], delivery_mode="incremental"),
        tables.shared(FULL_SHARE, FULL, table=paths[3], delivery_mode="full"),
        tables.shared(LATER_SHARE, LATER, table=paths[3], delivery_mode="incremental", not_before=text_of(times[1] + 1)),
    ]
    with started(node, *grants, public_url=BASE) as standing:
        standing.offer(*grants, lease=100_000)
        yield standing


@pytest.fixture
def clock(gateway):
    """The gateway's clock, put back afterwards."""
    now = gateway.clock.now
    yield gateway.clock
    gateway.clock.now = now


def text_of(milliseconds):
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def place(share=tables.SHARE, table=tables.TABLE):
    return f"{tables.ROOT}/shares/{share}/schemas/data/tables/{table}"


def ask(gateway, method, target, *, token=tables.TOKEN, body=b"", headers=None):
    given = {"authorization": f"Bearer {token}"} if token else {}
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return gateway.ask(method, target, headers=given | (headers or {}), body=raw)


def query(gateway, body=b"{}", **more):
    return ask(gateway, "POST", f"{place()}/query", body=body, **more)


def changes(gateway, said, **more):
    return ask(gateway, "GET", f"{place()}/changes?{said}", **more)


def lines(reply):
    assert reply.status == 200, reply.body
    return [orjson.loads(line) for line in reply.body.splitlines()]


def files(reply, *acts):
    """The files of an answer in parquet format, with what became of them."""
    return [
        (act, said)
        for line in lines(reply)[2:]
        for act, said in line.items()
        if act in (acts or ("file", "add", "cdf", "remove"))
    ]


def rows(gateway, url):
    file = ask(gateway, "GET", url.removeprefix(BASE), token="")
    return pq.read_table(io.BytesIO(file.body)).to_pylist()


def content(gateway, reply):
    return Counter(tuple(row.items()) for _, said in files(reply, "file") for row in rows(gateway, said["url"]))


def end(reply):
    return lines(reply)[-1]["endStreamAction"]


def refused(reply, code, words):
    said = reply.json
    assert (reply.status, said["errorCode"]) == ((404 if code == "RESOURCE_DOES_NOT_EXIST" else 400), code), said
    assert words in said["message"]


# ── formats, names of files, end of the stream ───────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("header", "spoken"),
    [("", "parquet"), ("responseformat=parquet", "parquet"), ("responseformat=delta,parquet;readerfeatures=columnmapping", "parquet"),
     ("ResponseFormat=Delta", "delta")],
)  # fmt: skip
def test_the_format_is_that_asked_for(gateway, header, spoken):
    given = {"delta-sharing-capabilities": header} if header else {}
    for reply in (
        ask(gateway, "GET", f"{place()}/metadata", headers=given), query(gateway, headers=given),
        changes(gateway, "startingVersion=1", headers=given),
    ):  # fmt: skip
        protocol, metadata = lines(reply)[:2]
        assert reply.headers["delta-sharing-capabilities"] == f"responseformat={spoken}"
        assert ("deltaProtocol" in protocol["protocol"], "deltaMetadata" in metadata["metaData"]) == (spoken == "delta",) * 2


def test_files_in_the_delta_format_are_the_same_files(gateway):
    paths = {
        line["file"]["deltaSingleAction"]["add"]["path"].partition("?")[0] for line in lines(query(gateway, headers=DELTA))[2:]
    }
    assert paths == {said["url"].partition("?")[0] for _, said in files(query(gateway))}
    acts = [
        next(iter(line["file"]["deltaSingleAction"])) for line in lines(changes(gateway, "startingVersion=0", headers=DELTA))[2:]
    ]
    assert acts == ["add", "cdc", "cdc", "cdc"]


@pytest.mark.parametrize(("said", "length"), [(None, 32), ("parquet", 32), ("Delta", 64), ("delta ", 64)])
def test_files_are_named_as_asked(gateway, said, length):
    given = {} if said is None else {"fileidhash": said}
    replies = [query(gateway, headers=given) for _ in range(2)]
    names = [[one["id"] for _, one in files(reply)] for reply in replies]
    assert names[0] == names[1]
    assert {len(name) for name in names[0]} == {length}
    assert replies[0].headers.get("fileidhash") == (said.strip().lower() if said else None)


@pytest.mark.parametrize("said", [" ", "sha1"])
def test_other_ways_to_name_files_are_refused(gateway, said):
    for reply in (
        query(gateway, headers={"fileidhash": said}),
        changes(gateway, "startingVersion=0", headers={"fileidhash": said}),
    ):
        refused(reply, "INVALID_PARAMETER_VALUE", "Unsupported fileidhash")


def test_the_end_of_the_stream_comes_to_those_who_ask(gateway):
    asks = {"delta-sharing-capabilities": "includeendstreamaction=true;asyncquery=true"}
    for reply in (query(gateway, headers=asks), changes(gateway, "startingVersion=0", headers=asks)):
        assert reply.headers["delta-sharing-capabilities"] == "responseformat=parquet;includeendstreamaction=true"
        assert end(reply)["minUrlExpirationTimestamp"] > gateway.clock.now * 1_000
    for reply in (query(gateway), changes(gateway, "startingVersion=0")):
        assert "endStreamAction" not in lines(reply)[-1]
    assert "refreshToken" in end(query(gateway, {"includeRefreshToken": True}))


# ── earlier versions ────────────────────────────────────────────────────────────────────────────


def test_every_version_can_be_read_again(gateway, made, times):
    counts = []
    for version, at in enumerate(times):
        by_number = query(gateway, {"version": version})
        by_time = query(gateway, {"timestamp": text_of(at)})
        assert content(gateway, by_number) == content(gateway, by_time)
        assert {by_number.headers["delta-table-version"], by_time.headers["delta-table-version"]} == {str(version)}
        assert {(said["version"], said["timestamp"]) for _, said in files(by_number)} == {(version, at)}
        assert lines(by_number)[1]["metaData"]["version"] == version
        counts.append(content(gateway, by_number).total())
    assert counts == [160, 180, 179, 177]
    assert "version" not in files(query(gateway))[0][1]


def test_metadata_of_earlier_versions(gateway, times):
    for said in ("version=1", f"timestamp={quote(text_of(times[1]))}"):
        reply = ask(gateway, "GET", f"{place()}/metadata?{said}")
        assert (reply.headers["delta-table-version"], lines(reply)[1]["metaData"]["numFiles"]) == ("1", 2)


def test_the_first_version_at_or_after_an_instant(gateway, times):
    for at, version in [(0, 0), (times[0], 0), (times[0] + 1, 1), (times[3], 3)]:
        target = f"version?startingTimestamp={quote(text_of(at))}"
        assert ask(gateway, "GET", f"{place()}/{target}").headers["delta-table-version"] == str(version)
        assert ask(gateway, "HEAD", f"{place()}?{target[8:]}").headers["delta-table-version"] == str(version)


def test_a_grant_sees_nothing_of_before_it_began(gateway):
    there = place(LATER_SHARE)
    for target, body in (("query", {"version": 0}), ("query", {"startingVersion": 0})):
        reply = ask(gateway, "POST", f"{there}/{target}", token=LATER, body=body)
        refused(reply, "INVALID_PARAMETER_VALUE", "You can only query table data since version 1.")
    reply = ask(gateway, "GET", f"{there}/changes?startingVersion=0", token=LATER)
    refused(reply, "INVALID_PARAMETER_VALUE", "You can only query table changes since version 1.")
    first = ask(gateway, "GET", f"{there}/changes?startingVersion=1&endingVersion=1", token=LATER)
    whole = ask(gateway, "POST", f"{there}/query", token=LATER, body={"version": 1})
    assert [said["url"].partition("?")[0] for _, said in files(first, "add")] == [
        said["url"].partition("?")[0] for _, said in files(whole)
    ]


# ── changes ─────────────────────────────────────────────────────────────────────────────────────


def test_changes_lead_from_each_version_to_the_next(gateway):
    for version in range(1, 4):
        reply = changes(gateway, f"startingVersion={version}&endingVersion={version}")
        told = content(gateway, query(gateway, {"version": version - 1}))
        for _, said in files(reply, "cdf"):
            assert said["version"] == version
            for row in rows(gateway, said["url"]):
                kind = row.pop("_change_type")
                told[tuple(row.items())] += 1 if kind in ("insert", "update_postimage") else -1
        assert +told == content(gateway, query(gateway, {"version": version}))
        assert reply.headers["delta-table-version"] == str(version)


def test_a_row_that_leaves_the_grant_is_deleted_and_what_is_hidden_stays_so(gateway):
    ((_, said),) = files(changes(gateway, "startingVersion=2&endingVersion=2"), "cdf")
    told = rows(gateway, said["url"])
    assert sorted(row["_change_type"] for row in told) == ["delete", "update_postimage", "update_preimage"]
    assert {name for row in told for name in row} == {"_change_type", "name", "phone", "region", "alive"}
    assert all(row["phone"][3:7] == "****" and row["region"].startswith("33") for row in told)


def test_the_first_version_is_all_insertions(gateway):
    reply = changes(gateway, "startingVersion=0&endingVersion=0&includeHistoricalMetadata=True")
    assert [act for act, _ in files(reply)] == ["add"]
    assert lines(reply)[1]["metaData"]["version"] == 0


def test_changes_by_instants(gateway, times):
    since, until = (quote(text_of(at)) for at in (times[1], times[2]))
    reply = changes(gateway, f"startingTimestamp={since}&endingTimestamp={until}")
    assert [said["version"] for _, said in files(reply)] == [1, 2]
    assert files(changes(gateway, "startingVersion=2&endingVersion=900"))[-1][1]["version"] == 3


def test_changes_are_evidence(gateway):
    changes(gateway, "startingVersion=3&endingVersion=3")
    kept = gateway.node.evidence()[-1]
    assert (kept["asked"], kept["kind"], kept["rows"], kept["grant"]) == ("changes", "call", 2, tables.SHARE)


def test_files_added_and_removed_since_a_version(gateway):
    before, after = ({said["id"] for _, said in files(query(gateway, {"version": version}))} for version in (1, 3))
    reply = query(gateway, {"startingVersion": 2})
    there = set(before)
    for act, said in files(reply):
        (there.add if act == "add" else there.remove)(said["id"])
    assert there == after
    assert reply.headers["delta-table-version"] == "2"
    assert [act for act, _ in files(query(gateway, {"startingVersion": 0, "endingVersion": 0}))] == ["add"]


# ── pages and refreshes ─────────────────────────────────────────────────────────────────────────


def pages(gateway, more):
    """All pages of a query, one file each."""
    found, token = [], None
    while token is not None or not found:
        found.append(query(gateway, more | {"maxFiles": 1} | ({"pageToken": token} if token else {})))
        token = end(found[-1]).get("nextPageToken")
    return found


@pytest.mark.parametrize("more", [{}, {"version": 1}, {"predicateHints": ["region = '330106'"]}, {"startingVersion": 0}])
def test_pages_of_a_query(gateway, more):
    whole = query(gateway, more)
    found = pages(gateway, more)
    assert len(found) == len(files(whole)) >= 2
    assert {tuple(reply.body.splitlines()[:2]) for reply in found} == {tuple(whole.body.splitlines()[:2])}
    assert [said["id"] for reply in found for _, said in files(reply)] == [said["id"] for _, said in files(whole)]


def test_pages_of_changes(gateway):
    first = changes(gateway, "startingVersion=0&maxFiles=3")
    second = changes(gateway, f"startingVersion=0&maxFiles=1&pageToken={end(first)['nextPageToken']}")
    assert [said["version"] for reply in (first, second) for _, said in files(reply)] == [0, 1, 2, 3]
    assert "nextPageToken" not in end(second)


def test_a_page_goes_on_with_the_version_it_was_begun_with(gateway, made):
    token = end(query(gateway, {"maxFiles": 1, "version": 1}))["nextPageToken"]
    reply = query(gateway, {"maxFiles": 1, "version": 1, "pageToken": token})
    assert reply.headers["delta-table-version"] == "1"


def test_page_tokens_of_others_and_of_other_questions(gateway, clock):
    token = end(query(gateway, {"maxFiles": 1}))["nextPageToken"]
    mismatch = "Query parameter mismatch detected for the next page query"
    refused(query(gateway, {"maxFiles": 1, "limitHint": 500, "pageToken": token}), "INVALID_PARAMETER_VALUE", mismatch)
    refused(changes(gateway, f"startingVersion=0&pageToken={token}"), "INVALID_PARAMETER_VALUE", mismatch)
    other = ask(gateway, "POST", f"{place(FULL_SHARE)}/query", token=FULL, body={"maxFiles": 1, "pageToken": token})
    refused(other, "INVALID_PARAMETER_VALUE", "Error decoding the page token")
    refused(query(gateway, {"pageToken": "x"}), "INVALID_PARAMETER_VALUE", "Error decoding the page token")
    clock.now += 3_601
    refused(query(gateway, {"maxFiles": 1, "pageToken": token}), "INVALID_PARAMETER_VALUE", "The page token has expired.")


def test_a_refresh_gives_the_same_files_anew(gateway, clock):
    first = query(gateway, {"includeRefreshToken": True})
    token = end(first)["refreshToken"]
    clock.now += 3_000
    again = query(gateway, {"refreshToken": token, "includeRefreshToken": True, "limitHint": 9_999})
    assert [said["id"] for _, said in files(again)] == [said["id"] for _, said in files(first)]
    assert files(again)[0][1]["expirationTimestamp"] > files(first)[0][1]["expirationTimestamp"]
    other = ask(gateway, "POST", f"{place(FULL_SHARE)}/query", token=FULL, body={"refreshToken": token})
    refused(other, "INVALID_PARAMETER_VALUE", "Error decoding refresh token")
    clock.now += 601
    refused(query(gateway, {"refreshToken": token}), "INVALID_PARAMETER_VALUE", "The refresh token has expired.")


def test_a_limit_is_as_many_files_as_hold_it(gateway):
    assert len(files(query(gateway, {"limitHint": 1}))) == 1
    assert len(files(query(gateway, {"limitHint": 10_000}))) == 2


# ── refusals ────────────────────────────────────────────────────────────────────────────────────

QUERIES = [
    (b"{", "MALFORMED_REQUEST", "not JSON"),
    ({"maxFiles": "x"}, "MALFORMED_REQUEST", "maxFiles"),
    ({"maxFiles": 2**31}, "MALFORMED_REQUEST", "maxFiles"),
    ({"maxFiles": 0}, "INVALID_PARAMETER_VALUE", "maxFiles must be positive."),
    ({"version": -1}, "INVALID_PARAMETER_VALUE", "version cannot be negative."),
    ({"version": 9}, "INVALID_PARAMETER_VALUE", "Cannot time travel Delta table to version 9. Available versions: [0, 3]."),
    (
        {"version": 0, "timestamp": "x"},
        "INVALID_PARAMETER_VALUE",
        "Please only provide one of: version,timestamp,startingVersion",
    ),
    ({"timestamp": "x"}, "INVALID_PARAMETER_VALUE", "Invalid timestamp"),
    ({"timestamp": "2000-01-01T00:00:00Z"}, "INVALID_PARAMETER_VALUE", "is before the earliest version available"),
    ({"timestamp": "9999-01-01T00:00:00Z"}, "INVALID_PARAMETER_VALUE", "is after the latest version available"),
    (
        {"startingVersion": 9},
        "INVALID_PARAMETER_VALUE",
        "Start version cannot be greater than the latest version of the table(3).",
    ),
    (
        {"startingVersion": 0, "endingVersion": 9},
        "INVALID_PARAMETER_VALUE",
        "End version cannot be greater than the latest version",
    ),
    (
        {"startingVersion": 3, "endingVersion": 2},
        "INVALID_PARAMETER_VALUE",
        "startingVersion(3) must be smaller than or equal to",
    ),
]


@pytest.mark.parametrize(("body", "code", "words"), QUERIES)
def test_queries_refused(gateway, body, code, words):
    refused(query(gateway, body), code, words)


CHANGES = [
    ("", "No startingVersion or startingTimestamp provided for CDF read."),
    ("startingVersion=0&startingTimestamp=2026-01-01T00:00:00Z", "Multiple starting arguments provided for CDF read."),
    (
        "startingVersion=0&endingVersion=1&endingTimestamp=2026-01-01T00:00:00Z",
        "Multiple ending arguments provided for CDF read.",
    ),
    ("startingVersion=9", "Provided Start version(9) for reading change data is invalid."),
    ("startingVersion=2&endingVersion=1", "CDF range from start 2 to end 1 was invalid. End cannot be before start."),
    ("startingVersion=x", "startingVersion is not a valid number."),
    ("startingVersion=0&maxFiles=0", "maxFiles must be positive."),
    ("startingVersion=0&maxFiles=x", "expected a number but the string didn't have the appropriate format"),
    ("startingTimestamp=2022-04-29", "Invalid startingTimestamp"),
    ("startingTimestamp=9999-01-01T00%3A00%3A00Z", "is after the latest version available"),
    ("startingVersion=0&pageToken=x", "Error decoding the page token"),
]


@pytest.mark.parametrize(("said", "words"), CHANGES)
def test_changes_refused(gateway, said, words):
    refused(changes(gateway, said), "INVALID_PARAMETER_VALUE", words)


@pytest.mark.parametrize(
    ("target", "words"),
    [("metadata?version=-1", "version cannot be negative."), ("metadata?version=0&timestamp=x", "Please only provide one of: version,timestamp"),
     ("version?startingTimestamp=abc", "Invalid startingTimestamp"),
     ("version?startingTimestamp=9999-01-01T00:00:00Z", "is after the latest version available"),
     ("metadata?version=9", "Cannot time travel Delta table to version 9.")],
)  # fmt: skip
def test_versions_refused(gateway, target, words):
    refused(ask(gateway, "GET", f"{place()}/{target}"), "INVALID_PARAMETER_VALUE", words)


def test_who_has_no_such_right_is_told_so(gateway):
    there = place(FULL_SHARE)
    for body in ({"version": 3}, {"timestamp": "2026-01-01T00:00:00Z"}, {"startingVersion": 3}):
        refused(ask(gateway, "POST", f"{there}/query", token=FULL, body=body), "INVALID_PARAMETER_VALUE", NO_HISTORY)
    for target in ("metadata?version=3", "version?startingTimestamp=abc"):
        refused(ask(gateway, "GET", f"{there}/{target}", token=FULL), "INVALID_PARAMETER_VALUE", NO_HISTORY)
    reply = ask(gateway, "GET", f"{there}/changes?startingVersion=3", token=FULL)
    refused(reply, "INVALID_PARAMETER_VALUE", f"cdf is not enabled on table {FULL_SHARE}.data.{tables.TABLE}")
    assert lines(ask(gateway, "GET", f"{there}/metadata", token=FULL))[1]["metaData"]["configuration"] == {}


def test_what_is_not_given_is_said_and_what_is_unknown_stays_so(gateway):
    for body in (b"", b"{", {"location": "s3://x"}):
        reply = ask(gateway, "POST", f"{place()}/temporary-table-credentials", body=body)
        refused(reply, "UNSUPPORTED_OPERATION", "Temporary table credentials are not supported")
    strange = [
        ask(gateway, method, target)
        for method, target in (
            ("POST", f"{place('SQ-9')}/temporary-table-credentials"), ("POST", f"{place()}/queries/1"), ("GET", f"{place('SQ-9')}/changes"),
            ("GET", f"{place(table='x')}/changes?startingVersion=0"), ("GET", place()),
        )
    ]  # fmt: skip
    assert {(reply.status, reply.body) for reply in strange} == {(404, strange[0].body)}
    assert ask(gateway, "POST", f"{place()}/changes?startingVersion=0").status == 405


def test_names_are_known_whatever_their_case(gateway):
    there = place().replace("SQ-1", "sq-1").replace("/data/", "/DATA/")
    assert ask(gateway, "POST", f"{there}/query").status == 200


def test_files_that_were_lost_are_told_in_words(gateway, made):
    node, paths = made
    folder = node.folder / paths[2]
    known = {one.path for one in derived(node.folder / paths[3]).files}
    lost = folder / next(one.path for one in derived(folder).files if one.path not in known)
    kept = lost.read_bytes()
    lost.unlink()
    try:
        reply = query(gateway, {"version": 2})
        assert (reply.status, reply.json["errorCode"]) == (400, "RESOURCE_DOES_NOT_EXIST")
        assert "table files missing" in reply.json["message"]
        assert query(gateway, {"version": 3}).status == 200
    finally:
        lost.write_bytes(kept)


def test_ids_are_hashes_of_what_stays(gateway, made):
    names = {
        hashlib.md5(one.id.encode(), usedforsecurity=False).hexdigest() for one in derived(made[0].folder / made[1][3]).files
    }
    assert {said["id"] for _, said in files(query(gateway))} == names
