# SPDX-License-Identifier: Apache-2.0
"""Departments, accounts and roles."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from datong.contexts.organisations import queries, usecases
from datong.contexts.organisations.api import schemas
from datong.contexts.organisations.domain import AccountView, DepartmentView
from datong.kernel import texts
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((401, 403, 404, 409, 422, 503), Problem)


@router.get("/departments", response={200: schemas.DepartmentsOut, **REFUSALS}, operation_id="list_departments")
def list_departments(request: HttpRequest, wanted: Query[schemas.DepartmentsIn]) -> dict[str, Any]:  # noqa: ARG001
    """Departments in order of credit code."""
    found = queries.departments(
        q=texts.line("q", wanted.q, longest=100, least=0),
        region=wanted.region.rstrip("0") if len(wanted.region) == 6 else wanted.region,
        after=texts.line("after", wanted.after, longest=64, least=0),
        limit=wanted.limit,
    )
    return {"items": found, "next": found[-1].uscc if len(found) == wanted.limit else None}


@router.post("/departments", response={201: schemas.DepartmentOut, **REFUSALS}, operation_id="create_department")
def create_department(request: HttpRequest, given: schemas.DepartmentIn) -> Status:
    """Create a department."""
    return Status(201, usecases.create_department(by=request.officer, **given.dict()))


@router.get("/departments/{uscc}", response={200: schemas.DepartmentOut, **REFUSALS}, operation_id="get_department")
def get_department(request: HttpRequest, uscc: str) -> DepartmentView:  # noqa: ARG001
    """One department."""
    return queries.department(uscc)


@router.get("/accounts", response={200: schemas.AccountsOut, **REFUSALS}, operation_id="list_accounts")
def list_accounts(request: HttpRequest, wanted: Query[schemas.AccountsIn]) -> dict[str, Any]:
    """Accounts the officer may see, in order of sign-in name."""
    found = queries.accounts(
        by=request.officer,
        q=texts.line("q", wanted.q, longest=100, least=0),
        after=texts.line("after", wanted.after, longest=64, least=0),
        limit=wanted.limit,
    )
    return {"items": found, "next": found[-1].username if len(found) == wanted.limit else None}


@router.post("/accounts", response={201: schemas.PasswordOut, **REFUSALS}, operation_id="create_account")
def create_account(request: HttpRequest, given: schemas.AccountIn) -> Status:
    """Create an account; its first password is in the answer and nowhere else."""
    made = usecases.create_account(given.username, given.name, by=request.officer, department=given.department)
    return Status(201, {"username": made.account.username, "password": made.password})


@router.get("/accounts/{username}", response={200: schemas.AccountOut, **REFUSALS}, operation_id="get_account")
def get_account(request: HttpRequest, username: str) -> AccountView:
    """One account."""
    return queries.account(_name(username), by=request.officer)


@router.post("/accounts/{username}/password", response={201: schemas.PasswordOut, **REFUSALS}, operation_id="reset_password")
def reset_password(request: HttpRequest, username: str) -> Status:
    """Give an account a new first password, and unlock it."""
    made = usecases.reset_password(_name(username), by=request.officer)
    return Status(201, {"username": made.account.username, "password": made.password})


@router.post("/accounts/{username}/suspension", response={200: schemas.AccountOut, **REFUSALS}, operation_id="suspend_account")
def suspend_account(request: HttpRequest, username: str) -> AccountView:
    """Stop an account."""
    usecases.suspend_account(_name(username), by=request.officer)
    return queries.account(_name(username), by=request.officer)


@router.delete("/accounts/{username}/suspension", response={200: schemas.AccountOut, **REFUSALS}, operation_id="restore_account")
def restore_account(request: HttpRequest, username: str) -> AccountView:
    """Let a suspended account sign in again."""
    usecases.restore_account(_name(username), by=request.officer)
    return queries.account(_name(username), by=request.officer)


@router.post("/accounts/{username}/appointments", response={200: schemas.AccountOut, **REFUSALS}, operation_id="appoint")
def appoint(request: HttpRequest, username: str, given: schemas.AppointmentIn) -> AccountView:
    """Give an account a role."""
    usecases.appoint(_name(username), given.role, by=request.officer)
    return queries.account(_name(username), by=request.officer)


@router.delete("/accounts/{username}/appointments/{role}", response={200: schemas.AccountOut, **REFUSALS}, operation_id="dismiss")
def dismiss(request: HttpRequest, username: str, role: str) -> AccountView:
    """Take a role from an account."""
    usecases.dismiss(_name(username), role, by=request.officer)
    return queries.account(_name(username), by=request.officer)


def _name(username: str) -> str:
    return texts.line("username", username, longest=64).lower()
