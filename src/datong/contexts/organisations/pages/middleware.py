# SPDX-License-Identifier: Apache-2.0
"""Who stands in front of the page: `request.officer`, an Officer or None, on every request.

Kept here: nobody signed in costs no query; somebody costs one (the account with department and roles).
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse

from datong.contexts.organisations import queries
from datong.contexts.organisations.models import Account


class OfficerMiddleware:
    """Set `request.officer`, and `request.password_due` when the first password still has to be changed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.officer, request.password_due = None, False
        if request.session.get(SESSION_KEY):
            account = request.user
            if isinstance(account, Account) or account.is_authenticated:
                request.officer = queries.officer_of(account)
                request.password_due = account.must_change_password
        return self.get_response(request)
