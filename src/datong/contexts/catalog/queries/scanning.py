# SPDX-License-Identifier: Apache-2.0
"""Search by the database alone: while the index is absent, being rebuilt, or does not know what one just did.

Kept here: every word must be found somewhere as it stands (ILIKE); a name weighs more than a department, that more than
an item, that more than an abstract; counts and facets are taken under the same visibility as the hits.
"""

from collections.abc import Mapping

from django.db.models import Case, Count, Exists, Expression, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Substr

from datong.contexts.catalog.domain import Facet, SearchResult
from datong.contexts.catalog.models import Item, Resource
from datong.contexts.catalog.queries import facets, hits
from datong.contexts.catalog.queries.entries import visible
from datong.kernel.actors import Officer

MOST_WORDS = 8
LONGEST_WORD = 60
FILTERS: Mapping[str, str] = {
    "class_code": "class_node__code__startswith",
    "theme": "class_node__code__startswith",
    "category": "code__startswith",
    "provider": "provider",
    "region": "provider__region__code__startswith",
    "sharing_type": "current__sharing_type",
    "opening_type": "current__opening_type",
    "update_cycle": "current__update_cycle",
    "level": "current__level",
    "format_class": "current__format_class",
}
"""Filter to the condition it stands for."""
SORTS: Mapping[str, tuple[str, ...]] = {
    "newest": ("-current__published_at",),
    "name": ("name",),
    "provider": ("provider__name", "name"),
}
"""Order other than by rank."""
WEIGHTS: Mapping[str, int] = {
    "code": 64, "name__iexact": 32, "name__istartswith": 16, "name__icontains": 8, "code__startswith": 8,
    "provider__name__icontains": 4, "current__abstract__icontains": 1,
}  # fmt: skip
"""Condition a word may meet to what it adds to the rank."""


def scan(q: str, *, by: Officer | None, filters: Mapping[str, str], page: int, size: int, sort: str) -> SearchResult:
    """Find published resources.

    Args:
        q: Words parted by spaces; each must be found.
        by: Who looks; None is the public.
        filters: Facets to a value.
        page: From 1; beyond the last page gives the last.
        size: Hits a page.
        sort: A name of `SORTS`; anything else is by rank.
    """
    words = [word[:LONGEST_WORD] for word in "".join(one if one.isprintable() else " " for one in q).split()[:MOST_WORDS]]
    rows = _matching(Resource.objects.filter(visible(by)), words, with_items=by is not None)
    found = rows.filter(**{FILTERS[name]: _value(name, value) for name, value in filters.items() if name in FILTERS})
    total = found.count()
    pages = max(-(-total // size), 1)
    here = min(max(page, 1), pages)
    ranked = found.annotate(rank=_rank(words)).order_by(*SORTS.get(sort, ("-rank", "name")), "code")
    shown = tuple(hits.hit(row) for row in hits.page_of(ranked, (here - 1) * size, size))
    counted = _facets(found, filters)
    chosen = facets.chosen(filters)
    return SearchResult(shown, total, here, pages, counted, words=tuple(words), indexed=False, chosen=chosen)


def _value(name: str, value: str) -> str:
    return facets.beginning(value) if name == "region" else value


def _matching(rows: QuerySet[Resource], words: list[str], *, with_items: bool) -> QuerySet[Resource]:
    for word in words:
        anywhere = Q(name__icontains=word) | Q(current__abstract__icontains=word) | Q(provider__name__icontains=word)
        anywhere |= Q(code__startswith=word)
        if with_items:
            same = Item.objects.filter(version=OuterRef("current_id"))
            anywhere |= Q(Exists(same.filter(Q(name__icontains=word) | Q(field__iexact=word))))
        rows = rows.filter(anywhere)
    return rows


def _rank(words: list[str]) -> Expression:
    total: Expression = Value(0)
    for word in words:
        for condition, weight in WEIGHTS.items():
            hit = When(Q(**{condition: word}), then=Value(weight))
            total = total + Case(hit, default=Value(0), output_field=IntegerField())
    return total


def _facets(found: QuerySet[Resource], filters: Mapping[str, str]) -> dict[str, tuple[Facet, ...]]:
    plain = found.order_by()
    columns = {name: f"current__{name}" for name in facets.LABELLED if name not in ("category", "freshness")}
    columns |= {"provider": "provider_id", "category": "category", "class_code": "branch", "region": "place"}
    branch = 6 if len(filters.get("class_code", "")) >= 3 else 3
    place = min(len(facets.beginning(filters.get("region", ""))) + 2, 6) if filters.get("region") else 2
    plain = plain.annotate(
        category=Substr("code", 1, 1), branch=Substr("class_node__code", 1, branch), place=Substr("provider__region_id", 1, place)
    )
    counted = {name: _counted(plain, column) for name, column in columns.items()}
    themes = plain.filter(class_node__code__startswith="2").annotate(theme=Substr("class_node__code", 1, 3))
    counted["theme"] = _counted(themes, "theme")
    return {name: facets.labelled(name, counts) for name, counts in counted.items()}


def _counted(rows: QuerySet[Resource], column: str) -> list[tuple[str, int]]:
    counts = rows.values_list(column).annotate(count=Count("pk")).order_by("-count", column)
    return list(counts[: facets.MOST_VALUES])
