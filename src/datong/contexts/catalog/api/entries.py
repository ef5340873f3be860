# SPDX-License-Identifier: Apache-2.0
"""Entries under way: compile, revise, file, consent, publish, return, withdraw."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Status

from datong.contexts.catalog import queries, usecases
from datong.contexts.catalog.api import schemas
from datong.contexts.catalog.api.resources import REFUSALS, entry
from datong.contexts.catalog.domain import Hint
from datong.contexts.catalog.domain.entries import missing

router = Router()
ONE = {200: schemas.EntryOut, **REFUSALS}


@router.get("/entries", response={200: schemas.EntriesOut, **REFUSALS}, operation_id="list_entries")
def list_entries(request: HttpRequest, wanted: Query[schemas.EntriesIn]) -> dict[str, Any]:
    """Entries the officer may see, newest first."""
    rows = queries.entries(request.officer, stage=wanted.stage, q=wanted.q, mine=wanted.mine).order_by("-pk")
    if wanted.after:
        rows = rows.filter(pk__lt=min(wanted.after, 2**62))
    found = list(rows[: wanted.limit])
    return {"items": [entry(row) for row in found], "next": found[-1].pk if len(found) == wanted.limit else None}


@router.get(
    "/entries/waiting", response={200: list[schemas.EntryOut], **REFUSALS}, operation_id="list_entries_waiting"
)
def list_waiting(request: HttpRequest) -> list[dict[str, Any]]:
    """Entries that wait for this officer to act."""
    return [entry(row) for row in queries.waiting(request.officer)[:500]]


@router.post("/entries", response={201: schemas.EntryOut, **REFUSALS}, operation_id="compile_entry")
def compile_entry(request: HttpRequest, given: schemas.EntryIn) -> Status:
    """Begin an entry; the system gives its code."""
    return Status(201, entry(usecases.compile_entry(given.draft(), by=request.officer)))


@router.get("/entries/{entry_id}", response={200: schemas.EntryDetailOut, **REFUSALS}, operation_id="get_entry")
def get_entry(request: HttpRequest, entry_id: Path[int]) -> dict[str, Any]:
    """A version with all it says and what it still lacks."""
    row = queries.version_of(entry_id, by=request.officer)
    draft = queries.as_draft(row)
    people = {name: getattr(row, name) for name in ("created_by", "filed_by", "consented_by", "reviewed_by")}
    return {**entry(row), **people, "entry": asdict(draft), "missing": missing(draft)}


@router.put("/entries/{entry_id}", response=ONE, operation_id="revise_entry")
def revise_entry(request: HttpRequest, entry_id: Path[int], given: schemas.RevisionIn) -> dict[str, Any]:
    """Replace what a draft or returned entry says, items and all."""
    row = usecases.revise_entry(entry_id, given.draft(), by=request.officer, revision=given.revision)
    return entry(row)


@router.get("/entries/{entry_id}/hints", response={200: list[schemas.HintOut], **REFUSALS}, operation_id="get_hints")
def get_hints(request: HttpRequest, entry_id: Path[int]) -> list[Hint]:
    """What can be computed of 四性 for the review."""
    return queries.review_hints(queries.version_of(entry_id, by=request.officer))


@router.post("/entries/{entry_id}/file", response=ONE, operation_id="file_entry")
def file_entry(request: HttpRequest, entry_id: Path[int]) -> dict[str, Any]:
    """Hand a draft to the department's head; every missing field is named."""
    return entry(usecases.file_entry(entry_id, by=request.officer))


@router.post("/entries/{entry_id}/consent", response=ONE, operation_id="consent_entry")
def consent_entry(request: HttpRequest, entry_id: Path[int], given: schemas.OpinionIn) -> dict[str, Any]:
    """Consent as the head of the provider."""
    return entry(usecases.consent_entry(entry_id, by=request.officer, opinion=given.opinion))


@router.post("/entries/{entry_id}/publish", response=ONE, operation_id="publish_entry")
def publish_entry(request: HttpRequest, entry_id: Path[int], given: schemas.OpinionIn) -> dict[str, Any]:
    """Publish as the authority of the region."""
    return entry(usecases.publish_entry(entry_id, by=request.officer, opinion=given.opinion))


@router.post("/entries/{entry_id}/return", response=ONE, operation_id="return_entry")
def return_entry(request: HttpRequest, entry_id: Path[int], given: schemas.OpinionIn) -> dict[str, Any]:
    """Send an entry back to its compiler, with an opinion."""
    return entry(usecases.return_entry(entry_id, given.opinion, by=request.officer))


@router.post("/entries/{entry_id}/withdraw", response=ONE, operation_id="withdraw_entry")
def withdraw_entry(request: HttpRequest, entry_id: Path[int], given: schemas.OpinionIn) -> dict[str, Any]:
    """Give up a draft, or take a published resource off the catalogue, with a reason."""
    return entry(usecases.withdraw_entry(entry_id, given.opinion, by=request.officer))
