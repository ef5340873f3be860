# SPDX-License-Identifier: Apache-2.0
"""Exports: exactly what a search shows, or the whole catalogue someone may see, read while it is written.

Kept here: what a search finds is walked page by page, in its order, and read through the same predicate as its pages; an
entry comes once, should it move between pages meanwhile. Without words, conditions and order the catalogue goes out whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from datong.contexts.catalog.domain import SearchResult
from datong.contexts.catalog.queries import feeding
from datong.contexts.catalog.queries.searching import search
from datong.kernel.actors import Officer
from datong.wire.dcat import Entry

PAGE = 100


@dataclass(frozen=True, slots=True)
class Export:
    """An export about to be written.

    Attributes:
        entries: Read as they are taken; once.
        found: How many the search found; None for the whole catalogue.
        given: How many of them are within reach; fewer than found when the search cannot page that deep.
    """

    entries: Iterator[Entry]
    found: int | None
    given: int | None

    @property
    def cut(self) -> bool:
        """Whether something that was found is left out."""
        return self.found is not None and self.given is not None and self.given < self.found


def export(
    q: str = "", *, by: Officer | None, filters: Mapping[str, str] | None = None, sort: str = ""
) -> Export:
    """Prepare an export of what `search` finds for the same words, conditions and order."""
    asked = {name: value for name, value in (filters or {}).items() if value}
    if not (q.strip() or asked or sort):
        return Export(feeding.whole(by), None, None)
    first = search(q, by=by, filters=asked, per_page=PAGE, sort=sort)
    return Export(_walk(first, q, by, asked, sort), first.total, min(first.total, first.pages * PAGE))


def _walk(
    first: SearchResult, q: str, by: Officer | None, filters: Mapping[str, str], sort: str
) -> Iterator[Entry]:
    seen: set[str] = set()
    found = first
    for page in range(1, first.pages + 1):
        if page > 1:
            found = search(q, by=by, filters=filters, page=page, per_page=PAGE, sort=sort)
        fresh = [hit.code for hit in found.hits if hit.code not in seen]
        seen.update(fresh)
        yield from feeding.coded(fresh, by=by)
        if page >= found.pages:
            return
