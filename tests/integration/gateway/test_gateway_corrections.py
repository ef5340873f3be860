# SPDX-License-Identifier: Apache-2.0
"""The door of corrections: a report of an application is put down once, sealed, with evidence; nobody else reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from datong.config.node.postgres import EmbeddedPostgres
from datong.gateway import inbox as keeping
from datong.wire import inbox as wire
from datong.wire.inbox import STATES, TABLE
from factories import inboxes
from factories.gateways import PLACE, Node, Reply, Standing, a_grant, a_resource, started

HELD = "330106199001010000"
DOOR = f"{PLACE}/corrections"


def said(**changes: Any) -> dict[str, Any]:
    told = {"kind": "data", "key": {"id": HELD}, "item": "name", "found": "张0", "expected": "章零", "evidence": "户口簿"}
    return told | {"case": "AJ-7"} | changes


@pytest.fixture
def gateway(node: Node, postgres: EmbeddedPostgres) -> Iterator[Standing]:
    inboxes.make(postgres.url)
    with started(node, dsn=postgres.url) as standing:
        yield standing


def post(gateway: Standing, token: str, body: Any, **more: Any) -> Reply:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    headers = {"Authorization": f"Bearer {token}"} | more
    return gateway.ask("POST", DOOR, headers=headers, body=raw, kind="application/json")


def get(gateway: Standing, token: str, reference: str) -> Reply:
    return gateway.ask("GET", f"{DOOR}/{reference}", headers={"Authorization": f"Bearer {token}"})


def test_a_report_is_put_down_sealed_with_evidence_and_answered(gateway: Standing, node: Node, postgres: EmbeddedPostgres):
    reply = post(gateway, gateway.token(node.civil), said(proof={"kind": "household_register", "number": "秘-1"}))
    assert reply.status == 202, reply.body
    told = reply.json
    assert (told["state"], told["href"], told["case_continues"]) == ("received", f"{DOOR}/{told['reference']}", True)
    assert "照常办理" in told["case_says"] and "51号" in told["case_rule"]
    assert reply.headers["location"] == told["href"]
    ((reference, client, resource, _digest, sealed),) = inboxes.rows(postgres.url)
    assert (reference, client, resource) == (told["reference"], "civil-app", "3330001001/1")
    assert "张0".encode() not in bytes(sealed) and HELD.encode() not in bytes(sealed)
    letter = wire.unseal(bytes(sealed), reference, wire.secret(node.folder / "node.key"))
    assert (letter.grant, letter.report.expected, letter.report.proof_number) == ("SQ-1", "章零", "秘-1")
    record = node.evidence()[-1]
    assert (record["kind"], record["channel"], record["status"], record["items"]) == ("correction", "corrections", 202, ["name"])
    assert record["grant"] == "SQ-1"
    for secret in (HELD, "张0", "章零", "秘-1", "AJ-7", "户口簿"):
        assert secret not in str(record)
    assert "datong-receipt" in reply.headers


def test_the_same_report_sent_again_is_one_report(gateway: Standing, node: Node, postgres: EmbeddedPostgres):
    token = gateway.token(node.civil)
    first, again, other = post(gateway, token, said()), post(gateway, token, said()), post(gateway, token, said(expected="章"))
    assert first.json["reference"] == again.json["reference"] != other.json["reference"]
    assert len(inboxes.rows(postgres.url)) == 2
    inboxes.run(postgres.url, f"update {TABLE} set digest = '' where reference = %s", first.json["reference"])
    assert post(gateway, token, said()).json["reference"] != first.json["reference"], "answered: it may go wrong again"


def test_how_it_stands_is_read_by_its_sender_alone(gateway: Standing, node: Node, postgres: EmbeddedPostgres):
    gateway.offer(a_grant(), a_grant("SQ-9", client_id="police-app", department=node.police.department))
    token, police = gateway.token(node.civil), gateway.token(node.police)
    reference = post(gateway, token, said()).json["reference"]
    waiting = get(gateway, token, reference).json
    assert (waiting["state"], waiting["number"], waiting["due"], waiting["case_continues"]) == ("received", "", None, False)
    taken = f"update {TABLE} set number = 'C1', due = '2026-12-04', sealed = '', taken_at = now() where reference = %s"
    inboxes.run(postgres.url, taken, reference)
    stands = f"insert into {STATES} values ('C1', 'corrected', '已更正', now(), 7, null, 'AJ-7', '')"
    inboxes.run(postgres.url, stands)
    done = get(gateway, token, reference).json
    assert (done["state"], done["number"], done["due"], done["corrected_batch"]) == ("corrected", "C1", "2026-12-04", 7)
    assert done["opinion"] == "已更正" and done["case_continues"]
    assert get(gateway, police, reference).status == 404
    assert get(gateway, token, "0" * 32).status == 404
    assert node.evidence()[-1]["code"] == "unknown"
    head = gateway.ask("HEAD", f"{DOOR}/{reference}", headers={"Authorization": f"Bearer {token}"})
    assert (head.status, head.body) == (200, b"")


def test_what_could_not_be_taken_in_says_why(gateway: Standing, node: Node, postgres: EmbeddedPostgres):
    token = gateway.token(node.civil)
    reference = post(gateway, token, said()).json["reference"]
    inboxes.run(postgres.url, f"update {TABLE} set problem = '没有此信息资源', sealed = '', taken_at = now()")
    assert [get(gateway, token, reference).json[name] for name in ("state", "problem")] == ["refused", "没有此信息资源"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"{", 422, "body"),
        (said(kind="mood"), 422, "kind"),
        (said(item=""), 422, "item"),
        (said(found="", expected=""), 422, "expected"),
        (said(more=1), 422, "body"),
        (said(key={"name": "x"}), 422, "key"),
        (said(found="a\x00b"), 422, "found"),
        (said(evidence="x" * 2001), 422, "evidence"),
        (said(proof={"kind": "passport", "number": "1"}), 422, "proof_kind"),
        (said(kind="catalog", evidence=""), 422, "evidence"),
        (said(item="income"), 403, "item"),
        (said(item="nowhere"), 403, "item"),
    ],
)
def test_what_is_not_taken(gateway: Standing, node: Node, postgres: EmbeddedPostgres, body: Any, status: int, field: str):
    reply = post(gateway, gateway.token(node.civil), body)
    assert (reply.status, field in reply.json["errors"]) == (status, True), reply.body
    assert inboxes.rows(postgres.url) == []
    assert node.evidence()[-1]["status"] == status


def test_methods_media_and_size(gateway: Standing, node: Node):
    token = gateway.token(node.civil)
    headers = {"Authorization": f"Bearer {token}"}
    assert gateway.ask("GET", DOOR, headers=headers).status == 405
    assert gateway.ask("DELETE", f"{DOOR}/{'a' * 32}", headers=headers).status == 405
    options = gateway.ask("OPTIONS", DOOR, headers=headers)
    assert (options.status, options.headers["allow"]) == (204, "POST, OPTIONS")
    assert gateway.ask("POST", DOOR, headers=headers, body=b"{}", kind="text/plain").status == 415
    assert post(gateway, token, b"x" * 70_000).status == 413
    for path in (f"{DOOR}/", f"{DOOR}/{'A' * 32}", f"{DOOR}/{'a' * 31}", f"{DOOR}/{'a' * 200}"):
        assert gateway.ask("GET", path, headers=headers).status == 404


def test_only_who_holds_a_grant_in_force_reports(gateway: Standing, node: Node):
    assert post(gateway, gateway.token(node.police), said()).status == 404
    assert gateway.ask("POST", DOOR, body=b"{}", kind="application/json").status == 401
    token = gateway.token(node.civil)
    gateway.offer(a_grant(stage="suspended"))
    assert post(gateway, token, said()).code == "grant_suspended"
    gateway.offer(a_grant(channels=["table"]), a_grant("SQ-2", channels=["verify"]))
    assert post(gateway, token, said()).status == 202, "by whatever channel"
    assert post(gateway, token, said(), **{"Datong-Grant": "SQ-2"}).headers["datong-grant"] == "SQ-2"
    gateway.offer(resources=[a_resource(keys=[])])
    assert post(gateway, token, said()).json["errors"] == {"key": "this resource has no key"}


def test_postgresql_gone_is_said_and_recorded_and_heals(gateway: Standing, node: Node, postgres: EmbeddedPostgres):
    token = gateway.token(node.civil)
    assert post(gateway, token, said()).status == 202
    postgres.stop()
    try:
        reply = post(gateway, token, said(expected="另一个"))
        assert (reply.status, reply.code, reply.headers["retry-after"]) == (503, "inbox_unavailable", "2")
        assert (node.evidence()[-1]["code"], node.evidence()[-1]["kind"]) == ("inbox_unavailable", "correction")
        assert gateway.records(token).status == 200, "data go on"
    finally:
        postgres.start()
    assert post(gateway, token, said(expected="另一个")).status == 202
    assert len(inboxes.rows(postgres.url)) == 2


def test_a_node_without_postgresql_takes_no_reports(node: Node):
    with started(node) as gateway:
        assert post(gateway, gateway.token(node.civil), said()).code == "inbox_unavailable"


def test_too_many_waiting_reports_are_refused(gateway: Standing, node: Node, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keeping, "MOST_WAITING", 2)
    token = gateway.token(node.civil)
    replies = [post(gateway, token, said(expected=f"值{number}")) for number in range(3)]
    assert [reply.status for reply in replies] == [202, 202, 429]
    assert post(gateway, token, said(expected="值0")).status == 202, "put down already"


def test_reports_use_up_no_quota(node: Node, postgres: EmbeddedPostgres):
    inboxes.make(postgres.url)
    with started(node, a_grant(quota_per_day=1), dsn=postgres.url) as gateway:
        token = gateway.token(node.civil)
        reference = post(gateway, token, said()).json["reference"]
        assert get(gateway, token, reference).status == 200
        assert gateway.records(token).status == 200
        assert gateway.records(token).status == 429
    with started(node, a_grant(quota_per_day=2), dsn=postgres.url) as gateway:
        assert gateway.records(gateway.token(node.civil)).status == 200, "read back: one call of today, no report"
