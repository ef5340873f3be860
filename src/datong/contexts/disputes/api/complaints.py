# SPDX-License-Identifier: Apache-2.0
"""Complaints by the public, for those who handle them: list, one, assign, reply, send back, close (809 art. 37).

Kept here: the public files and looks up at the pages, where form, trap and limits stand; there is no public API for it.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from datong.contexts.disputes import permissions, queries, usecases
from datong.contexts.disputes.api import schemas
from datong.contexts.disputes.models import Complaint
from datong.contexts.disputes.queries.sealing import letter_of
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422), Problem)
ONE = {200: schemas.ComplaintOut, **REFUSALS}


@router.get("/complaints", response={200: schemas.ComplaintsOut, **REFUSALS}, operation_id="list_complaints")
def list_complaints(request: HttpRequest, wanted: Query[schemas.ComplaintListIn]) -> dict[str, Any]:
    """Complaints the officer may see, newest first."""
    rows = queries.complaints(request.officer, **wanted.dict(exclude={"after", "limit"})).order_by("-number")
    if wanted.after.isprintable() and wanted.after:
        rows = rows.filter(number__lt=wanted.after)
    found = list(rows[: wanted.limit])
    following = found[-1].number if len(found) == wanted.limit else None
    return {"items": [complaint_out(row) for row in found], "next": following}


@router.get("/complaints/{number}", response={200: schemas.ComplaintDetailOut, **REFUSALS}, operation_id="get_complaint")
def get_complaint(request: HttpRequest, number: str) -> dict[str, Any]:
    """A complaint with its record; words and contact are masked for those who only supervise."""
    row = queries.complaint_of(number, by=request.officer)
    reads = permissions.reads_complaint(request.officer, row.department_id or "")
    letter = letter_of(row) if reads else None
    return {
        **complaint_out(row),
        "masked": not reads,
        "words": letter.words if letter else "",
        "named": letter.department if letter else "",
        "contact": letter.contact if letter else "",
        "answer": row.answer if reads else "",
        "entries": list(row.entries.all()) if reads else [],
    }


@router.post("/complaints/{number}/assign", response=ONE, operation_id="assign_complaint")
def assign(request: HttpRequest, number: str, given: schemas.ComplaintAssignmentIn) -> dict[str, Any]:
    """Assign it to a department, as the authority."""
    return complaint_out(usecases.assign(number, given.department, given.note, by=request.officer))


@router.post("/complaints/{number}/reply", response=ONE, operation_id="reply_to_complaint")
def reply(request: HttpRequest, number: str, given: schemas.StatementIn) -> dict[str, Any]:
    """Reply as the department it is assigned to."""
    return complaint_out(usecases.reply(number, given.words, by=request.officer))


@router.post("/complaints/{number}/send-back", response=ONE, operation_id="send_complaint_back")
def send_back(request: HttpRequest, number: str, given: schemas.StatementIn) -> dict[str, Any]:
    """Send a reply that does not answer back to the department."""
    return complaint_out(usecases.send_back(number, given.words, by=request.officer))


@router.post("/complaints/{number}/close", response=ONE, operation_id="close_complaint")
def close(request: HttpRequest, number: str, given: schemas.StatementIn) -> dict[str, Any]:
    """Close it with the answer the complainant reads."""
    return complaint_out(usecases.close(number, given.words, by=request.officer))


def complaint_out(row: Complaint) -> dict[str, Any]:
    """Give a complaint in short."""
    return {
        "department": row.department_id or "",
        "department_name": row.department.name if row.department else "",
        **{name: getattr(row, name) for name in ("number", "about", "stage", "filed_at", "closed_at")},
    }
