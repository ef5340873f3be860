# SPDX-License-Identifier: Apache-2.0
"""Places where records are asked one question at a time: records, aggregates, verifications, and their composition."""

from typing import Any, Final

from datong.kernel.sharing import Channel
from datong.wire.granted import offer as names
from datong.wire.granted import shapes
from datong.wire.granted.bounds import (
    LONGEST_CURSOR,
    LONGEST_NAME,
    MOST_ASKED,
    MOST_BATCH,
    MOST_FIELDS,
    MOST_GROUPED,
    MOST_PARTS,
    USUAL_ROWS,
)
from datong.wire.granted.offer import Offer
from datong.wire.granted.parts import answered, headers, ref
from datong.wire.granted.refusals import COMPOSED, refused
from datong.wire.policy import Client

Part = dict[str, Any]

JSON: Final = "application/json"
LINES: Final = "application/x-ndjson"
CSV: Final = "text/csv"
ARROW: Final = "application/vnd.apache.arrow.stream"
BYTES: Final[Part] = {"type": "string", "format": "binary"}


def paths(offer: Offer, client: Client) -> Part:
    """The places that are offered, by their paths."""
    base = f"/v1/resources/{offer.resource.code}"
    made: Part = {}
    if names.RECORDS in offer.places:
        made[f"{base}/records"] = {"get": _records(offer, client)}
    if names.AGGREGATE in offer.places:
        made[f"{base}/aggregate"] = {"get": _aggregate(offer, client)}
    if names.VERIFY in offer.places:
        made[f"{base}/verify"] = {"post": _verify(offer, client)}
    if names.BATCH in offer.places:
        made[f"{base}/verify:batch"] = {"post": _batch(offer, client)}
    if {names.RECORDS, names.VERIFY} & {*offer.places}:
        made["/v1/composed"] = {"post": _composed(offer, client)}
    return made


def schemas(offer: Offer) -> Part:
    """What is asked and told there."""
    made: Part = {}
    if names.RECORDS in offer.places or names.EVENTS in offer.places:
        made["Record"] = shapes.record(offer)
    if names.RECORDS in offer.places:
        rows = {"type": "array", "items": ref("Record"), "maxItems": offer.most}
        made["Records"] = shapes.closed({"records": rows, "next": {"type": ["string", "null"]}}, needed=("records", "next"))
    if names.AGGREGATE in offer.places:
        made |= {"Group": shapes.group(offer), "Groups": _groups()}
    if names.VERIFY in offer.places:
        claims = shapes.values(offer.claims, least=1) | {"maxProperties": MOST_FIELDS}
        key = shapes.values(offer.key, whole=True)
        made["Question"] = shapes.closed({"key": key, "claims": claims}, needed=("key", "claims"))
        matches = shapes.closed({one.field: {"type": "boolean"} for one in offer.claims}, needed=())
        made["Verdict"] = shapes.closed({"found": {"type": "boolean"}, "matches": matches}, needed=("found", "matches"))
    if names.BATCH in offer.places:
        made["Questions"] = {"type": "array", "items": ref("Question"), "minItems": 1, "maxItems": _most(offer)}
        made["Verdicts"] = {"type": "array", "items": ref("Verdict")}
    return made | (_composed_schemas(offer) if {names.RECORDS, names.VERIFY} & {*offer.places} else {})


def _records(offer: Offer, client: Client) -> Part:
    parameters = [_searched(offer, one.field) for one in offer.filters]
    parameters += [
        _query("items", "要哪些信息项，逗号分隔；不写就是全部 (items wanted)", shapes.listed(one.field for one in offer.items)),
        _query("limit", "最多几条 (most records)", _whole(offer.most, min(USUAL_ROWS, offer.most))),
        _query("after", "上一页的 next (`next` of the page before)", {"type": "string", "maxLength": LONGEST_CURSOR}),
        {"$ref": "#/components/parameters/IfNoneMatch"},
    ]
    lacking = [name for name in offer.enough if name not in offer.needed]
    one_of = [f"至少给一个条件：{'、'.join(lacking)} (one at least)"] if lacking and not offer.needed else []
    gives = "只给授权的信息项和行，掩码已经做好 (granted items and rows alone, masked as granted)"
    same = {"description": "没有变化 (not modified)", "headers": headers("ETag")}
    told = answered("记录 (records)", ref("Records"), "ETag", "Datong-Next")
    told["200"]["content"] |= {CSV: {"schema": {"type": "string"}}, ARROW: {"schema": BYTES}}
    return {
        "operationId": "getRecords",
        "summary": "按键或者查询项查询 (records by key or query item)",
        "description": "\n\n".join([*one_of, gives]),
        "tags": [Channel.CALL],
        "security": [{"token": []}],
        "parameters": [*parameters, *common(offer)],
        "responses": told | {"304": same} | refused(offer, client, names.RECORDS),
    }


def _searched(offer: Offer, field: str) -> Part:
    item = next(one for one in offer.filters if one.field == field)
    shape = shapes.asked(item)
    made = {"name": field, "in": "query", "required": field in offer.needed, "description": item.name}
    return made | {"schema": {name: value for name, value in shape.items() if name != "title"}}


def _aggregate(offer: Offer, client: Client) -> Part:
    parameters = []
    if offer.claims:
        grouped = shapes.listed((one.field for one in offer.claims), most=MOST_GROUPED)
        parameters.append(_query("by", f"按哪些信息项分组，连同查询项最多 {MOST_GROUPED} 个 (items to group by)", grouped))
    parameters.append(_query("measures", "统计什么；总有 count (what is measured)", shapes.listed(offer.measures)))
    for one in offer.picked:
        shape = {name: value for name, value in shapes.asked(one).items() if name != "title"}
        parameters.append(_query(one.field, f"{one.name}；不能给全主键 (never the whole key)", shape))
    return {
        "operationId": "getAggregate",
        "summary": "计数和汇总 (counts, sums and ends)",
        "description": f"不足 {offer.grant.smallest_group} 行的组不给出 (groups of fewer rows are not told)",
        "tags": [Channel.CALL],
        "security": [{"token": []}],
        "parameters": [*parameters, *common(offer)],
        "responses": answered("分组 (groups)", ref("Groups")) | refused(offer, client, names.AGGREGATE),
    }


def _groups() -> Part:
    count = {"type": "integer", "minimum": 0}
    told = {"groups": {"type": "array", "items": ref("Group")}, "suppressed": count, "smallest_group": count}
    return shapes.closed(told, needed=told)


def _verify(offer: Offer, client: Client) -> Part:
    return {
        "operationId": "verifyRecord",
        "summary": "核验：有没有这条记录，所说对不对 (whether the record is there and which claims hold)",
        "tags": [Channel.VERIFY],
        "security": [{"token": []}],
        "parameters": common(offer),
        "requestBody": {"required": True, "content": {JSON: {"schema": ref("Question")}}},
        "responses": answered("结论 (verdict)", ref("Verdict")) | refused(offer, client, names.VERIFY),
    }


def _most(offer: Offer) -> int:
    return MOST_BATCH if offer.resource.upstream is None else MOST_ASKED


def _batch(offer: Offer, client: Client) -> Part:
    lines = {"type": "string", "description": f"每行一个 Question，最多 {_most(offer)} 行 (one question a line)"}
    verdicts = {"type": "string", "description": "每行一个 Verdict，次序不变 (one verdict a line, in the order asked)"}
    told = answered("结论 (verdicts)", ref("Verdicts"))
    told["200"]["content"] = {LINES: {"schema": verdicts}} | told["200"]["content"]
    return {
        "operationId": "verifyBatch",
        "summary": "成批核验 (many verifications at once)",
        "description": "一个问题有误则整批拒绝；按问题个数计入配额 (refused whole where one is; counts as so many calls)",
        "tags": [Channel.VERIFY],
        "security": [{"token": []}],
        "parameters": common(offer),
        "requestBody": {"required": True, "content": {LINES: {"schema": lines}, JSON: {"schema": ref("Questions")}}},
        "responses": told | refused(offer, client, names.BATCH),
    }


def _composed(offer: Offer, client: Client) -> Part:
    told = answered("各部分，次序不变 (the parts, in the order asked)", ref("ComposedAnswer"))
    told["200"]["headers"] = headers("Datong-Request-Id")
    return {
        "operationId": "postComposed",
        "summary": f"组合服务：一次最多 {MOST_PARTS} 个部分 (several resources in one call)",
        "description": "这里只写本授权的部分；其他资源的部分见各自的文档 (parts under this grant; others are told in theirs)\n\n"
        "每个部分按单独的调用计数、留痕 (each part is a call of its own)",
        "tags": [Channel.CALL],
        "security": [{"token": []}],
        "parameters": common(offer)[1:],
        "requestBody": {"required": True, "content": {JSON: {"schema": ref("ComposedCall")}}},
        "responses": told | refused(offer, client, COMPOSED),
    }


def _composed_schemas(offer: Offer) -> Part:
    name = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
    same: Part = {"name": name, "resource": {"const": offer.resource.code}, "grant": {"const": offer.grant.number}}
    kinds: list[Part] = []
    if names.RECORDS in offer.places:
        keys = {*offer.resource.keys}
        split = {"key": [one for one in offer.filters if one.field in keys],
                 "filters": [one for one in offer.filters if one.field not in keys]}  # fmt: skip
        asked = {part: shapes.values(found) for part, found in split.items() if found}
        asked |= {"items": shapes.listed(one.field for one in offer.items), "limit": _whole(offer.most)}
        asked |= {"after": {"type": "string", "maxLength": LONGEST_CURSOR}, "service": {"const": "records"}}
        kinds.append(shapes.closed(same | asked, needed=("name", "resource", "service")))
    if names.VERIFY in offer.places:
        asked = {"service": {"const": "verify"}, "key": shapes.values(offer.key, whole=True)}
        asked |= {"claims": shapes.values(offer.claims, least=1)}
        kinds.append(shapes.closed(same | asked, needed=("name", "resource", "service", "key", "claims")))
    text, whole = {"type": "string"}, {"type": "integer"}
    told: Part = dict.fromkeys(("name", "code", "request", "request_id", "salt", "receipt", "grant", "body"), text)
    told |= {"status": whole, "retry_after": whole}
    part = shapes.closed(told, needed=(one for one in told if one not in ("grant", "retry_after")))
    calls = {"type": "array", "items": ref("ComposedPart"), "minItems": 1, "maxItems": MOST_PARTS}
    return {
        "ComposedPart": {"oneOf": kinds},
        "ComposedCall": shapes.closed({"parts": calls}, needed=("parts",)),
        "ComposedAnswerPart": part,
        "ComposedAnswer": shapes.closed({"parts": {"type": "array", "items": ref("ComposedAnswerPart")}}, needed=("parts",)),
    }


def common(offer: Offer) -> list[Part]:
    """Headers of every call: which grant, what for, which case, who asks."""
    known = ("Grant", "Purpose", "Case", "User") if offer.grant.purpose else ("Grant", "Case", "User")
    return [{"$ref": f"#/components/parameters/{name}"} for name in known]


def _query(name: str, description: str, schema: Part) -> Part:
    made: Part = {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
    return made | ({"style": "form", "explode": False} if schema["type"] == "array" else {})


def _whole(most: int, usual: int | None = None) -> Part:
    made: Part = {"type": "integer", "minimum": 1, "maximum": most}
    return made | ({"default": usual} if usual is not None else {})
