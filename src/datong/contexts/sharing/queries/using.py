# SPDX-License-Identifier: Apache-2.0
"""Who uses a resource, for the contexts above: departments to be told of a corrected or recalled version.

Kept here: a department counts once, with every grant by which it could have got the data.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from datong.contexts.sharing.domain import GrantStage
from datong.contexts.sharing.models import Grant
from datong.kernel.workdays import received_on

LIVING = (GrantStage.ACTIVE, GrantStage.SUSPENDED)


@dataclass(frozen=True, slots=True)
class User:
    """A department that uses a resource.

    Attributes:
        department: Credit code.
        region: Division.
        grants: Numbers of its grants on the resource.
    """

    department: str
    region: str
    grants: tuple[str, ...]


def users_of(code: str) -> list[User]:
    """Give the departments with a live grant on a resource."""
    return _users(Grant.objects.filter(resource=code, stage__in=LIVING))


def users_between(code: str, since: datetime, until: datetime | None) -> list[User]:
    """Give the departments that could have got a resource's data at some time of a period.

    Args:
        code: Of the resource.
        since: Beginning.
        until: End; None is still going on.
    """
    ended_before = ~Q(stage__in=LIVING) & Q(changed_at__lt=since)
    rows = Grant.objects.filter(resource=code, valid_until__gte=received_on(since)).exclude(ended_before)
    if until is not None:
        rows = rows.filter(granted_at__lt=until, valid_from__lte=received_on(until))
    return _users(rows)


def _users(rows: Iterable[Grant]) -> list[User]:
    found: dict[tuple[str, str], list[str]] = {}
    for number, department, region in rows.order_by("number").values_list("number", "consumer", "consumer__region"):  # type: ignore[attr-defined]
        found.setdefault((department, region), []).append(number)
    return [User(department, region, tuple(numbers)) for (department, region), numbers in sorted(found.items())]
