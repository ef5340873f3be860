# SPDX-License-Identifier: Apache-2.0
"""Numbers of demands (N): per node and day, without gaps, given under a lock."""

from datetime import datetime

from django.db import connection

from datong.kernel.workdays import received_on

NEXT = """
    insert into demands_numbering (kind, day, last) values (%s, %s, 1)
    on conflict (kind, day) do update set last = demands_numbering.last + 1
    returning last
"""


def next_number(at: datetime) -> str:
    """Give the next number on the day in Shanghai of a moment, such as N20261122-0001."""
    day = received_on(at)
    with connection.cursor() as cursor:
        cursor.execute(NEXT, ["N", day])
        (last,) = cursor.fetchone()
    return f"N{day:%Y%m%d}-{last:04d}"
