# SPDX-License-Identifier: Apache-2.0
"""Reports: list, report, take up, correct, reject, rate, withdraw, show proof."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from datong.contexts.corrections import permissions, queries, usecases
from datong.contexts.corrections.api import schemas
from datong.contexts.corrections.domain.stages import Door
from datong.contexts.corrections.models import Correction
from datong.contexts.periods import face as periods
from datong.kernel.actors import Officer
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422), Problem)
ONE = {200: schemas.CorrectionOut, **REFUSALS}
SHOWN = (
    *("number", "kind", "stage", "grant", "item", "case", "blocks_case", "filed_at", "answered_at"),
    *("corrected_batch", "corrected_version", "rating"),
)
MORE = ("version", "batch", "door", "proof_kind", "opinion", "checked", "told", "rating_words")


@router.get("/corrections", response={200: schemas.CorrectionsOut, **REFUSALS}, operation_id="list_corrections")
def list_corrections(request: HttpRequest, wanted: Query[schemas.ListIn]) -> dict[str, Any]:
    """Reports the officer may see, newest first."""
    rows = queries.corrections(request.officer, **wanted.dict(exclude={"after", "limit"})).order_by("-number")
    if wanted.after.isprintable() and wanted.after:
        rows = rows.filter(number__lt=wanted.after)
    found = list(rows[: wanted.limit])
    following = found[-1].number if len(found) == wanted.limit else None
    return {"items": [correction_out(row) for row in found], "next": following}


@router.post("/corrections", response={201: schemas.CorrectionOut, **REFUSALS}, operation_id="report_error")
def report_error(request: HttpRequest, given: schemas.ReportIn) -> Status:
    """Report an error in a published resource; the provider answers within ten working days."""
    made = usecases.report(given.resource, given.report(), by=request.officer, grant=given.grant, door=Door.API)
    return Status(201, correction_out(made))


@router.get("/corrections/{number}", response={200: schemas.CorrectionDetailOut, **REFUSALS}, operation_id="get_correction")
def get_correction(request: HttpRequest, number: str) -> dict[str, Any]:
    """A report with what it says, and whether the case at the window goes on."""
    return _detail(queries.correction_of(number, by=request.officer), request.officer)


@router.get("/corrections/{number}/case", response={200: schemas.CaseOut, **REFUSALS}, operation_id="case_may_continue")
def case_may_continue(request: HttpRequest, number: str) -> Any:
    """Whether the case at the window goes on while the report is open."""
    return queries.case_may_continue(number, by=request.officer)


@router.post("/corrections/{number}/proof", response=ONE, operation_id="show_proof")
def show_proof(request: HttpRequest, number: str, given: schemas.ProofIn) -> dict[str, Any]:
    """Write down the valid proof a citizen shows: the case goes on."""
    return correction_out(usecases.show_proof(number, given.kind, given.number, by=request.officer))


@router.post("/corrections/{number}/verify", response=ONE, operation_id="take_up_correction")
def take_up(request: HttpRequest, number: str) -> dict[str, Any]:
    """Begin to verify, as the provider."""
    return correction_out(usecases.take_up(number, by=request.officer))


@router.post("/corrections/{number}/correct", response=ONE, operation_id="correct_error")
def correct(request: HttpRequest, number: str, given: schemas.CorrectIn) -> dict[str, Any]:
    """Answer that it is corrected, naming the version that carries the correction; all users are told."""
    return correction_out(usecases.correct(number, by=request.officer, **given.dict()))


@router.post("/corrections/{number}/reject", response=ONE, operation_id="reject_correction")
def reject(request: HttpRequest, number: str, given: schemas.CorrectionReasonIn) -> dict[str, Any]:
    """Answer that nothing is corrected, with the reason."""
    return correction_out(usecases.reject(number, given.reason, by=request.officer))


@router.post("/corrections/{number}/rate", response=ONE, operation_id="rate_correction")
def rate(request: HttpRequest, number: str, given: schemas.RatingIn) -> dict[str, Any]:
    """Rate the answer, once."""
    return correction_out(usecases.rate(number, given.rating, given.words, by=request.officer))


@router.post("/corrections/{number}/withdraw", response=ONE, operation_id="withdraw_correction")
def withdraw(request: HttpRequest, number: str, given: schemas.CorrectionReasonIn) -> dict[str, Any]:
    """Take a report back before it is answered."""
    return correction_out(usecases.withdraw(number, given.reason, by=request.officer))


def correction_out(row: Correction) -> dict[str, Any]:
    """Give a report in short."""
    return {
        "resource": row.resource_id,
        "resource_name": row.resource.name,
        "provider": row.provider_id,
        "provider_name": row.provider.name,
        "department": row.department_id,
        "department_name": row.department.name,
        **{name: getattr(row, name) for name in SHOWN},
    }


def _detail(row: Correction, by: Officer) -> dict[str, Any]:
    reads = permissions.sees_values(by, row.department_id, row.provider_id)
    values = queries.values_of(row) if reads else queries.masked_values(queries.values_of(row))
    said = asdict(values)
    said.pop("proof_number")
    clock = periods.clock_of(row.number)
    return {
        **correction_out(row),
        **{name: getattr(row, name) for name in MORE},
        **said,
        "masked": not reads,
        "due": clock.due if clock else None,
        "continues": queries.case_may_continue(row.number, by=by),
        "files": list(row.files.all()) if reads else [],
    }
