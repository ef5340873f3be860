# SPDX-License-Identifier: Apache-2.0
"""How Django finds the account of a session: with department and roles at hand, in one query.

Kept here: there is no `authenticate`: passwords are checked by the use case `sign_in` alone, which counts failures.
"""

from __future__ import annotations

from django.contrib.auth.backends import BaseBackend

from datong.contexts.organisations import queries
from datong.contexts.organisations.models import Account


class AccountBackend(BaseBackend):
    """Reads accounts for sessions."""

    def get_user(self, user_id: int) -> Account | None:
        """Give the active account of a session, or None."""
        return queries.as_officers().filter(pk=user_id, active=True).first()
