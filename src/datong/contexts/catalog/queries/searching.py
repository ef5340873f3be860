# SPDX-License-Identifier: Apache-2.0
"""Search over published resources: names, abstracts, items, departments, codes.

Kept here: every word must be found somewhere (ILIKE); a name weighs more than a department, that more than an item,
that more than an abstract; counts and facets are taken under the same visibility as the hits.
"""

from collections.abc import Mapping

from django.db.models import Case, Count, Exists, Expression, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Substr

from datong.contexts.catalog.domain import Facet, Hit, SearchResult
from datong.contexts.catalog.models import ClassNode, Item, Resource
from datong.contexts.catalog.queries.entries import visible
from datong.kernel.actors import Officer
from datong.kernel.codes import Category
from datong.kernel.labels import Labelled
from datong.kernel.sharing import Level, OpeningType, SharingType, UpdateCycle
from datong.kernel.workdays import received_on

MOST_WORDS = 8
LONGEST_WORD = 60
MOST_FACETS = 20
LARGEST_PAGE = 100
FILTERS: Mapping[str, str] = {
    "class_code": "class_node__code__startswith",
    "category": "code__startswith",
    "provider": "provider",
    "region": "provider__region",
    "sharing_type": "current__sharing_type",
    "opening_type": "current__opening_type",
    "update_cycle": "current__update_cycle",
    "level": "current__level",
    "format_class": "current__format_class",
}
"""Filter to the condition it stands for."""
LABELLED: Mapping[str, type[Labelled]] = {
    "category": Category, "sharing_type": SharingType, "opening_type": OpeningType, "update_cycle": UpdateCycle,
    "level": Level,
}  # fmt: skip


SORTS: Mapping[str, tuple[str, ...]] = {
    "newest": ("-current__published_at",),
    "name": ("name",),
    "provider": ("provider__name", "name"),
}
"""Order other than by rank."""


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
        q: Words parted by spaces; each must be found.
        by: Who looks; None is the public.
        filters: Names of `FILTERS` to a value; others and empty ones are ignored.
        page: From 1; beyond the last page gives the last.
        per_page: 1 to 100.
        sort: A name of `SORTS`; anything else is by rank.
    """
    words = [word[:LONGEST_WORD] for word in "".join(one if one.isprintable() else " " for one in q).split()[:MOST_WORDS]]
    rows = _matching(Resource.objects.filter(visible(by)), words, with_items=by is not None)
    found = _narrowed(rows, filters or {})
    size = min(max(per_page, 1), LARGEST_PAGE)
    total = found.count()
    pages = max(-(-total // size), 1)
    here = min(max(page, 1), pages)
    ranked = found.select_related("provider", "current").annotate(rank=_rank(words))
    ranked = ranked.order_by(*SORTS.get(sort, ("-rank", "name")), "code")
    hits = tuple(_hit(row) for row in ranked[(here - 1) * size : here * size])
    return SearchResult(hits=hits, total=total, page=here, pages=pages, facets=_facets(found))


def _matching(rows: QuerySet[Resource], words: list[str], *, with_items: bool) -> QuerySet[Resource]:
    for word in words:
        anywhere = Q(name__icontains=word) | Q(current__abstract__icontains=word) | Q(provider__name__icontains=word)
        anywhere |= Q(code__startswith=word)
        if with_items:
            same = Item.objects.filter(version=OuterRef("current_id"))
            anywhere |= Q(Exists(same.filter(Q(name__icontains=word) | Q(field__iexact=word))))
        rows = rows.filter(anywhere)
    return rows


def _narrowed(rows: QuerySet[Resource], filters: Mapping[str, str]) -> QuerySet[Resource]:
    given = {name: value for name, value in filters.items() if name in FILTERS and value and value.isprintable()}
    return rows.filter(**{FILTERS[name]: value for name, value in given.items()})


WEIGHTS: Mapping[str, int] = {
    "code": 64, "name__iexact": 32, "name__istartswith": 16, "name__icontains": 8, "code__startswith": 8,
    "provider__name__icontains": 4, "current__abstract__icontains": 1,
}  # fmt: skip
"""Condition a word may meet to what it adds to the rank."""


def _rank(words: list[str]) -> Expression:
    total: Expression = Value(0)
    for word in words:
        for condition, weight in WEIGHTS.items():
            hit = When(Q(**{condition: word}), then=Value(weight))
            total = total + Case(hit, default=Value(0), output_field=IntegerField())
    return total


def _hit(row: Resource) -> Hit:
    now = row.current
    return Hit(
        code=row.code, name=row.name, abstract=now.abstract, provider=row.provider_id, provider_name=row.provider.name,
        sharing_type=now.sharing_type, opening_type=now.opening_type, update_cycle=now.update_cycle, level=now.level,
        format_class=now.format_class, published_on=received_on(now.published_at) if now.published_at else None,
    )  # fmt: skip


def _facets(found: QuerySet[Resource]) -> dict[str, tuple[Facet, ...]]:
    plain = found.order_by()
    by_class = plain.annotate(value=Substr("class_node__code", 1, 3))
    by_category = plain.annotate(value=Substr("code", 1, 1))
    names = dict(ClassNode.objects.filter(level=2).values_list("code", "name"))
    providers = dict(plain.values_list("provider_id", "provider__name").distinct())
    facets = {
        "category": _facet(by_category, "value", {one.value: one.label for one in Category}),
        "class_code": _facet(by_class, "value", names),
        "provider": _facet(plain, "provider_id", providers),
    }
    for name in ("sharing_type", "opening_type", "update_cycle", "level"):
        facets[name] = _facet(plain, f"current__{name}", {one.value: one.label for one in LABELLED[name]})
    return facets


def _facet(rows: QuerySet[Resource], column: str, labels: Mapping[str, str]) -> tuple[Facet, ...]:
    counted = rows.values_list(column).annotate(count=Count("pk")).order_by("-count", column)[:MOST_FACETS]
    return tuple(Facet(value=value, label=labels.get(value, value), count=count) for value, count in counted if value)
