# SPDX-License-Identifier: Apache-2.0
"""Routes of the connections API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from datong.contexts.connections import queries, usecases
from datong.contexts.connections.api import schemas
from datong.contexts.connections.models import Connection
from datong.kernel.actors import Officer
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422), Problem)
ONE = {200: schemas.ConnectionOut, **REFUSALS}
SHOWN = (
    *("number", "name", "kind", "address", "account", "secret_set_at", "made_at", "tested_at", "test_passed"),
    *("test_words", "test_ms", "retired_at", "in_use"),
)


def _out(row: Connection) -> dict[str, Any]:
    shown = {name: getattr(row, name) for name in SHOWN}
    department = {"department": row.department_id, "department_name": row.department.name}
    return {**shown, **department, "has_secret": bool(row.sealed)}


def _now(number: str, by: Officer) -> dict[str, Any]:
    return _out(queries.connection(number, by=by))


@router.get("/connections", response={200: schemas.ConnectionsOut, **REFUSALS}, operation_id="list_connections")
def list_connections(request: HttpRequest, wanted: Query[schemas.ConnectionsIn]) -> dict[str, Any]:
    """Connections the officer may see, newest first."""
    rows = queries.listed(request.officer, q=wanted.q, kind=wanted.kind, state=wanted.state).order_by("-number")
    if wanted.after and wanted.after.isprintable():
        rows = rows.filter(number__lt=wanted.after)
    found = list(rows[: wanted.limit])
    following = found[-1].number if len(found) == wanted.limit else None
    return {"items": [_out(row) for row in found], "next": following}


@router.post("/connections", response={201: schemas.ConnectionOut, **REFUSALS}, operation_id="add_connection")
def add_connection(request: HttpRequest, given: schemas.ConnectionIn) -> Status:
    """Add a connection of the own department; test it before it is used."""
    made = usecases.add(given.kind, given.name, given.address, by=request.officer, account=given.account, secret=given.secret)
    return Status(201, _now(made.number, request.officer))


@router.get("/connections/{number}", response=ONE, operation_id="get_connection")
def get_connection(request: HttpRequest, number: str) -> dict[str, Any]:
    """One connection."""
    return _now(number, request.officer)


@router.post("/connections/{number}/test", response=ONE, operation_id="test_connection")
def test_connection(request: HttpRequest, number: str) -> dict[str, Any]:
    """Sign in there now; `test_passed`, `test_words` and `test_ms` say what came of it."""
    usecases.try_out(number, by=request.officer)
    return _now(number, request.officer)


@router.put("/connections/{number}/secret", response=ONE, operation_id="replace_connection_secret")
def replace_connection_secret(request: HttpRequest, number: str, given: schemas.SecretIn) -> dict[str, Any]:
    """Give a connection another secret."""
    usecases.replace_secret(number, given.secret, by=request.officer)
    return _now(number, request.officer)


@router.post("/connections/{number}/retire", response=ONE, operation_id="retire_connection")
def retire_connection(request: HttpRequest, number: str) -> dict[str, Any]:
    """Take a connection out of use for good; refused while something uses it."""
    usecases.retire(number, by=request.officer)
    return _now(number, request.officer)
