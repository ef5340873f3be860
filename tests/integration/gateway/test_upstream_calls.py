# SPDX-License-Identifier: Apache-2.0
"""Calls answered by the provider's own interface: the same controls and evidence, and nothing of a hostile one gets through."""

from __future__ import annotations

import base64
import gzip
import json
import logging

import pytest

from datong.crypto.sealing import seal
from datong.gateway.upstream import breaker
from datong.wire import policy as wire
from factories.gateways import Node, a_grant
from factories.upstreams import Server, Talking, as_answered, found, said, saying, talking

HELD = "330106199001010000"
OUTSIDE = "320102199001010002"
SECRET = "s3cret-of-the-interface"


@pytest.fixture
def gateway(proxying: Talking) -> Talking:
    return proxying


def test_a_call_is_answered_masked_and_recorded(gateway: Talking, token: str, there: Server):
    reply = gateway.records(token, f"id={HELD}")
    record = {"name": "张0", "phone": "138****0000", "region": "330106", "alive": False}
    assert (reply.status, reply.json) == (200, {"records": [record], "next": None})
    kept = gateway.last_call()
    assert (kept["code"], kept["rows"], kept["upstream"]["outcome"]) == ("ok", 1, "answered")
    assert list(kept) == sorted(kept)
    asked = there.asked[0]
    assert asked.headers["datong-request-id"] == reply.headers["datong-request-id"] == kept["request_id"]
    assert asked.path == f"/api/persons?id={HELD}"
    told = {name.lower() for name in asked.headers}
    assert told == {"accept", "accept-encoding", "host", "user-agent", "datong-request-id"}


def test_rows_outside_the_grant_look_absent_whatever_comes(gateway: Talking, token: str, there: Server):
    assert gateway.records(token, f"id={OUTSIDE}").json == {"records": [], "next": None}
    there.behave = saying({"data": {"list": found({})[:40]}})
    answer = gateway.records(token, f"id={HELD}").json["records"]
    assert [one["name"] for one in answer] == ["张0"]


def test_what_the_grant_refuses_never_leaves(gateway: Talking, token: str, there: Server):
    assert gateway.records(token, f"id={HELD}&items=income").code == "item_not_granted"
    assert gateway.records(token, "phone=13800000000").code == "filter_not_allowed"
    assert gateway.verify(token, {"key": {"id": HELD}, "claims": {"phone": "1"}}).code == "item_not_granted"
    assert there.asked == []


def test_a_verification_is_yes_or_no(gateway: Talking, token: str):
    asked = {"key": {"id": HELD}, "claims": {"name": " 张0", "alive": True}}
    assert gateway.verify(token, asked).json == {"found": True, "matches": {"name": True, "alive": False}}
    asked["key"] = {"id": OUTSIDE}
    assert gateway.verify(token, asked).json == {"found": False, "matches": {"name": False, "alive": False}}
    assert gateway.last_call()["upstream"]["outcome"] == "answered"


def test_pages_follow_one_another_until_the_answer_changes(gateway: Talking, token: str, there: Server):
    first = gateway.records(token, "region=330106&items=name&limit=30").json
    second = gateway.records(token, f"region=330106&items=name&limit=30&after={first['next']}").json
    assert len(first["records"]) == len(second["records"]) == 30
    assert not {one["name"] for one in first["records"]} & {one["name"] for one in second["records"]}
    there.behave = saying({"data": {"list": found({"region": "330106"})[1:]}})
    assert gateway.records(token, f"region=330106&items=name&limit=30&after={first['next']}").code == "cursor_stale"


def test_rules_of_the_grant_are_told_to_an_interface_that_takes_them(gateway: Talking, token: str, there: Server):
    rule = wire.RowRule(field="region", op="eq", values=["330203"])
    gateway.register(a_grant(rows=[rule]), base=there.url)
    assert gateway.records(token, "name=张1").json["records"][0]["region"] == "330203"
    assert there.asked[-1].given == {"name": "张1", "region": "330203"}


def test_a_post_carries_typed_values_and_the_key_a_piece_of_the_path(gateway: Talking, token: str, there: Server):
    parameters = [
        wire.UpstreamParameter(item="id", name="card", place="path"),
        wire.UpstreamParameter(item="region", name="region", place="body", needed=False),
    ]
    there.behave = saying(as_answered({**dict.fromkeys(("id", "name", "phone", "region", "born"), ""), "id": HELD,
                                       "region": "330106", "born": "1990-01-01", "income": "1.5", "alive": "true"}))  # fmt: skip
    gateway.register(base=there.url, method="POST", path="/persons/{card}", parameters=parameters, rows="", single=True)
    assert gateway.records(token, f"id={HELD}&region=330106").json["records"] == [
        {"name": None, "phone": None, "region": "330106", "alive": True}
    ]
    assert (there.asked[0].path, there.asked[0].given) == (f"/api/persons/{HELD}", {"region": "330106"})
    for hostile in ("..%2Fadmin", "..", "%5C", "a%2Fb"):
        assert gateway.records(token, f"id={hostile}").code == "malformed"
    assert gateway.records(token, "region=330106").code == "filter_not_allowed"
    assert len(there.asked) == 1


def test_a_secret_is_opened_here_alone_and_said_to_nobody(
    gateway: Talking, token: str, there: Server, caplog: pytest.LogCaptureFixture
):
    sealed = base64.b64encode(seal(gateway.node.folder / "node.key", SECRET, "K-1")).decode()
    gateway.register(base=there.url, signing="bearer", sealed=sealed)
    with caplog.at_level(logging.DEBUG):
        assert gateway.records(token).status == 200
        there.behave = saying({"no": "rows"})
        assert gateway.records(token).code == "upstream_misfit"
    assert there.asked[0].headers["authorization"] == f"Bearer {SECRET}"
    assert SECRET not in caplog.text
    assert SECRET.encode() not in (gateway.node.folder / "run" / "policy").read_bytes()
    gateway.register(base=there.url, signing="bearer", sealed=sealed, connection="K-2")
    assert gateway.records(token).code == "upstream_refuses"


HOSTILE = {
    "an error": (saying({"stack": "13800000000"}, 500), 503, "upstream_away", 3),
    "too busy": (saying(b"", 429), 503, "upstream_away", 3),
    "no such record, though none is to be": (saying({}, 404), 502, "upstream_misfit", 1),
    "refused": (saying({}, 401), 502, "upstream_refuses", 1),
    "redirecting": (saying(b"", 302, Location="http://127.0.0.1:1/elsewhere"), 502, "upstream_refuses", 1),
    "no JSON": (saying(b"<html>13800000000</html>"), 502, "upstream_misfit", 1),
    "deep": (saying(b"[" * 200_000), 502, "upstream_misfit", 1),
    "half a million values": (saying(b"[" + b"1," * 500_000 + b"1]"), 502, "upstream_misfit", 1),
    "a deep value": (
        saying(b'{"data":{"list":[{"f_id":"1","f_name":' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}]}}"), 502, "upstream_misfit", 1,
    ),
    "no rows": (saying({"data": {"list": {"id": 1}}}), 502, "upstream_misfit", 1),
    "no objects": (saying({"data": {"list": [1, 2]}}), 502, "upstream_misfit", 1),
    "another type": (saying({"data": {"list": [found({"id": HELD})[0] | {"f_born": "13800000000"}]}}), 502, "upstream_misfit", 1),
    "a key twice": (saying({"data": {"list": found({"id": HELD}) * 2}}), 502, "upstream_misfit", 1),
    "no key": (saying({"data": {"list": [found({"id": HELD})[0] | {"f_id": None}]}}), 502, "upstream_misfit", 1),
    "packed": (saying(gzip.compress(b"{}"), Content_Encoding="gzip"), 502, "upstream_misfit", 1),
    "huge": (saying(b" " * (5 * 2**20)), 502, "upstream_misfit", 1),
}


@pytest.mark.parametrize(("behave", "status", "code", "times"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_answer_goes_no_further(
    gateway: Talking, token: str, there: Server, caplog: pytest.LogCaptureFixture, behave, status, code, times
):
    there.behave = behave
    reply = gateway.records(token, f"id={HELD}")
    assert (reply.status, reply.code, len(there.asked)) == (status, code, times)
    assert (gateway.last_call()["code"], gateway.last_call()["upstream"]["outcome"]) == (code, code)
    assert "3330001001/1" in caplog.text
    for hidden in ("13800000000", HELD, there.url):
        assert hidden not in reply.body.decode() + caplog.text


def test_one_that_breaks_off_or_is_gone_is_away(gateway: Talking, token: str, there: Server):
    def half(request) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        request.wfile.write(b'{"data":')
        request.close_connection = True

    there.behave = half
    assert gateway.records(token).code == "upstream_away"
    gateway.register(base="http://127.0.0.1:1")
    assert gateway.records(token).code == "upstream_away"


def test_one_that_drips_ends_with_its_time(gateway: Talking, token: str, there: Server):
    there.behave = lambda request: there.released.wait(20)
    gateway.register(base=there.url, timeout=1)
    reply = gateway.records(token)
    assert (reply.status, reply.code) == (504, "upstream_late")
    assert gateway.last_call()["upstream"]["ms"] >= 900


def test_an_address_inside_is_not_reached_unless_allowed(node: Node, there: Server):
    with talking(node) as gateway:
        object.__setattr__(gateway.app._config, "networks", ())
        gateway.register(base=there.url)
        assert gateway.records(gateway.token(node.civil)).code == "upstream_away"
    assert there.asked == []


def test_no_such_record_may_be_said_by_404(gateway: Talking, token: str, there: Server):
    there.behave = saying({}, 404)
    gateway.register(base=there.url, absent=True)
    assert gateway.records(token).json == {"records": [], "next": None}


def test_cookies_are_not_kept_and_a_post_is_not_repeated(gateway: Talking, token: str, there: Server):
    there.behave = lambda request: said(request, 200, json.dumps({"data": {"list": []}}).encode(), Set_Cookie="a=b")
    assert [gateway.records(token).status for _ in range(2)] == [200, 200]
    assert "cookie" not in {name.lower() for name in there.asked[1].headers}
    there.behave = saying({}, 503)
    gateway.register(base=there.url, method="POST")
    assert gateway.records(token).code == "upstream_away"
    assert len(there.asked) == 3


def test_one_that_fails_is_left_alone_then_tried(gateway: Talking, token: str, there: Server):
    there.behave = saying({}, 500)
    codes = [gateway.records(token).code for _ in range(breaker.FAILURES + 1)]
    assert codes == ["upstream_away"] * breaker.FAILURES + ["upstream_resting"]
    before, there.behave = len(there.asked), saying({"data": {"list": []}})
    held = gateway.upstreams._lines["3330001001/1"].breaker
    held._until = 0.0
    assert gateway.records(token).status == 200
    assert (held.open, len(there.asked)) == (False, before + 1)


def test_answers_are_kept_only_where_allowed_and_only_under_their_policy(gateway: Talking, token: str, there: Server):
    gateway.register(base=there.url, cache=60)
    assert gateway.records(token).body == gateway.records(token).body
    assert (len(there.asked), gateway.last_call()["upstream"]["outcome"]) == (1, "kept")
    assert gateway.records(token, f"id={HELD}&items=name").json["records"] == [{"name": "张0"}]
    assert len(there.asked) == 2
    gateway.register(a_grant(items=[wire.GrantItem(field="name", mask="redact")]), base=there.url, cache=60)
    assert gateway.records(token).json["records"] == [{"name": "***"}]
    assert len(there.asked) == 3


def test_a_refused_call_gives_its_place_back(gateway: Talking, token: str, there: Server):
    gateway.register(a_grant(quota_per_day=1), base=there.url)
    there.behave = saying({}, 401)
    assert [gateway.records(token).code for _ in range(2)] == ["upstream_refuses"] * 2
