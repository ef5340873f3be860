# SPDX-License-Identifier: Apache-2.0
"""Every address of the control plane: its path, its view, who may come without signing in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from ninja.operation import Operation, PathView

from datong.config.api import api

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
