# SPDX-License-Identifier: Apache-2.0
"""Searching a log for the records of a grant, a call or a time, also in logs too large to read whole at once.

Kept here: records are JSON objects with the time in `at`; a grant is looked for in `grant` and, of acts, in `subject`.
What is looked for is a claim about each record that anyone can check, never about those not found: a log proves what it
holds, not that a search was complete.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from datong.kernel import canonical
from datong.kernel.errors import Malformed
from datong.ledger.prover import Prover

FIELDS: Final[dict[str, tuple[str, ...]]] = {"grant": ("grant", "subject"), "request_id": ("request_id",)}
"""What may be looked for, and the fields of a record in which it may stand."""
LISTS: Final = {"person": "persons"}
"""What may be looked for in a list, which no export names."""
WINDOW: Final = 5_000
SECOND: Final = 19


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for.

    Attributes:
        where: Values by name; the names are those of `FIELDS` and `LISTS`.
        since: First second, as `2026-01-31T08:00:00` in UTC, "" for any.
        until: Last second, "" for any.
    """

    where: Mapping[str, str] = field(default_factory=dict)
    since: str = ""
    until: str = ""

    def match(self, record: bytes) -> dict[str, Any] | None:
        """Give the record as JSON when it is one of those looked for."""
        if any(value.encode() not in record for value in self.where.values()):
            return None
        try:
            facts = canonical.loads(record)
        except Malformed:
            return None
        return facts if isinstance(facts, dict) and holds(facts, self.where) and self._timely(facts) else None

    def _timely(self, facts: Mapping[str, Any]) -> bool:
        if not self.since and not self.until:
            return True
        second = str(facts.get("at", ""))[:SECOND]
        return bool(second) and self.since[:SECOND] <= second and (not self.until or second <= self.until[:SECOND])


@dataclass(frozen=True, slots=True)
class Found:
    """One record found: its index, and what it says."""

    index: int
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Records found, the newest first.

    Attributes:
        items: The records.
        low: Index of the first record looked at, 0 when none is left before it.
        high: Index behind the last record looked at.
    """

    items: list[Found]
    low: int
    high: int


def holds(facts: Mapping[str, Any], where: Mapping[str, str]) -> bool:
    """Whether a record says everything that is looked for."""
    return all(_said(facts, key, value) for key, value in where.items())


def _said(facts: Mapping[str, Any], key: str, value: str) -> bool:
    listed = facts.get(LISTS[key]) if key in LISTS else None
    return any(facts.get(name) == value for name in FIELDS.get(key, ())) or (isinstance(listed, list) and value in listed)


def forwards(prover: Prover, wanted: Wanted, start: int = 0) -> Iterator[Found]:
    """Give the records looked for, from an index on.

    Raises:
        Damaged: A record on the way is missing or changed.
    """
    for index, record in prover.records(start, prover.size):
        facts = wanted.match(record)
        if facts is not None:
            yield Found(index, facts)


def backwards(
    prover: Prover, wanted: Wanted, *, low: int = 0, high: int | None = None, limit: int = 50, seconds: float = 1.0
) -> Page:
    """Give the newest records looked for, as many as are found in the time there is.

    Args:
        prover: Of the log.
        wanted: What is looked for.
        low: First index that can hold one.
        high: Index behind the last that can.
        limit: Most records.
        seconds: When to stop looking; at least one window is looked through.

    Raises:
        Damaged: As for `forwards`.
    """
    high = prover.size if high is None else min(high, prover.size)
    ends, at = time.monotonic() + seconds, high
    items: list[Found] = []
    while at > low and len(items) < limit and (at == high or time.monotonic() < ends):
        begin = max(low, at - WINDOW)
        pairs = ((index, wanted.match(record)) for index, record in prover.records(begin, at))
        here = [Found(index, facts) for index, facts in pairs if facts is not None][::-1]
        kept = here[: limit - len(items)]
        at = kept[-1].index if len(kept) < len(here) else begin
        items += kept
    return Page(items, at if at > low else 0, high)
