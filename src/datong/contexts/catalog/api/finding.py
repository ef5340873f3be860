# SPDX-License-Identifier: Apache-2.0
"""Suggestions while one types, and the other names search knows."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from datong.contexts.catalog import queries, usecases
from datong.contexts.catalog.api.resources import REFUSALS
from datong.contexts.catalog.domain import Suggestion
from datong.contexts.catalog.models import Synonym

router = Router()


class SuggestIn(Schema):
    """What is typed so far."""

    q: str = Field("", max_length=200)


class SuggestionOut(Schema):
    """Something to go on with."""

    kind: str = Field(description="resource, department, class or synonym")
    text: str
    value: str = Field(description="code, or the words to search by")
    note: str


class SynonymIn(Schema):
    """Two names of one thing."""

    term: str = Field(max_length=1000)
    meaning: str = Field(max_length=1000)


class SynonymOut(Schema):
    """A pair of names."""

    id: int
    term: str
    meaning: str
    added_by: str


class NamedIn(Schema):
    """Which pairs."""

    q: str = Field("", max_length=100)


@router.get(
    "/suggestions", response={200: list[SuggestionOut], **REFUSALS}, operation_id="suggest_resources", auth=None
)
def suggest_resources(request: HttpRequest, wanted: Query[SuggestIn]) -> tuple[Suggestion, ...]:
    """Suggest how to go on while someone types."""
    return queries.suggest(wanted.q, by=request.officer)


@router.get("/synonyms", response={200: list[SynonymOut], **REFUSALS}, operation_id="list_synonyms")
def list_synonyms(request: HttpRequest, wanted: Query[NamedIn]) -> QuerySet[Synonym]:  # noqa: ARG001
    """Pairs of names search takes for one, in order."""
    return queries.synonyms(wanted.q)[:1000]


@router.post("/synonyms", response={201: SynonymOut, **REFUSALS}, operation_id="add_synonym")
def add_synonym(request: HttpRequest, given: SynonymIn) -> Status:
    """Add a pair; the authority alone may."""
    return Status(201, usecases.add_synonym(given.term, given.meaning, by=request.officer))


@router.delete("/synonyms/{pair}", response={204: None, **REFUSALS}, operation_id="drop_synonym")
def drop_synonym(request: HttpRequest, pair: Path[int]) -> Status:
    """Take a pair away; the authority alone may."""
    usecases.drop_synonym(pair, by=request.officer)
    return Status(204, None)
