# SPDX-License-Identifier: Apache-2.0
"""Who may call the API: an officer signed in by session cookie, with a CSRF token on every write.

Kept here: `SignedIn` is the default of the whole API (config/api.py); an operation that wants less says so by name.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie
from ninja.utils import check_csrf

from datong.kernel.actors import Officer
from datong.kernel.errors import Refused

CSRF_REMEDY = "GET /api/v1/session, then send its csrf_token as X-CSRFToken with the cookies it set"


def check_own_page(request: HttpRequest) -> None:
    """Check that a write comes from a page or program that could read our token.

    Raises:
        Refused: No CSRF token, or another one than the cookie's.
    """
    if check_csrf(request) is not None:
        raise Refused("the CSRF token is missing or wrong", remedy=CSRF_REMEDY)


class SignedIn(APIKeyCookie):
    """Lets an officer in; while the first password is due, only where `password_due` is allowed."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self, *, password_due: bool = False) -> None:
        self.password_due = password_due
        super().__init__(csrf=False)

    def authenticate(self, request: HttpRequest, key: str | None) -> Officer | None:  # noqa: ARG002 - the session read it
        """Give the officer of the session, or None."""
        if request.officer is None:
            return None
        check_own_page(request)
        if request.password_due and not self.password_due:
            raise Refused("the first password must be changed first", remedy="POST /api/v1/session/password")
        return request.officer
