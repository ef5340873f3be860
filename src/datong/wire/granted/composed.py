# SPDX-License-Identifier: Apache-2.0
"""The part of a composed call that a grant gives: records or a verification, beside parts under other grants."""

from typing import Any, Final

from datong.kernel.sharing import Channel
from datong.wire.granted import offer as names
from datong.wire.granted import shapes
from datong.wire.granted.bounds import LONGEST_CURSOR, LONGEST_NAME, MOST_PARTS
from datong.wire.granted.offer import Offer
from datong.wire.granted.parts import answered, common, headers, ref
from datong.wire.granted.refusals import COMPOSED, refused
from datong.wire.policy import Client

Part = dict[str, Any]

SERVICES: Final = {names.RECORDS: "ComposedRecords", names.VERIFY: "ComposedVerify"}
"""Service of a part to the name of its schema."""


def paths(offer: Offer, client: Client) -> Part:
    """The place, where the grant gives a part."""
    return {"/v1/composed": {"post": _composed(offer, client)}} if {*SERVICES} & {*offer.places} else {}


def schemas(offer: Offer) -> Part:
    """What is asked and told there."""
    kinds = {name: _ASKED[service](offer) for service, name in SERVICES.items() if service in offer.places}
    if not kinds:
        return {}
    asked = next(iter(kinds.values())) if len(kinds) == 1 else {"oneOf": [ref(name) for name in kinds]}
    text, whole = {"type": "string"}, {"type": "integer"}
    told: Part = dict.fromkeys(("name", "code", "request", "request_id", "salt", "receipt", "grant", "body"), text)
    told |= {"status": whole, "retry_after": whole}
    part = shapes.closed(told, needed=(one for one in told if one not in ("grant", "retry_after")))
    calls = {"type": "array", "items": ref("ComposedPart"), "minItems": 1, "maxItems": MOST_PARTS}
    return {
        **(kinds if len(kinds) > 1 else {}),
        "ComposedPart": asked,
        "ComposedCall": shapes.closed({"parts": calls}, needed=("parts",)),
        "ComposedAnswerPart": part,
        "ComposedAnswer": shapes.closed({"parts": {"type": "array", "items": ref("ComposedAnswerPart")}}, needed=("parts",)),
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
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref("ComposedCall")}}},
        "responses": told | refused(offer, client, COMPOSED),
    }


def _records(offer: Offer) -> Part:
    keys = {*offer.resource.keys}
    split = {"key": [one for one in offer.filters if one.field in keys],
             "filters": [one for one in offer.filters if one.field not in keys]}  # fmt: skip
    asked = {part: shapes.values(found) for part, found in split.items() if found}
    asked |= {"items": shapes.listed(one.field for one in offer.items), "limit": shapes.whole(offer.most)}
    asked |= {"after": {"type": "string", "maxLength": LONGEST_CURSOR}}
    return shapes.closed(_any(offer, names.RECORDS) | asked, needed=("name", "resource", "service"))


def _verify(offer: Offer) -> Part:
    asked = {"key": shapes.values(offer.key, whole=True), "claims": shapes.values(offer.claims, least=1)}
    return shapes.closed(_any(offer, names.VERIFY) | asked, needed=("name", "resource", "service", *asked))


def _any(offer: Offer, service: str) -> Part:
    """What each part says."""
    name = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
    resource, grant = {"const": offer.resource.code}, {"const": offer.grant.number}
    return {"name": name, "resource": resource, "grant": grant, "service": {"const": service}}


_ASKED: Final = {names.RECORDS: _records, names.VERIFY: _verify}
