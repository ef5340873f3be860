# SPDX-License-Identifier: Apache-2.0
"""Entries that may be what a demand wants, found by the catalogue's own search under the rights of who looks.

Kept here: what the person may not see is never suggested, not to the authority either; a match is a hint with its reasons.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from datong.contexts.catalog import face as catalog
from datong.contexts.demands.domain.matching import Candidate, Judged, judge, plain
from datong.engine import face as engine
from datong.kernel.actors import Officer
from datong.kernel.errors import Unknown

MOST = 5
LEAST_SCORE = 25
MOST_ASKED = 8
"""Items that are searched for; all of them are compared."""
MOST_READ = 12
"""Entries whose items are read."""
WEIGHT_OF_NAME = 3


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that may be it: score 0 to 100, why, and the fields taken for the items wanted."""

    hit: catalog.Hit
    judged: Judged

    @property
    def score(self) -> int:
        """0 to 100."""
        return self.judged.score


def matches(name: str, items: Sequence[str], expected: str, *, by: Officer, most: int = MOST) -> list[Match]:
    """Give the entries likest to what is wanted, the likest first.

    Args:
        name: What is wanted.
        items: Names of items.
        expected: Credit code of the department thought to hold it.
        by: Who looks; finds only what he may see.
        most: How many.
    """
    if not name.strip():
        return []
    others = catalog.other_names()
    words = words_of(name)
    rated = []
    for hit in _candidates(name, items, by):
        judged = judge(name, words, items, expected, _read(hit, by), others)
        if judged.score >= LEAST_SCORE:
            rated.append(Match(hit, judged))
    rated.sort(key=lambda one: (-one.score, one.hit.code))
    return rated[:most]


def words_of(name: str) -> list[str]:
    """Give the words of a name, longer than one character, without those that say nothing."""
    found = [word for run in engine.chinese.runs(plain(name)) for word in engine.chinese.words(run)]
    return [word for word in dict.fromkeys(found) if len(word) > 1]


def _candidates(name: str, items: Sequence[str], by: Officer) -> list[catalog.Hit]:
    """Entries found by the name, its words, or an item; those found most often first."""
    hits: dict[str, catalog.Hit] = {}
    times: dict[str, int] = {}
    for asked, weight in _questions(name, items):
        for hit in catalog.search(asked, by=by, per_page=10).hits:
            hits.setdefault(hit.code, hit)
            times[hit.code] = times.get(hit.code, 0) + weight
    order = sorted(hits, key=lambda code: (-times[code], code))
    return [hits[code] for code in order[:MOST_READ]]


def _questions(name: str, items: Sequence[str]) -> Iterable[tuple[str, int]]:
    yield name[:200], WEIGHT_OF_NAME
    bare = plain(name)
    if bare != name.lower():
        yield bare[:200], WEIGHT_OF_NAME
    for word in words_of(name)[:4]:
        if word != bare:
            yield word, 1
    for item in items[:MOST_ASKED]:
        yield item, 1


def _read(hit: catalog.Hit, by: Officer) -> Candidate:
    try:
        view = catalog.resource(hit.code, by=by)
    except Unknown:
        return Candidate(hit.code, hit.name, hit.provider)
    return Candidate(hit.code, hit.name, hit.provider, tuple((item.field, item.name) for item in view.items))
