# SPDX-License-Identifier: Apache-2.0
"""Numbers of requests (R) and grants (G): per node and day, without gaps, given under a lock."""

from datetime import date

from django.db import connection

NEXT = """
    insert into sharing_numbering (kind, day, last) values (%s, %s, 1)
    on conflict (kind, day) do update set last = sharing_numbering.last + 1
    returning last
"""


def next_number(kind: str, day: date) -> str:
    """Give the next number of a kind on a day in Shanghai, such as R20261121-0001."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [kind, day])
        (last,) = cursor.fetchone()
    return f"{kind}{day:%Y%m%d}-{last:04d}"
