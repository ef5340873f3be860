# SPDX-License-Identifier: Apache-2.0
"""The door of the pages: every view wants an officer unless it says otherwise.

Kept here: a view is public only by Django's `login_not_required`; the API, health and static files keep their own
doors. A first password is changed before anything else is done.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from datong.config.pages.refusals import to_sign_in

OWN_DOORS = ("/api/v1/", "/static/", "/i18n/", "/healthz", "/readyz", "/metrics")
PASSWORD = "/account/password"  # noqa: S105  an address, not a password
WHILE_DUE = (PASSWORD, "/sign-out")


class GuardMiddleware:
    """Sends strangers to the sign-in page and first passwords to the change page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Look at who asks before the view runs."""
        if request.path.startswith(OWN_DOORS):
            return None
        if request.officer is None:
            if getattr(view, "login_required", True):
                return to_sign_in(request)
            return None
        if request.password_due and request.path not in WHILE_DUE:
            return redirect(PASSWORD)
        return None
