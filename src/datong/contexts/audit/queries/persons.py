# SPDX-License-Identifier: Apache-2.0
"""Calls about a person, by the tag that stands in their records, in every log but that of the acts.

Kept here: what was found, and whether the logs were looked through to their beginning; a search that ran out of time says so.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from datong.contexts.audit.domain import LOG
from datong.contexts.audit.queries.proofs import log_names, prover_of
from datong.ledger import history, search
from datong.ledger.persons import BlindIndex

MOST = 500
SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Look:
    """One call about a person.

    Attributes:
        log: Name of the log.
        index: Number of the record in it.
        facts: What the record says.
    """

    log: str
    index: int
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Looks:
    """Calls about a person, the newest first; `whole` when nothing was left unlooked at."""

    items: list[Look]
    whole: bool


def tag_of(person: str) -> str:
    """Give the tag of a resident id at this node.

    Raises:
        Malformed: It is none.
    """
    return BlindIndex.load(settings.NODE_FOLDER.key).tag(person)


def looks(tag: str, *, since: str = "", until: str = "") -> Looks:
    """Give the calls whose record has a tag.

    Args:
        tag: From `tag_of`.
        since: First second, in UTC, "" for any.
        until: Last second, "" for any.

    Raises:
        Unavailable: A log is damaged: what was removed from it cannot be told.
    """
    wanted, ends = search.Wanted({"person": tag}, since, until), time.monotonic() + SECONDS
    found, whole = [], True
    for log in log_names():
        if log != LOG:
            page = _page(log, wanted, max(ends - time.monotonic(), 0.1))
            found += [Look(log, one.index, one.facts) for one in page.items]
            whole = whole and not page.low
    found.sort(key=lambda one: str(one.facts.get("at")), reverse=True)
    return Looks(found[:MOST], whole and len(found) <= MOST)


def _page(log: str, wanted: search.Wanted, seconds: float) -> search.Page:
    with prover_of(log) as prover:
        low = history.size_before(settings.NODE_FOLDER.evidence / log, wanted.since) if wanted.since else 0
        return search.backwards(prover, wanted, low=low, limit=MOST, seconds=seconds)
