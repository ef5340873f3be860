# SPDX-License-Identifier: Apache-2.0
"""How often one address may use the public forms within an hour.

Kept here: an address is kept as a keyed hash that changes each day and is forgotten after two; the count stays when the
complaint itself is refused.
"""

from datetime import UTC, datetime, timedelta

from django.db import connection

from datong.contexts.disputes.models import Knock
from datong.contexts.disputes.queries.sealing import visitor_of
from datong.kernel.errors import Throttled
from datong.kernel.workdays import received_on

FILE = "file"
LOOK = "look"
MOST = {FILE: 10, LOOK: 30}
"""Door to the times one address may come within one hour."""
REMEMBERED = timedelta(days=2)
COUNT = """
    insert into disputes_knock (door, visitor, hour, times) values (%s, %s, %s, 1)
    on conflict (door, visitor, hour) do update set times = disputes_knock.times + 1
    returning times
"""


class TooOften(Throttled):
    """One address came to a public form too often within the hour."""

    retry_after = 3600


def knock(door: str, address: str, at: datetime | None = None) -> None:
    """Count that an address came to a door.

    Raises:
        TooOften: Too often within this hour.
    """
    now = at or datetime.now(UTC)
    hour = now.replace(minute=0, second=0, microsecond=0)
    visitor = visitor_of(address, received_on(now).isoformat())
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [door, visitor, hour])
        (times,) = cursor.fetchone()
    if times == 1:
        Knock.objects.filter(hour__lt=now - REMEMBERED).delete()
    if times > MOST[door]:
        raise TooOften(
            f"同一网络地址每小时最多 {MOST[door]} 次，请稍后再试 (at most {MOST[door]} times an hour from one address)",
            remedy="一小时后再试，或者向数据共享主管部门当面、来信投诉 (try again in an hour, or write to the authority)",
        )
