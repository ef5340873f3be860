# SPDX-License-Identifier: Apache-2.0
"""Reads of the other names people search by; everyone may know them."""

import time
from collections import defaultdict
from functools import lru_cache

from django.db.models import Q, QuerySet

from datong.contexts.catalog.models import Synonym
from datong.engine import face as engine

KEPT_SECONDS = 2
SHORTEST_INITIALS = 3
"""Two letters mean too much."""


def synonyms(q: str = "") -> QuerySet[Synonym]:
    """Give the pairs in order, those that hold a text."""
    rows = Synonym.objects.order_by("term", "meaning")
    return rows.filter(Q(term__icontains=q) | Q(meaning__icontains=q)) if q and q.isprintable() else rows


@lru_cache(maxsize=5_000)
def _letters(term: str) -> tuple[str, ...]:
    sounded = engine.chinese.sounded(term)
    initials = (one for one in sounded.initials if len(one) == len(term) >= SHORTEST_INITIALS)
    return tuple({sounded.letters, *initials} - {term})


def other_names() -> dict[str, tuple[str, ...]]:
    """Give each name, lower case, with its other names; what people type may also be its sound or its initials.

    A change is known at once where it is made, two seconds later elsewhere.
    """
    return read_names(int(time.monotonic() / KEPT_SECONDS))


@lru_cache(maxsize=1)
def read_names(turn: int) -> dict[str, tuple[str, ...]]:  # noqa: ARG001  a new turn reads again
    """Read the names anew."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for term, meaning in Synonym.objects.order_by("pk").values_list("term", "meaning"):
        one, other = term.lower(), meaning.lower()
        found[one].append(other)
        found[other].append(one)
        for letters in _letters(one):
            found[letters].append(other)
    return {name: tuple(dict.fromkeys(others)) for name, others in found.items()}
