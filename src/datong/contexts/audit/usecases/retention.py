# SPDX-License-Identifier: Apache-2.0
"""Retention of evidence: records of calls leave after their years, never before; acts stay for ever.

Kept here: Order 809 art. 29 wants records of sharing for three years at least (网络安全法 art. 21: logs for six months), so
nothing younger goes whatever is asked. What goes is on record before it goes; every night it goes by itself, by a time that
nights passed one by one lead to: a clock that leaps on by years, set wrongly, takes nothing away. Bodies are never kept:
there are none to remove.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import transaction

from datong.contexts.audit import queries
from datong.contexts.audit.domain import LOG
from datong.contexts.audit.usecases.recording import record
from datong.crypto.keys import load_signer
from datong.kernel.actors import SYSTEM
from datong.kernel.errors import DatongError, Refused, Unavailable
from datong.ledger import files, pruning, removed

log = structlog.get_logger("datong.evidence")
LEAST_YEARS = 3
NIGHTS: Final = "nights"
"""File beside the policy: seconds since 1970, up to which nights have passed."""
NIGHT: Final = 2 * 86_400
"""Seconds by which that goes on from one night to the next at most."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed of a log.

    Attributes:
        log: Name of the log.
        records: How many went this time.
        first: First record that is still there.
    """

    log: str
    records: int
    first: int


def due(years: int, now: datetime) -> datetime:
    """Give the instant so many years before another; 29 February counts as the 28th."""
    try:
        return now.replace(year=now.year - years)
    except ValueError:
        return now.replace(year=now.year - years, day=28)


def prune(before: datetime | None = None, *, now: datetime | None = None) -> list[Pruned]:
    """Remove the records of calls that were signed before an instant, by whole segments, from the command line of the node.

    Args:
        before: Default: as many years ago as the node keeps calls (`keep_calls_years`).
        now: The clock.

    Returns:
        One for each log that lost records.

    Raises:
        Refused: Younger than three years.
        Damaged: A log does not hold what was signed; nothing of it is removed.
    """
    moment = now or datetime.now(UTC)
    wanted = before or due(settings.NODE.keep_calls_years, moment)
    if wanted > due(LEAST_YEARS, moment):
        raise Refused(
            "共享记录至少保存三年 (records of sharing are kept for three years at least)",
            rule="国务院令第809号第二十九条、网络安全法第二十一条",
            remedy=f"--before {due(LEAST_YEARS, moment).date()} 或更早 (or earlier)",
        )
    done = [_pruned(name, wanted, moment) for name in queries.log_names() if name != LOG]
    return [one for one in done if one.records]


def prune_by_night(*, now: datetime | None = None) -> list[Pruned]:
    """Remove what the node no longer keeps (`keep_calls_years`), log by log: what hinders one is on record and holds up no other.

    Args:
        now: The clock.

    Returns:
        One for each log that lost records.
    """
    tonight, done = _tonight(now or datetime.now(UTC)), list[Pruned]()
    if tonight is None:
        return []
    before = due(settings.NODE.keep_calls_years, tonight)
    for name in queries.log_names():
        try:
            done += [_pruned(name, before, tonight)] if name != LOG else []
        except (DatongError, OSError) as error:
            with suppress(Unavailable), transaction.atomic():
                record("audit.evidence.prune_failed", by=SYSTEM, subject=name, facts={"reason": str(error)})
    return [one for one in done if one.records]


def _tonight(now: datetime) -> datetime | None:
    """Give the time up to which nights have passed; None in the first one, of which nobody knows whether its clock is right."""
    place, wanted = settings.NODE_FOLDER.run / NIGHTS, int(now.timestamp())
    try:
        last = int(place.read_bytes()[:16])
    except (OSError, ValueError):
        last = None
    seconds = wanted if last is None else min(wanted, last + NIGHT)
    if seconds < wanted:
        log.warning("the clock leapt: evidence is removed night by night", clock=now.isoformat(), seconds=wanted - seconds)
    with suppress(OSError):
        files.place(place, b"%d" % seconds, durable=True)
    return None if last is None else datetime.fromtimestamp(max(seconds, 0), UTC)


def _pruned(name: str, before: datetime, now: datetime) -> Pruned:
    folder = settings.NODE_FOLDER.evidence / name
    instant, clock = (one.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for one in (before, now))
    gone, first = removed.load(folder).size, pruning.first_kept(folder, instant, clock)
    facts = {"before": instant, "first": gone, "kept_from": first}
    made = pruning.prune(folder, first, load_signer(settings.NODE_FOLDER.key), partial(_announce, name, facts))
    return Pruned(name, made.size - gone, made.size)


@transaction.atomic
def _announce(name: str, facts: dict[str, Any]) -> None:
    record("audit.evidence.pruned", by=SYSTEM, subject=name, facts=facts)
