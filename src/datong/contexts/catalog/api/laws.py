# SPDX-License-Identifier: Apache-2.0
"""Laws a withholding may rest on: a pick-list that the authority extends (809 arts. 14, 15)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Path, Router, Status

from datong.contexts.catalog.api import shapes_of_life as shapes
from datong.contexts.catalog.api.resources import REFUSALS
from datong.contexts.catalog.models import Law
from datong.contexts.catalog.queries import inventory
from datong.contexts.catalog.usecases import laws

router = Router()


@router.get("/laws", response={200: list[shapes.LawOut], **REFUSALS}, operation_id="list_laws")
def list_laws(request: HttpRequest, rank: str = "", q: str = "") -> list[dict[str, Any]]:  # noqa: ARG001
    """Laws by rank and title, with the articles cited often."""
    return [_shown(row) for row in inventory.laws(rank=rank[:40], q=q[:100])]


@router.post("/laws", response={201: shapes.LawOut, **REFUSALS}, operation_id="add_law")
def add_law(request: HttpRequest, given: shapes.LawIn) -> Status:
    """List a law; the authority alone may."""
    made = laws.add_law(
        given.title, given.rank, document=given.document, issued_on=given.issued_on, by=request.officer
    )
    return Status(201, _shown(made))


@router.post("/laws/{law_id}/articles", response={201: shapes.ArticleOut, **REFUSALS}, operation_id="add_law_article")
def add_article(request: HttpRequest, law_id: Path[int], given: shapes.ArticleIn) -> Status:
    """List an article of a law; the authority alone may."""
    return Status(201, laws.add_article(law_id, given.article, given.gist, by=request.officer))


@router.post("/laws/{law_id}/repeal", response={200: shapes.LawOut, **REFUSALS}, operation_id="repeal_law")
def repeal_law(request: HttpRequest, law_id: Path[int]) -> dict[str, Any]:
    """Mark a law as repealed: it stays listed and carries nothing new."""
    return _shown(laws.repeal_law(law_id, by=request.officer))


def _shown(row: Law) -> dict[str, Any]:
    same = {name: getattr(row, name) for name in ("title", "rank", "document", "issued_on", "repealed")}
    articles = [{"article": one.article, "gist": one.gist} for one in row.articles.all()]
    return {"id": row.pk, **same, "articles": articles}
