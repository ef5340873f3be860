# SPDX-License-Identifier: Apache-2.0
"""Who sees what belongs to a resource: its batches, sources, differences, interfaces."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from datong.contexts.exchange.permissions import sees_all_use, sees_provided
from datong.kernel.actors import Officer

Row = TypeVar("Row", bound=Model)


def seen_by(by: Officer, everything: QuerySet[Row], *, resource: str = "resource") -> QuerySet[Row]:
    """Keep what an officer may see: the provider's own, and all for those who supervise.

    Args:
        by: The officer.
        everything: All rows there are.
        resource: The path from a row to its resource.
    """
    if sees_all_use(by):
        return everything
    if sees_provided(by):
        return everything.filter(**{f"{resource}__provider_id": by.department})
    return everything.none()
