# SPDX-License-Identifier: Apache-2.0
"""Composed calls: each part says what it would say alone, under its own grant, with its own record and receipt."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from datong.gateway.config import Limits
from datong.gateway.refusals import EvidenceUnavailable
from datong.wire import policy as wire
from factories.exports import verified_elsewhere
from factories.gateways import CODE, PLACE, PURPOSE, Node, Reply, Standing, a_grant, a_resource, lawful, row, started
from factories.upstreams import a_proxied_resource, an_interface, honest, talking

OTHER = "3330001001/2"
THEIRS = "3330001001/3"
KIND = "application/json"
ID = row(0)["id"]
GRANTS = [
    a_grant(),
    a_grant("SQ-2", resource=OTHER, items=[wire.GrantItem(field="income")], channels=["call"], require_case=False, rows=[]),
    a_grant("SQ-3", resource=THEIRS, client_id="police-app", department="11330000002482053E"),
]
RESOURCES = [a_resource(code=code) for code in (CODE, OTHER, THEIRS)]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, index: Path) -> Iterator[Standing]:
    with started(Node(tmp_path_factory.mktemp("composed"), index), policy=False) as standing:
        yield standing


@pytest.fixture
def gateway(running: Standing) -> Standing:
    running.offer(*GRANTS, resources=RESOURCES)
    return running


def ask(gateway: Standing, token: str, parts: Any, headers: dict[str, str] | None = None, **more: Any) -> Reply:
    body = parts if isinstance(parts, bytes) else orjson.dumps({"parts": parts} | more)
    return gateway.ask("POST", "/v1/composed", headers=lawful(token) | (headers or {}), body=body, kind=KIND)


def records(name: str = "a", resource: str = CODE, **more: Any) -> dict[str, Any]:
    return {"name": name, "resource": resource, "service": "records"} | more


def verify(name: str = "b", resource: str = CODE, **more: Any) -> dict[str, Any]:
    return {"name": name, "resource": resource, "service": "verify"} | more


def told(reply: Reply) -> list[dict[str, Any]]:
    assert reply.status == 200, reply.body
    return list(reply.json["parts"])


def said(part: dict[str, Any]) -> Any:
    """The answer of a part without what names the call."""
    return {name: value for name, value in orjson.loads(part["body"]).items() if name != "instance"}


def test_parts_share_a_key_and_answer_in_the_order_asked(gateway: Standing, token: str):
    parts = [records("income", OTHER), verify("lives", claims={"alive": False}), records("who", items=["name"])]
    reply = ask(gateway, token, parts, key={"id": ID})
    assert [one["name"] for one in told(reply)] == ["income", "lives", "who"]
    assert [said(one) for one in told(reply)] == [
        {"records": [{"income": "0.5"}], "next": None},
        {"found": True, "matches": {"alive": True}},
        {"records": [{"name": "张0"}], "next": None},
    ]
    assert [one["grant"] for one in told(reply)] == ["SQ-2", "SQ-1", "SQ-1"]


def test_a_refused_part_stands_in_its_place_and_hinders_none(gateway: Standing, token: str):
    parts = [
        records("a"), records("b", THEIRS), records("c", "3999999999/1"), records("d", "../../oauth2"), records("e", items=["income"]),
        verify("f", OTHER, claims={"income": "1"}), records("g", OTHER, grant="SQ-3"), records("h", CODE, grant="x" * 65),
        records("i", "3330001001/1/records?id=1"), verify("j", claims={}), records("k"),
    ]  # fmt: skip
    found = told(ask(gateway, token, parts, key={"id": ID}))
    assert [(one["status"], one["code"]) for one in found] == [
        (200, "ok"), (404, "unknown"), (404, "unknown"), (404, "unknown"), (403, "item_not_granted"), (403, "channel_not_granted"),
        (404, "unknown"), (422, "malformed"), (404, "unknown"), (422, "malformed"), (200, "ok"),
    ]  # fmt: skip
    assert said(found[1]) == said(found[2]) == said(found[3]) == said(found[6])
    assert said(found[0]) == said(found[10])


def test_each_part_has_a_record_of_its_own_under_the_whole(gateway: Standing, token: str):
    before = len(gateway.node.evidence())
    reply = ask(gateway, token, [records(), records("b", THEIRS)], {"Datong-User": "u1"}, key={"id": ID})
    first, second = gateway.node.evidence()[before:]
    whole = reply.headers["datong-request-id"]
    common = {"kind": "call", "composed": whole, "client": "civil-app", "purpose": PURPOSE, "case": "AJ-1", "user": "u1", "calls": 1}
    assert common.items() <= first.items() and common.items() <= second.items()
    assert (first["grant"], first["rows"], first["code"], len(first["persons"])) == ("SQ-1", 1, "ok", 1)
    assert (second["grant"], second["rows"], second["code"]) == ("", 0, "unknown")
    assert [one["request_id"] for one in told(reply)] == [first["request_id"], second["request_id"]]
    assert "datong-receipt" not in reply.headers and list(first) == sorted(first)


def test_receipts_of_parts_are_checked_by_who_knows_nothing_of_us(gateway: Standing, token: str, tmp_path: Path):
    key = {"id": ID, "name": "张0&items=income"}
    parts = told(ask(gateway, token, [records(key=key), verify(claims={"name": "张0"}), records("c", THEIRS)], key={"id": ID}))
    for number, one in enumerate(parts):
        paper = tmp_path / f"{number}.txt"
        paper.write_text(one["receipt"])
        (checked,) = verified_elsewhere(paper, key=gateway.node.folder / "evidence" / "node.pub")
        assert checked["status"] == 0, checked
        salt = bytes.fromhex(one["salt"])
        record = next(kept for kept in gateway.node.evidence() if kept["request_id"] == one["request_id"])
        assert record["request_hash"] == hashlib.sha256(salt + one["request"].encode()).hexdigest()
        assert record["response_hash"] == hashlib.sha256(salt + one["body"].encode()).hexdigest()
    assert parts[0]["request"] == f"GET {PLACE}/records?id={ID}&name=%E5%BC%A00%26items%3Dincome\n"
    assert parts[1]["request"] == f'POST {PLACE}/verify\n{{"key":{{"id":"{ID}"}},"claims":{{"name":"张0"}}}}'


def test_a_quota_counts_parts_as_calls(gateway: Standing, token: str):
    gateway.offer(a_grant("SQ-4", quota_per_day=2), resources=RESOURCES)
    found = told(ask(gateway, token, [records(name, key={"id": ID}) for name in "abc"]))
    assert [one["code"] for one in found] == ["ok", "ok", "quota_exhausted"]
    assert found[2]["retry_after"] > 0 and "retry_after" not in found[0]
    assert gateway.records(token).code == "quota_exhausted"


def test_nothing_leaves_where_one_record_is_not_kept(gateway: Standing, token: str, monkeypatch: pytest.MonkeyPatch):
    gateway.offer(a_grant("SQ-5", quota_per_day=2), resources=RESOURCES)
    keep, times = gateway.app.evidence().keep, iter([True, False])

    async def fails(record: bytes) -> bytes:
        if next(times):
            return await keep(record)
        raise EvidenceUnavailable("no evidence can be kept now")

    parts = [records(name, key={"id": ID}) for name in "ab"]
    with monkeypatch.context() as patch:
        patch.setattr(gateway.app.evidence(), "keep", fails)
        reply = ask(gateway, token, parts)
    assert (reply.status, reply.code) == (503, "evidence_unavailable")
    assert "张".encode() not in reply.body
    assert [one["code"] for one in told(ask(gateway, token, parts))] == ["ok", "ok"]


GOOD = records(key={"id": ID})


@pytest.mark.parametrize(
    ("body", "status", "code", "part"),
    [
        (b"", 422, "malformed", None),
        (b"[]", 422, "malformed", None),
        (b'{"parts":[]}', 422, "malformed", None),
        (b'{"parts":{}}', 422, "malformed", None),
        (b'{"parts":[],"more":1}', 422, "malformed", None),
        (b'{"parts":[' + b"[" * 30_000, 422, "malformed", None),
        (b'{"key":{"id":null},"parts":[{}]}', 422, "malformed", None),
        (b"\xff", 422, "malformed", None),
        ({"parts": [records(str(number)) for number in range(17)]}, 413, "too_large", None),
        ({"parts": [GOOD, GOOD]}, 422, "malformed", None),
        ({"parts": [GOOD | {"limit": 1000}, GOOD | {"limit": 1000, "name": "b"}, GOOD | {"limit": 1, "name": "c"}]}, 422, "malformed", None),
        ({"parts": [GOOD, GOOD | {"name": ""}]}, 422, "malformed", "2"),
        ({"parts": [GOOD, GOOD | {"name": "x" * 65}]}, 422, "malformed", "2"),
        ({"parts": [GOOD, GOOD | {"name": "a\nb"}]}, 422, "malformed", "2"),
        ({"parts": [GOOD, GOOD | {"name": 7}]}, 422, "malformed", "2"),
        ({"parts": [GOOD | {"resource": "1" * 65}]}, 422, "malformed", "1"),
        ({"parts": [GOOD, {"name": "b", "service": "composed", "resource": CODE, "parts": [GOOD]}]}, 422, "malformed", "2"),
        ({"parts": [GOOD | {"service": "aggregate"}]}, 422, "malformed", "1"),
        ({"parts": [GOOD | {"service": ["records"]}]}, 422, "malformed", "1"),
        ({"parts": [GOOD | {"key": {"id": {"id": 1}}}]}, 422, "malformed", "1"),
        ({"parts": [GOOD | {"items": "name"}]}, 422, "malformed", "1"),
        ({"parts": [GOOD | {"limit": True}]}, 422, "malformed", "1"),
        ({"parts": [GOOD | {"claims": {"name": "x"}}]}, 422, "malformed", "1"),
        ({"parts": [GOOD | {"filters": {"id": "1"}}]}, 422, "malformed", "1"),
        ({"parts": [GOOD | {"filters": {"items": "income"}}]}, 422, "malformed", "1"),
        ({"parts": [verify(key={"id": ID}, claims={"name": "x"}, limit=1)]}, 422, "malformed", "1"),
        (b" " * 70_000, 413, "too_large", None),
    ],
)  # fmt: skip
def test_a_body_of_another_form_is_refused_whole(gateway: Standing, token: str, body: Any, status: int, code: str, part: str | None):
    before = len(gateway.node.evidence())
    reply = ask(gateway, token, body if isinstance(body, bytes) else orjson.dumps(body))
    assert (reply.status, reply.code) == (status, code), reply.body
    assert reply.json["errors"].get("part") == part
    assert "datong-receipt" in reply.headers
    (record,) = gateway.node.evidence()[before:]
    assert (record["code"], record["grant"], "composed" in record) == (code, "", False)


def test_values_that_cannot_be_asked_are_refused_in_their_place(gateway: Standing, token: str):
    keys = [{"id": "x" * 5_000}, {"id": "\0"}, {"id": 10**30}, {}, {"": "1"}, {"id": ID}]
    found = told(ask(gateway, token, orjson.dumps({"parts": []})[:-2] + b",".join(_raw(*one) for one in enumerate(keys)) + b"]}"))
    assert [one["code"] for one in found] == ["query_too_long", "malformed", "ok", "filter_not_allowed", "malformed", "ok"]
    assert said(found[2])["records"] == []


def _raw(number: int, key: dict[str, Any]) -> bytes:
    """As another library writes it: numbers of any length."""
    return json.dumps(records(str(number), key=key)).encode()


def test_only_who_is_known_asks_and_only_this_way(gateway: Standing, token: str):
    assert ask(gateway, "x", [GOOD]).code == "unauthenticated"
    assert ask(gateway, token, [GOOD], {"Datong-Grant": "SQ-1"}).json["errors"].keys() == {"datong-grant"}
    assert ask(gateway, token, [GOOD], {"Accept": "text/csv"}).status == 406
    assert gateway.ask("POST", "/v1/composed", headers=lawful(token), body=b"{}", kind="text/plain").status == 415
    wrong = gateway.ask("GET", "/v1/composed", headers=lawful(token))
    assert (wrong.status, wrong.headers["allow"]) == (405, "POST, OPTIONS")
    assert gateway.ask("OPTIONS", "/v1/composed", headers=lawful(token)).headers["allow"] == "POST, OPTIONS"
    assert [one["code"] for one in told(ask(gateway, token, [GOOD], {"Datong-Purpose": ""}))] == ["purpose_required"]
    assert {ask(gateway, token, [GOOD]).status for _ in range(2)} == {200}


def test_parts_answered_by_interfaces_run_beside_each_other_and_end_together(node: Node):
    """Each waits until both were asked; then one never answers, and is late in its place while the landed part stands."""
    meeting, limits = threading.Barrier(2, timeout=60), Limits(composed_seconds=60)
    with an_interface() as there, talking(node, limits=limits) as gateway:
        way = a_proxied_resource(there.url, timeout=30).upstream
        proxied = [a_resource(code=code, index="", rows=0, upstream=way) for code in (OTHER, THEIRS)]
        grants = [a_grant(f"SQ-{code[-1]}", resource=code) for code in (CODE, OTHER, THEIRS)]
        gateway.offer(*grants, resources=[a_resource(), *proxied])
        token = gateway.token(node.civil)

        def meets(request: Any) -> None:
            meeting.wait()
            honest(request)

        there.behave = meets
        parts = [records("a", OTHER, key={"id": ID}), records("b", THEIRS, key={"id": ID}), records("c", key={"id": ID})]
        assert [one["code"] for one in told(ask(gateway, token, parts))] == ["ok"] * 3

        def stalls(request: Any) -> None:
            there.released.wait(30)

        there.behave = stalls
        object.__setattr__(limits, "composed_seconds", 0.5)
        found = told(ask(gateway, token, parts))
        assert [(one["status"], one["code"]) for one in found] == [(504, "upstream_late"), (504, "upstream_late"), (200, "ok")]
        late, _, landed = node.evidence()[-3:]
        assert late["upstream"]["outcome"] == "upstream_late" and "upstream" not in landed


def test_a_fault_of_ours_is_of_its_part_alone_and_says_nothing(gateway: Standing, token: str, monkeypatch: pytest.MonkeyPatch):
    parts = [GOOD, verify(key={"id": ID}, claims={"name": "x"})]
    with monkeypatch.context() as patch:
        patch.setattr(gateway.app._desk, "verify", None)
        found = told(ask(gateway, token, parts))
    assert [(one["status"], one["code"]) for one in found] == [(200, "ok"), (500, "internal")]
    assert "NoneType" not in found[1]["body"] and gateway.node.evidence()[-1]["code"] == "internal"
    with monkeypatch.context() as patch:
        patch.setattr("datong.gateway.composed.desk.read", None)
        whole = ask(gateway, token, parts)
    assert (whole.status, whole.code) == (500, "internal") and gateway.node.evidence()[-1]["code"] == "internal"


def test_a_long_answer_is_compressed_where_it_is_wanted(gateway: Standing, token: str):
    parts = [records(str(number), filters={"region": "330106"}, limit=50) for number in range(4)]
    assert ask(gateway, token, parts, {"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"


def test_the_limits_of_a_gateway_hold(node: Node):
    with started(node, limits=Limits(max_parts=1)) as gateway:
        assert ask(gateway, gateway.token(node.civil), [GOOD, GOOD | {"name": "b"}]).code == "too_large"


IDS = st.sampled_from([row(number)["id"] for number in (0, 1, 2, 4)] + ["1", "", "\x00", "&", "%", "张"])
FIELDS = st.sampled_from(["id", "name", "region", "income", "nosuch"])
ITEM_LISTS = st.lists(st.sampled_from(["name", "phone", "income", "alive", "nosuch"]), max_size=3)
CODES = st.sampled_from([CODE, CODE, OTHER, THEIRS, "3330001001/9", "3330001001/01", "x"])
NUMBERS = st.sampled_from(["", "", "SQ-1", "SQ-2", "SQ-3", "SQ-9"])
RECORDS = st.fixed_dictionaries(
    {"service": st.just("records"), "resource": CODES, "filters": st.dictionaries(FIELDS, IDS, max_size=2)},
    optional={"items": ITEM_LISTS, "limit": st.sampled_from([-1, 0, 1, 50, 51]), "grant": NUMBERS, "after": st.sampled_from(["", "1.x"])},
)
VERIFY = st.fixed_dictionaries(
    {"service": st.just("verify"), "resource": CODES, "key": st.dictionaries(FIELDS, IDS, max_size=2),
     "claims": st.dictionaries(FIELDS, st.one_of(IDS, st.booleans(), st.integers(0, 2)), max_size=2)},
    optional={"grant": NUMBERS},
)  # fmt: skip
MASKS = st.sampled_from(["none", "redact", "hash", "partial:1:1", "null", "band:100", "format:digits"])


@st.composite
def policies(draw: st.DrawFn) -> list[wire.Grant]:
    """Three grants, two of one caller and one of another, each with its own items, ways and rows."""
    made = []
    for grant in GRANTS:
        items = [wire.GrantItem(field=name, mask=draw(MASKS)) for name in draw(st.sets(st.sampled_from(["name", "income", "id", "region"]), min_size=1))]
        changes = {"items": items, "channels": draw(st.sampled_from([["call"], ["verify"], ["call", "verify"]])),
                   "rows": draw(st.sampled_from([grant.rows, []])), "stage": draw(st.sampled_from(["active"] * 3 + ["suspended"]))}  # fmt: skip
        made.append(wire.Grant(**({name: getattr(grant, name) for name in grant.__struct_fields__} | changes)))
    return made


def alone(gateway: Standing, token: str, part: dict[str, Any]) -> Reply:
    """The single call, as a caller would write it."""
    headers = lawful(token) | {"Datong-Grant": part.get("grant", "")}
    place = f"/v1/resources/{part['resource']}/{part['service']}"
    if part["service"] == "verify":
        return gateway.ask("POST", place, headers=headers, body=orjson.dumps({"key": part["key"], "claims": part["claims"]}), kind=KIND)
    asked = dict(part["filters"])
    asked |= {"items": ",".join(part["items"])} if "items" in part else {}
    asked |= {name: str(part[name]) for name in ("limit", "after") if name in part}
    return gateway.ask("GET", f"{place}?" + "&".join(f"{quote(name)}={quote(value, safe='')}" for name, value in asked.items()), headers=headers)


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(policies(), st.lists(st.one_of(RECORDS, VERIFY), min_size=1, max_size=5))
@example(GRANTS, [{"service": "records", "resource": one, "filters": {"id": ID}} for one in (CODE, OTHER, THEIRS)])
def test_a_part_says_exactly_what_the_call_alone_says(gateway: Standing, grants: list[wire.Grant], asked: list[dict[str, Any]]):
    """Status, code, body and grant, whatever stands beside it: the same grants, and no word from one part in another."""
    gateway.offer(*grants, resources=RESOURCES)
    token = gateway.token(gateway.node.civil)
    found = told(ask(gateway, token, [part | {"name": str(number)} for number, part in enumerate(asked)]))
    for part, one in zip(asked, found, strict=True):
        single = alone(gateway, token, part)
        body = {name: value for name, value in single.json.items() if name != "instance"}
        assert (one["status"], said(one), one.get("grant", "")) == (single.status, body, single.headers.get("datong-grant", ""))
