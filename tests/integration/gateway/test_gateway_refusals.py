# SPDX-License-Identifier: Apache-2.0
"""Who is refused and how: grants and their stages, purpose, case, quota, tokens; unknown and not granted look alike."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from datong.crypto import keys
from datong.gateway.assertions import Assertions
from datong.gateway.quotas import DAY
from datong.wire import policy as wire
from factories.gateways import (
    CIVIL,
    CODE,
    FORM,
    PLACE,
    PURPOSE,
    Caller,
    Node,
    Standing,
    a_grant,
    a_resource,
    form,
    lawful,
    row,
    started,
)


def test_unknown_and_not_granted_look_alike(gateway: Standing):
    police, civil = gateway.token(gateway.node.police), gateway.token(gateway.node.civil)
    replies = [
        gateway.records(police),
        gateway.ask("GET", "/v1/resources/3330001001/999/records?id=1", headers=lawful(police)),
        gateway.ask("GET", "/v1/resources/3330001001/1/nonsense", headers=lawful(civil)),
        gateway.ask("DELETE", f"{PLACE}/records", headers=lawful(police)),
        gateway.records(civil, Datong_Grant="SQ-OTHER"),
    ]
    shapes = set()
    for reply in replies:
        assert reply.status == 404
        shapes.add(reply.body.replace(reply.headers["datong-request-id"].encode(), b"ID"))
        assert "datong-grant" not in reply.headers
    assert len(shapes) == 1


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"stage": "suspended"}, 403, "grant_suspended"),
        ({"stage": "revoked"}, 403, "grant_revoked"),
        ({"stage": "expired"}, 403, "grant_expired"),
        ({"not_after": "2026-02-01"}, 403, "grant_expired"),
        ({"not_before": "2098-01-01"}, 403, "grant_not_yet"),
        ({"channels": ["verify", "table"]}, 403, "channel_not_granted"),
        ({"quota_per_day": 0}, 429, "quota_exhausted"),
        ({"client_id": "police-app"}, 404, "unknown"),
    ],
)
def test_a_grant_that_does_not_answer_says_why(gateway: Standing, changes: dict, status: int, code: str):
    token = gateway.token(gateway.node.civil)
    assert gateway.records(token).status == 200
    gateway.offer(a_grant(**changes))
    reply = gateway.records(token)
    assert (reply.status, reply.code) == (status, code)
    assert gateway.node.evidence()[-1]["code"] == code


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Datong-Purpose": ""}, "purpose_required"),
        ({"Datong-Purpose": "marketing"}, "purpose_mismatch"),
        ({"Datong-Case": ""}, "case_required"),
        ({"Datong-Case": "%20"}, "case_required"),
    ],
)
def test_purpose_and_case_are_wanted(gateway: Standing, headers: dict, code: str):
    token = gateway.token(gateway.node.civil)
    reply = gateway.ask("GET", f"{PLACE}/records?id=1", headers=lawful(token) | headers)
    assert (reply.status, reply.code) == (403, code)
    gateway.offer(a_grant(require_purpose=False, require_case=False))
    assert gateway.ask("GET", f"{PLACE}/records?id=1", headers=lawful(token) | headers).status == 200


def test_several_grants_want_one_named(node: Node):
    grants = [a_grant("SQ-1"), a_grant("SQ-2"), a_grant("SQ-3", stage="revoked"), a_grant("SQ-4", channels=["verify"])]
    with started(node, *grants) as gateway:
        token = gateway.token(node.civil)
        reply = gateway.records(token)
        assert (reply.status, reply.code) == (409, "grant_ambiguous")
        assert reply.json["errors"] == {"datong-grant": "one of: SQ-1, SQ-2"}
        assert gateway.records(token, Datong_Grant="SQ-2").headers["datong-grant"] == "SQ-2"
        assert gateway.records(token, Datong_Grant="SQ-3").code == "grant_revoked"
        assert gateway.records(token, Datong_Grant="SQ-4").code == "channel_not_granted"


def test_a_grant_counts_only_for_the_department_it_was_given_to(node: Node):
    with started(node, a_grant(department="11330000002482053E")) as gateway:
        assert gateway.records(gateway.token(node.civil)).code == "unknown"


def test_quota_is_of_the_day_and_only_answers_count(node: Node):
    midnight = 1_790_006_400.0  # 2026-09-22T00:00:00+08:00
    with started(node, a_grant(quota_per_day=2), now=midnight - 60) as gateway:
        token = gateway.token(node.civil)
        assert [gateway.records(token, query).status for query in ("income=1", "id=1", "id=1", "id=1")] == [422, 200, 200, 429]
        gateway.clock.now = midnight
        assert [gateway.records(token).status for _ in range(3)] == [200, 200, 429]


def test_a_restart_forgives_no_call_and_no_assertion(node: Node):
    now = 1_790_006_400.0 + DAY / 2
    with started(node, a_grant(quota_per_day=3), now=now - DAY) as gateway:
        assert gateway.records(gateway.token(node.civil)).status == 200
    assertion = node.civil.assertion(now)
    with started(node, a_grant(quota_per_day=3), now=now) as gateway:
        token = gateway.ask("POST", "/oauth2/token", body=form(assertion), kind=FORM).json["access_token"]
        assert [gateway.records(token).status for _ in range(2)] == [200, 200]
    with started(node, a_grant(quota_per_day=3), now=now + 5) as gateway:
        assert gateway.ask("POST", "/oauth2/token", body=form(assertion), kind=FORM).code == "unauthenticated"
        assert [gateway.records(token).status for _ in range(2)] == [200, 429]


def test_a_client_out_of_use_is_out_at_its_next_call(gateway: Standing):
    node, token = gateway.node, gateway.token(gateway.node.civil)
    gateway.offer(clients=[node.civil.client(active=False)])
    assert gateway.records(token).code == "unauthenticated"
    gateway.offer(clients=[Caller("civil-app", node.civil.department).client()])
    assert gateway.records(token).code == "unauthenticated"
    gateway.offer(clients=[])
    assert gateway.records(token).code == "unauthenticated"
    gateway.offer()
    assert gateway.records(token).status == 200


def test_a_token_expires(gateway: Standing):
    token = gateway.token(gateway.node.civil)
    gateway.clock.now += 299
    assert gateway.records(token).status == 200
    gateway.clock.now += 1
    assert [gateway.records(token).code for _ in range(2)] == ["unauthenticated"] * 2


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Basic eDp5", "Bearer a.b.c", "Bearer " + "a" * 1900, "x"])
def test_no_token_no_answer(gateway: Standing, authorization: str):
    reply = gateway.ask("GET", f"{PLACE}/records?id=1", headers={"Authorization": authorization})
    assert (reply.status, reply.code) == (401, "unauthenticated")
    assert reply.headers["www-authenticate"].startswith("Bearer")
    last = gateway.node.evidence()[-1]
    assert (last["status"], last["client"], last["resource"]) == (401, "", CODE)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "320000"},
        {"aud": None},
        {"aud": "http://127.0.0.1/oauth2/token"},
        {"iss": "police-app"},
        {"sub": "police-app", "iss": "police-app"},
        {"sub": "nobody", "iss": "nobody"},
        {"sub": 7},
        {"jti": None},
        {"jti": "short"},
        {"jti": ["a" * 20]},
        {"exp": 0},
        {"exp": None},
        {"exp": 4_000_000_000},
        {"exp": "soon"},
        {"nbf": 4_000_000_000},
    ],
)
def test_an_assertion_amiss_gives_no_token(gateway: Standing, changes: dict):
    body = form(gateway.node.civil.assertion(gateway.clock.now, **changes))
    try:
        reply = gateway.ask("POST", "/oauth2/token", body=body, kind=FORM)
    except TypeError:
        return
    assert (reply.status, reply.json["error"], reply.code) == (401, "invalid_client", "unauthenticated")
    last = gateway.node.evidence()[-1]
    assert (last["kind"], last["status"], last["client"], last["assertion"]) == ("token", 401, "", "")


@pytest.mark.parametrize("kind", ["sm2", "rsa", "garbage", "certificate"])
def test_a_client_key_of_another_kind_gives_no_token_and_no_fault(gateway: Standing, kind: str):
    node = gateway.node
    pems = {
        "sm2": keys.generate(node.folder / "sm2.key", "sm2").public_pem().decode(),
        "rsa": rsa.generate_private_key(65537, 2048)
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        .decode(),
        "garbage": "not a key",
        "certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    }
    gateway.offer(clients=[node.civil.client(public_key=pems[kind])])
    reply = gateway.ask("POST", "/oauth2/token", body=form(node.civil.assertion(gateway.clock.now)), kind=FORM)
    assert (reply.status, reply.code) == (401, "unauthenticated")


def test_a_refused_assertion_takes_the_same_work_whoever_it_names(gateway: Standing, monkeypatch: pytest.MonkeyPatch):
    """As many signatures are tried for a client that is not there as for one that is: time tells what the words keep back."""
    node, stranger, tried = gateway.node, Caller("civil-app", CIVIL), []
    former = keys.generate(node.folder / "former.key").public_pem().decode()
    sm2 = keys.generate(node.folder / "sm2.key", "sm2").public_pem().decode()
    holds = Assertions._holds
    monkeypatch.setattr(Assertions, "_holds", lambda self, *said: tried.append(1) or holds(self, *said))
    for changes in ({}, {"former_key": former, "former_ends": "2099-01-01T00:00:00Z"}, {"public_key": sm2}, {"public_key": "x"}, {"active": False}):
        gateway.offer(clients=[node.civil.client(**changes)])
        for said in (stranger.assertion(gateway.clock.now), stranger.assertion(gateway.clock.now, iss="nobody", sub="nobody")):
            tried.clear()
            reply = gateway.ask("POST", "/oauth2/token", body=form(said), kind=FORM)
            assert (reply.code, len(tried)) == ("unauthenticated", 2), changes


def test_an_assertion_is_good_once(gateway: Standing):
    body = form(gateway.node.civil.assertion(gateway.clock.now))
    assert [gateway.ask("POST", "/oauth2/token", body=body, kind=FORM).status for _ in range(2)] == [200, 401]


def test_a_told_endpoint_is_an_audience_too(node: Node):
    here = "https://data.example/oauth2/token"
    with started(node, token_endpoints=(here,)) as gateway:
        body = form(node.civil.assertion(gateway.clock.now, aud=here))
        assert gateway.ask("POST", "/oauth2/token", body=body, kind=FORM).status == 200


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", FORM, 400),
        (b"grant_type=client_credentials", FORM, 400),
        (b"a=%ff", FORM, 400),
        (b"\xff", FORM, 400),
        (b"a=1&a=2", FORM, 400),
        (form("x", grant_type="password"), FORM, 400),
        (form("x"), FORM, 401),
        (form("x" * 60_000), FORM, 401),
        (form("x" * 70_000), FORM, 413),
        (form("x"), "application/json", 415),
        (form("x"), "", 415),
    ],
)
def test_a_token_request_amiss_is_a_problem(gateway: Standing, body: bytes, kind: str, status: int):
    reply = gateway.ask("POST", "/oauth2/token", body=body, kind=kind)
    assert reply.status == status
    assert {"code", "error", "error_description", "title"} <= reply.json.keys()
    assert "x" * 100 not in reply.body.decode()


def test_client_id_must_agree(gateway: Standing):
    assertion = gateway.node.civil.assertion(gateway.clock.now)
    assert gateway.ask("POST", "/oauth2/token", body=form(assertion, client_id="police-app"), kind=FORM).status == 400
    assert gateway.ask("GET", "/oauth2/token").status == 405


def test_grants_on_other_resources_do_not_help(node: Node):
    other = a_resource(code="3330001001/2")
    with started(node, a_grant(resource="3330001001/2")) as gateway:
        gateway.offer(a_grant(resource="3330001001/2"), resources=[a_resource(), other])
        token = gateway.token(node.civil)
        assert gateway.records(token).code == "unknown"
        assert gateway.ask("GET", "/v1/resources/3330001001/2/records?id=1", headers=lawful(token)).status == 200


def test_purposes_travel_percent_encoded_only(gateway: Standing):
    token = gateway.token(gateway.node.civil)
    raw = [(b"authorization", f"Bearer {token}".encode()), (b"datong-purpose", PURPOSE.encode()), (b"datong-case", b"1")]
    reply = gateway.ask("GET", f"{PLACE}/records?id=1", headers=raw)
    assert (reply.status, reply.json["errors"]) == (422, {"datong-purpose": "percent-encode it as UTF-8"})


def test_row_rules_all_hold(node: Node):
    rules = [
        wire.RowRule(field="region", op="prefix", values=["33"]),
        wire.RowRule(field="region", op="in", values=["330203", "320102"]),
    ]
    with started(node, a_grant(rows=rules)) as gateway:
        token = gateway.token(node.civil)
        found = [len(gateway.records(token, f"region={code}&limit=1").json["records"]) for code in ("330106", "330203", "320102")]
    assert found == [0, 1, 0]


def test_days_of_a_grant_hold_at_the_gateway(node: Node):
    rules = [
        wire.RowRule(field="born", op="from", values=["1990-01-02"]),
        wire.RowRule(field="born", op="until", values=["1990-01-02"]),
    ]
    with started(node, a_grant(rows=rules)) as gateway:
        token = gateway.token(node.civil)
        inside, before, after = (gateway.records(token, f"id={row(number)['id']}") for number in (1, 0, 2))
        assert [len(reply.json["records"]) for reply in (inside, before, after)] == [1, 0, 0]
        assert gateway.verify(token, {"key": {"id": row(2)["id"]}, "claims": {"name": "张2"}}).json["found"] is False


def test_own_cases_of_a_grant_hold_at_the_gateway(node: Node):
    """The case number of the call picks the rows; a grant of own cases wants it even where it forgot to say so."""
    rules = [wire.RowRule(field="name", op="case", values=[])]
    with started(node, a_grant(rows=rules, require_case=False)) as gateway:
        token, key = gateway.token(node.civil), row(4)["id"]
        own = gateway.records(token, f"id={key}", Datong_Case=quote("张4"))
        assert [record["name"] for record in own.json["records"]] == ["张4"]
        assert gateway.records(token, f"id={key}", Datong_Case=quote("张5")).json["records"] == []
        body = {"key": {"id": key}, "claims": {"region": row(4)["region"]}}
        assert gateway.verify(token, body, Datong_Case=quote("张5")).json == {"found": False, "matches": {"region": False}}
        assert gateway.verify(token, body, Datong_Case=quote("张4")).json["matches"] == {"region": True}
        for reply in (gateway.records(token, f"id={key}", Datong_Case=""), gateway.verify(token, body, Datong_Case="")):
            assert (reply.status, reply.code) == (403, "case_required")
        assert gateway.node.evidence()[-1]["code"] == "case_required"
