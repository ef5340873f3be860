# SPDX-License-Identifier: Apache-2.0
"""Places beside the data that every holder of a grant may ask: why, the document itself, reports of errors."""

from typing import Any, Final

from datong.kernel.corrections import LONGEST, LONGEST_EVIDENCE, LONGEST_KEY, ProofKind, ReportKind
from datong.kernel.labels import Labelled
from datong.wire.granted import shapes
from datong.wire.granted.offer import Offer
from datong.wire.granted.parts import answered, optional, ref
from datong.wire.granted.refusals import DOCUMENT, REPORT, STATE, WHY, refused
from datong.wire.policy import Client

Part = dict[str, Any]

_TEXT: Final[Part] = {"type": "string"}


def paths(offer: Offer, client: Client) -> Part:
    """The places, by their paths."""
    base = f"/v1/resources/{offer.resource.code}"
    grant = {"$ref": "#/components/parameters/Grant"}
    reference = {"name": "reference", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"}}
    said = {"required": True, "content": {"application/json": {"schema": ref("Report")}}}
    report = _operation("postCorrection", "报告错误 (report an error)", ref("Taken"), refused(offer, client, REPORT), status=202)
    state = _operation("getCorrection", "报告办到哪一步 (how a report stands)", ref("ReportState"), refused(offer, client, STATE))
    why = _operation("getWhy", "能不能用，为什么 (what would answer, or what hinders)", {"type": "object"},
                     refused(offer, client, WHY))  # fmt: skip
    own = _operation("getGrantDocument", "本文档 (this document)", {"type": "object"}, refused(offer, client, DOCUMENT))
    return {
        f"{base}/why": {"get": why | {"parameters": optional(offer)}},
        f"{base}/openapi.json": {"get": own | {"parameters": [grant]}},
        f"{base}/corrections": {"post": report | {"parameters": [grant], "requestBody": said}},
        f"{base}/corrections/{{reference}}": {"parameters": [reference], "get": state},
    }


def schemas(offer: Offer) -> Part:
    """What is reported there, and told of it."""
    none, flag = {"type": ["string", "null"]}, {"type": "boolean"}
    number = {"type": ["integer", "null"]}
    lines = {
        name: {"type": "string", "maxLength": most} for name, most in LONGEST.items() if name not in ("proof_number", "item")
    }
    proof = {"kind": _enum(ProofKind), "number": {"type": "string", "maxLength": LONGEST["proof_number"]}}
    said = {"kind": _enum(ReportKind), **lines, "evidence": {"type": "string", "maxLength": LONGEST_EVIDENCE}}
    said |= {"proof": shapes.closed(proof, needed=proof)}
    said |= {"item": {"type": "string", "enum": [*offer.reported]}} if offer.reported else {}
    if offer.keys:
        key = {one.field: {"title": one.name, "type": "string", "maxLength": LONGEST_KEY} for one in offer.keys}
        said["key"] = shapes.closed(key, needed=key)
    case = {"case_continues": flag, "case_says": _TEXT, "case_rule": _TEXT}
    taken = {"reference": _TEXT, "state": {"const": "received"}, "href": _TEXT} | case
    stands = dict.fromkeys(("reference", "state", "received_at", "number", "problem", "opinion"), _TEXT)
    stands |= {"due": none, "answered_at": none, "corrected_batch": number, "corrected_version": number} | case
    return {
        "Report": shapes.closed(said, needed=("kind",)),
        "Taken": shapes.closed(taken, needed=taken),
        "ReportState": shapes.closed(stands, needed=stands),
    }


def _operation(operation: str, summary: str, schema: Part, refusals: Part, *, status: int = 200) -> Part:
    told = answered(summary, schema, status=status)
    return {"operationId": operation, "summary": summary, "security": [{"token": []}], "responses": told | refusals}


def _enum(kinds: type[Labelled]) -> Part:
    return {"type": "string", "enum": [*kinds], "description": "；".join(f"{one} {one.label}" for one in kinds)}
