# SPDX-License-Identifier: Apache-2.0
"""The document of a grant, asked for by its holder: alone, on record, and every call it offers is answered as it says."""

from __future__ import annotations

import hashlib
from typing import Any

import jsonschema_rs
import orjson
import pytest

from datong.config.node.postgres import EmbeddedPostgres
from datong.crypto.keys import load_secret
from datong.wire import deliveries
from datong.wire import policy as wire
from datong.wire.granted.document import document
from factories import inboxes
from factories.gateways import CODE, ITEMS, PLACE, Node, Reply, Standing, a_grant, a_resource, lawful, row, started
from factories.granting import Made, check_sound, fits, made, operations, resolved, sample
from factories.streams import DIGEST, FOLLOWED, NUMBER, grow
from factories.streams import START as CURSOR
from factories.tables import TOKEN, derived, shared
from factories.upstreams import Talking, an_interface, talking

DOOR = f"{PLACE}/openapi.json"
FIRST = row(0)
ALL = [wire.GrantItem(field=one.field) for one in ITEMS]
MASKED = {"id": "hash", "name": "partial:1:0", "phone": "redact", "region": "none", "born": "year", "income": "redact", "alive": "redact"}
CASE = {"Datong-Case": "AJ-1"}


def described(gateway: Standing, token: str, **headers: str) -> Reply:
    return gateway.ask("GET", DOOR, headers={"Authorization": f"Bearer {token}"} | headers)


def read(gateway: Standing) -> tuple[dict[str, Any], str]:
    """The document a caller is given, and its token."""
    token = gateway.token(gateway.node.civil)
    reply = described(gateway, token)
    assert reply.status == 200, reply.body
    return check_sound(reply.json), token


def ask(gateway: Standing, call: Made, token: str) -> Reply:
    headers = {"Authorization": f"Bearer {token}"} | call.headers
    return gateway.ask(call.method, call.target, headers=headers, body=call.body, kind=call.kind)


def check_answer(found: dict[str, Any], call: Made, reply: Reply) -> Any:
    assert str(reply.status) in call.responses, reply.body
    content = call.responses[str(reply.status)].get("content", {})
    kind = reply.headers["content-type"].partition(";")[0]
    assert {kind, "*/*"} & {one.partition(";")[0] for one in content} or not content
    if kind == "application/json" and kind in content:
        fits(found, content[kind]["schema"], reply.json)
        return reply.json
    return reply.body


def values(found: dict[str, Any], operation: str) -> dict[str, str]:
    """What a row has of the parameters of an operation, and what a lawful call says."""
    named = {one["name"] for one in operations(found)[operation][2]}
    return {name: value for name, value in (FIRST | CASE).items() if name in named}


def bodies(found: dict[str, Any]) -> dict[str, Any]:
    """What is sent where something is: made of the schemas and a row."""
    schemas, sent = found["components"]["schemas"], {}
    if "Question" in schemas:
        parts = schemas["Question"]["properties"]
        question = {part: sample(found, parts[part], FIRST) for part in ("key", "claims")}
        sent = {"verifyRecord": question, "verifyBatch": [question] * 2}
    if "ComposedCall" in schemas:
        part = schemas["ComposedPart"]
        kinds = [resolved(found, one)["properties"] for one in part.get("oneOf", [part])]
        consts = [{name: one[name]["const"] for name in ("resource", "service", "grant")} for one in kinds]
        given = [{part: sample(found, one[part], FIRST) for part in ("key", "filters", "claims") if part in one} for one in kinds]
        sent["postComposed"] = {"parts": [{"name": str(at)} | one | more for at, (one, more) in enumerate(zip(consts, given, strict=True))]}
    return sent


@pytest.mark.parametrize(
    ("changes", "resource"),
    [
        ({}, {}),
        ({"items": ALL, "channels": ["call"]}, {}),
        ({"items": [wire.GrantItem(field=name, mask=mask) for name, mask in MASKED.items()]}, {"queries": []}),
        ({"channels": ["verify"], "require_purpose": False}, {}),
        ({"rows": [wire.RowRule(field="name", op="case", values=[])], "require_case": False}, {}),
        ({"items": ALL, "purpose": "", "require_purpose": False, "require_case": False}, {"keys": [], "queries": ["region", "alive"]}),
    ],
    ids=["usual", "everything-open", "everything-masked", "verify-alone", "own-cases", "no-key"],
)
def test_every_call_it_offers_is_answered_as_it_says(node: Node, changes: dict[str, Any], resource: dict[str, Any]):
    with started(node, policy=False) as gateway:
        gateway.offer(a_grant(**changes), resources=[a_resource(**resource)])
        found, token = read(gateway)
        sent = bodies(found)
        called = [name for name in operations(found) if name not in ("getCorrection", "postCorrection")]
        assert {"getWhy", "getGrantDocument"} < {*called}
        for name in called:
            call = made(found, name, values(found, name), sent.get(name))
            reply = ask(gateway, call, token)
            assert reply.status == 200, (name, reply.body)
            told = check_answer(found, call, reply)
            if name == "postComposed":
                assert [one["status"] for one in told["parts"]] == [200] * len(told["parts"])
        for name in {"getRecords", "getAggregate"} & {*called}:
            for part in operations(found)[name][2]:
                steered = made(found, name, (values(found, name) if name == "getRecords" else CASE) | _first(part))
                assert ask(gateway, steered, token).status == 200, steered.target


def _first(part: dict[str, Any]) -> dict[str, str]:
    """A value of a parameter that takes several."""
    schema = part["schema"]
    said = {part["name"]: ",".join(schema.get("x-datong-names", ())[:2])}
    if not said[part["name"]]:
        return {}
    jsonschema_rs.validate(schema, said[part["name"]])
    return said


def test_every_single_filter_and_measure_it_names_is_answered(node: Node):
    with started(node, a_grant(items=ALL)) as gateway:
        found, token = read(gateway)
        _, _, parameters, _ = operations(found)["getRecords"]
        filters = [one["name"] for one in parameters if one["name"] in FIRST]
        assert filters == ["id", "name", "region"]
        for name in filters:
            reply = ask(gateway, made(found, "getRecords", {name: FIRST[name]} | CASE), token)
            assert reply.status == 200 and reply.json["records"]
        schemas = {one["name"]: one["schema"] for one in operations(found)["getAggregate"][2]}
        for measure in schemas["measures"]["x-datong-names"]:
            assert ask(gateway, made(found, "getAggregate", {"measures": measure} | CASE), token).status == 200
        for name in schemas["by"]["x-datong-names"]:
            assert ask(gateway, made(found, "getAggregate", {"by": name} | CASE), token).status == 200
        assert {"id", "by", "measures"} & {*schemas} == {"by", "measures"}


def test_of_a_providers_interface_it_offers_what_that_gives(node: Node):
    needs = [wire.UpstreamParameter(item="id", name="id"), wire.UpstreamParameter(item="region", name="region", needed=False)]
    cases = [
        ({}, ["id", "name", "region"], {"id"}, {"getRecords", "verifyRecord", "verifyBatch"}),
        ({"parameters": [wire.UpstreamParameter(item="name", name="name")]}, ["id", "name", "region"], {"name"}, {"getRecords"}),
        ({"parameters": [wire.UpstreamParameter(item="phone", name="phone", needed=False)]}, [], set(), set()),
    ]
    with an_interface() as server, talking(node) as gateway:
        for changes, filters, needed, offered in cases:
            gateway.register(a_grant(), base=server.url, **({"parameters": needs} | changes))
            found, token = read(gateway)
            places = {"getRecords", "getAggregate", "verifyRecord", "verifyBatch"} & {*operations(found)}
            assert places == offered
            if "getRecords" in offered:
                parameters = operations(found)["getRecords"][2]
                asked = {one["name"]: one["required"] for one in parameters if one["in"] == "query" and one["name"] in FIRST}
                assert ([*asked], {name for name, must in asked.items() if must}) == (filters, needed)
                for name in places:
                    call = made(found, name, {one: FIRST[one] for one in needed} | CASE, bodies(found).get(name))
                    _check_proxied(found, gateway, call, token)
                assert "502" in operations(found)["getRecords"][3]["responses"]


def _check_proxied(found: dict[str, Any], gateway: Talking, call: Made, token: str) -> None:
    reply = ask(gateway, call, token)
    assert reply.status == 200, reply.body
    check_answer(found, call, reply)


def test_a_table_files_and_changes_are_read_as_it_says(node: Node, index: Any):
    grow(node.folder, 5, 3)
    grant = shared(channels=["table", "file", "subscription"], delivery_mode="incremental", **{
        name: value for name, value in FOLLOWED.items() if name != "channels"})  # fmt: skip
    grant = wire.Grant(**{name: getattr(grant, name) for name in grant.__struct_fields__} | {
        "table": derived(index.parent.parent / "lake" / "persons", node.folder, grant)})  # fmt: skip
    place = deliveries.Place(grant.client_id, CODE, grant.number, "J20261122-0001", "a.csv")
    _delivered(node, place)
    with started(node, policy=False, public_url="https://gateway.example") as gateway:
        gateway.offer(grant)
        found, token = read(gateway)
        assert {"getTableVersion", "getTableMetadata", "queryTable", "getTableChanges", "getDeliveredFile", "getEvents"} < {*operations(found)}
        assert "getRecords" not in operations(found)
        secret = load_secret(node.folder / "node.key", deliveries.SECRET)
        address = deliveries.address(secret, "", place, int(gateway.clock.now) + 60)
        signed = dict(one.split("=") for one in address.partition("?")[2].split("&"))
        given = {"delivery": place.delivery, "file": place.file, "startingVersion": "0", "after": CURSOR} | signed
        for name in ("getTableVersion", "getTableMetadata", "queryTable", "getTableChanges", "getDeliveredFile", "getEvents"):
            call = made(found, name, given, {} if name == "queryTable" else None)
            reply = ask(gateway, call, TOKEN if "Table" in name else token)
            assert reply.status == 200, (name, reply.body)
            check_answer(found, call, reply)


def _delivered(node: Node, place: deliveries.Place) -> None:
    folder = node.folder / deliveries.FOLDER / place.delivery
    folder.mkdir(parents=True)
    (folder / place.file).write_bytes(b"a\r\n")
    file = deliveries.File(name=place.file, size=3, rows=1, sha256=hashlib.sha256(b"a\r\n").hexdigest(), sm3="0" * 64, kind="text/csv")
    told = deliveries.Manifest(
        delivery=place.delivery, grant=place.grant, resource=place.resource, version=1, rows=1, columns=[], files=[file]
    )
    (folder / deliveries.MANIFEST).write_bytes(deliveries.encode(told))


def test_an_error_is_reported_as_it_says(node: Node, postgres: EmbeddedPostgres):
    inboxes.make(postgres.url)
    with started(node, dsn=postgres.url) as gateway:
        found, token = read(gateway)
        report = {"kind": "data", "key": {"id": FIRST["id"]}, "item": "name", "found": "张0", "expected": "章零"}
        call = made(found, "postCorrection", {}, report)
        reply = ask(gateway, call, token)
        assert reply.status == 202
        told = check_answer(found, call, reply)
        asked = made(found, "getCorrection", {"reference": told["reference"]})
        check_answer(found, asked, ask(gateway, asked, token))
        with pytest.raises(ValueError, match="not one of"):
            fits(found, {"$ref": "#/components/schemas/Report"}, report | {"item": "income"})


def test_it_is_evidence_of_its_own_kind_and_counts_against_nothing(node: Node):
    with started(node, policy=False, public_url="https://gateway.example") as gateway:
        gateway.offer(a_grant(quota_per_day=1))
        token = gateway.token(node.civil)
        replies = [described(gateway, token) for _ in range(3)]
        assert [one.status for one in replies] == [200] * 3
        assert replies[0].json == orjson.loads(
            orjson.dumps(document(a_grant(quota_per_day=1), a_resource(), node.civil.client(), server="https://gateway.example"))
        )
        record = node.evidence()[-1]
        assert (record["kind"], record["channel"], record["grant"], record["rows"]) == ("openapi", "openapi", "SQ-1", 0)
        assert gateway.records(token).status == 200
        assert gateway.ask("POST", DOOR, headers=lawful(token)).status == 405
        assert gateway.ask("OPTIONS", DOOR, headers=lawful(token)).headers["allow"] == "GET, HEAD, OPTIONS"
        assert gateway.ask("HEAD", DOOR, headers=lawful(token)).body == b""


def test_who_holds_no_grant_learns_as_little_as_from_a_call(gateway: Standing):
    token = gateway.token(gateway.node.police)
    refused, elsewhere = described(gateway, token), gateway.ask("GET", "/v1/resources/3330001001/77/openapi.json", headers=lawful(token))
    same = ("type", "title", "status", "detail", "code", "remedy")
    assert refused.status == elsewhere.status == 404
    assert [refused.json[name] for name in same] == [elsewhere.json[name] for name in same]
    assert described(gateway, gateway.token(gateway.node.civil), **{"Datong-Grant": "SQ-9"}).code == "unknown"
    assert gateway.ask("GET", DOOR).status == 401


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"stage": "suspended"}, "grant_suspended"), ({"stage": "revoked"}, "grant_revoked"),
        ({"not_after": "2026-01-02"}, "grant_expired"), ({"not_before": "2099-01-01"}, "grant_not_yet"),
    ],
)  # fmt: skip
def test_a_grant_not_in_force_has_none(node: Node, changes: dict[str, Any], code: str):
    with started(node, a_grant(**changes)) as gateway:
        reply = described(gateway, gateway.token(node.civil))
        assert (reply.status, reply.code, node.evidence()[-1]["grant"]) == (403, code, "SQ-1")


def test_of_several_grants_one_is_named(node: Node):
    with started(node, a_grant("SQ-1"), a_grant("SQ-2", items=[wire.GrantItem(field="name")])) as gateway:
        token = gateway.token(node.civil)
        assert described(gateway, token).code == "grant_ambiguous"
        found = described(gateway, token, **{"Datong-Grant": "SQ-2"}).json
        assert [*found["components"]["schemas"]["Record"]["properties"]] == ["name"]
        assert "SQ-1" not in orjson.dumps(found).decode()


def test_what_is_not_here_yet_is_said(node: Node):
    with started(node, policy=False) as gateway:
        gateway.offer(a_grant(), resources=[a_resource(index="")])
        found, token = read(gateway)
        assert "not_landed" in found["info"]["description"]
        call = made(found, "getRecords", values(found, "getRecords"))
        reply = ask(gateway, call, token)
        check_answer(found, call, reply)
        assert reply.code == "not_landed"
        assert (DIGEST[:1], NUMBER in str(found)) == ("a", False)
