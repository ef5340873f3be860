# SPDX-License-Identifier: Apache-2.0
"""The gateway as X-Road's REST protocol documents its requests: paths, headers, error triples, metadata, request hash."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import orjson
import pytest

from datong.wire import policy as wire
from datong.wire.granted.document import document
from factories.gateways import CIVIL, ITEMS, NODE, POLICE, PURPOSE, Node, Reply, Standing, a_grant, a_resource, landed, started
from factories.granting import check_sound, fits, made, operations

SERVICE = f"/r1/{NODE}/GOV/{POLICE}/3330001001/1"
SUBSYSTEM = SERVICE.removesuffix("/1")
CLIENT = f"{NODE}/GOV/{CIVIL}/civil-app"
ASKED = f"{SERVICE}/records?id=330106199001010000"
FIELDS = [one.field for one in ITEMS]
QUESTION = orjson.dumps({"key": {"id": "330106199001010000"}, "claims": {"name": "张0"}})


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    folder: Path = tmp_path_factory.mktemp("node")
    node = Node(folder, landed(tmp_path_factory.mktemp("landed")))
    with started(node, policy=False) as standing:
        others = [a_resource(provider=POLICE), a_resource(code="3330001001/2", provider=POLICE), a_resource(code="3330001002/1")]
        ended = a_grant("SQ-2", resource="3330001001/2", stage="revoked")
        strange = a_grant("SQ-3", resource="3330001002/1", client_id="police-app", department=POLICE)
        one = a_grant("SQ-4", resource="3330001001/3", items=[wire.GrantItem(field="name"), wire.GrantItem(field="alive")])
        two = a_grant("SQ-5", resource="3330001001/3", purpose="", require_purpose=False, items=[
            wire.GrantItem(field="name", mask="partial:1:0"), wire.GrantItem(field="region", mask="partial:2:0")])  # fmt: skip
        standing.offer(a_grant(), ended, strange, one, two, resources=[*others, a_resource(code="3330001001/3", provider=POLICE)])
        yield standing


@pytest.fixture(scope="module")
def token(gateway: Standing) -> str:
    return gateway.token(gateway.node.civil)


def ask(gateway: Standing, token: str, target: str = ASKED, method: str = "GET", body: bytes = b"", **changes: str) -> Reply:
    headers = {
        "Authorization": f"Bearer {token}", "X-Road-Client": CLIENT, "X-Road-Issue": quote("苏民〔2026〕117号"),
        "X-Road-UserId": "EE12345678901", "X-Road-Id": "fa2e18a5-c2cb-4d09-b994-f57727f7c3fb", "Datong-Purpose": quote(PURPOSE),
    } | {name.replace("_", "-"): value for name, value in changes.items()}  # fmt: skip
    return gateway.ask(method, target, headers=headers, body=body, kind="application/json" if body else "")


def test_a_documented_request_is_answered_under_the_same_grant_and_evidence(gateway: Standing, token: str):
    reply = ask(gateway, token)
    assert (reply.status, reply.json["records"][0]["name"]) == (200, "张0")
    assert reply.json["records"][0]["phone"] != "13800000000"
    told = {name: reply.headers[name] for name in ("x-road-client", "x-road-id", "x-road-userid", "x-road-service")}
    assert told == {
        "x-road-client": CLIENT, "x-road-id": "fa2e18a5-c2cb-4d09-b994-f57727f7c3fb", "x-road-userid": "EE12345678901",
        "x-road-service": SERVICE.removeprefix("/r1/"),
    }  # fmt: skip
    kept = gateway.node.evidence()[-1]
    assert (kept["case"], kept["user"], kept["grant"], kept["resource"]) == ("苏民〔2026〕117号", "EE12345678901", "SQ-1", "3330001001/1")
    assert UUID(reply.headers["x-road-request-id"]).hex == kept["request_id"]
    assert reply.headers["datong-receipt"]


def test_an_answer_is_bound_to_its_request(gateway: Standing, token: str):
    given = [
        (b"authorization", f"Bearer {token}".encode()), (b"host", b"gw"), (b"x-road-client", CLIENT.encode()),
        (b"datong-purpose", quote(PURPOSE).encode()), (b"x-road-issue", b"AJ-1"), (b"content-type", b"application/json"),
    ]  # fmt: skip
    reply = gateway.ask("POST", f"{SERVICE}/verify", headers=given, body=QUESTION)
    lines = [b"POST", f"{SERVICE}/verify".encode(), *(b"%b:%b" % one for one in given[2:])]
    head = hashlib.sha512(b"\r\n".join(lines) + b"\r\n").digest()
    wanted = hashlib.sha512(head + hashlib.sha512(QUESTION).digest()).digest()
    assert (reply.status, reply.json["found"]) == (200, True)
    assert base64.b64decode(reply.headers["x-road-request-hash"]) == wanted
    assert ask(gateway, token).headers["x-road-request-hash"] != ask(gateway, token, X_Road_Issue="AJ-2").headers["x-road-request-hash"]


@pytest.mark.parametrize(
    ("target", "changes", "status", "kind"),
    [
        (ASKED, {"Authorization": "Bearer nothing"}, 500, "server.clientproxy.ssl_authentication_failed"),
        (ASKED, {"X-Road-Issue": ""}, 500, "server.serverproxy.access_denied"),
        (ASKED, {"Datong-Purpose": "another"}, 500, "server.serverproxy.access_denied"),
        (f"{SUBSYSTEM}/2/records?id=1", {}, 500, "server.serverproxy.access_denied"),
        (f"{SUBSYSTEM}/7/records?id=1", {}, 500, "server.serverproxy.unknown_service"),
        (ASKED.replace(POLICE, CIVIL), {}, 500, "server.serverproxy.unknown_service"),
        (ASKED.replace(NODE, "110000", 1), {}, 500, "server.serverproxy.unknown_service"),
        (ASKED.replace("GOV", "COM"), {}, 500, "server.serverproxy.unknown_service"),
        (f"/r1/{NODE}/GOV/{POLICE}/3330001002/1/records?id=1", {}, 500, "server.serverproxy.unknown_service"),
        (ASKED, {"X-Road-Client": ""}, 400, "client.invalid_request"),
        (ASKED, {"X-Road-Client": CLIENT.replace("civil-app", "police-app")}, 400, "client.invalid_request"),
        (ASKED, {"X-Road-Client": f"{NODE}/GOV/{CIVIL}/%ff"}, 400, "client.invalid_request"),
        (ASKED, {"X-Road-Client": f"{CLIENT}/more"}, 400, "client.invalid_request"),
        (ASKED, {"X-Road-Id": "a/b"}, 400, "client.invalid_request"),
        (ASKED, {"X-Road-Id": "x" * 101}, 400, "client.invalid_request"),
        (ASKED, {"Datong-Case": "AJ-2"}, 400, "client.invalid_request"),
        (ASKED, {"X-Road-UserId": "%00"}, 400, "client.invalid_request"),
        (f"{SERVICE}/records", {}, 400, "client.invalid_request"),
    ],
)
def test_a_refusal_is_an_error_triple(gateway: Standing, token: str, target: str, changes: dict[str, str], status: int, kind: str):
    reply = ask(gateway, token, target, **changes)
    assert (reply.status, reply.json["type"], reply.headers["x-road-error"]) == (status, kind, kind)
    assert set(reply.json) == {"type", "message", "detail"}
    kept = gateway.node.evidence()[-1]
    assert (UUID(reply.json["detail"]).hex, kept["rows"]) == (kept["request_id"], 0)
    assert kept["code"] != "ok"


def test_what_is_not_granted_looks_like_what_is_not_there(gateway: Standing, token: str):
    targets = (f"/r1/{NODE}/GOV/{POLICE}/3330001002/1/records?id=1", f"/r1/{NODE}/GOV/{POLICE}/3339999999/1/records?id=1")
    said = [{**ask(gateway, token, target).json, "detail": ""} for target in targets]
    assert said[0] == said[1]


@pytest.mark.parametrize(
    "path",
    [
        "/r1/", f"{SERVICE}%2Frecords", f"/r1//{SERVICE[4:]}/records", f"{SERVICE}/./records", f"{SERVICE}/records/", f"{SERVICE}/records%00",
        SERVICE.replace("/1", "/01"), "/r1/" + "3" * 9_000, f"{SERVICE}/../1/records", f"{SERVICE}/corrections", SERVICE,
    ],
)  # fmt: skip
def test_a_path_means_one_thing_or_nothing(gateway: Standing, token: str, path: str):
    reply = ask(gateway, token, f"{path}?id=330106199001010000")
    assert (reply.status, reply.json["type"]) == (500, "server.serverproxy.unknown_service")


def listed(reply: Reply) -> dict[str, Any]:
    assert reply.status == 200
    return {one["service_code"]: [end["path"] for end in one["endpoint_list"]] for one in reply.json["service"]}


def test_metadata_tell_of_grants_alone(gateway: Standing, token: str):
    every = ["/records", "/aggregate", "/verify", "/verify:batch"]
    assert listed(ask(gateway, token, f"{SUBSYSTEM}/listMethods")) == {"1": every, "2": every, "3": every}
    assert listed(ask(gateway, token, f"{SUBSYSTEM}/allowedMethods")) == {"1": every, "3": every}
    assert listed(ask(gateway, token, f"/r1/{NODE}/GOV/{POLICE}/3330001002/listMethods")) == {}
    first = ask(gateway, token, f"{SUBSYSTEM}/allowedMethods").json["service"][0]
    assert (first["xroad_instance"], first["member_class"], first["member_code"]) == (NODE, "GOV", POLICE)


def described(gateway: Standing, token: str, number: str = "1", **changes: str) -> dict[str, Any]:
    reply = ask(gateway, token, f"{SUBSYSTEM}/getOpenAPI?serviceCode={number}", **changes)
    assert reply.status == 200, reply.body
    return check_sound(reply.json)


def test_a_description_is_that_of_the_grant_in_x_roads_words(gateway: Standing, token: str):
    told = described(gateway, token)
    assert (told["openapi"], told["servers"]) == ("3.1.0", [{"url": SERVICE}])
    assert [*told["paths"]] == ["/records", "/aggregate", "/verify", "/verify:batch"]
    plain = orjson.loads(orjson.dumps(document(a_grant(), a_resource(provider=POLICE), gateway.node.civil.client())))
    ours, theirs = plain["components"]["schemas"], told["components"]["schemas"]
    assert theirs == {name: ours[name] for name in theirs if name != "Fault"} | {"Fault": theirs["Fault"]}
    assert theirs["Record"]["properties"]["phone"]["x-datong-mask"] == "partial:3:4"
    _, _, parameters, _ = operations(told)["getRecords"]
    wanted = {one["name"]: one["required"] for one in parameters if one["in"] == "header"}
    assert wanted == {"X-Road-Client": True, "X-Road-Id": False, "Datong-Grant": False, "Datong-Purpose": True, "X-Road-Issue": True,
                      "X-Road-UserId": False, "If-None-Match": False}  # fmt: skip
    kept = gateway.node.evidence()[-1]
    assert (kept["kind"], kept["grant"], kept["resource"], kept["rows"]) == ("openapi", "SQ-1", "3330001001/1", 0)


def test_every_call_it_offers_is_answered_as_it_says_and_every_refusal_too(gateway: Standing, token: str):
    told, question = described(gateway, token), orjson.loads(QUESTION)
    values = {"id": "330106199001010000", "X-Road-Issue": "AJ-1"}
    bodies = {"verifyRecord": question, "verifyBatch": [question]}
    for name, (path, _, _, one) in operations(told).items():
        call = made(told, name, {name: value for name, value in values.items() if name != "id" or path == "/records"}, bodies.get(name))
        headers = {"Authorization": f"Bearer {token}"} | call.headers
        reply = gateway.ask(call.method, f"{SERVICE}{call.target}", headers=headers, body=call.body, kind=call.kind)
        assert reply.status == 200, (path, reply.body)
        fits(told, call.responses["200"]["content"]["application/json"]["schema"], reply.json)
        for missing in ("Authorization", "X-Road-Client", "Datong-Purpose", "X-Road-Issue"):
            refused = gateway.ask(
                call.method, f"{SERVICE}{call.target}", headers=headers | {missing: ""}, body=call.body, kind=call.kind
            )
            fits(told, one["responses"][str(refused.status)]["content"]["application/json"]["schema"], refused.json)


def test_what_is_not_described_looks_like_what_is_not_there(gateway: Standing, token: str):
    for code in ("7", "2/x", ""):
        missing = ask(gateway, token, f"{SUBSYSTEM}/getOpenAPI?serviceCode={code}" if code else f"{SUBSYSTEM}/getOpenAPI")
        assert missing.json["type"] == "server.serverproxy.unknown_service"
    strange = ask(gateway, token, f"/r1/{NODE}/GOV/{POLICE}/3330001002/getOpenAPI?serviceCode=1")
    assert strange.json | {"detail": ""} == missing.json | {"detail": ""}
    ended = ask(gateway, token, f"{SUBSYSTEM}/getOpenAPI?serviceCode=2")
    assert (ended.json["type"], "revoked" in ended.json["message"]) == ("server.serverproxy.access_denied", True)
    assert gateway.node.evidence()[-1]["grant"] == "SQ-2"


def test_several_grants_are_described_together_and_one_by_its_number(gateway: Standing, token: str):
    told = described(gateway, token, "3")
    assert [one["number"] for one in told["x-datong-grants"]] == ["SQ-4", "SQ-5"]
    found = {name: {(one["in"], one["name"]): one for one in parts} for name, (_, _, parts, _) in operations(told).items()}
    asked = found["getRecords"]
    assert asked["header", "Datong-Grant"]["required"] and not asked["header", "Datong-Purpose"]["required"]
    assert asked["header", "Datong-Grant"]["schema"]["enum"] == ["SQ-4", "SQ-5"]
    assert found["verifyRecord"]["header", "Datong-Grant"]["schema"]["enum"] == ["SQ-4"]
    assert found["verifyRecord"]["header", "Datong-Grant"]["required"], "the other covers it too, though it lets nothing be claimed"
    assert found["verifyRecord"]["header", "Datong-Purpose"]["required"]
    unnamed = ask(gateway, token, f"{SUBSYSTEM}/3/verify", "POST", QUESTION)
    fits(told, operations(told)["verifyRecord"][3]["responses"]["400"]["content"]["application/json"]["schema"], unnamed.json)
    for number, row in (("SQ-4", {"name": "张0", "alive": False}), ("SQ-5", {"region": "33****", "name": "张*"})):
        fits(told, {"$ref": "#/components/schemas/Record"}, row)
        call = made(told, "getRecords", {"id": "330106199001010000", "Datong-Grant": number, "X-Road-Issue": "AJ-1", "Datong-Purpose": quote(PURPOSE)})
        reply = gateway.ask("GET", f"{SUBSYSTEM}/3{call.target}", headers={"Authorization": f"Bearer {token}"} | call.headers)
        fits(told, call.responses["200"]["content"]["application/json"]["schema"], reply.json)
        alone = described(gateway, token, "3", Datong_Grant=number)
        assert [*alone["components"]["schemas"]["Record"]["properties"]] == sorted(row, key=FIELDS.index)
    with pytest.raises(ValueError, match="not valid"):
        fits(told, {"$ref": "#/components/schemas/Record"}, {"name": "张0", "region": "330106", "alive": False})
    assert ask(gateway, token, f"{SUBSYSTEM}/getOpenAPI?serviceCode=3", Datong_Grant="SQ-1").json["type"] == "server.serverproxy.unknown_service"
