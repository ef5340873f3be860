# SPDX-License-Identifier: Apache-2.0
"""Places that carry more than single records: the table of a grant, delivered files, change events."""

from typing import Any, Final
from urllib.parse import quote

from datong.kernel.sharing import Channel
from datong.wire import deliveries
from datong.wire.granted import offer as names
from datong.wire.granted import shapes
from datong.wire.granted.bounds import LONGEST_WAIT, MOST_ROWS, USUAL_ROWS
from datong.wire.granted.offer import Offer
from datong.wire.granted.parts import answered, ref
from datong.wire.granted.refusals import refused
from datong.wire.policy import Client

Part = dict[str, Any]

SHARING: Final = "/delta-sharing"
SCHEMA: Final = "data"
LINES: Final = "application/x-ndjson; charset=utf-8"
CURSOR: Final[Part] = {"type": "string", "pattern": "^[0-9a-f]{16}-[0-9]{1,18}-[0-9]{1,9}$"}
_TEXT: Final[Part] = {"type": "string"}


def paths(offer: Offer, client: Client) -> Part:
    """The places that are offered, by their paths."""
    made: Part = {}
    if names.TABLE in offer.places:
        made |= _table(offer)
    if names.FILES in offer.places:
        made |= _files(offer)
    if names.EVENTS in offer.places:
        made["/v1/subscriptions/{number}/events"] = {"get": _events(offer, client)}
    return made


def schemas(offer: Offer) -> Part:
    """What is told there."""
    made: Part = {}
    if names.TABLE in offer.places:
        made["TableProblem"] = shapes.closed({"errorCode": _TEXT, "message": _TEXT}, needed=("errorCode", "message"))
    if names.EVENTS in offer.places:
        told = {"id": CURSOR, "type": {"enum": ["insert", "update", "delete"]}, "version": {"type": "integer"}, "at": _TEXT}
        made["Event"] = shapes.closed(told | {"before": ref("Record"), "after": ref("Record")}, needed=told)
        page = {"events": {"type": "array", "items": ref("Event")}, "next": CURSOR}
        made["Events"] = shapes.closed(page, needed=page)
    return made


def table_of(offer: Offer) -> str:
    """Path of the table of a grant."""
    name = offer.resource.code.replace("/", "-")
    return f"{SHARING}/shares/{quote(offer.grant.number, safe='')}/schemas/{SCHEMA}/tables/{name}"


def _table(offer: Offer) -> Part:
    base = table_of(offer)
    made = {
        f"{base}/version": {"get": _read("getTableVersion", "表的版本 (version, in the header Delta-Table-Version)", None)},
        f"{base}/metadata": {"get": _read("getTableMetadata", "表的结构 (schema and size)", LINES)},
        f"{base}/query": {"post": _read("queryTable", "表的文件地址 (addresses of the files of the table)", LINES, body=True)},
    }
    if offer.looks_back:
        since = {"name": "startingVersion", "in": "query", "required": True, "schema": {"type": "integer", "minimum": 0}}
        changes = _read("getTableChanges", "从某版起的变化 (what changed since a version)", LINES)
        made[f"{base}/changes"] = {"get": changes | {"parameters": [since]}}
    return made


def _read(operation: str, summary: str, kind: str | None, *, body: bool = False) -> Part:
    version = {"Delta-Table-Version": {"schema": {"type": "string"}}}
    told: Part = {"description": summary, "headers": version}
    told |= {"content": {kind: {"schema": _TEXT}}} if kind else {}
    refusal = {"application/json; charset=utf-8": {"schema": ref("TableProblem")}}
    made: Part = {
        "operationId": operation,
        "summary": summary,
        "description": "Delta Sharing 协议；现成客户端凭配置文件即可读 (released clients read it with the profile file)",
        "externalDocs": {"url": "https://github.com/delta-io/delta-sharing/blob/main/PROTOCOL.md"},
        "tags": [Channel.TABLE],
        "security": [{"profile": []}],
        "responses": {"200": told, "default": {"description": "拒绝 (refused)", "content": refusal}},
    }
    return made | ({"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}} if body else {})


def _files(offer: Offer) -> Part:
    grant = offer.grant
    place = deliveries.Place(grant.client_id, offer.resource.code, grant.number, "{delivery}", "{file}")
    within = [{"name": name, "in": "path", "required": True, "schema": _TEXT} for name in ("delivery", "file")]
    signed = [
        {"name": name, "in": "query", "required": True, "schema": _TEXT, "description": words}
        for name, words in (("ends", "地址何时失效 (until when it holds)"), ("signature", "地址的签名 (of path and end)"))
    ]
    part = {"name": "Range", "in": "header", "required": False, "schema": _TEXT, "description": "文件的一段 (a part of it)"}
    data = {"schema": {"type": "string", "format": "binary"}}
    whole = {"content": {"application/octet-stream": data, "*/*": data}}
    problem = {"application/problem+json": {"schema": ref("Problem")}}
    told = {
        "operationId": "getDeliveredFile",
        "summary": "按交付页给出的地址取文件 (a delivered file by its signed address)",
        "tags": [Channel.FILE],
        "security": [],
        "parameters": [*signed, part],
        "responses": {
            "200": {"description": "整个文件 (the file)", **whole},
            "206": {"description": "一段 (a part)", **whole},
            "416": {"description": "没有这一段 (no such part)"},
            "default": {"description": "拒绝 (refused)", "content": problem},
        },
    }
    return {place.path.replace("%7B", "{").replace("%7D", "}"): {"parameters": within, "get": told}}


def _events(offer: Offer, client: Client) -> Part:
    most = min(MOST_ROWS, offer.grant.max_rows)
    number = {"type": "string", "enum": [one.number for one in offer.following]}
    parameters: list[Part] = [
        {"name": "number", "in": "path", "required": True, "schema": number, "description": "订阅编号 (of the subscription)"},
        _query("after", "上一页的 next 或者最后一个事件的 id (cursor)", CURSOR),
        _query("limit", "最多几个 (most events)", _within(1, most, min(USUAL_ROWS, most))),
        _query("wait", "没有变化时等几秒 (seconds to wait)", _within(0, LONGEST_WAIT, 0)),
    ]
    known = ("Purpose", "User") if offer.grant.purpose else ("User",)
    parameters += [{"$ref": f"#/components/parameters/{name}"} for name in known]
    told = answered("变化 (changes)", ref("Events"))
    told["200"]["content"] |= {"text/event-stream": {"schema": _TEXT}}
    return {
        "operationId": "getEvents",
        "summary": "游标之后的变化 (changes after a cursor)",
        "tags": [Channel.SUBSCRIPTION],
        "security": [{"token": []}],
        "parameters": parameters,
        "responses": told | refused(offer, client, names.EVENTS),
    }


def _query(name: str, description: str, schema: Part) -> Part:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _within(least: int, most: int, usual: int) -> Part:
    return {"type": "integer", "minimum": least, "maximum": most, "default": usual}
