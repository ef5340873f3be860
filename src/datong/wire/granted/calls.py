# SPDX-License-Identifier: Apache-2.0
"""Places below a resource where records are asked one question at a time: records, aggregates, verifications."""

from typing import Any, Final

from datong.kernel.sharing import Channel
from datong.wire.granted import offer as names
from datong.wire.granted import shapes
from datong.wire.granted.bounds import (
    LONGEST_CURSOR,
    MOST_ASKED,
    MOST_BATCH,
    MOST_FIELDS,
    MOST_GROUPED,
    USUAL_ROWS,
)
from datong.wire.granted.offer import Offer
from datong.wire.granted.parts import answered, common, headers, ref
from datong.wire.granted.refusals import refused
from datong.wire.policy import Client

Part = dict[str, Any]

JSON: Final = "application/json"
LINES: Final = "application/x-ndjson"
CSV: Final = "text/csv"
ARROW: Final = "application/vnd.apache.arrow.stream"
METHODS: Final = {names.RECORDS: "get", names.AGGREGATE: "get", names.VERIFY: "post", names.BATCH: "post"}
BYTES: Final[Part] = {"type": "string", "format": "binary"}


def paths(offer: Offer, client: Client) -> Part:
    """The places that are offered, by their paths."""
    base = f"/v1/resources/{offer.resource.code}"
    return {f"{base}/{place}": {METHODS[place]: told} for place, told in operations(offer, client).items()}


def operations(offer: Offer, client: Client) -> Part:
    """What may be asked at each place that is offered."""
    writers = {names.RECORDS: _records, names.AGGREGATE: _aggregate, names.VERIFY: _verify, names.BATCH: _batch}
    return {place: write(offer, client) for place, write in writers.items() if place in offer.places}


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
    return made


def _records(offer: Offer, client: Client) -> Part:
    parameters = [_searched(offer, one.field) for one in offer.filters]
    parameters += [
        _query("items", "要哪些信息项，逗号分隔；不写就是全部 (items wanted)", shapes.joined(one.field for one in offer.items)),
        _query("limit", "最多几条 (most records)", shapes.whole(offer.most, min(USUAL_ROWS, offer.most))),
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
        grouped = shapes.joined((one.field for one in offer.claims), most=MOST_GROUPED)
        words = f"按哪些信息项分组，逗号分隔，连同查询项最多 {MOST_GROUPED} 个 (items to group by)"
        parameters.append(_query("by", words, grouped))
    parameters.append(_query("measures", "统计什么，逗号分隔；总有 count (what is measured)", shapes.joined(offer.measures)))
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


def _query(name: str, description: str, schema: Part) -> Part:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
