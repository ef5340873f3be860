# SPDX-License-Identifier: Apache-2.0
"""Who is told what of a report: the provider's posts, the reporter, every department that uses the resource.

Kept here: whole departments are told by telling their applicant and their head; a department that uses the resource is
told of the corrected version, never of who reported it.
"""

from datong.contexts.corrections.models import Correction
from datong.contexts.periods import face as periods
from datong.contexts.sharing import face as sharing
from datong.kernel.actors import Officer, Role

KIND = "correction"
CORRECTED = "corrected"
POSTS = (Role.APPLICANT, Role.CONSUMER_HEAD)
TOLD = periods.NoticeKind.TOLD


def subject(row: Correction) -> periods.Subject:
    """Give what clock and notices of a report are about."""
    return periods.Subject(KIND, row.number, row.title, row.href)


def holder(row: Correction) -> periods.Holder:
    """Give who has to answer a report."""
    return periods.Holder(Role.COMPILER, row.provider_id, row.provider.region_id)


def provider(row: Correction, words: str, *, by: Officer) -> None:
    """Tell the provider's compiler and head."""
    for role in (Role.COMPILER, Role.PROVIDER_HEAD):
        periods.tell(TOLD, subject(row), periods.Holder(role, row.provider_id, row.provider.region_id), words, by=by)


def reporter(row: Correction, words: str, *, by: Officer) -> None:
    """Tell the post that reported."""
    post = periods.Holder(Role(row.reporter_role), row.department_id, row.department.region_id)
    periods.tell(TOLD, subject(row), post, words, by=by)


def users(row: Correction, words: str, *, by: Officer) -> int:
    """Tell every department with a live grant on the resource; gives how many departments."""
    found = sharing.users_of(row.resource_id)
    about = periods.Subject(CORRECTED, row.number, row.resource.name, f"/resources/{row.resource_id}")
    for user in found:
        for role in POSTS:
            periods.tell(TOLD, about, periods.Holder(role, user.department, user.region), words, by=by)
    return len(found)
