# SPDX-License-Identifier: Apache-2.0
"""Sessions: GET gives the CSRF token, POST signs in, DELETE signs out; password and second factor of the own account."""

from __future__ import annotations

from typing import Any

from django.contrib import auth
from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Router, Status

from datong.contexts.organisations import queries, usecases
from datong.contexts.organisations.api import schemas
from datong.contexts.organisations.api.auth import SignedIn, check_own_page
from datong.contexts.organisations.models import Account
from datong.wire.problems import Problem

router = Router()
BACKEND = "datong.contexts.organisations.pages.backend.AccountBackend"
DUE = SignedIn(password_due=True)
REFUSALS = dict.fromkeys((401, 403, 404, 409, 422, 503), Problem)


@router.get("/session", auth=None, response={200: schemas.SessionOut, 503: Problem}, operation_id="get_session")
def get_session(request: HttpRequest) -> dict[str, Any]:
    """Who is signed in, and the CSRF token for writes."""
    return _session(request, request.officer, due=request.password_due)


@router.post("/session", auth=None, response={200: schemas.SessionOut, **REFUSALS}, operation_id="sign_in")
def sign_in(request: HttpRequest, given: schemas.SignInIn) -> dict[str, Any]:
    """Sign in: sets the session cookie and gives a new CSRF token."""
    check_own_page(request)
    address = request.META.get("REMOTE_ADDR") or ""
    account = usecases.sign_in(given.username, given.password, code=given.code, address=address)
    auth.login(request, account, backend=BACKEND)
    return _session(request, queries.officer_of(account.pk), due=account.must_change_password)


@router.delete("/session", auth=DUE, response={204: None, **REFUSALS}, operation_id="sign_out")
def sign_out(request: HttpRequest) -> Status:
    """Sign out: the session ends."""
    usecases.sign_out(by=request.officer)
    auth.logout(request)
    return Status(204, None)


@router.post("/session/password", auth=DUE, response={200: schemas.SessionOut, **REFUSALS}, operation_id="change_password")
def change_password(request: HttpRequest, given: schemas.PasswordIn) -> dict[str, Any]:
    """Change the own password; every other session of the account ends."""
    account: Account = usecases.change_password(given.old, given.new, by=request.officer)
    auth.update_session_auth_hash(request, account)
    return _session(request, request.officer, due=False)


@router.post("/session/totp", response={201: schemas.TotpOut, **REFUSALS}, operation_id="enrol_totp")
def enrol_totp(request: HttpRequest) -> Status:
    """Begin a second factor for the own account."""
    return Status(201, {"address": usecases.enrol_totp(by=request.officer)})


@router.post("/session/totp/confirmation", response={204: None, **REFUSALS}, operation_id="confirm_totp")
def confirm_totp(request: HttpRequest, given: schemas.SecondFactorIn) -> Status:
    """Confirm the second factor by a first code."""
    usecases.confirm_totp(given.code, by=request.officer)
    return Status(204, None)


def _session(request: HttpRequest, officer: object, *, due: bool) -> dict[str, Any]:
    return {"officer": officer, "csrf_token": get_token(request), "password_due": due}
