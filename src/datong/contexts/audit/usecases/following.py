# SPDX-License-Identifier: Apache-2.0
"""Following the acts by cursor: each act once, in order, none missed.

Kept here: the cursor's row is locked while its follower works, and what the follower writes is committed together with
the cursor; a follower that fails halfway begins again where it last committed.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from datong.contexts.audit import queries
from datong.contexts.audit.domain import ActView
from datong.contexts.audit.models import Act, Cursor


@transaction.atomic
def follow(follower: str, handle: Callable[[ActView], None], limit: int = 500) -> int:
    """Hand the next acts to a follower.

    Args:
        follower: Name of the cursor, one for each purpose.
        handle: Called with each act in order, inside the cursor's transaction.
        limit: Most acts in this round.

    Returns:
        How many were handled; fewer than `limit` means the follower has caught up.
    """
    Cursor.objects.bulk_create([Cursor(follower=follower)], ignore_conflicts=True)
    cursor = Cursor.objects.select_for_update().get(pk=follower)
    rows = list(Act.objects.filter(seq__gt=cursor.seq).order_by("seq")[:limit])
    for row in rows:
        handle(queries.view(row))
    if rows:
        cursor.seq = rows[-1].seq
        cursor.save(update_fields=["seq", "moved_at"])
    return len(rows)
