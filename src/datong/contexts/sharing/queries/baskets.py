# SPDX-License-Identifier: Apache-2.0
"""申请篮: the lines of an officer's own basket; nobody else sees them."""

from django.db.models import Q, QuerySet

from datong.contexts.sharing.models import BasketLine
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Unknown

LARGEST_KEY = 2**62


def visible_lines(by: Officer) -> Q:
    """Which lines an officer sees: his own, for the department he applies for."""
    if not by.department or not by.holds(Role.APPLICANT):
        return Q(pk__in=[])
    return Q(account=by.account, department=by.department)


def basket(by: Officer) -> QuerySet[BasketLine]:
    """Give the lines of an officer's basket, the first put in first."""
    return BasketLine.objects.select_related("resource__provider").filter(visible_lines(by))


def line_of(pk: int, *, by: Officer, lock: bool = False) -> BasketLine:
    """Give one line of the own basket.

    Raises:
        Unknown: There is none.
    """
    rows = basket(by)
    rows = rows.select_for_update(of=("self",)) if lock else rows
    found = rows.filter(pk=pk).first() if 0 < pk < LARGEST_KEY else None
    if found is None:
        raise Unknown("申请篮里没有这一项 (there is no such line in the basket)")
    return found
