# SPDX-License-Identifier: Apache-2.0
"""Errors of the platform as pages: a refusal names the rule, the decider and the next step.

Kept here: what may not be known looks like what does not exist (404); who is not signed in is sent to sign in and
comes back afterwards. The API has its own voice (RFC 9457) and never gets here.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from datong.config.pages.errors import not_found
from datong.kernel.errors import DatongError, Refused, Unauthenticated, Unknown


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send to the sign-in page, which leads back here."""
    return redirect(f"{settings.LOGIN_URL}?next={quote(request.get_full_path())}")


class RefusalMiddleware:
    """Renders every `DatongError` that a page let pass."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn our own errors into pages; anything else is a fault of ours and goes on."""
        if not isinstance(error, DatongError):
            return None
        if isinstance(error, Unauthenticated):
            return to_sign_in(request)
        if isinstance(error, Unknown) or (isinstance(error, Refused) and request.method in {"GET", "HEAD"}):
            return not_found(request)
        return render(request, "errors/refused.html", {"refusal": error}, status=error.status)
