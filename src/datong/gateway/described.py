# SPDX-License-Identifier: Apache-2.0
"""Further places of the OpenAPI document: batches, aggregates, the forms of records, and delivered files."""

from typing import Any, Final

from datong.engine.plans.aggregating import MOST_ITEMS
from datong.gateway.batches import JSON as ARRAY
from datong.gateway.batches import LINES
from datong.gateway.formats import ARROW, CSV
from datong.wire.deliveries import PREFIX

Part = dict[str, Any]
BATCH: Final = (400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429, 503)
COUNTED: Final = (401, 403, 404, 405, 406, 409, 414, 422, 429, 503)
WHY: Final = (401, 403, 404, 405, 422, 503)
DOCUMENT: Final = (401, 403, 404, 405, 409, 422, 503)
FILES: Final = (401, 403, 404, 405, 409, 414, 422, 429, 503)
_TEXT: Final[Part] = {"type": "string"}
_BYTES: Final[Part] = {"type": "string", "format": "binary"}


def _ref(name: str) -> Part:
    return {"$ref": f"#/components/schemas/{name}"}


def records_forms(answered: Part) -> Part:
    """Add to the answer with records its other forms, its tag and its cursor, and the answer that nothing changed."""
    answer = answered["200"]
    headers = answer["headers"] | {
        "ETag": {"description": "changes with the data, the grant and the question; weak", "schema": _TEXT},
        "Datong-Next": {"description": "cursor of the next page, in CSV and Arrow", "schema": _TEXT},
    }
    content = answer["content"] | {CSV: {"schema": _TEXT}, ARROW: {"schema": _BYTES}}
    same = {"description": "Not modified: the tag sent in If-None-Match still holds", "headers": answer["headers"]}
    return {"200": answer | {"headers": headers, "content": content}, "304": same}


def if_none_match() -> Part:
    """The parameter by which a caller says what it has."""
    schema = {"type": "string", "maxLength": 1_000}
    return {
        "name": "If-None-Match", "in": "header", "required": False, "schema": schema, "description": "ETag of the answer held",
    }  # fmt: skip


def batch(answered: Part, refusals: Part) -> Part:
    """POST …/verify:batch."""
    lines = {"type": "string", "description": "one Question a line, at most 10,000"}
    told = {"type": "string", "description": "one Verdict a line, in the order asked"}
    answer = answered["200"]
    return {
        "operationId": "verifyBatch",
        "summary": "Many verifications at once, answered in the order asked",
        "description": "Refused whole where one question is; `errors.question` has its number, from 1. Counts as so many calls "
        "against the quota: all or none. One record in the evidence, with the count and the hashes of request and answer.",
        "security": [{"token": []}],
        "requestBody": {"required": True, "content": {LINES: {"schema": lines}, ARRAY: {"schema": _ref("Questions")}}},
        "responses": {"200": answer | {"content": {LINES: {"schema": told}, ARRAY: {"schema": _ref("Verdicts")}}}} | refusals,
    }


def why(answered: Part, refusals: Part) -> Part:
    """GET …/why."""
    return {
        "operationId": "getWhy",
        "summary": "Which of your grants would answer by each channel with the headers sent, or what hinders, in words",
        "description": "Nothing is looked up and nothing counted; quotas and paces in use are not told. In the evidence it is of "
        "the kind `why`.",
        "security": [{"token": []}],
        "responses": answered | refusals,
    }


def document(answered: Part, refusals: Part) -> Part:
    """GET …/openapi.json."""
    return {
        "operationId": "getGrantDocument",
        "summary": "An OpenAPI document of your grant on this resource: what you may ask, how and within which limits",
        "description": "Names nothing outside the grant; the page of the grant shows the same. Nothing is looked up and nothing "
        "counted. In the evidence it is of the kind `openapi`.",
        "security": [{"token": []}],
        "responses": answered | refusals,
    }


def aggregate(answered: Part, refusals: Part) -> Part:
    """GET …/aggregate."""
    filters = {"type": "object", "additionalProperties": {"type": "string", "maxLength": 1_000}}
    parameters = [
        {"name": "by", "in": "query", "required": False, "schema": _TEXT,
         "description": f"items to group by, comma-separated; with those filtered by at most {MOST_ITEMS}"},
        {"name": "measures", "in": "query", "required": False, "schema": _TEXT,
         "description": "count, sum:item, min:item, max:item, comma-separated; the count comes in any case"},
        {"name": "filters", "in": "query", "required": False, "style": "form", "explode": True, "schema": filters,
         "description": "field=value: declared query items granted unmasked, never the whole key"},
    ]  # fmt: skip
    return {
        "operationId": "getAggregate",
        "summary": "How many records the grant gives, sums and ends of items, by up to three items; small groups are not told",
        "description": "Only of items granted unmasked. A group of fewer rows than `smallest_group` is hidden, and so are "
        "further groups whose absence keeps it from being had by subtraction; a measure with too few values is null.",
        "security": [{"token": []}],
        "parameters": parameters,
        "responses": answered | refusals,
    }


def files_path(refusals: Part) -> Part:
    """GET /v1/deliveries/…: delivered files."""
    names = ("client", "head", "sequence", "grant", "delivery", "file")
    place = [{"name": name, "in": "path", "required": True, "schema": _TEXT} for name in names]
    signed = [
        {"name": name, "in": "query", "required": True, "schema": _TEXT, "description": why}
        for name, why in (("ends", "until when the address holds"), ("signature", "of path and end"))
    ]
    wanted = {"name": "Range", "in": "header", "required": False, "schema": _TEXT, "description": "a part of the file (RFC 9110)"}
    whole = {"content": {"*/*": {"schema": _BYTES}}}
    return {
        _files_template(names): {
            "parameters": place,
            "get": {
                "operationId": "getDeliveredFile",
                "summary": "A delivered file by the signed address its delivery gave, whole or in part",
                "parameters": [*signed, wanted],
                "responses": {
                    "200": {"description": "The file", **whole},
                    "206": {"description": "A part of it", **whole},
                    "416": {"description": "The file has no such part"},
                    **refusals,
                },
            },
        }
    }


def _files_template(names: tuple[str, ...]) -> str:
    return PREFIX + "/".join(f"{{{name}}}" for name in names)


def schemas() -> Part:
    """What these places take and give."""
    cell = {"type": ["string", "number", "boolean", "null"]}
    values = {"type": "object", "additionalProperties": cell}
    whole = {"type": "integer"}
    group = {"by": values, "count": whole, "sum": values, "min": values, "max": values}
    told = {"type": "array", "items": _object(group, "sum", "min", "max")}
    groups = {"groups": told, "suppressed": whole, "smallest_group": whole}
    verdict = dict.fromkeys(("channel", "grant", "code", "why", "rule", "next"), _TEXT) | {"may": {"type": "boolean"}}
    item = _object({"field": _TEXT, "mask": _TEXT})
    grant = dict.fromkeys(("number", "stage", "purpose", "not_before", "not_after"), _TEXT)
    grant |= {name: {"type": "boolean"} for name in ("require_purpose", "require_case")}
    grant |= {"channels": {"type": "array", "items": _TEXT}, "items": {"type": "array", "items": item}}
    grant |= {"quota_per_day": {"type": ["integer", "null"]}, "max_rows": whole}
    lists = {"channels": {"type": "array", "items": _object(verdict)}, "grants": {"type": "array", "items": _object(grant)}}
    return {
        "Reasons": _object({"resource": _TEXT} | lists),
        "Questions": {"type": "array", "items": _ref("Question"), "minItems": 1, "maxItems": 10_000},
        "Verdicts": {"type": "array", "items": _ref("Verdict")},
        "Groups": _object(groups),
    }


def _object(properties: Part, *optional: str) -> Part:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
