# SPDX-License-Identifier: Apache-2.0
"""Take over the tallies of calls that the gateways keep, so that pages read them from one place.

Kept here: a book says of an hour how much it was in all, so that taking it over twice changes nothing; the newest stamp
taken over is the place from which the next time goes on. What the node itself pushes is counted here at once. They are
no evidence and leave after some time.
"""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max

from datong.contexts.exchange.models import CallTally
from datong.kernel.sharing import Channel
from datong.wire import policy as wire
from datong.wire import tallies

log = logging.getLogger("datong.exchange")

BATCH = 1_000
PUSHING = "push"
"""In place of a gateway: what the node's own sender of events counted."""
KEPT = timedelta(days=400)
KEY = ("gateway", "hour", "resource", "client", "department", "channel", "code", "step")
FIGURES = ("calls", "rows", "bytes", "counted", "stamp")
"""The columns of a book, `hour` to `stamp`, are these behind the gateway."""


def collect_tallies() -> int:
    """Take over what every gateway of this node tallied since the last time; returns how many rows."""
    return sum(_collect(path) for path in sorted(Path(settings.NODE_FOLDER.run).glob(tallies.FILES)))


@transaction.atomic
def tally_push(at: datetime, told: wire.Grant, code: str, *, took: timedelta, rows: int, size: int) -> None:
    """Count one batch of events that the node itself sent, in the transaction that notes what came of it.

    Args:
        at: When it ended.
        told: The grant it was sent under.
        code: `ok`, or why it was not taken.
        took: From taking it up to its end.
        rows: Events given; none of what was not taken.
        size: Bytes given.
    """
    hour = at.replace(minute=0, second=0, microsecond=0)
    row, _ = CallTally.objects.get_or_create(
        gateway=PUSHING, hour=hour, resource=told.resource, client=told.client_id, department=told.department,
        channel=Channel.SUBSCRIPTION.value, code=code, step=tallies.step_of(took / timedelta(milliseconds=1)),
        defaults=dict.fromkeys(FIGURES, 0),
    )  # fmt: skip
    CallTally.objects.filter(pk=row.pk).update(
        calls=F("calls") + 1, rows=F("rows") + rows, bytes=F("bytes") + size, counted=F("counted") + int(rows > 0)
    )  # fmt: skip


def sweep_tallies(now: datetime | None = None) -> int:
    """Let go of tallies older than four hundred days; returns how many rows."""
    return CallTally.objects.filter(hour__lt=(now or datetime.now(UTC)) - KEPT).delete()[0]


def _collect(path: Path) -> int:
    gateway = path.stem.rpartition("-")[2]
    newest = CallTally.objects.filter(gateway=gateway).aggregate(top=Max("stamp"))["top"] or 0
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2)) as book:
            found = book.execute(tallies.SINCE, (newest,)).fetchall()
    except sqlite3.Error as error:
        log.warning("the tally %s cannot be read: %s", path.name, error)
        return 0
    _keep([_row(gateway, one) for one in found])
    return len(found)


def _keep(rows: list[CallTally]) -> None:
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        CallTally.objects.bulk_create(part, update_conflicts=True, unique_fields=KEY, update_fields=FIGURES)


def _row(gateway: str, found: tuple[Any, ...]) -> CallTally:
    values = dict(zip((*KEY[1:], *FIGURES), found, strict=True))
    values["hour"] = datetime.fromtimestamp(values["hour"] * tallies.HOUR, UTC)
    return CallTally(gateway=gateway, **values)
