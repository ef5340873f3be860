# SPDX-License-Identifier: Apache-2.0
"""Delta Sharing as bytes: tokens of pages are laws, everything else is the words the released clients read."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.kernel.errors import Conflict, Malformed, Unauthenticated, Unavailable, Unknown
from datong.wire.delta_sharing import asking, capabilities, errors, lines, paging, profile, resuming

SECRET = b"s" * 32
NAMES = st.text(max_size=20)


@given(NAMES, NAMES, st.integers(0, 2**63))
def test_a_page_token_reads_back_for_whom_it_was_made(recipient, listing, start):
    token = paging.token(SECRET, recipient, listing, start)
    assert paging.start(SECRET, recipient, listing, token) == start
    assert token.replace("-", "").replace("_", "").isalnum()


@given(NAMES, NAMES, NAMES, NAMES, st.integers(0, 1000))
def test_a_page_token_of_another_recipient_or_list_is_none(one, another, listing, other, start):
    token = paging.token(SECRET, one, listing, start)
    if (one, listing) != (another, other):
        with pytest.raises(Malformed, match="nextPageToken"):
            paging.start(SECRET, another, other, token)
    with pytest.raises(Malformed, match="nextPageToken"):
        paging.start(b"t" * 32, one, listing, token)


@given(st.text(min_size=1))
def test_a_page_token_nobody_made_is_none(text):
    with pytest.raises(Malformed, match="nextPageToken"):
        paging.start(SECRET, "r", "shares", text)


@given(st.integers(0, 50), st.integers(1, 7))
def test_pages_follow_each_other_without_gap_or_repeat(count, most):
    items, seen, token = [{"name": str(number)} for number in range(count)], [], None
    while True:
        begin = paging.start(SECRET, "r", "shares", token)
        said = paging.page(items, begin, most, paging.token(SECRET, "r", "shares", begin + most))
        seen += said["items"]
        token = said.get("nextPageToken")
        if token is None:
            break
    assert seen == items


def test_an_empty_page_may_say_there_is_more():
    assert paging.page([{"name": "a"}], 0, 0, "more") == {"items": [], "nextPageToken": "more"}
    assert paging.page([], 0, 0, "more") == {"items": []}


@pytest.mark.parametrize(("text", "number"), [(None, 500), ("0", 0), ("1", 1), ("500", 500)])
def test_how_many(text, number):
    assert paging.max_results(text) == number


@pytest.mark.parametrize("text", ["501", "-1", "99999999999999999999"])
def test_how_many_out_of_range_says_the_range(text):
    with pytest.raises(Malformed, match="Acceptable values of 'maxResults' are 0 to 500"):
        paging.max_results(text)


@pytest.mark.parametrize("text", ["", "a", "1.5", "１", "--"])
def test_how_many_not_a_number(text):
    with pytest.raises(Malformed, match="not a number"):
        paging.max_results(text)


def test_a_profile_is_version_one_and_its_endpoint_ends_without_a_slash():
    said = profile.profile("https://节点/delta-sharing/", "dtds_x", "2026-12-31T16:00:00Z")
    assert said == {
        "shareCredentialsVersion": 1,
        "endpoint": "https://节点/delta-sharing",
        "bearerToken": "dtds_x",
        "expirationTime": "2026-12-31T16:00:00Z",
    }


def test_tokens_differ_are_long_and_only_their_hash_is_needed():
    made = {profile.new_token() for _ in range(50)}
    assert len(made) == 50
    assert all(one.startswith("dtds_") and len(one) == 48 for one in made)
    assert profile.token_hash("dtds_x") == hashlib.sha256(b"dtds_x").hexdigest()
    assert profile.token_hash("\udc80")


PARQUET, DELTA = capabilities.Capabilities(), capabilities.Capabilities("delta")
TABLE = lines.SharedTable("t1", "{}", 7, 1)
FILE = lines.SharedFile("file", "https://x/f?s=1", "f1", 7, 99)


def written(table, files, wanted):
    said = lines.encode([*lines.metadata(table, wanted), *lines.listed(files, wanted)])
    assert said.endswith(b"\n")
    return [orjson.loads(one) for one in said.splitlines()]


def test_lines_say_the_table_and_nothing_of_where_or_what_was_left_out():
    protocol, metadata, file = written(TABLE, [FILE], PARQUET)
    assert protocol == {"protocol": {"minReaderVersion": 1}}
    assert metadata["metaData"] == {
        "id": "t1", "format": {"provider": "parquet"}, "schemaString": "{}", "partitionColumns": [], "configuration": {},
        "size": 7, "numFiles": 1,
    }  # fmt: skip
    name = hashlib.md5(b"f1", usedforsecurity=False).hexdigest()
    wanted = {"url": "https://x/f?s=1", "id": name, "partitionValues": {}, "size": 7, "expirationTimestamp": 99}
    assert file == {"file": wanted}


def test_lines_in_the_delta_format_are_actions_of_a_log():
    table = replace(TABLE, changes=True, version=3, protocol=3)
    acts = [replace(FILE, act=act, version=3, at=5) for act in ("add", "remove", "cdf")]
    protocol, metadata, *files = written(table, [FILE, *acts], DELTA)
    assert protocol == {"protocol": {"deltaProtocol": {"minReaderVersion": 1, "minWriterVersion": 4}, "version": 3}}
    assert metadata["metaData"]["deltaMetadata"]["configuration"] == {"delta.enableChangeDataFeed": "true"}
    assert metadata["metaData"]["deltaMetadata"]["format"] == {"provider": "parquet", "options": {}}
    assert (metadata["metaData"]["version"], metadata["metaData"]["size"]) == (3, 7)
    assert [next(iter(one["file"]["deltaSingleAction"])) for one in files] == ["add", "add", "remove", "cdc"]
    assert {one["file"]["id"] for one in files} == {hashlib.sha256(b"f1").hexdigest()}
    path = {"path": "https://x/f?s=1", "partitionValues": {}, "size": 7}
    assert files[3]["file"]["deltaSingleAction"]["cdc"] == path | {"dataChange": False}
    assert "version" not in files[0]["file"] and files[1]["file"]["version"] == 3


def test_the_end_of_a_stream_says_what_there_is_to_say():
    assert lines.ending(page=None, refresh=None, expires=None) == {"endStreamAction": {}}
    told = lines.ending(page="p", refresh="r", expires=9)["endStreamAction"]
    assert told == {"nextPageToken": "p", "refreshToken": "r", "minUrlExpirationTimestamp": 9}


@pytest.mark.parametrize(
    ("header", "spoken"),
    [("", "parquet"), ("responseformat=parquet", "parquet"), ("asyncquery=true", "parquet"), (";;=", "parquet"),
     ("ResponseFormat=delta,Parquet;readerfeatures=deletionvectors", "parquet"), ("responseformat=", "parquet"),
     ("RESPONSEFORMAT = Delta ; readerfeatures=timestampntz", "delta")],
)  # fmt: skip
def test_formats(header, spoken):
    found = capabilities.capabilities(header)
    assert (found.format, found.ended) == (spoken, False)
    assert found.headers() == {capabilities.HEADER: f"responseformat={spoken}"}


def test_formats_nobody_speaks_are_refused_in_words():
    with pytest.raises(Malformed, match="responseformat=iceberg"):
        capabilities.capabilities("responseformat=iceberg")


def test_the_end_of_the_stream_is_told_to_those_who_ask():
    found = capabilities.capabilities("responseformat=delta;includeEndStreamAction=TRUE")
    assert found.headers()[capabilities.HEADER] == "responseformat=delta;includeendstreamaction=true"
    assert not capabilities.capabilities("includeendstreamaction=yes").ended


@pytest.mark.parametrize("said", ["parquet", "DELTA ", "delta"])
def test_ids_of_files_are_made_as_asked_whatever_the_format(said):
    for header in ("responseformat=parquet", "responseformat=delta"):
        found = capabilities.capabilities(header, said)
        assert len(found.name("f1")) == (64 if "delta" in said.lower() else 32)
        assert found.headers()[capabilities.HASH_HEADER] == said.strip().lower()


@pytest.mark.parametrize("said", ["", " ", "sha1"])
def test_other_ways_to_name_files_are_refused(said):
    with pytest.raises(Malformed, match=f"Unsupported fileidhash: '{said}'. Supported: parquet, delta"):
        capabilities.capabilities("", said)


@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"{}", b'{"predicateHints":["a = 1"],"jsonPredicateHints":"{}","unknown":1,"version":null}',
     b'{"idempotencyKey":"a","idempotency_key":"b","requested_columns":["a"],"jsonPredicateHints":"nonsense"}',
     b'{"pageToken":"","refreshToken":""}'],
)  # fmt: skip
def test_queries_for_everything(body):
    found = asking.query(body)
    assert (found.historical, found.limit, found.paging.most, found.refreshable) == (False, None, None, False)
    assert (found.paging.token, found.refresh) == (None, None)


def test_a_query_says_what_it_wants():
    assert asking.query(b'{"limitHint":5,"version":"3"}').moment == asking.Moment(version=3)
    assert asking.query(b'{"timestamp":"2026-01-01T00:00:00+08:00"}').moment == asking.Moment(at=1_767_196_800_000)
    found = asking.query(b'{"startingVersion":1,"endingVersion":2,"maxFiles":7,"pageToken":"t","includeHistoricalProtocol":true}')
    assert (found.since, found.until, found.paging.most, found.paging.token, found.protocol) == (1, 2, 7, "t", True)


def test_what_is_of_the_page_alone_is_no_other_question():
    one, same, other = (
        asking.query(body).paging.checksum
        for body in (b'{"limitHint":5,"maxFiles":1}', b'{"maxFiles":9,"pageToken":"x","limitHint":5}', b'{"limitHint":6}')
    )
    assert one == same != other


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"1", b'"a"', b'{"limitHint":"5x"}', b'{"limitHint":true}', b'{"limitHint":4294967296}', b"\xff", b"[" * 5000,
     b'{"predicateHints":"a"}', b'{"jsonPredicateHints":[]}', b'{"maxFiles":1.5}', b'{"maxFiles":2147483648}', b'{"version":"a"}',
     b'{"includeRefreshToken":"true"}'],
)  # fmt: skip
def test_queries_that_do_not_read(body):
    with pytest.raises(errors.BadRequest):
        asking.query(body)


MISTAKES = [
    ({"version": 1, "timestamp": "x"}, "Please only provide one of: version,timestamp,startingVersion"),
    ({"version": 1, "startingVersion": 1}, "Please only provide one of: version,timestamp,startingVersion"),
    ({"version": -1}, "table version cannot be negative."),
    ({"startingVersion": -1}, "startingVersion cannot be negative."),
    ({"limitHint": -1}, "limitHint cannot be negative."),
    ({"maxFiles": 0}, "maxFiles must be positive."),
    ({"timestamp": "2026-01-01"}, "Invalid timestamp"),
    ({"version": 1, "includeRefreshToken": True}, "includeRefreshToken cannot be used when querying a specific version."),
    ({"version": 1, "refreshToken": "t"}, "refreshToken cannot be used when querying a specific version."),
    ({"pageToken": "p", "includeRefreshToken": True}, "includeRefreshToken must be used in the first page request."),
    ({"pageToken": "p", "refreshToken": "t"}, "refreshToken must be used in the first page request."),
    ({"startingVersion": 3, "endingVersion": 2}, "startingVersion(3) must be smaller than or equal to endingVersion(2)."),
]


@pytest.mark.parametrize(("said", "words"), MISTAKES)
def test_queries_that_contradict_themselves(said, words):
    with pytest.raises(Malformed) as caught:
        asking.query(orjson.dumps(said))
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("said", "words"),
    [({}, "No startingVersion or startingTimestamp provided for CDF read."),
     ({"endingVersion": "1"}, "No startingVersion or startingTimestamp provided for CDF read."),
     ({"startingVersion": "1", "startingTimestamp": "x"}, "of either startingTimestamp or startingVersion."),
     ({"startingVersion": "1", "endingVersion": "1", "endingTimestamp": "x"}, "Multiple ending arguments provided for CDF read."),
     ({"startingVersion": "x"}, "startingVersion is not a valid number."), ({"startingVersion": "0", "maxFiles": "0"}, "maxFiles"),
     ({"startingVersion": "0", "maxFiles": "x"}, "expected a number but the string"),
     ({"startingVersion": "0", "maxFiles": "2147483648"}, "expected a number but the string"),
     ({"startingTimestamp": "2022-04-29"}, "Invalid startingTimestamp"), ({"startingTimestamp": "abc"}, "Invalid startingTimestamp"),
     ({"startingTimestamp": "2022-04-29T00:00:00"}, "Invalid startingTimestamp")],
)  # fmt: skip
def test_changes_that_contradict_themselves(said, words):
    with pytest.raises(Malformed) as caught:
        asking.changes(said)
    assert words in caught.value.message


def test_changes_say_from_and_until_when():
    found = asking.changes({"startingVersion": "1", "endingTimestamp": "1970-01-01T00:00:01Z", "includeHistoricalProtocol": "True"})
    assert (found.since.version, found.until.at, found.protocol) == (1, 1_000, True)


@pytest.mark.parametrize(
    ("said", "words"),
    [({"version": "1", "timestamp": "x"}, "Please only provide one of: version,timestamp"),
     ({"version": "-1"}, "version cannot be negative."), ({"version": "x"}, "expected a number but"),
     ({"timestamp": "x"}, "Invalid timestamp")],
)  # fmt: skip
def test_moments_that_contradict_themselves(said, words):
    with pytest.raises(Malformed) as caught:
        asking.moment(said)
    assert words in caught.value.message


def sealer(recipient="r", table="t", checksum="c", secret=SECRET):
    return resuming.Sealer(secret, recipient, table, checksum)


@given(NAMES, NAMES, NAMES, st.integers(0, 2**40), st.integers(0, 2**40))
def test_a_token_goes_on_where_it_was_made(recipient, table, checksum, version, index):
    mine, place = sealer(recipient, table, checksum), resuming.Place(version, index)
    token = mine.seal("page", place, 100.0)
    assert mine.read("page", token, 99.0) == place
    assert token.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    ("other", "kind", "now", "words"),
    [(sealer(recipient="s"), "page", 0, "Error decoding the page token"), (sealer(secret=b"x"), "page", 0, "Error decoding"),
     (sealer(), "refresh", 0, "Error decoding refresh token"), (sealer(), "page", 100, "The page token has expired. Please restart"),
     (sealer(table="u"), "page", 0, "The table specified in the page token does not match the table being queried."),
     (sealer(checksum="d"), "page", 0, "Query parameter mismatch detected for the next page query.")],
)  # fmt: skip
def test_a_token_of_another_is_none(other, kind, now, words):
    token = sealer().seal("page", resuming.Place(1, 2), 100)
    with pytest.raises(Malformed) as caught:
        other.read(kind, token, now)
    assert words in caught.value.message


@given(st.text())
def test_a_token_of_a_page_nobody_made_is_none(text):
    with pytest.raises(Malformed, match="Error decoding the page token"):
        sealer().read("page", text, 0)


def test_a_loose_token_goes_with_any_question():
    token = sealer(checksum="a").loose.seal("refresh", resuming.Place(4), 100)
    assert sealer(checksum="b").loose.read("refresh", token, 99) == resuming.Place(4)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Malformed("x"), 400, "INVALID_PARAMETER_VALUE"),
        (Conflict("x"), 400, "INVALID_PARAMETER_VALUE"),
        (Unauthenticated("x"), 401, "UNAUTHENTICATED"),
        (Unknown("x"), 404, "RESOURCE_DOES_NOT_EXIST"),
        (Unavailable("x"), 503, "TEMPORARILY_UNAVAILABLE"),
        (errors.BadRequest("x"), 400, "MALFORMED_REQUEST"),
        (errors.NotSupported("x"), 400, "UNSUPPORTED_OPERATION"),
        (errors.FilesMissing("x"), 400, "RESOURCE_DOES_NOT_EXIST"),
    ],
)
def test_errors(error, status, code):
    assert errors.status(error) == status
    assert errors.body(error) == {"errorCode": code, "message": "x"}


def test_an_error_says_its_remedy():
    assert errors.body(Unknown("x", remedy="do y"))["message"] == "x; do y"
