# SPDX-License-Identifier: Apache-2.0
"""Search: hits with why they were found, facets with counts, the whole state in the address."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from datong.contexts.catalog import face as catalog
from datong.kernel.actors import Role
from datong.wire import lists

FACETS: tuple[tuple[str, Any], ...] = (
    ("sharing_type", _("共享类型")),
    ("theme", _("主题分类")),
    ("class_code", _("资源分类")),
    ("provider", _("提供部门")),
    ("region", _("所属地区")),
    ("freshness", _("更新情况")),
    ("update_cycle", _("更新周期")),
    ("format_class", _("数据格式")),
    ("level", _("数据分级")),
    ("opening_type", _("开放属性")),
)
SHOWN_AT_FIRST = 8
"""Values of a facet that are shown before one asks for more."""
SORTS = (("", _("相关度")), ("newest", _("最新发布")), ("name", _("名称")), ("provider", _("提供部门")))
EXPORTS = lists.WORDS
SIZES = ("10", "20", "50", "100")


class _Hits(list[catalog.Hit]):
    """A page of hits that a paginator takes for the whole list."""

    def __init__(self, result: catalog.SearchResult, size: int) -> None:
        super().__init__(result.hits)
        self.total, self.start = result.total, (result.page - 1) * size

    def __len__(self) -> int:
        return self.total

    def __getitem__(self, part: Any) -> Any:
        hits = list(self)
        return hits[part.start - self.start : part.stop - self.start] if isinstance(part, slice) else hits[part]


def _number(text: str, usual: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else usual


@login_not_required
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Show what is found; the same may be exported (API, `export_resources_csv` and its kin)."""
    asked, by = request.GET, request.officer
    q = asked.get("q", "").strip()[:200]
    filters = {name: asked.get(name, "") for name, _word in FACETS}
    sort = asked.get("sort", "")
    size = int(asked["size"]) if asked.get("size") in SIZES else 20
    found = catalog.search(q, by=by, filters=filters, page=_number(asked.get("page", ""), 1), per_page=size, sort=sort)
    known = {name: {filters[name]: found.chosen.get(name, "")} for name, _word in FACETS}
    more = {
        "q": q,
        "words": found.words,
        "found": found,
        "page": Paginator(_Hits(found, size), size).page(found.page),
        "facets": [(name, word, _values(found, name, filters[name])) for name, word in FACETS],
        "shown_at_first": SHOWN_AT_FIRST,
        "sorts": SORTS,
        "sort": sort,
        "exports": EXPORTS,
        "may_demand": by is not None and bool(by.department) and by.holds(Role.APPLICANT),
        "filters": {"q": gettext("关键词")} | {name: (str(word), known[name]) for name, word in FACETS},
        "chosen": {name: value for name, value in filters.items() if value},
    }
    return render(request, "portal/search.html", more)


def _values(found: catalog.SearchResult, name: str, chosen: str) -> list[catalog.Facet]:
    """Values of a facet; of a tree the chosen branch stands above those below it."""
    values = list(found.facets.get(name, ()))
    if not chosen or any(one.value == chosen for one in values):
        return values
    return [catalog.Facet(chosen, found.chosen.get(name) or chosen, found.total), *values]


@login_not_required
@require_GET
def suggest(request: HttpRequest) -> HttpResponse:
    """Suggest how to go on while someone still types; a list for the search box."""
    q = request.GET.get("q", "").strip()[:200]
    return render(request, "portal/suggestions.html", {"found": catalog.suggest(q, by=request.officer), "words": (q,)})
