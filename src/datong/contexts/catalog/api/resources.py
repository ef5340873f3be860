# SPDX-License-Identifier: Apache-2.0
"""Classes and published resources; searching and reading need no sign-in, items do."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Status

from datong.contexts.catalog import queries, usecases
from datong.contexts.catalog.api import schemas
from datong.contexts.catalog.domain import ResourceView, SearchResult
from datong.contexts.catalog.models import ClassNode, Version
from datong.contexts.catalog.queries import comparing
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422), Problem)


@router.get("/classes", response={200: list[schemas.ClassOut], **REFUSALS}, operation_id="list_classes", auth=None)
def list_classes(
    request: HttpRequest,  # noqa: ARG001
    under: str = "",
    level: int | None = None,
) -> QuerySet[ClassNode]:
    """Classes in order of code, those under a code, of one level (1 类, 2 项, 3 目, 4 细目)."""
    return queries.classes(level=level if level in (None, 1, 2, 3, 4) else 0, under=under)


@router.post("/classes", response={201: schemas.ClassOut, **REFUSALS}, operation_id="add_class")
def add_class(request: HttpRequest, given: schemas.ClassIn) -> Status:
    """Add a 目 or 细目; the authority alone may."""
    return Status(201, usecases.add_class(given.code, given.name, by=request.officer))


@router.get("/resources", response={200: schemas.SearchOut, **REFUSALS}, operation_id="search_resources", auth=None)
def search_resources(request: HttpRequest, wanted: Query[schemas.SearchIn]) -> SearchResult:
    """Find published resources: every word of `q` must be found; facets narrow."""
    filters = wanted.dict(exclude={"q", "page", "per_page", "sort"})
    paged = {"page": wanted.page, "per_page": wanted.per_page, "sort": wanted.sort}
    return queries.search(wanted.q, by=request.officer, filters=filters, **paged)


@router.get(
    "/resources/{head}/{sequence}",
    response={200: schemas.ResourceOut, **REFUSALS},
    operation_id="get_resource",
    auth=None,
)
def get_resource(request: HttpRequest, head: str, sequence: int) -> ResourceView:
    """A published resource in its current version; items only for those signed in."""
    return queries.resource(f"{head}/{sequence}", by=request.officer)


@router.get(
    "/resources/{head}/{sequence}/versions",
    response={200: list[schemas.EntryOut], **REFUSALS},
    operation_id="list_versions",
)
def list_versions(request: HttpRequest, head: str, sequence: int) -> list[dict[str, Any]]:
    """Versions of a resource the officer may see, newest first."""
    return [entry(row) for row in comparing.versions(f"{head}/{sequence}", by=request.officer)]


@router.post(
    "/resources/{head}/{sequence}/versions",
    response={201: schemas.EntryOut, **REFUSALS},
    operation_id="begin_version",
)
def begin_version(request: HttpRequest, head: str, sequence: int) -> Status:
    """Begin a new version beside the published one."""
    return Status(201, entry(usecases.new_version(f"{head}/{sequence}", by=request.officer)))


def entry(row: Version) -> dict[str, Any]:
    """Give a version in short; resource and provider at hand."""
    return {
        "id": row.pk,
        "code": row.resource.code,
        "version": row.number,
        "provider": row.resource.provider_id,
        "provider_name": row.resource.provider.name,
        **{name: getattr(row, name) for name in ("revision", "stage", "name", "opinion", "due", "changed_at")},
    }
