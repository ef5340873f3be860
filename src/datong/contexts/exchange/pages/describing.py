# SPDX-License-Identifier: Apache-2.0
"""The document of a grant to look at and to take away: what its holder may call, as the gateway tells the holder itself.

Kept here: the page is read off the document, so that the two cannot differ.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from datong.contexts.exchange import permissions, usecases
from datong.contexts.sharing import face as sharing
from datong.wire.granted.refusals import CODES

PLACES = {"path": _("路径"), "query": _("查询参数"), "header": _("请求头")}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as the page shows it.

    Attributes:
        parameters: Name, place, whether it is needed, values, words of each but headers.
        headers: Name of each header of the call, and whether it is needed.
        sent, told: Members of the body that is sent and of the rows or verdict that is told: name, values, words.
        refusals: Status, code and words of each.
    """

    name: str
    method: str
    path: str
    summary: str
    words: list[str]
    parameters: list[tuple[str, Any, bool, str, str]]
    headers: list[tuple[str, bool]]
    sent: list[tuple[str, str, str]]
    told: list[tuple[str, str, str]]
    refusals: list[tuple[str, str, str]]


@require_GET
def interface(request: HttpRequest, number: str) -> HttpResponse:
    """Show what a grant lets its holder call."""
    grant = sharing.grant(number, by=request.officer)
    found = usecases.describe(number, by=request.officer)
    more: dict[str, Any] = {
        "grant": grant,
        "found": found,
        "facts": found.document["x-datong-grant"] if found else None,
        "operations": list(_operations(found.document)) if found else [],
        "headers": [_parameter(one) for one in found.document["components"]["parameters"].values()] if found else [],
        "text": json.dumps(found.document, ensure_ascii=False, indent=2) if found else "",
        "token_words": found.document["components"]["securitySchemes"]["token"]["description"] if found else "",
        "gateway": settings.NODE.gateway_address,
        "may_try": permissions.check_may_try.allowed(request.officer, grant.consumer),
    }
    return render(request, "exchange/interface.html", more)


@never_cache
@require_GET
def interface_document(request: HttpRequest, number: str) -> HttpResponse:
    """Give the document as a file."""
    found = usecases.described(number, by=request.officer)
    headers = {"Content-Disposition": f'attachment; filename="{number}.openapi.json"'}
    return HttpResponse(json.dumps(found.document, ensure_ascii=False, indent=2), "application/json", headers=headers)


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        shared = item.get("parameters", [])
        for method, one in item.items():
            if not isinstance(one, dict):
                continue
            parameters = [_resolved(document, part) for part in (*shared, *one.get("parameters", []))]
            yield Operation(
                name=one["operationId"],
                method=method.upper(),
                path=path,
                summary=one["summary"],
                words=one.get("description", "").split("\n\n") if "description" in one else [],
                parameters=[_parameter(part) for part in parameters if part["in"] != "header"],
                headers=[(part["name"], part["required"]) for part in parameters if part["in"] == "header"],
                sent=_members(document, _schema(one.get("requestBody", {}))),
                told=_members(document, _schema(_answer(one))),
                refusals=list(_refusals(one["responses"])),
            )


def _parameter(part: dict[str, Any]) -> tuple[str, Any, bool, str, str]:
    return part["name"], PLACES[part["in"]], part["required"], _shape(part["schema"]), part.get("description", "")


def _answer(one: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(response for status, response in one["responses"].items() if status.startswith("2"))
    return found


def _schema(part: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = part.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _members(document: dict[str, Any], schema: dict[str, Any], above: str = "") -> list[tuple[str, str, str]]:
    """Members of an object, those of objects and lists in it with the names above them."""
    found: list[tuple[str, str, str]] = []
    schema = _resolved(document, schema)
    for one in (_resolved(document, kind) for kind in schema.get("oneOf", [schema])):
        for name, part in one.get("properties", {}).items():
            inner = _resolved(document, part)
            inside = _members(document, inner.get("items", inner), f"{above}{name}.")
            line = (f"{above}{name}", _shape(inner), inner.get("description") or inner.get("title", ""))
            found += inside or [line]
    return list(dict.fromkeys(found))


def _refusals(responses: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for status, response in responses.items():
        schema = response.get("content", {}).get("application/problem+json", {}).get("schema", {})
        for code in schema.get("properties", {}).get("code", {}).get("enum", []):
            yield status, code, CODES[code][1]


def _resolved(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        found: Any = document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    return part


def _shape(schema: dict[str, Any]) -> str:
    """Values a schema takes, in the words of JSON Schema."""
    if "const" in schema:
        return str(schema["const"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "x-datong-names" in schema:
        return f"{' | '.join(schema['x-datong-names'])}, …"
    if "items" in schema:
        return f"[{_shape(schema['items'])}]"
    kinds = schema.get("type", "object")
    said = [" | ".join(kinds) if isinstance(kinds, list) else kinds]
    said += [str(schema[name]) for name in ("format", "pattern") if name in schema]
    if "maximum" in schema:
        said.append(f"{schema.get('minimum', 0)}–{schema['maximum']}")
    if "maxLength" in schema:
        said.append(f"≤ {schema['maxLength']}")
    return " · ".join(said)
