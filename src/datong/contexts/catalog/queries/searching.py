# SPDX-License-Identifier: Apache-2.0
"""Search over published resources by the index: names, abstracts, items, departments, codes, sounds, other names.

Kept here: the index counts and ranks, the database decides what is seen; what it shows no longer is taken off the count.
Where the index is absent, being rebuilt or behind the one who asks, the database answers alone and the result says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from datong.contexts.catalog.domain import Facet, SearchResult
from datong.contexts.catalog.domain.asking import Asked, Asker, understand
from datong.contexts.catalog.domain.finding import CODES, EXACT, OPEN, OPENED, Freshness, day_of
from datong.contexts.catalog.domain.reasons import Said, explain
from datong.contexts.catalog.queries import facets, hits, scanning, shelf
from datong.contexts.catalog.queries.synonyms import other_names
from datong.engine import face as engine
from datong.engine.plans.seeking import Always, Answer, Band, Part, Question, Term
from datong.kernel.actors import Officer
from datong.kernel.codes import Category

if TYPE_CHECKING:
    from datong.engine.backends.text.reading import Reader

LARGEST_PAGE = 100
THEMES = Category.THEME.value
DEEPEST = 100_000
"""Hits that can be paged through; beyond, one narrows."""
PLAIN = ("sharing_type", "opening_type", "update_cycle", "level", "format_class", "provider")
CLASSED: Mapping[str, tuple[str, int]] = {"category": ("", 1), "theme": (THEMES, 3)}
"""Facets told by the class: what it begins with, and by how many digits they count."""
MOST_CLASSES = 1_000
SORTS: Mapping[str, tuple[str, bool]] = {
    "newest": ("published", False), "name": ("by_name", True), "provider": ("by_provider", True),
}  # fmt: skip
"""Order other than by rank: number field, smallest first."""
OWN_REGION = 10.0
NOTHING = (Term(EXACT, ""),)
"""What marks without a word in them find."""
LAST = timedelta(days=36_500)


def search(
    q: str = "",
    *,
    by: Officer | None,
    filters: Mapping[str, str] | None = None,
    page: int = 1,
    per_page: int = 20,
    sort: str = "",
) -> SearchResult:
    """Find published resources.

    Args:
        q: What is looked for: words, abbreviations, letters by sound, codes; each must be found.
        by: Who looks; None is the public.
        filters: Names of `facets.NAMES` to a value; others and empty ones are ignored.
        page: From 1; beyond the last page gives the last.
        per_page: 1 to 100.
        sort: "newest", "name" or "provider"; anything else is by rank.
    """
    size = min(max(per_page, 1), LARGEST_PAGE)
    given = facets.given(filters)
    reader = shelf.reader(by)
    if reader is None:
        return scanning.scan(q, by=by, filters=given, page=page, size=size, sort=sort)
    asked = understand(q, other_names() if q.strip() else {}, engine.chinese)
    found = _Search(reader, asked, by, given, sort)
    found.nothing = NOTHING if q.strip() else ()
    return found.result(page, size)


class _Search:
    """One search, from question to shown page."""

    def __init__(self, reader: Reader, asked: Asked, by: Officer | None, given: Mapping[str, str], sort: str) -> None:
        self.reader, self.asked, self.by, self.given = reader, asked, by, given
        self.nothing: tuple[Part, ...] = ()
        self.asker = Asker(engine.chinese, by is not None, reader.holds)
        self.order = SORTS.get(sort, ("published", False) if not asked.words else ("", False))

    def result(self, page: int, size: int) -> SearchResult:
        """Give one page."""
        question, lenient = self._question(self.asker.strict(self.asked) or self.nothing), False
        answer = self.reader.ask(question, limit=size, offset=_offset(page, size))
        if not answer.total and self.asked.words:
            near = self._question(self.asker.lenient(self.asked))
            closest = self.reader.ask(near, limit=size, offset=_offset(page, size))
            question, answer, lenient = (near, closest, True) if closest.total else (question, answer, False)
        pages = max(-(-min(answer.total, DEEPEST) // size), 1)
        here = min(max(page, 1), pages)
        if here != page and answer.total:
            answer = self.reader.ask(question, limit=size, offset=(here - 1) * size)
        return self._shown(answer, here, pages, lenient=lenient)

    def _question(self, must: tuple[Part, ...]) -> Question:
        return Question(
            must=must,
            should=self._ranks() if must and not self.order[0] else (),
            only=self._only(),
            within=self._within(),
            counted={**dict.fromkeys((*PLAIN, self._place()), facets.MOST_VALUES), self._branch(): MOST_CLASSES},
            banded={"stale_on": _lamps()},
            order=self.order[0],
            rising=self.order[1],
        )

    def _ranks(self) -> tuple[Part, ...]:
        own = facets.beginning((self.by.region if self.by else "") or settings.NODE.code)
        return (*self.asker.ranks(self.asked), Always(Term(f"region_{len(own)}", own), OWN_REGION))

    def _only(self) -> tuple[Part, ...]:
        parts: list[Part] = [Term(name, self.given[name]) for name in PLAIN if name in self.given]
        parts += [Term(CODES, self.given[name]) for name in (*CLASSED, "class_code") if name in self.given]
        if "region" in self.given:
            wanted = facets.beginning(self.given["region"])
            parts.append(Term(f"region_{len(wanted)}", wanted))
        return tuple(parts) if self.by is not None else (*parts, Term(OPENED, OPEN))

    def _within(self) -> dict[str, Band]:
        wanted = self.given.get("freshness", "")
        found = next((band for band in _lamps() if band.name == wanted), None)
        return {"stale_on": found} if found else {}

    def _branch(self) -> str:
        return "subclass" if len(self.given.get("class_code", "")) >= 3 else "class_code"

    def _place(self) -> str:
        wanted = self.given.get("region", "")
        return f"region_{min(len(facets.beginning(wanted)) + 2, 6)}" if wanted else "region_2"

    def _shown(self, answer: Answer, page: int, pages: int, *, lenient: bool) -> SearchResult:
        rows = hits.read(answer.rows, by=self.by)
        items = hits.Items(rows, by=self.by)
        marks: dict[str, None] = {}
        shown = []
        for row in rows:
            said = Said((row.name, row.provider_name, row.abstract, row.code), row.class_name, items.of(row))
            reasons, here = explain(self.asked, said, engine.chinese)
            marks |= dict.fromkeys(here)
            shown.append(hits.hit(row, reasons))
        total = answer.total - (len(answer.rows) - len(rows))
        chosen = facets.chosen(self.given)
        return SearchResult(tuple(shown), total, page, pages, self._facets(answer), tuple(marks), lenient, chosen=chosen)

    def _facets(self, answer: Answer) -> dict[str, tuple[Facet, ...]]:
        renamed = {self._branch(): "class_code", self._place(): "region", "stale_on": "freshness"}
        counts = {renamed.get(name, name): counted for name, counted in answer.counts.items()}
        counts |= {name: _folded(counts["class_code"], *told) for name, told in CLASSED.items()}
        return {name: facets.labelled(name, counted) for name, counted in counts.items()}


def _folded(counted: Iterable[tuple[str, int]], head: str, digits: int) -> list[tuple[str, int]]:
    """Counts of classes as counts of what they begin with, most first."""
    found: Counter[str] = Counter()
    for code, count in counted:
        if code.startswith(head):
            found[code[:digits]] += count
    return sorted(found.items(), key=lambda one: (-one[1], one[0]))


def _offset(page: int, size: int) -> int:
    return min(max(page - 1, 0) * size, DEEPEST)


def _lamps() -> tuple[Band, ...]:
    today = day_of(timezone.localdate())
    return (
        Band(Freshness.FRESH, low=today + 1, high=day_of(timezone.localdate() + LAST)),
        Band(Freshness.STALE, low=1, high=today + 1),
        Band(Freshness.NONE, low=0, high=1),
    )
