# SPDX-License-Identifier: Apache-2.0
"""A call from token to answer, on real files: granted items and rows only, masked, recorded."""

from __future__ import annotations

import hashlib
import time
from urllib.parse import quote

import pytest

from datong.crypto.keys import load_verifier
from datong.gateway.lookups import GLANCE
from datong.kernel import canonical
from datong.ledger import receipts
from datong.ledger.verify import verify_directory
from datong.wire import policy as wire
from factories.gateways import CIVIL, CODE, PLACE, PURPOSE, Node, Reply, Standing, a_grant, lawful, started

HELD = "330106199001010000"
OUTSIDE = "320102199001010002"


def test_a_keyed_call_gives_granted_items_masked(gateway: Standing, token: str):
    reply = gateway.records(token, f"id={HELD}")
    assert reply.status == 200
    record = {"name": "张0", "phone": "138****0000", "region": "330106", "alive": False}
    assert reply.json == {"records": [record], "next": None}
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["datong-grant"] == "SQ-1"


def test_rows_outside_the_grant_look_absent(gateway: Standing, token: str):
    assert gateway.records(token, f"id={OUTSIDE}").json == {"records": [], "next": None}


def test_items_are_chosen(gateway: Standing, token: str):
    assert gateway.records(token, f"id={HELD}&items=name").json["records"] == [{"name": "张0"}]


def test_the_answer_is_proved_by_the_public_key_alone(gateway: Standing, token: str):
    reply = gateway.records(token, f"id={HELD}")
    receipt = receipts.decode(reply.headers["datong-receipt"])
    receipts.verify_receipt(receipt, load_verifier(gateway.node.signer.public_pem()))
    assert receipt.record is not None
    record = canonical.loads(receipt.record)
    assert canonical.dumps(record) == receipt.record
    salt = bytes.fromhex(reply.headers["datong-salt"])
    asked = f"GET {PLACE}/records?id={HELD}\n".encode()
    assert record["request_hash"] == hashlib.sha256(salt + asked).hexdigest()
    assert record["response_hash"] == hashlib.sha256(salt + reply.body).hexdigest()
    expected = {
        "kind": "call", "client": "civil-app", "department": CIVIL, "grant": "SQ-1", "resource": CODE, "version": 1,
        "channel": "call", "purpose": PURPOSE, "case": "AJ-1", "user": "", "status": 200, "code": "ok", "rows": 1,
        "items": ["name", "phone", "region", "alive"], "policy_version": 1,
        "request_id": reply.headers["datong-request-id"],
    }  # fmt: skip
    assert expected.items() <= record.items()
    assert HELD not in receipt.record.decode()
    assert salt.hex() not in receipt.record.decode()


def test_every_call_is_in_the_evidence_and_the_evidence_verifies(gateway: Standing, token: str):
    ids = [gateway.records(token).headers["datong-request-id"] for _ in range(5)]
    ids.append(gateway.records("forged").headers["datong-request-id"])
    recorded = [one["request_id"] for one in gateway.node.evidence() if one["kind"] == "call"]
    assert recorded == ids
    assert [report.ok for report in verify_directory(gateway.node.folder / "evidence")] == [True]


def test_pages_follow_one_another(gateway: Standing, token: str):
    seen, after = [], ""
    while True:
        page = gateway.records(token, f"region=330106&items=name&limit=30{after}").json
        seen += [record["name"] for record in page["records"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == [f"张{number}" for number in range(0, 240, 3)]


def test_a_cursor_dies_with_its_data(gateway: Standing, token: str):
    cursor = gateway.records(token, "region=330106&limit=3").json["next"]
    lying = gateway.node.folder / "serving" / "persons.sqlite"
    fresh = lying.with_suffix(".new")
    fresh.write_bytes(lying.read_bytes())
    fresh.replace(lying)
    time.sleep(GLANCE)
    stale = gateway.records(token, f"region=330106&limit=3&after={cursor}")
    assert (stale.status, stale.code) == (409, "cursor_stale")
    assert gateway.records(token, "region=330106&limit=3").status == 200


def test_a_cursor_counts_nothing_and_is_good_under_its_grant_alone(gateway: Standing, token: str):
    gateway.offer(a_grant(), a_grant("SQ-2"))

    def asked(grant: str, limit: int, after: str = "") -> Reply:
        return gateway.records(token, f"region=330106&limit={limit}{after}", Datong_Grant=grant)

    early, late, again = (asked("SQ-1", limit).json["next"] for limit in (1, 40, 40))
    assert len(early) == len(late) and late != again  # in the open they would tell how many rows the grant hides before them
    assert asked("SQ-1", 1, f"&after={late}").status == 200
    assert asked("SQ-2", 1, f"&after={late}").code == "malformed"


@pytest.mark.parametrize("cursor", ["x", "1", "-1.a", "1.", ".a", "ffffffffffffffffff.a", "%E4%B8%80.a"])
def test_a_cursor_not_ours_is_refused(gateway: Standing, token: str, cursor: str):
    reply = gateway.records(token, f"region=330106&after={cursor}")
    assert (reply.status, reply.code) == (422, "malformed")


def test_verification_says_yes_and_no(gateway: Standing, token: str):
    reply = gateway.verify(token, {"key": {"id": HELD}, "claims": {"name": "张0", "region": "330203", "alive": False}})
    assert reply.json == {"found": True, "matches": {"name": True, "region": False, "alive": True}}


@pytest.mark.parametrize("key", [OUTSIDE, "330106199912310000"])
def test_verification_of_what_may_not_be_seen_says_no_to_all(gateway: Standing, token: str, key: str):
    reply = gateway.verify(token, {"key": {"id": key}, "claims": {"name": "张2", "region": "320102"}})
    assert reply.json == {"found": False, "matches": {"name": False, "region": False}}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("id=1&items=income", 403, "item_not_granted"),
        ("id=1&items=", 403, "item_not_granted"),
        ("id=1&items=nonsense", 403, "item_not_granted"),
        ("income=1", 422, "filter_not_allowed"),
        ("phone=138", 422, "filter_not_allowed"),
        ("", 422, "filter_not_allowed"),
        ("limit=1", 422, "filter_not_allowed"),
        ("id=1&limit=51", 422, "malformed"),
        ("id=1&limit=0", 422, "malformed"),
        ("id=1&limit=-1", 422, "malformed"),
        ("id=1&limit=٣", 422, "malformed"),
        ("id=1&id=2", 422, "malformed"),
        ("id", 422, "malformed"),
        ("=1", 422, "malformed"),
        ("id=%00", 422, "malformed"),
        ("id=%FF", 422, "malformed"),
        ("id=" + "9" * 1001, 422, "malformed"),
        ("id=" + "9" * 5000, 414, "query_too_long"),
    ],
)
def test_a_question_amiss_is_refused_and_recorded(gateway: Standing, token: str, query: str, status: int, code: str):
    reply = gateway.records(token, query)
    assert (reply.status, reply.code) == (status, code)
    assert reply.headers["content-type"] == "application/problem+json"
    last = gateway.node.evidence()[-1]
    assert (last["status"], last["code"], last["grant"]) == (status, code, "SQ-1")


@pytest.mark.parametrize("value", ["' OR 1=1 --", "\u202e\u0301x", "🀄", "<script>alert(1)</script>", "a" * 1000, "%25"])
def test_hostile_values_find_nothing(gateway: Standing, token: str, value: str):
    reply = gateway.records(token, f"id={quote(value)}")
    assert reply.json == {"records": [], "next": None}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "malformed"),
        (b"null", 422, "malformed"),
        (b'{"key":{},"claims":{"name":"x"}}', 422, "malformed"),
        (b'{"key":{"id":"1"},"claims":{}}', 422, "malformed"),
        (b'{"key":{"id":"1"},"claims":{"name":"x"},"more":1}', 422, "malformed"),
        (b'{"key":{"id":["1"]},"claims":{"name":"x"}}', 422, "malformed"),
        (b'{"key":{"id":"\\ud800"},"claims":{"name":"x"}}', 422, "malformed"),
        (b'{"key":{"id":"\\u0000"},"claims":{"name":"x"}}', 422, "malformed"),
        (b'{"key":{"id":99999999999999999999999999},"claims":{"name":"x"}}', 422, "malformed"),
        (b'{"key":{"id":1e999},"claims":{"name":"x"}}', 422, "malformed"),
        (b'{"key":{"id":"1"},"claims":{"alive":"perhaps"}}', 422, "malformed"),
        (b"[" * 60_000, 422, "malformed"),
        (b'{"key":' * 5_000, 422, "malformed"),
        (b"\xff\xfe", 422, "malformed"),
        (b'{"key":{"id":"1"},"claims":{"income":"1"}}', 403, "item_not_granted"),
        (b'{"key":{"id":"1"},"claims":{"phone":"1"}}', 403, "item_not_granted"),
        (b'{"key":{"region":"330106"},"claims":{"name":"x"}}', 422, "filter_not_allowed"),
        (b'{"key":{"id":"1"},"claims":{"name":"' + b"x" * 70_000 + b'"}}', 413, "too_large"),
    ],
)
def test_a_body_amiss_is_refused_and_recorded(gateway: Standing, token: str, body: bytes, status: int, code: str):
    reply = gateway.verify(token, body)
    assert (reply.status, reply.code) == (status, code)
    assert gateway.node.evidence()[-1]["code"] == code


def test_hash_masks_join_within_a_grant_only(node: Node):
    items = [wire.GrantItem(field="name", mask="hash")]
    grants = [a_grant("SQ-1", items=items), a_grant("SQ-2", items=items)]
    with started(node, *grants) as gateway:
        token = gateway.token(node.civil)
        first, again = (gateway.records(token, f"id={HELD}", Datong_Grant="SQ-1").json for _ in range(2))
        other = gateway.records(token, f"id={HELD}", Datong_Grant="SQ-2").json
    assert first == again != other
    assert "张0" not in str(first)


def test_a_resource_without_data_says_so(node: Node):
    bare = wire.Resource(code=CODE, name="空", version=1, items=[wire.Item(field="name", name="姓名", type="C")])
    with started(node, a_grant(rows=[])) as gateway:
        token = gateway.token(node.civil)
        gateway.offer(a_grant(rows=[]), resources=[bare])
        assert gateway.records(token, "name=x").code in {"filter_not_allowed", "not_landed"}
        (node.folder / "serving" / "persons.sqlite").unlink()
        gateway.offer(a_grant(rows=[]))
        time.sleep(GLANCE)
        reply = gateway.records(token)
        assert (reply.status, reply.code) == (503, "not_landed")
        (node.folder / "serving" / "persons.sqlite").write_bytes(b"no database")
        assert gateway.records(token).status == 503


def test_a_rule_that_does_not_fit_lets_nothing_out(node: Node):
    with started(node, a_grant(rows=[wire.RowRule(field="gone", op="eq", values=["1"])])) as gateway:
        reply = gateway.records(gateway.token(node.civil))
        assert (reply.status, reply.code) == (503, "grant_unusable")


def test_head_and_options(gateway: Standing, token: str):
    head = gateway.ask("HEAD", f"{PLACE}/records?id={HELD}", headers=lawful(token))
    whole = gateway.records(token, f"id={HELD}")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]
    options = gateway.ask("OPTIONS", f"{PLACE}/verify", headers=lawful(token))
    assert (options.status, options.headers["allow"]) == (204, "POST, OPTIONS")
    wrong = gateway.ask("DELETE", f"{PLACE}/records", headers=lawful(token))
    assert (wrong.status, wrong.code, wrong.headers["allow"]) == (405, "method_not_allowed", "GET, HEAD, OPTIONS")
