# SPDX-License-Identifier: Apache-2.0
"""Batches of verifications: what each question alone would get, in the order asked, as one call and one record."""

from __future__ import annotations

import hashlib
import time
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datong.engine.backends.index import ServingIndex
from datong.engine.plans.lookup import Access, RowRule, compile_verify
from datong.gateway import batches
from datong.gateway.columns import laid_out
from datong.gateway.config import Limits
from datong.gateway.questions import Asked
from datong.kernel.masks import NONE, Mask
from factories.gateways import ITEMS, PLACE, Node, Reply, Standing, a_grant, lawful, row, started

LINES, JSON = "application/x-ndjson", "application/json"


def ask(gateway: Standing, token: str, questions: Any, kind: str = LINES, **headers: str) -> Reply:
    raw = questions
    if not isinstance(questions, bytes):
        raw = orjson.dumps(questions) if kind == JSON else b"\n".join(map(orjson.dumps, questions))
    return gateway.ask("POST", f"{PLACE}/verify:batch", headers=lawful(token) | headers, body=raw, kind=kind)


def question(number: int, **claims: object) -> dict[str, Any]:
    return {"key": {"id": row(number)["id"]}, "claims": claims or {"name": f"张{number}"}}


def told(reply: Reply) -> list[dict[str, Any]]:
    assert reply.status == 200, reply.body
    if reply.headers["content-type"] == JSON:
        return list(reply.json)
    return [orjson.loads(line) for line in reply.body.splitlines()]


@pytest.mark.parametrize("kind", [LINES, JSON])
def test_answers_stand_in_the_order_asked(gateway: Standing, token: str, kind: str):
    asked = [question(7), question(3, name="李", region="330106"), question(2), {"key": {"id": "1"}, "claims": {"alive": True}}, question(7)]
    reply = ask(gateway, token, asked, kind)
    assert reply.headers["content-type"] == kind
    assert told(reply) == [
        {"found": True, "matches": {"name": True}},
        {"found": True, "matches": {"name": False, "region": True}},
        {"found": False, "matches": {"name": False}},
        {"found": False, "matches": {"alive": False}},
        {"found": True, "matches": {"name": True}},
    ]


def test_a_batch_is_one_record_with_its_count_and_both_hashes(gateway: Standing, token: str):
    body = b"\n".join(orjson.dumps(question(number)) for number in range(9))
    reply = ask(gateway, token, body)
    record, salt = gateway.node.evidence()[-1], bytes.fromhex(reply.headers["datong-salt"])
    expected = {"kind": "call", "channel": "verify", "calls": 9, "rows": 6, "items": ["name"], "status": 200, "code": "ok"}
    assert expected.items() <= record.items()
    assert record["request_hash"] == hashlib.sha256(salt + f"POST {PLACE}/verify:batch\n".encode() + body).hexdigest()
    assert record["response_hash"] == hashlib.sha256(salt + reply.body).hexdigest()


def test_a_long_answer_comes_whole(node: Node):
    with started(node, a_grant()) as gateway:
        reply = ask(gateway, gateway.token(node.civil), [question(number % 240) for number in range(5_000)])
        assert len(reply.body) > 100_000
        assert [one["found"] for one in told(reply)] == [number % 3 != 2 for number in range(240)] * 20 + [
            number % 3 != 2 for number in range(200)
        ]
        assert reply.headers["content-length"] == str(len(reply.body))


def test_the_quota_takes_all_of_a_batch_or_none(node: Node):
    with started(node, a_grant(quota_per_day=5)) as gateway:
        token = gateway.token(node.civil)
        assert ask(gateway, token, [question(number) for number in range(3)]).status == 200
        refused = ask(gateway, token, [question(number) for number in range(3)])
        assert (refused.status, refused.code) == (429, "quota_exhausted")
        assert ask(gateway, token, [question(1), question(1, income="1")]).code == "item_not_granted"
        assert ask(gateway, token, [question(1), question(2)]).status == 200
        assert ask(gateway, token, [question(1)]).status == 429
    with started(node, a_grant(quota_per_day=6)) as gateway:
        token = gateway.token(node.civil)
        assert ask(gateway, token, [question(1), question(2)]).status == 429
        assert ask(gateway, token, [question(1)]).status == 200


GOOD = b'{"key":{"id":"1"},"claims":{"name":"x"}}\n'


@pytest.mark.parametrize(
    ("body", "status", "code", "number"),
    [
        (b"", 422, "malformed", None),
        (b"\n \n", 422, "malformed", None),
        (GOOD + b"no json\n" + GOOD, 422, "malformed", "2"),
        (GOOD + b"\n\n" + GOOD + b"null", 422, "malformed", "3"),
        (GOOD + b'{"key":{"id":"1"}}', 422, "malformed", "2"),
        (GOOD + b'{"key":{},"claims":{"name":"x"}}', 422, "malformed", "2"),
        (GOOD + b'{"key":{"id":"1"},"claims":{"name":"x"},"more":1}', 422, "malformed", "2"),
        (GOOD * 2 + b'{"key":{"id":"\\u0000"},"claims":{"name":"x"}}', 422, "malformed", "3"),
        (GOOD + b'{"key":{"id":"\\ud800"},"claims":{"name":"x"}}', 422, "malformed", "2"),
        (GOOD + b'{"key":{"id":"1"},"claims":{"name":"' + b"x" * 1001 + b'"}}', 422, "malformed", "2"),
        (GOOD + b'{"key":{"id":99999999999999999999},"claims":{"name":"x"}}', 422, "malformed", "2"),
        (GOOD + b'{"key":{"id":"1"},"claims":{"alive":"perhaps"}}', 422, "malformed", "2"),
        (GOOD + b'{"key":{"id":"1"},"claims":{"income":"1"}}', 403, "item_not_granted", "2"),
        (GOOD + b'{"key":{"id":"1"},"claims":{"phone":"1"}}', 403, "item_not_granted", "2"),
        (GOOD + b'{"key":{"region":"1"},"claims":{"name":"1"}}', 422, "filter_not_allowed", "2"),
        (GOOD + b"\xff\xfe", 422, "malformed", "2"),
        (b"[" * 60_000, 422, "malformed", "1"),
        (GOOD * 101, 413, "too_large", None),
        (b" " * 20_000, 413, "too_large", None),
    ],
)
def test_a_batch_amiss_is_refused_whole_and_names_the_question(node: Node, body: bytes, status: int, code: str, number: str | None):
    limits = Limits(body_seconds=0.3, max_batch=100, max_batch_body=70_000 if body[:1] == b"[" else 10_000)
    with started(node, a_grant(), limits=limits) as gateway:
        reply = ask(gateway, gateway.token(node.civil), body)
        assert (reply.status, reply.code) == (status, code), reply.body
        assert reply.json.get("errors", {}).get("question") == number
        record = gateway.node.evidence()[-1]
        assert (record["status"], record["code"], record["rows"]) == (status, code, 0)


MANY = orjson.dumps([{"key": {"id": "1"}, "claims": dict.fromkeys(map(str, range(count)), 1)} for count in (40, 2_000)])


@pytest.mark.parametrize(("body", "number"), [(b"{}", None), (b"[", None), (b"[" + GOOD + b",3]", "2"), (b"[]", None), (b"null", None), (MANY, "2")])
def test_an_array_amiss_names_the_question_too(gateway: Standing, token: str, body: bytes, number: str | None):
    reply = ask(gateway, token, body, JSON)
    assert (reply.status, reply.code) == (422, "malformed")
    assert reply.json["errors"].get("question") == number


def test_only_the_two_kinds_by_post_under_a_grant_to_verify(node: Node):
    with started(node, a_grant(channels=["call"])) as gateway:
        token = gateway.token(node.civil)
        assert ask(gateway, token, [question(1)]).code == "channel_not_granted"
        gateway.offer(a_grant(channels=["verify"]))
        assert ask(gateway, token, [question(1)], "text/plain").code == "unsupported_media_type"
        wrong = gateway.ask("GET", f"{PLACE}/verify:batch", headers=lawful(token))
        assert (wrong.status, wrong.headers["allow"]) == (405, "POST, OPTIONS")
        assert gateway.ask("POST", f"{PLACE}/verify%3Abatch", headers=lawful(token), body=GOOD, kind=LINES).code == "unknown"


def test_nothing_leaves_without_data_or_evidence(node: Node):
    with started(node, a_grant()) as gateway:
        token = gateway.token(node.civil)
        (node.folder / "serving" / "persons.sqlite").unlink()
        time.sleep(0.11)
        assert ask(gateway, token, [question(1)]).code == "not_landed"


KINDS = {item.field: item.type for item in ITEMS}
NAMES = st.sampled_from(["name", "region", "alive", "born", "income", "phone", "nosuch"])
TEXTS = st.one_of(
    st.sampled_from(["张1", " 张1　", "张４", "330106", "330203", "１", "1.5", "1.50", "true", "是", "1990-01-02", "", "\u3000", "ﬁ", "x\0"]),
    st.text(max_size=4),
)
VALUES = st.one_of(TEXTS, st.integers(-2, 2), st.booleans(), st.floats(-2, 2))
KEYS = st.one_of(st.integers(0, 20).map(lambda number: row(number)["id"]), VALUES)
ASKED = st.builds(
    Asked,
    key=st.one_of(KEYS.map(lambda value: {"id": value}), st.dictionaries(st.sampled_from(["id", "name"]), VALUES, max_size=2)),
    claims=st.dictionaries(NAMES, VALUES, max_size=3),
)
SOUND = st.builds(
    Asked, key=KEYS.map(lambda value: {"id": value}),
    claims=st.dictionaries(st.sampled_from(["name", "region"]), TEXTS, min_size=1, max_size=2),
)  # fmt: skip


@pytest.fixture(scope="module")
def held(index: Any) -> Any:
    with ServingIndex(index) as held:
        yield held


def an_access(granted: dict[str, Mask], rows: list[RowRule]) -> Access:
    return Access(KINDS, ["id"], ["region"], granted, rows)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(st.sampled_from(list(KINDS)), st.sampled_from([NONE, NONE, Mask("redact")]), min_size=4),
    st.sampled_from([[], [RowRule("region", "prefix", ("3301",))], [RowRule("alive", "eq", ("是",))], [RowRule("name", "case")]]),
    st.one_of(st.lists(SOUND, min_size=1, max_size=6), st.lists(ASKED, min_size=1, max_size=4)),
)
def test_a_batch_says_of_each_what_it_would_get_alone(held: ServingIndex, granted: dict, rows: list, asked: list[Asked]):
    """Refusals included: the batch is refused exactly where one of its questions is, and by that one's code."""
    access, alone, refusals = an_access(granted, rows), [], []
    for one in asked:
        try:
            batches.check_asked(one)
            plan = compile_verify(access, one.key, one.claims, "张4")
            alone.append(plan.answer(held.fetch(plan)))
        except Exception as error:  # noqa: BLE001  the very kind is compared below
            refusals.append(type(error))
    try:
        compiled = batches.compiled(access, laid_out(asked), "张4")
    except Exception as error:  # noqa: BLE001
        assert [type(error)] == refusals[:1]
        return
    body, found = batches.answered(held, compiled, len(asked), LINES)
    assert not refusals
    assert [orjson.loads(line) for line in body.splitlines()] == [{"found": one.found, "matches": one.matches} for one in alone]
    assert found == sum(one.found for one in alone)
