# SPDX-License-Identifier: Apache-2.0
"""Delta Sharing as bytes: tokens of pages are laws, everything else is the words the released clients read."""

from __future__ import annotations

import hashlib

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.kernel.errors import Conflict, Malformed, Unauthenticated, Unavailable, Unknown
from datong.wire.delta_sharing import asking, errors, lines, paging, profile

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


def test_lines_say_the_table_and_nothing_of_where_or_what_was_left_out():
    said = lines.encode(
        [*lines.metadata("t1", "{}", size=7, files=1), *lines.listed([lines.SharedFile("https://x/f?s=1", "f1", 7, 99)])]
    )
    protocol, metadata, file = (orjson.loads(one) for one in said.splitlines())
    assert said.endswith(b"\n")
    assert protocol == {"protocol": {"minReaderVersion": 1}}
    assert metadata["metaData"] == {
        "id": "t1", "format": {"provider": "parquet"}, "schemaString": "{}", "partitionColumns": [], "configuration": {},
        "size": 7, "numFiles": 1,
    }  # fmt: skip
    wanted = {"url": "https://x/f?s=1", "id": "f1", "partitionValues": {}, "size": 7, "expirationTimestamp": 99}
    assert file == {"file": wanted}


@pytest.mark.parametrize(
    "header",
    ["", "responseformat=parquet", "ResponseFormat=delta,Parquet;readerfeatures=deletionvectors", "asyncquery=true", ";;="],
)
def test_formats_among_which_parquet_is(header):
    assert asking.response_format(header) == "parquet"


def test_delta_alone_is_refused_in_words():
    with pytest.raises(Malformed, match="responseformat=parquet"):
        asking.response_format("responseformat=delta;readerfeatures=deletionvectors")


@pytest.mark.parametrize("body", [b"", b" ", b"{}", b'{"predicateHints":["a = 1"],"jsonPredicateHints":"{}","unknown":1}'])
def test_queries_for_everything(body):
    assert asking.query(body, "s.d.t") == asking.Query(None)


def test_a_query_with_a_limit():
    assert asking.query(b'{"limitHint":5,"version":null}', "s.d.t") == asking.Query(5)


@pytest.mark.parametrize("name", ["version", "timestamp", "startingVersion", "endingVersion"])
def test_history_is_refused_by_the_name_of_the_table(name):
    with pytest.raises(Malformed, match=r"history sharing is not enabled on table: s\.d\.t"):
        asking.query(orjson.dumps({name: 0}), "s.d.t")


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"1", b'"a"', b'{"limitHint":"5"}', b'{"limitHint":true}', b'{"limitHint":-1}', b'{"limitHint":4294967296}',
     b'{"predicateHints":"a"}', b'{"jsonPredicateHints":[]}', b"\xff", b"[" * 5000],
)  # fmt: skip
def test_queries_that_do_not_read(body):
    with pytest.raises(Malformed):
        asking.query(body, "s.d.t")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Malformed("x"), 400, "INVALID_PARAMETER_VALUE"),
        (Conflict("x"), 400, "INVALID_PARAMETER_VALUE"),
        (Unauthenticated("x"), 401, "UNAUTHENTICATED"),
        (Unknown("x"), 404, "RESOURCE_DOES_NOT_EXIST"),
        (Unavailable("x"), 503, "TEMPORARILY_UNAVAILABLE"),
    ],
)
def test_errors(error, status, code):
    assert errors.status(error) == status
    assert errors.body(error) == {"errorCode": code, "message": "x"}


def test_an_error_says_its_remedy():
    assert errors.body(Unknown("x", remedy="do y"))["message"] == "x; do y"
