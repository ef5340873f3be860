# SPDX-License-Identifier: Apache-2.0
"""Departments that may hold what is wanted: the one named, those whose duties or systems sound like it, those with like entries.

Kept here: the inventory is read under the rights of who looks; the authority decides.
"""

from dataclasses import dataclass, field

from datong.contexts.catalog import face as catalog
from datong.contexts.demands.domain.matching import Ground, likeness, shared
from datong.contexts.demands.models import Demand
from datong.contexts.demands.queries.matching import Match, words_of
from datong.contexts.organisations import face as organisations
from datong.kernel.actors import Officer

MOST = 6
MOST_READ = 300
LEAST = 0.2
SURE = 40
"""Points of the department the demander names; a duty or system alike gives up to 60, an entry alike a third of its score."""


@dataclass(slots=True)
class Proposed:
    """A department and why; `grounds` are (ground, what it is)."""

    uscc: str
    name: str
    score: int = 0
    grounds: list[tuple[Ground, str]] = field(default_factory=list)


def below(region: str, above: str) -> bool:
    """Tell whether a division is another one or lies below it."""
    head = above
    while head.endswith("00"):
        head = head[:-2]
    return above == "100000" or region.startswith(head)


def assignable(by: Officer) -> list[organisations.DepartmentView]:
    """Give the departments an authority may make responsible: those of its region and below, in order of name."""
    found = [one for one in organisations.departments() if below(one.region, by.region)]
    return sorted(found, key=lambda one: one.name)


def proposed_departments(row: Demand, found: list[Match], *, by: Officer) -> list[Proposed]:
    """Give the departments likeliest to hold what is wanted, the likeliest first.

    Args:
        row: A demand.
        found: Entries alike.
        by: The authority.
    """
    known: dict[str, Proposed] = {}

    def add(uscc: str, name: str, points: int, ground: Ground, what: str) -> None:
        one = known.setdefault(uscc, Proposed(uscc, name))
        one.score += points
        one.grounds.append((ground, what))

    if row.expected is not None:
        add(row.expected_id, row.expected.name, SURE, Ground.NAMED, "")
    others, wanted = catalog.other_names(), [row.name, *row.items]
    words = [word for one in wanted for word in words_of(one)]
    for ground, rows in ((Ground.DUTY, catalog.duties_seen(by, words)), (Ground.SYSTEM, catalog.systems_seen(by, words))):
        for held in rows[:MOST_READ]:
            near = max(likeness(row.name, held.name), len(shared(words, held.name, others)) / max(len(words), 1))
            if near >= LEAST:
                add(held.department_id, held.department.name, round(60 * near), ground, held.name)
    for match in found:
        add(match.hit.provider, match.hit.provider_name, match.score // 3, Ground.ENTRY, match.hit.name)
    rated = [one for one in known.values() if below(organisations.department(one.uscc).region, by.region)]
    for one in rated:
        one.score = min(one.score, 100)
    return sorted(rated, key=lambda one: (-one.score, one.uscc))[:MOST]
