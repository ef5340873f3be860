# SPDX-License-Identifier: Apache-2.0
"""The list of responsibilities, and the figures of demands."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from datong.contexts.demands import queries
from datong.contexts.demands.api import schemas
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422), Problem)
SHOWN = ("number", "stage", "reason", "opinion", "assigned_at", "answer_due", "answered_at", "supply_due")


@router.get("/responsibilities", response={200: schemas.DutiesOut, **REFUSALS}, operation_id="list_responsibilities")
def list_responsibilities(request: HttpRequest, wanted: Query[schemas.DutiesIn]) -> dict[str, Any]:
    """What each department has to supply by when, the newest first."""
    rows = queries.responsibilities(request.officer, **wanted.dict(exclude={"after", "limit"})).order_by("-number")
    if wanted.after and wanted.after.isprintable():
        rows = rows.filter(number__lt=wanted.after)
    found = list(rows[: wanted.limit])
    following = found[-1].number if len(found) == wanted.limit else None
    return {"items": [_out(row) for row in found], "next": following}


def _out(row: Any) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in SHOWN},
        "demand": row.demand.number,
        "name": row.demand.name,
        "department": row.department_id,
        "department_name": row.department.name,
        "ticket": row.ticket.number if row.ticket else None,
        "resource": row.demand.resource_id,
    }


@router.get("/demand-figures", response={200: schemas.FiguresOut, **REFUSALS}, operation_id="demand_figures")
def demand_figures(request: HttpRequest) -> Any:
    """How many demands stand where, and what share was answered and supplied in time, from the clocks."""
    return queries.figures(request.officer)
