# SPDX-License-Identifier: Apache-2.0
"""Use records: read by both sides of a grant and by those who supervise (809 art. 29)."""

from django.db.models import Q, QuerySet

from datong.contexts.sharing.models import Grant, UseRecord
from datong.contexts.sharing.queries.grants import visible_grants
from datong.kernel.actors import Officer


def visible_uses(by: Officer) -> Q:
    """Which use records an officer reads: those of the grants he sees."""
    return Q(grant__in=Grant.objects.filter(visible_grants(by)))


def uses(by: Officer, *, grant: str = "") -> QuerySet[UseRecord]:
    """Use records an officer reads, the latest first, of one grant."""
    rows = UseRecord.objects.select_related("grant__resource", "grant__consumer").filter(visible_uses(by))
    if grant:
        rows = rows.filter(grant__number=grant) if grant.isprintable() else rows.none()
    return rows.order_by("-used_until", "-pk")
