# SPDX-License-Identifier: Apache-2.0
"""What a request may cite: the laws on the list, the duties a department has noted (809 art. 20)."""

from datong.contexts.catalog.domain.citations import plain
from datong.contexts.catalog.domain.grounds import ArticleView, DutyView, LawView, ground_fault
from datong.contexts.catalog.models import Duty, Law
from datong.contexts.organisations import face as organisations
from datong.kernel.sharing import BasisRank


def laws_to_cite() -> tuple[LawView, ...]:
    """Give every law in force on the list, the highest rank first, with the articles cited often."""
    order = [rank.value for rank in BasisRank]
    rows = Law.objects.prefetch_related("articles").filter(repealed=False)
    return tuple(sorted((_view(row) for row in rows), key=lambda law: (order.index(law.rank), law.title)))


def duties_to_cite(department: str) -> tuple[DutyView, ...]:
    """Give the duties a department performs, as its inventory names them."""
    rows = Duty.objects.filter(department=department, active=True).order_by("name")
    return tuple(DutyView(row.name, row.basis) for row in rows)


def basis_of_use_fault(kind: str, text: str) -> str:
    """Give what is wrong with a basis of use, empty when nothing is; see `ground_fault`."""
    listed = {plain(row.title): _view(row) for row in Law.objects.prefetch_related("articles")}
    return ground_fault(kind, text, listed, _is_local)


def _is_local(title: str) -> bool:
    return any(title.startswith(region.name) for region in organisations.region_tree())


def _view(row: Law) -> LawView:
    articles = tuple(ArticleView(one.article, one.gist) for one in row.articles.all())
    return LawView(row.title, row.rank, row.repealed, articles)
