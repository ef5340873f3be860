# SPDX-License-Identifier: Apache-2.0
"""The inventory behind the catalogue: information systems, duties, data elements, and what has no entry."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Path, Router, Status

from datong.contexts.catalog.api import shapes_of_life as shapes
from datong.contexts.catalog.api.resources import REFUSALS
from datong.contexts.catalog.domain.inventory import Completeness, DutyDraft, SystemDraft
from datong.contexts.catalog.models import DataElement, Duty, InformationSystem
from datong.contexts.catalog.queries import inventory as held
from datong.contexts.catalog.usecases import elements, inventory
from datong.kernel.actors import Officer

router = Router()
MOST = 1000


@router.get("/systems", response={200: list[shapes.SystemOut], **REFUSALS}, operation_id="list_systems")
def list_systems(request: HttpRequest, department: str = "") -> list[dict[str, Any]]:
    """Information systems the officer may see."""
    rows = held.systems(request.officer, department=department[:18]).prefetch_related("duties", "resources")
    return [_system(row) for row in rows[:MOST]]


@router.post("/systems", response={201: shapes.SystemOut, **REFUSALS}, operation_id="add_system")
def add_system(request: HttpRequest, given: shapes.SystemIn) -> Status:
    """Add an information system of the own department."""
    made = inventory.keep_system(_system_draft(given), by=request.officer)
    return Status(201, _seen_system(made.pk, request.officer))


@router.put("/systems/{system_id}", response={200: shapes.SystemOut, **REFUSALS}, operation_id="change_system")
def change_system(request: HttpRequest, system_id: Path[int], given: shapes.SystemIn) -> dict[str, Any]:
    """Replace what is said of a system, links and all; a retired one is in use again."""
    inventory.keep_system(_system_draft(given), by=request.officer, system=system_id)
    return _seen_system(system_id, request.officer)


@router.post("/systems/{system_id}/retire", response={200: shapes.SystemOut, **REFUSALS}, operation_id="retire_system")
def retire_system(request: HttpRequest, system_id: Path[int]) -> dict[str, Any]:
    """Take a system out of use; it stays on record."""
    inventory.retire_system(system_id, by=request.officer)
    return _seen_system(system_id, request.officer)


@router.get("/duties", response={200: list[shapes.DutyOut], **REFUSALS}, operation_id="list_duties")
def list_duties(request: HttpRequest, department: str = "") -> list[dict[str, Any]]:
    """Duties the officer may see."""
    return [_duty(row) for row in held.duties(request.officer, department=department[:18]).prefetch_related("resources")[:MOST]]


@router.post("/duties", response={201: shapes.DutyOut, **REFUSALS}, operation_id="add_duty")
def add_duty(request: HttpRequest, given: shapes.DutyIn) -> Status:
    """Add a duty of the own department."""
    made = inventory.keep_duty(_duty_draft(given), by=request.officer)
    return Status(201, _seen_duty(made.pk, request.officer))


@router.put("/duties/{duty_id}", response={200: shapes.DutyOut, **REFUSALS}, operation_id="change_duty")
def change_duty(request: HttpRequest, duty_id: Path[int], given: shapes.DutyIn) -> dict[str, Any]:
    """Replace what is said of a duty; a retired one holds again."""
    inventory.keep_duty(_duty_draft(given), by=request.officer, duty=duty_id)
    return _seen_duty(duty_id, request.officer)


@router.post("/duties/{duty_id}/retire", response={200: shapes.DutyOut, **REFUSALS}, operation_id="retire_duty")
def retire_duty(request: HttpRequest, duty_id: Path[int]) -> dict[str, Any]:
    """Take a duty off the list; it stays on record."""
    inventory.retire_duty(duty_id, by=request.officer)
    return _seen_duty(duty_id, request.officer)


@router.get("/inventory/completeness", response={200: shapes.CompletenessOut, **REFUSALS}, operation_id="get_completeness")
def get_completeness(request: HttpRequest, department: str = "") -> Completeness:
    """How much of the inventory has a published entry, and every gap."""
    return held.completeness(request.officer, department=department[:18])


@router.get("/elements", response={200: list[shapes.ElementOut], **REFUSALS}, operation_id="list_elements")
def list_elements(request: HttpRequest, q: str = "") -> list[dict[str, Any]]:  # noqa: ARG001
    """Data elements in order of code."""
    return [_element(row) for row in held.elements(q=q[:100])[:MOST]]


@router.post("/elements", response={201: shapes.ElementOut, **REFUSALS}, operation_id="add_element")
def add_element(request: HttpRequest, given: shapes.ElementIn) -> Status:
    """List a data element; the authority alone may."""
    return Status(201, _element(elements.add_element(elements.ElementDraft(**given.dict()), by=request.officer)))


@router.post("/elements/{code}/source", response={200: shapes.ElementOut, **REFUSALS}, operation_id="name_source")
def name_source(request: HttpRequest, code: str, given: shapes.SourceIn) -> dict[str, Any]:
    """Name the one source department; a second one is refused (809 art. 19)."""
    return _element(elements.name_source(code, given.department, by=request.officer))


@router.delete("/elements/{code}/source", response={200: shapes.ElementOut, **REFUSALS}, operation_id="release_source")
def release_source(request: HttpRequest, code: str) -> dict[str, Any]:
    """Take the source department off an element, so that another can be named."""
    return _element(elements.release_source(code, by=request.officer))


def _system_draft(given: shapes.SystemIn) -> SystemDraft:
    return SystemDraft(given.name, given.origin, given.description, tuple(given.duties), tuple(given.resources))


def _duty_draft(given: shapes.DutyIn) -> DutyDraft:
    return DutyDraft(given.name, given.basis, tuple(given.resources))


def _seen_system(pk: int, by: Officer) -> dict[str, Any]:
    return _system(held.systems(by).get(pk=pk))


def _seen_duty(pk: int, by: Officer) -> dict[str, Any]:
    return _duty(held.duties(by).get(pk=pk))


def _system(row: InformationSystem) -> dict[str, Any]:
    same = {name: getattr(row, name) for name in ("name", "origin", "description", "active", "covered")}
    links = {"duties": [one.pk for one in row.duties.all()], "resources": [one.code for one in row.resources.all()]}
    return {"id": row.pk, "department": row.department_id, **same, **links}


def _duty(row: Duty) -> dict[str, Any]:
    same = {name: getattr(row, name) for name in ("name", "basis", "active", "covered")}
    return {"id": row.pk, "department": row.department_id, **same, "resources": [one.code for one in row.resources.all()]}


def _element(row: DataElement) -> dict[str, Any]:
    same = {name: getattr(row, name) for name in ("code", "name", "type", "definition", "length", "code_list")}
    return {**same, "source": row.source_id or "", "source_name": row.source.name if row.source else ""}
