# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI document of a service as X-Road's getOpenAPI gives it: what a caller's grants in force let it ask there.

Kept here: places, items, filters, bounds and causes of refusal are those of the documents of the grants; only headers have
X-Road's names here, and refusals are its error triples. Of several grants all are told at once, for X-Road's clients name
none: where several cover a place, Datong-Grant is needed and says which, and a schema is that of any of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from datong.kernel.sharing import Channel
from datong.wire import xroad
from datong.wire.granted import calls
from datong.wire.granted.document import DIALECT, VERSION, facts, limits_of
from datong.wire.granted.offer import Offer, narrowed, offer_of
from datong.wire.granted.parts import header, headers, parameters, ref, security, told_headers
from datong.wire.granted.refusals import CODES, codes_of
from datong.wire.policy import Client, Grant, Resource

Part = dict[str, Any]
Told = list[tuple[Offer, Part]]
"""Offers, each with what its document says of a place."""

RENAMED: Final[Mapping[str, str]] = {"Datong-Case": "X-Road-Issue", "Datong-User": "X-Road-UserId"}
"""Header of ours to that of X-Road that stands for it."""
NAMED: Final = "Datong-Grant"
BOUND: Final[Mapping[str, str]] = {
    "X-Road-Request-Id": "请求编号 (under which the evidence has this call)",
    "X-Road-Request-Hash": "请求的散列 (SHA-512 over head and body of the request)",
}
ERROR: Final[Mapping[str, str]] = {"X-Road-Error": "错误类型 (type of the error)"}
REFUSED: Final = "4"


def document(grants: Sequence[Grant], resource: Resource, client: Client, asked: xroad.Service) -> Part:
    """Write the document.

    Args:
        grants: The caller's on the resource, in force, at least one.
        resource: What they are on.
        client: Whom they were given to.
        asked: The subsystem that was asked.
    """
    offers = [served(one, resource) for one in grants]
    told = [(one, calls.operations(one, client)) for one in offers]
    paths = {}
    for place, method in calls.METHODS.items():
        if found := [(one, said[place]) for one, said in told if place in said]:
            covering = sum(found[0][1]["tags"][0] in one.channels for one in grants)
            paths[f"/{place}"] = {method: _operation(place, found, client, asked, named=covering > 1)}
    base = f"/r1/{asked.instance}/{xroad.CLASS}/{asked.member}/{asked.subsystem}/{resource.code.partition('/')[2]}"
    covered = {channel for one in grants for channel in one.channels}
    return {
        "openapi": VERSION,
        "jsonSchemaDialect": DIALECT,
        "info": _info(offers),
        "servers": [{"url": base}],
        "tags": [{"name": one, "description": one.label} for one in (Channel.CALL, Channel.VERIFY) if one in covered],
        "paths": paths,
        "components": {
            "schemas": _joined([calls.schemas(one) for one in offers]) | {"Fault": _fault()},
            "headers": told_headers() | {name: _text(words) for name, words in {**BOUND, **ERROR}.items()},
            "securitySchemes": security(client, tables=False),
        },
        "x-datong-grants": [facts(one) for one in offers],
    }


def served(grant: Grant, resource: Resource) -> Offer:
    """What a grant offers at X-Road's places."""
    return narrowed(offer_of(grant, resource), calls.METHODS)


def _info(offers: list[Offer]) -> Part:
    resource, numbers = offers[0].resource, "、".join(one.grant.number for one in offers)
    lines = [
        line
        for one in offers
        for line in (f"授权 {one.grant.number} 准许的调用 (what grant {one.grant.number} lets its holder call)", *limits_of(one))
    ]
    return {
        "title": f"{resource.name}（{resource.code}）",
        "version": str(resource.version),
        "summary": f"授权 {numbers} (grant {numbers})",
        "description": "\n\n".join(lines),
    }


def _operation(place: str, told: Told, client: Client, asked: xroad.Service, *, named: bool) -> Part:
    said = told[0][1]
    answers = {status: one for status, one in said["responses"].items() if status < REFUSED}
    for one in answers.values():
        one["headers"] = one.get("headers", {}) | headers(*BOUND)
    words = dict.fromkeys(one["description"] for _, one in told if "description" in one)
    causes = {code for one, _ in told for code in codes_of(one, client, place)}
    made = said | {"parameters": [*_ours(client, asked), *_parameters(told, named=named)], "responses": answers | _faults(causes)}
    return made | ({"description": "\n\n".join(words)} if words else {})


def _ours(client: Client, asked: xroad.Service) -> list[Part]:
    """Headers of X-Road that have no like among ours."""
    who = f"{asked.instance}/{xroad.CLASS}/{client.department}/{client.client_id}"
    return [
        header("X-Road-Client", "哪个应用系统在问 (the application that asks)", {"type": "string", "enum": [who]}, needed=True),
        header("X-Road-Id", "调用方给的编号 (the caller's own id of the call)", {"type": "string", "pattern": f"^{xroad.ID}$"}),
    ]


def _parameters(told: Told, *, named: bool) -> list[Part]:
    """Parameters of a place, each once: needed where all grants want it, or where it has to say which grant is meant."""
    found: dict[tuple[str, str], list[Part]] = {}
    for offer, said in told:
        known = parameters(offer)
        for part in said["parameters"]:
            one = known[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
            found.setdefault((one["in"], one["name"]), []).append(one)
    return [_parameter(parts, len(told), named=named) for parts in found.values()]


def _parameter(parts: list[Part], grants: int, *, named: bool) -> Part:
    name, words = parts[0]["name"], dict.fromkeys(one["description"] for one in parts)
    needed = named if name == NAMED else len(parts) == grants and all(one["required"] for one in parts)
    schema = _any(_distinct([one["schema"] for one in parts]))
    return parts[0] | {"name": RENAMED.get(name, name), "required": needed, "description": "；".join(words), "schema": schema}


def _joined(told: list[Part]) -> Part:
    """Schemas of several documents by their names; where they differ each has a name of its own, as makers of clients need."""
    made: Part = {}
    for name in dict.fromkeys(key for one in told for key in one):
        distinct = _distinct([one[name] for one in told if name in one])
        named = {f"{name}{at}": one for at, one in enumerate(distinct, 1)} if len(distinct) > 1 else {}
        made |= named | {name: {"anyOf": [ref(one) for one in named]} if named else distinct[0]}
    return made


def _any(distinct: list[Part]) -> Part:
    """What fits any of the schemas; what is usual under one grant is not under another."""
    if len(distinct) == 1:
        return distinct[0]
    if all("enum" in one for one in distinct):
        return {"type": "string", "enum": [*dict.fromkeys(value for one in distinct for value in one["enum"])]}
    return {"anyOf": [{name: value for name, value in one.items() if name != "default"} for one in distinct]}


def _distinct(schemas: list[Part]) -> list[Part]:
    return [one for at, one in enumerate(schemas) if one not in schemas[:at]]


def _faults(codes: Iterable[str]) -> Part:
    """The refusals of a place as error triples, by their status."""
    told: dict[int, dict[str, list[str]]] = {}
    for code in sorted(codes):
        kind = xroad.kind_of(code, CODES[code][0])
        told.setdefault(xroad.status_of(kind), {}).setdefault(kind, []).append(CODES[code][1])
    return {str(status): _refused(told[status]) for status in sorted(told)}


def _refused(kinds: dict[str, list[str]]) -> Part:
    words = "\n\n".join(f"`{kind}` {'；'.join(why)}" for kind, why in sorted(kinds.items()))
    schema = {"allOf": [ref("Fault")], "properties": {"type": {"enum": sorted(kinds)}}}
    return {"description": words, "headers": headers(*BOUND, *ERROR), "content": {"application/json": {"schema": schema}}}


def _fault() -> Part:
    text = {"type": "string"}
    told = {"type": text, "message": text, "detail": text | {"format": "uuid"}}
    return {"type": "object", "properties": told, "required": [*told]}


def _text(description: str) -> Part:
    return {"description": description, "schema": {"type": "string"}}
