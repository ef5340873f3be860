# SPDX-License-Identifier: Apache-2.0
"""The interface as an OpenAPI 3.1 document, written by hand and kept true by the conformance tests."""

from typing import Any, Final

from datong.gateway import described
from datong.gateway.composed.openapi import REFUSED as COMPOSED
from datong.gateway.composed.openapi import composed_path, composed_schemas
from datong.gateway.config import GatewayConfig
from datong.gateway.events.openapi import events_path, events_schemas
from datong.gateway.questions import LONGEST_CURSOR
from datong.kernel.corrections import LONGEST, LONGEST_EVIDENCE, LONGEST_KEY, MOST_KEYS, ProofKind, ReportKind

Part = dict[str, Any]

WHY: Final = {
    400: "the body is cut short (body_cut), or not a token request (malformed)",
    401: "no valid access token, or no valid assertion (unauthenticated)",
    403: "outside the grant: item_not_granted, purpose_required, purpose_mismatch, case_required, channel_not_granted, "
    "grant_suspended, grant_revoked, grant_expired, grant_not_yet",
    404: "no such resource, or none the caller holds a grant on: both look alike (unknown)",
    405: "the place knows no such method (method_not_allowed)",
    406: "the answer is wanted in a form this place does not give (not_acceptable)",
    408: "the body did not arrive in time (body_too_slow)",
    409: "several grants would answer (grant_ambiguous), or the data changed under a cursor (cursor_stale)",
    410: "the subscription has ended (subscription_ended), or everything has to be read anew (resync_required)",
    413: "the body is too large (too_large)",
    414: "the query is too long (query_too_long)",
    415: "the body is of another media type (unsupported_media_type)",
    422: "a parameter or field is malformed, or a filter is not allowed (malformed, filter_not_allowed), or an "
    "aggregate takes too long (too_broad)",
    429: "today's quota of the grant is used up (quota_exhausted), calls come too fast (rate_exceeded) or too many at once "
    "(too_many_at_once, too_many_waiting): Retry-After says when to ask again; too many token requests (throttled), or reports "
    "wait (too_many_reports)",
    502: "the provider's own interface refused or answered what does not fit: upstream_refuses, upstream_misfit",
    503: "policy_stale, evidence_unavailable, not_landed, grant_unusable, inbox_unavailable or unavailable: nothing can be "
    "answered now; or the provider's own interface cannot: upstream_away, upstream_resting, upstream_busy",
    504: "the provider's own interface did not answer in time (upstream_late)",
}
TOKEN: Final = (400, 401, 405, 408, 413, 415, 422, 429, 503)
DATA: Final = (401, 403, 404, 405, 409, 422, 429, 503)
AHEAD: Final = (502, 504)
"""Where the provider's own interface answers."""


def document(config: GatewayConfig) -> Part:
    """Describe the gateway of a node."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Datong gateway of node {config.node_code}",
            "version": "1",
            "summary": "Government data under a grant, with evidence.",
            "description": "Each answer and each refusal is in the evidence log before it leaves; the header "
            "Datong-Receipt proves it with the node's public key alone. Hashes in the record are SHA-256 over the "
            "bytes of Datong-Salt and the request (`METHOD target LF body`) or the answer's body, before any Content-Encoding.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": _paths(),
        "components": {"schemas": _schemas(), "securitySchemes": _security(), "headers": _headers()},
    }


def _paths() -> Part:
    place = "/v1/resources/{head}/{sequence}"
    return {
        "/oauth2/token": {"post": _token()},
        f"{place}/records": {"parameters": _place(), "get": _records()},
        f"{place}/verify": {"parameters": _place(), "post": _verify()},
        f"{place}/verify:batch": {
            "parameters": _place(),
            "post": described.batch(_answered("Verdicts", _ref("Verdicts")), _refusals(*described.BATCH)),
        },
        f"{place}/aggregate": {
            "parameters": _place(),
            "get": described.aggregate(_answered("Groups", _ref("Groups")), _refusals(*described.COUNTED)),
        },
        **described.files_path(_refusals(*described.FILES)),
        f"{place}/why": {
            "parameters": _place(),
            "get": described.why(_answered("A verdict on each channel", _ref("Reasons")), _refusals(*described.WHY)),
        },
        f"{place}/openapi.json": {
            "parameters": _place()[:3],
            "get": described.document(_answered("An OpenAPI document", {"type": "object"}), _refusals(*described.DOCUMENT)),
        },
        f"{place}/corrections": {"parameters": _place()[:3], "post": _report()},
        f"{place}/corrections/{{reference}}": {"parameters": [*_place()[:2], _reference()], "get": _report_state()},
        **composed_path(_place()[3:], _refusals(*COMPOSED)),
        **events_path(_answered("Events", _ref("Events")) | _refusals(401, 403, 404, 405, 409, 410, 422, 429, 503)),
        "/v1/openapi.json": {"get": _plain("getDescription", "This document", {"type": "object"})},
        "/v1/node": {"get": _plain("getNode", "The node's code and public key", _ref("Node"))},
        "/healthz": {"get": _plain("getHealth", "Whether the process answers", _ref("Health"))},
        "/readyz": {"get": _ready()},
    }


def _ref(name: str) -> Part:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: Part, kind: str = "application/json") -> Part:
    return {"content": {kind: {"schema": schema}}}


def _refusals(*statuses: int) -> Part:
    problem = _json(_ref("Problem"), "application/problem+json")
    return {str(status): {"description": WHY[status]} | problem for status in statuses}


def _answered(description: str, schema: Part, status: int = 200) -> Part:
    names = ("Datong-Receipt", "Datong-Request-Id", "Datong-Salt", "Datong-Grant")
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return {str(status): {"description": description, "headers": headers, **_json(schema)}}


def _place() -> list[Part]:
    head = {"type": "string", "pattern": "^[123][0-9]{5,19}$", "examples": ["3330001001"]}
    sequence = {"type": "string", "pattern": "^[1-9][0-9]{0,8}$", "examples": ["12"]}
    return [
        {"name": "head", "in": "path", "required": True, "description": "类项目细目 (1272)", "schema": head},
        {"name": "sequence", "in": "path", "required": True, "description": "序号 (1272)", "schema": sequence},
        _header("Datong-Grant", "number of the grant, needed when several would answer", 64),
        _header("Datong-Purpose", "granted purpose, percent-encoded UTF-8, where the grant wants it", 1_800),
        _header("Datong-Case", "number of the case at hand, percent-encoded UTF-8, where the grant wants it", 900),
        _header("Datong-User", "who asks at the caller's, percent-encoded UTF-8", 900),
    ]


def _header(name: str, description: str, longest: int) -> Part:
    schema = {"type": "string", "maxLength": longest}
    return {"name": name, "in": "header", "required": False, "description": description, "schema": schema}


def _query(name: str, description: str, schema: Part) -> Part:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _records() -> Part:
    filters = {"type": "object", "additionalProperties": {"type": "string", "maxLength": 1_000}}
    parameters = [
        {"name": "filters", "in": "query", "required": True, "style": "form", "explode": True, "schema": filters,
         "description": "field=value, at least one: keys, and declared query items granted unmasked"},
        _query("items", "items wanted, comma-separated; all granted ones when absent", {"type": "string"}),
        _query("limit", "most records", {"type": "integer", "minimum": 1, "maximum": 1_000, "default": 100}),
        _query("after", "`next` of the page before", {"type": "string", "maxLength": LONGEST_CURSOR}),
        described.if_none_match(),
    ]  # fmt: skip
    return {
        "operationId": "getRecords",
        "summary": "Records by key or filter, granted items only, masked as granted",
        "security": [{"token": []}],
        "parameters": parameters,
        "responses": described.records_forms(_answered("Records", _ref("Records"))) | _refusals(*DATA, *AHEAD, 406, 414),
    }


def _verify() -> Part:
    return {
        "operationId": "verifyRecord",
        "summary": "Whether a record is there and which claims about it hold; nothing else is revealed",
        "security": [{"token": []}],
        "requestBody": {"required": True, **_json(_ref("Question"))},
        "responses": _answered("Verdict", _ref("Verdict")) | _refusals(*DATA, *AHEAD, 400, 408, 413, 415),
    }


def _reference() -> Part:
    schema = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
    return {"name": "reference", "in": "path", "required": True, "description": "as answered to the report", "schema": schema}


def _report() -> Part:
    return {
        "operationId": "postCorrection",
        "summary": "Report an error in entry, data or interface (Order 809 art. 26); the provider answers in 10 working days",
        "description": "The same report sent again while the earlier one is open is the same report: it gets the same "
        "reference. What the report says is kept sealed; the evidence log holds its hash alone.",
        "security": [{"token": []}],
        "requestBody": {"required": True, **_json(_ref("Report"))},
        "responses": _answered("Taken", _ref("Taken"), 202) | _refusals(*DATA, 400, 408, 413, 415),
    }


def _report_state() -> Part:
    return {
        "operationId": "getCorrection",
        "summary": "How an own report stands, and whether the case at the window goes on meanwhile",
        "security": [{"token": []}],
        "responses": _answered("State", _ref("ReportState")) | _refusals(401, 403, 404, 405, 422, 503),
    }


def _token() -> Part:
    return {
        "operationId": "postToken",
        "summary": "An access token for a signed client assertion (RFC 7523)",
        "requestBody": {"required": True, **_json(_ref("TokenRequest"), "application/x-www-form-urlencoded")},
        "responses": {"200": {"description": "Token", **_json(_ref("Token"))}} | _refusals(*TOKEN),
    }


def _plain(operation: str, summary: str, schema: Part) -> Part:
    return {
        "operationId": operation,
        "summary": summary,
        "responses": {"200": {"description": summary, **_json(schema)}} | _refusals(405),
    }


def _ready() -> Part:
    not_ready = {"503": {"description": "Calls cannot be answered now", **_json(_ref("Readiness"))}}
    made = _plain("getReadiness", "Whether calls can be answered now", _ref("Readiness"))
    return made | {"responses": made["responses"] | not_ready}


def _object(properties: Part, *optional: str, closed: bool = True) -> Part:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": not closed}


def _schemas() -> Part:
    text: Part = {"type": "string"}
    whole, flag = {"type": "integer"}, {"type": "boolean"}
    scalar = {"type": ["string", "number", "boolean"]}
    facts = {"type": "object", "additionalProperties": scalar, "minProperties": 1, "maxProperties": 32}
    texts = {"type": "object", "additionalProperties": text}
    cell = {"type": ["string", "number", "boolean", "null"]}
    row = {"type": "object", "additionalProperties": cell}
    problem = {"type": text, "title": text, "status": whole, "detail": text, "code": text, "instance": text}
    perhaps = {"remedy": text, "rule": text, "errors": texts, "error": text, "error_description": text}
    flags = {"type": "object", "additionalProperties": flag}
    return {
        "Problem": _object(problem | perhaps, *perhaps),
        "Records": _object({"records": {"type": "array", "items": row}, "next": {"type": ["string", "null"]}}),
        "Question": _object({"key": facts, "claims": facts}),
        "Verdict": _object({"found": flag, "matches": flags}),
        **_correction_schemas(),
        **composed_schemas(),
        **events_schemas(),
        **described.schemas(),
        "TokenRequest": _object(
            {
                "grant_type": {"const": "client_credentials"},
                "client_assertion_type": {"const": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
                "client_assertion": {"type": "string", "minLength": 1},
                "client_id": text,
                "scope": text,
            },
            *("client_id", "scope"),
        ),
        "Token": _object({"access_token": text, "token_type": {"const": "Bearer"}, "expires_in": whole}),
        "Node": _object({"code": text, "public_key": text, "policy_version": whole}),
        "Health": _object({"ok": flag}),
        "Readiness": _object(
            {
                "ok": flag,
                "checks": flags,
                "gateway": text,
                "policy_version": whole,
                "lease_seconds": whole,
                "evidence_disk_percent": {"type": "number"},
            },
            "evidence_disk_percent",
        ),
    }


def _correction_schemas() -> Part:
    text: Part = {"type": "string"}
    flag, none = {"type": "boolean"}, {"type": ["string", "null"]}
    number = {"type": ["integer", "null"]}
    key = {"type": "object", "additionalProperties": {"type": "string", "maxLength": LONGEST_KEY}, "maxProperties": MOST_KEYS}
    lines = {name: {"type": "string", "maxLength": most} for name, most in LONGEST.items() if name != "proof_number"}
    proof = _object({"kind": {"enum": [*ProofKind]}, "number": {"type": "string", "maxLength": LONGEST["proof_number"]}})
    evidence = {"type": "string", "maxLength": LONGEST_EVIDENCE}
    case = {"case_continues": flag, "case_says": text, "case_rule": text}
    said = {"kind": {"enum": [*ReportKind]}, "key": key, **lines, "evidence": evidence, "proof": proof}
    states = ["received", "refused", "filed", "verifying", "corrected", "rejected", "closed", "withdrawn"]
    stands = {"reference": text, "state": {"enum": states}, "received_at": text, "number": text, "due": none, "problem": text}
    answer = {"opinion": text, "answered_at": none, "corrected_batch": number, "corrected_version": number}
    return {
        "Report": _object(said, *(name for name in said if name != "kind")),
        "Taken": _object({"reference": text, "state": {"const": "received"}, "href": text} | case),
        "ReportState": _object(stands | answer | case),
    }


def _security() -> Part:
    return {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}


def _headers() -> Part:
    told = {
        "Datong-Receipt": "proof that this answer is in the evidence log, verifiable with the public key alone",
        "Datong-Request-Id": "under which the evidence has this call",
        "Datong-Salt": "hexadecimal; with it the hashes in the record can be checked; kept nowhere but with you",
        "Datong-Grant": "number of the grant the answer rests on",
    }
    return {name: {"description": why, "schema": {"type": "string"}} for name, why in told.items()}
