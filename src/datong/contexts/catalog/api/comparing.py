# SPDX-License-Identifier: Apache-2.0
"""History: any version of a resource, and what changed between two of them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from ninja import Path, Query, Router

from datong.contexts.catalog import queries
from datong.contexts.catalog.api import schemas
from datong.contexts.catalog.api import shapes_of_life as shapes
from datong.contexts.catalog.api.resources import REFUSALS, entry
from datong.contexts.catalog.domain.entries import missing
from datong.contexts.catalog.queries import comparing

router = Router()


@router.get(
    "/resources/{head}/{sequence}/versions/{number}",
    response={200: schemas.EntryDetailOut, **REFUSALS},
    operation_id="get_version",
)
def get_version(request: HttpRequest, head: str, sequence: int, number: Path[int]) -> dict[str, Any]:
    """One version of a resource with all it says, past ones too."""
    row = comparing.numbered(f"{head}/{sequence}", number, by=request.officer)
    draft = queries.as_draft(row)
    people = {name: getattr(row, name) for name in ("created_by", "filed_by", "consented_by", "reviewed_by")}
    return {**entry(row), **people, "entry": asdict(draft), "missing": missing(draft)}


@router.get(
    "/resources/{head}/{sequence}/changes", response={200: shapes.DiffOut, **REFUSALS}, operation_id="compare_versions"
)
def compare_versions(
    request: HttpRequest, head: str, sequence: int, old: int = Query(...), new: int = Query(...)
) -> dict[str, Any]:
    """What changed from one version to another: fields, and items added, removed, changed, moved."""
    _before, _after, found = comparing.compare(f"{head}/{sequence}", old, new, by=request.officer)
    return {"old": old, "new": new, **asdict(found)}
