# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI 3.1 document of one grant: what its holder may ask, how, within which limits, and why it may be refused.

Kept here: one generator for the gateway, which tells callers, and the control plane, which shows people; both hand in the
same entries of the policy, so both tell the same, byte for byte.
"""

from collections.abc import Iterable
from typing import Any, Final

from datong.kernel.sharing import Channel
from datong.wire.granted import beside, bulk, calls, composed
from datong.wire.granted import offer as names
from datong.wire.granted.offer import Offer, offer_of
from datong.wire.granted.parts import parameters, security, told_headers
from datong.wire.policy import Client, Grant, Pace, Resource

Part = dict[str, Any]

VERSION: Final = "3.1.0"
DIALECT: Final = "https://spec.openapis.org/oas/3.1/dialect/base"
ROOMS: Final = (calls, composed, bulk, beside)
_TEXT: Final[Part] = {"type": "string"}


def document(grant: Grant, resource: Resource, client: Client, *, server: str = "") -> Part:
    """Write the document.

    Args:
        grant: As the policy has it, in force.
        resource: What it is on.
        client: Whom it was given to.
        server: Address under which callers reach the gateway; empty for that the document was had from.
    """
    offer = offer_of(grant, resource)
    made: Part = {
        "openapi": VERSION,
        "jsonSchemaDialect": DIALECT,
        "info": _info(offer),
        "servers": [{"url": server.rstrip("/") or "/"}],
        "tags": [{"name": one, "description": one.label} for one in Channel if one in grant.channels],
        "paths": _joined(one.paths(offer, client) for one in ROOMS),
        "components": {
            "schemas": _joined(one.schemas(offer) for one in ROOMS) | _schemas(),
            "parameters": parameters(offer),
            "headers": told_headers(),
            "securitySchemes": security(client, tables=names.TABLE in offer.places),
        },
        "x-datong-grant": facts(offer),
    }
    return made


def facts(offer: Offer) -> Part:
    """What the grant says, for programs."""
    grant = offer.grant
    return {
        "number": grant.number,
        "resource": offer.resource.code,
        "resource_version": offer.resource.version,
        "channels": [*grant.channels],
        "purpose": grant.purpose,
        "require_purpose": grant.require_purpose,
        "require_case": offer.grant.by_case,
        "not_before": grant.not_before,
        "not_after": grant.not_after,
        "quota_per_day": grant.quota_per_day,
        "max_rows": offer.most,
        "smallest_group": grant.smallest_group,
        "pace": _pace(grant.pace),
        "awaited": [*offer.awaited],
    }


def _pace(pace: Pace) -> Part:
    return {"per_second": pace.per_second, "burst": pace.most, "at_once": pace.at_once}


def _info(offer: Offer) -> Part:
    grant, resource = offer.grant, offer.resource
    lines = [
        f"授权 {grant.number} 准许的全部调用，别无其他 (all that grant {grant.number} lets its holder call, and nothing else)",
        *limits_of(offer),
        "每次答复和拒绝都先留痕再给出 (each answer and each refusal is in the evidence log before it leaves)",
    ]
    return {
        "title": f"{resource.name}（{resource.code}）",
        "version": str(resource.version),
        "summary": f"授权 {grant.number} (grant {grant.number})",
        "description": "\n\n".join(lines),
    }


def limits_of(offer: Offer) -> list[str]:
    """How long, what for and how much, and what is not here yet, in sentences."""
    grant = offer.grant
    said = [f"使用时限 (in force)：{grant.not_before} 至 {grant.not_after}"]
    said += [f"用途 (purpose)：{grant.purpose}"] if grant.purpose else []
    if grant.quota_per_day is not None:
        said.append(f"每日 {grant.quota_per_day} 次 (calls a day)")
    if grant.pace.per_second:
        said.append(f"每秒 {grant.pace.per_second} 次，突发 {grant.pace.most} 次 (calls a second; burst)")
    if grant.pace.at_once:
        said.append(f"同时 {grant.pace.at_once} 次 (calls at once)")
    return [*said, f"每次最多 {offer.most} 行 (rows an answer)", *(f"**{one}**" for one in offer.awaited)]


def _joined(parts: Iterable[Part]) -> Part:
    return {name: told for part in parts for name, told in part.items()}


def _schemas() -> Part:
    problem = dict.fromkeys(("type", "title", "detail", "code", "instance"), _TEXT) | {"status": {"type": "integer"}}
    more = {"remedy": _TEXT, "rule": _TEXT, "errors": {"type": "object", "additionalProperties": _TEXT}}
    return {"Problem": {"type": "object", "properties": problem | more, "required": [*problem]}}
