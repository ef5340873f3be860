# SPDX-License-Identifier: Apache-2.0
"""Who stands in front of the page: `request.officer`, an Officer or None, on every request.

Kept here: nobody signed in costs no query; somebody costs one (the account with department and roles). While a first
password is due, `request.password_due` is True: the API refuses (organisations.api.auth) and pages lead to the change.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse

from datong.contexts.organisations import queries


class OfficerMiddleware:
    """Sets `request.officer` and `request.password_due`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the officer known."""
        request.officer, request.password_due = None, False
        if request.session.get(SESSION_KEY) and request.user.is_authenticated:
            request.officer = queries.officer_of(request.user)
            request.password_due = request.user.must_change_password
        return self.get_response(request)
