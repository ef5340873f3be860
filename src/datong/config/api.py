# SPDX-License-Identifier: Apache-2.0
"""The control-plane API: every context's router under one roof, one voice for errors (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja.errors import AuthenticationError, HttpError, ValidationError

from datong.config import idempotency, problems
from datong.config.openapi import ControlPlane
from datong.contexts.organisations.api.auth import SignedIn
from datong.kernel import errors
from datong.kernel.errors import DatongError

if TYPE_CHECKING:
    from django.http import HttpResponse

TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
log = logging.getLogger("datong.api")
api = ControlPlane(
    title="Datong control plane",
    version="1",
    urls_namespace="api",
    docs_url="/docs",
    openapi_url="/openapi.json",
    auth=SignedIn(),
)
"""Deny by default: an operation without `auth` of its own wants an officer signed in, and a CSRF token on writes."""


def _field(place: Sequence[str | int]) -> str:
    """Name a field as its sender knows it: without the name our code gives to the whole body."""
    parts = place[2:] if place[0] == "body" else place[1:]
    return ".".join(str(part) for part in parts) or "body"


@api.exception_handler(DatongError)
def on_refusal(_request: HttpRequest, error: DatongError) -> HttpResponse:
    """Our own errors carry code and status."""
    return problems.answer(error)


@api.exception_handler(ValidationError)
def on_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Input that does not fit its schema: every field at once (一次性告知); a file let go while it came says why."""
    let_go: DatongError | None = getattr(request, "upload_refusal", None)
    if let_go is not None:
        return problems.answer(let_go)
    fields = {_field(one["loc"]): problems.wrong(one) for one in error.errors}
    return problems.answer(errors.Malformed("输入不合要求，见各字段 (the input does not fit: see the fields)", fields=fields))


@api.exception_handler(AuthenticationError)
def on_stranger(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    """Nobody is signed in."""
    return problems.answer(errors.Unauthenticated("请先登录 (sign in first)", remedy="POST /api/v1/session"))


@api.exception_handler(HttpError)
def on_http(_request: HttpRequest, error: HttpError) -> HttpResponse:
    """Errors raised by the framework itself."""
    return problems.answer(problems.of_framework(error.status_code))


@api.exception_handler(SuspiciousOperation)
def on_suspicion(_request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    """A body, or a number of fields or files, beyond what this node reads; anything else Django distrusts."""
    return problems.answer(problems.of_framework(413 if isinstance(error, TOO_LARGE) else 400))


@api.exception_handler(MultiPartParserError)
@api.exception_handler(UnreadablePostError)
def on_unreadable(_request: HttpRequest, _error: Exception) -> HttpResponse:
    """A form that is broken, or a connection that broke while it was sent."""
    return problems.answer(problems.of_framework(400))


@api.exception_handler(Exception)
def on_fault(request: HttpRequest, fault: Exception) -> HttpResponse:
    """A fault of ours: logged with its traceback, nothing of it shown."""
    log.error("fault", exc_info=fault, extra={"path": request.path})
    return problems.answer(problems.of_framework(500))


def mount() -> None:
    """Mount the router of every context that has an api room."""
    for name in settings.CONTEXTS:
        room = f"datong.contexts.{name}.api"
        if find_spec(room):
            api.add_router("", import_module(room).router, tags=[name])


mount()
idempotency.once(api)
