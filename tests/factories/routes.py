# SPDX-License-Identifier: Apache-2.0
"""Every address of the control plane: its path, its view, who may come without signing in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from ninja.operation import Operation, PathView

from datong.config.api import api

DATES = {"date": "2026-12-01", "date-time": "2026-12-01T00:00:00Z"}
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Route:
    """One address."""

    path: str
    name: str
    view: Callable[..., Any]

    @property
    def parameters(self) -> set[str]:
        """Names in the path."""
        return set(PARAMETER.findall(self.path))

    def address(self, values: Mapping[str, object]) -> str:
        """The path with its parameters filled."""
        return "/" + PARAMETER.sub(lambda found: str(values[found[1]]), self.path)


def routes() -> list[Route]:
    """Every URL pattern, the API's among them."""
    return list(_walk(get_resolver(), ""))


def _walk(resolver: URLResolver, before: str) -> Iterator[Route]:
    for one in resolver.url_patterns:
        path = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield Route(path, one.name or "", one.callback)
        else:
            yield from _walk(one, path)


def operations() -> Iterator[tuple[str, Operation]]:
    """Every operation of the API with its path."""
    for prefix, router in api._routers:
        views: Mapping[str, PathView] = router.path_operations
        for path, view in views.items():
            yield from ((f"{prefix}{path}", operation) for operation in view.operations)


def writes() -> Iterator[tuple[str, str, Any]]:
    """Every writing operation as its document has it: method, path, and the least body its schema takes, None for none."""
    said = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    parts = said["components"]["schemas"]
    for path, methods in said["paths"].items():
        for method, one in methods.items():
            content = one.get("requestBody", {}).get("content", {}).get("application/json")
            if method != "get":
                yield method.upper(), path, _least(content["schema"], parts) if content else None


def _least(schema: dict[str, Any], parts: dict[str, Any]) -> Any:
    """The least value that a schema takes."""
    if "$ref" in schema:
        return _least(parts[schema["$ref"].rpartition("/")[2]], parts)
    for some in ("anyOf", "oneOf", "allOf"):
        if some in schema:
            return _least(schema[some][0], parts)
    if "enum" in schema or "const" in schema:
        return schema.get("const", *schema.get("enum", [])[:1])
    return {
        "object": lambda: {name: _least(schema["properties"][name], parts) for name in schema.get("required", [])},
        "array": lambda: [_least(schema["items"], parts)] * max(1, schema.get("minItems", 1)),
        "integer": lambda: max(1, schema.get("minimum", 1)),
        "number": lambda: 1,
        "boolean": lambda: True,
        "null": lambda: None,
        "string": lambda: DATES.get(schema.get("format", ""), "x" * max(1, schema.get("minLength", 1))),
    }[schema.get("type", "object")]()
