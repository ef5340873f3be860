# SPDX-License-Identifier: Apache-2.0
"""Numbers of what periods run on: of a kind, per node and day, without gaps, given under a lock."""

from datetime import datetime

from django.db import connection

from datong.kernel.workdays import received_on

NEXT = """
    insert into periods_numbering (kind, day, last) values (%s, %s, 1)
    on conflict (kind, day) do update set last = periods_numbering.last + 1
    returning last
"""


def next_number(kind: str, at: datetime) -> str:
    """Give the next number of a kind on the day in Shanghai of a moment, such as R20261121-0001.

    Kept here: the lock lasts until the caller's transaction ends, so that those who number one kind follow each other.

    Args:
        kind: C correction, D dispute, E subscription, G grant, J delivery, K connection, L recall, N demand, P complaint,
            R request, S service change, X disposal.
        at: An aware time.
    """
    day = received_on(at)
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [kind, day])
        (last,) = cursor.fetchone()
    return f"{kind}{day:%Y%m%d}-{last:04d}"
