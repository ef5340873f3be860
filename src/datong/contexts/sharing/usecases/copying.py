# SPDX-License-Identifier: Apache-2.0
"""New drafts from what there was: an earlier request copied, a live grant to be changed (809 arts. 20 and 27)."""

from datong.contexts.sharing.models import Request
from datong.contexts.sharing.queries.copying import Copy, copy_of
from datong.contexts.sharing.queries.grants import grant_of
from datong.contexts.sharing.usecases.renewing import renewal_of
from datong.contexts.sharing.usecases.requesting import draft_request
from datong.kernel.actors import Officer


def copy_request(number: str, *, by: Officer) -> tuple[Request, Copy]:
    """Begin a request that says what an earlier one said, also a refused or withdrawn one.

    Args:
        number: Of the earlier request.
        by: An applicant of the department that made it.

    Returns:
        The new draft, and what could not come along.

    Raises:
        Unknown: No such request, or none visible.
        Refused: Not an applicant of the department, or the resource is not shared any more.
    """
    taken = copy_of(number, by=by)
    return draft_request(taken.draft, by=by), taken


def amend_grant(number: str, *, by: Officer) -> Request:
    """Begin a request that would change a live grant: it says what was granted, to be edited before filing.

    Raises:
        Unknown: No such grant, or none visible.
        Refused: Not an applicant of the consumer, or the resource is not shared any more.
        Conflict: Another request under way changes it.
        Malformed: The grant has ended, or what it gives is not in the catalogue any more.
    """
    row = grant_of(number, by=by)
    return draft_request(renewal_of(number, row.valid_until, by=by), by=by)
