# SPDX-License-Identifier: Apache-2.0
"""The part of the interface's description that tells of composed calls."""

from typing import Any, Final

from datong.gateway.composed.reading import LONGEST_NAME, LONGEST_RESOURCE, OF_RECORDS
from datong.gateway.config import Limits

Part = dict[str, Any]
REFUSED: Final = (400, 401, 403, 405, 406, 408, 413, 415, 422, 503)
_TEXT: Final[Part] = {"type": "string"}
_LIMITS: Final = Limits()
ABOUT: Final = (
    "Each part is a call of its own: it stands under its own grant, counts against its quota, and has its own record, salt and "
    "receipt; a part that is refused says so in its place (`status`, `code`, and a Problem as `body`) and hinders no other. "
    "`body` and `request` are texts, byte for byte what the hashes of the part's record cover: its `response_hash` is SHA-256 "
    "over the bytes of `salt` and `body`, its `request_hash` over those of `salt` and `request`. All parts see one policy; "
    "nothing leaves before the record of every part is durable. A body of another form is refused whole."
)


def composed_path(parameters: list[Part], refusals: Part) -> Part:
    """Describe the place of composed calls; `parameters` are the headers that hold for every part."""
    answer = {
        "description": "The parts, in the order asked",
        "headers": {"Datong-Request-Id": {"$ref": "#/components/headers/Datong-Request-Id"}},
        "content": {"application/json": {"schema": _ref("ComposedAnswer")}},
    }
    return {
        "/v1/composed": {
            "post": {
                "operationId": "postComposed",
                "summary": f"Up to {_LIMITS.max_parts} resources by key in one call, answered in the order asked",
                "description": ABOUT,
                "security": [{"token": []}],
                "parameters": parameters,
                "requestBody": {"required": True, "content": {"application/json": {"schema": _ref("ComposedCall")}}},
                "responses": {"200": answer} | refusals,
            }
        }
    }


def composed_schemas() -> Part:
    """Describe what is asked and answered."""
    value = {"type": ["string", "number", "boolean"]}
    values = {"type": "object", "additionalProperties": value}
    asked: Part = {
        "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME, "description": "the caller's, each once"},
        "resource": {"type": "string", "maxLength": LONGEST_RESOURCE, "examples": ["3330001001/12"]},
        "service": {"enum": ["records", "verify"]},
        "key": values | {"description": "the shared one where absent; empty for none"},
        "filters": values,
        "items": {"type": "array", "items": _TEXT},
        "limit": {"type": "integer"},
        "after": _TEXT,
        "claims": values | {"description": f"of verify; {', '.join(OF_RECORDS)} are of records"},
        "grant": _TEXT | {"description": "number of the grant, needed when several would answer"},
    }
    told: Part = {
        "name": _TEXT, "status": {"type": "integer"}, "code": _TEXT, "request": _TEXT, "request_id": _TEXT, "salt": _TEXT,
        "receipt": _TEXT, "grant": _TEXT, "retry_after": {"type": "integer", "description": "seconds"},
        "body": {"type": "string", "contentMediaType": "application/json",
                 "contentSchema": {"anyOf": [_ref(name) for name in ("Records", "Verdict", "Problem")]}},
    }  # fmt: skip
    parts = {"type": "array", "items": _ref("ComposedPart"), "minItems": 1, "maxItems": _LIMITS.max_parts}
    needed = [name for name in told if name not in {"grant", "retry_after"}]
    return {
        "ComposedPart": _object(asked, ["name", "resource", "service"]),
        "ComposedCall": _object({"parts": parts, "key": values}, ["parts"]),
        "ComposedAnswerPart": _object(told, needed),
        "ComposedAnswer": _object({"parts": {"type": "array", "items": _ref("ComposedAnswerPart")}}, ["parts"]),
    }


def _object(properties: Part, needed: list[str]) -> Part:
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}


def _ref(name: str) -> Part:
    return {"$ref": f"#/components/schemas/{name}"}
