# SPDX-License-Identifier: Apache-2.0
"""The forms of an answer: JSON, CSV and Arrow, compressed or not, changed or not; the receipt holds for all of them."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import time

import pyarrow as pa
import pytest

from datong.gateway import formats
from datong.gateway.lookups import GLANCE
from datong.gateway.packing import SMALLEST
from datong.kernel import canonical
from datong.kernel.sharing import ItemType
from datong.ledger import receipts
from datong.wire import policy as wire
from factories.gateways import PLACE, Node, Reply, Standing, a_grant, lawful, started

ARROW = "application/vnd.apache.arrow.stream"
QUERY = "region=330106&limit=40"


def records(gateway: Standing, token: str, query: str = QUERY, **headers: str) -> Reply:
    return gateway.records(token, query, **headers)


def test_every_form_shows_the_same_values(gateway: Standing, token: str):
    shown = records(gateway, token).json
    table = records(gateway, token, Accept="text/csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    lines = list(csv.reader(io.StringIO(table.body.decode(), newline="")))
    assert lines[0] == ["name", "phone", "region", "alive"]
    assert lines[1:] == [[one["name"], one["phone"], one["region"], str(one["alive"]).lower()] for one in shown["records"]]
    stream = records(gateway, token, Accept=ARROW)
    read = pa.ipc.open_stream(stream.body).read_all()
    assert (stream.headers["content-type"], read.to_pylist()) == (ARROW, shown["records"])
    assert read.schema.field("alive").type == pa.bool_()
    assert read.schema.field("name").metadata == {b"name": "姓名".encode()}
    assert all((table.headers["datong-next"], stream.headers["datong-next"], shown["next"]))


def test_pages_follow_one_another_in_a_table_too(gateway: Standing, token: str):
    seen, after = 0, ""
    while True:
        reply = records(gateway, token, f"region=330106&items=name&limit=30{after}", Accept="text/csv")
        seen += len(reply.body.splitlines()) - 1
        if "datong-next" not in reply.headers:
            break
        after = f"&after={reply.headers['datong-next']}"
    assert seen == 80


def test_types_of_arrow_and_masks_as_text(node: Node):
    items = [wire.GrantItem(field="born"), wire.GrantItem(field="income"), wire.GrantItem(field="alive", mask="redact")]
    with started(node, a_grant(items=items)) as gateway:
        token = gateway.token(node.civil)
        read = pa.ipc.open_stream(records(gateway, token, "id=330106199001010000", Accept=ARROW).body).read_all()
        assert [one.type for one in read.schema] == [pa.date32(), pa.string(), pa.string()]
        none = records(gateway, token, "id=1", Accept=ARROW)
        assert pa.ipc.open_stream(none.body).read_all().to_pydict() == {"born": [], "income": [], "alive": []}
        assert records(gateway, token, "id=1&items=alive,born", Accept="text/csv").body == b'"born","alive"\r\n'


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "application/json"), ("*/*", "application/json"), ("text/html, */*;q=0.1", "application/json"),
        ("text/csv;q=0.5, application/json;q=0.4", "text/csv"), ("text/*", "text/csv"), ("APPLICATION/JSON", "application/json"),
        ("application/*;q=0.2, text/csv;q=0.1", "application/json"), (f"{ARROW}, */*;q=0.9", ARROW),
        ("application/json;q=0, */*", "text/csv"),
    ],
)  # fmt: skip
def test_accept_says_which_form(gateway: Standing, token: str, accept: str, kind: str):
    assert records(gateway, token, Accept=accept).headers["content-type"].partition(";")[0] == kind


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "*/*;q=0", "text/csv;q=2", "nonsense", ",", ";q=1"])
def test_a_form_that_is_not_given_is_refused_and_recorded(gateway: Standing, token: str, accept: str):
    reply = records(gateway, token, Accept=accept)
    assert (reply.status, reply.code) == (406, "not_acceptable")
    assert gateway.node.evidence()[-1]["code"] == "not_acceptable"


@pytest.mark.parametrize("name", ["Accept", "If-None-Match", "Accept-Encoding"])
def test_a_header_too_long_is_refused(gateway: Standing, token: str, name: str):
    reply = gateway.ask("GET", f"{PLACE}/records?{QUERY}", headers=lawful(token) | {name: "x" * 1_001})
    assert (reply.status, reply.code) == (422, "malformed")


def test_no_cell_of_csv_starts_a_formula():
    rows = [{"a": text, "n": "-1.5"} for text in ("=1+1", "@x", "'=1", "－1", 'a"b', "a,b\r\nc", None)]
    lines = list(csv.reader(io.StringIO(formats.csv({"a": ItemType.C, "n": ItemType.N}, rows).decode(), newline="")))
    assert [line[0] for line in lines] == ["a", "'=1+1", "'@x", "''=1", "'－1", 'a"b', "a,b\r\nc", ""]
    assert {line[1] for line in lines[1:]} == {"-1.5"}


def test_what_has_not_changed_is_not_sent_again_but_recorded(node: Node):
    with started(node, a_grant(quota_per_day=2)) as gateway:
        token = gateway.token(node.civil)
        tag = records(gateway, token).headers["etag"]
        for given in (tag, f'"other", {tag}', tag.removeprefix("W/")):
            same = records(gateway, token, If_None_Match=given)
            assert (same.status, same.body, same.headers["etag"]) == (304, b"", tag)
            assert "content-length" not in same.headers
            record = gateway.node.evidence()[-1]
            assert (record["status"], record["code"], record["rows"]) == (304, "ok", 0)
        assert records(gateway, token, If_None_Match='"other"').status == 200
        assert records(gateway, token).status == 429


def test_a_tag_is_of_one_grant_one_question_one_form_and_one_landing(node: Node):
    fewer = a_grant("SQ-2", items=[wire.GrantItem(field="name"), wire.GrantItem(field="region")])
    with started(node, a_grant(), fewer) as gateway:
        token = gateway.token(node.civil)

        def tag(query: str = QUERY, **headers: str) -> str:
            return records(gateway, token, query, **({"Datong_Grant": "SQ-1"} | headers)).headers["etag"]

        first = tag()
        assert tag() == first
        others = [tag(Datong_Grant="SQ-2"), tag("region=330106"), tag(Accept="text/csv"), tag(Datong_Case="AJ-2")]
        lying = node.folder / "serving" / "persons.sqlite"
        fresh = lying.with_suffix(".new")
        fresh.write_bytes(lying.read_bytes())
        fresh.replace(lying)
        time.sleep(GLANCE)
        others.append(tag())
        gateway.offer(a_grant(max_rows=49), fewer)
        others.append(tag())
        assert len({first, *others}) == 7


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip", "gzip"), ("zstd, gzip", "zstd"), ("gzip;q=1.0, zstd;q=0", "gzip"), ("*", "zstd"), ("br", None), ("gzip;q=0", None), ("", None)],
)
def test_a_long_answer_is_compressed_as_wanted_and_proved_uncompressed(node: Node, accepted: str, encoding: str | None):
    with started(node, a_grant(max_rows=80)) as gateway:
        token = gateway.token(node.civil)
        plain = records(gateway, token, "region=330106&limit=80").body
        assert len(plain) > SMALLEST
        reply = records(gateway, token, "region=330106&limit=80", Accept_Encoding=accepted)
        assert reply.headers.get("content-encoding") == encoding
        undone = {"gzip": gzip.decompress, "zstd": lambda body: pa.decompress(body, len(plain), codec="zstd", asbytes=True)}
        body = undone[encoding](reply.body) if encoding else reply.body
        assert body == plain
        assert reply.headers["content-length"] == str(len(reply.body))
        record = canonical.loads(receipts.decode(reply.headers["datong-receipt"]).record or b"")
        assert record["response_hash"] == hashlib.sha256(bytes.fromhex(reply.headers["datong-salt"]) + body).hexdigest()


def test_a_short_answer_is_not_compressed(gateway: Standing, token: str):
    assert "content-encoding" not in records(gateway, token, "id=1", Accept_Encoding="gzip").headers
