# SPDX-License-Identifier: Apache-2.0
"""What a request may rest on (使用依据, 809 art. 20): a law on the list, one written in, or a duty of the department.

Kept here: what is cited must be of the kind that was chosen; a law that is not on the list is taken at its word, for the
list grows by what the authority adds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from datong.contexts.catalog.domain.citations import Citation, citations, plain
from datong.kernel.sharing import BasisRank, RequestBasis

NEEDS_ARTICLE = frozenset({RequestBasis.LAW, RequestBasis.REGULATION})
PAPERS = ("通知", "意见", "方案", "细则", "规程", "指南", "函", "纪要", "办事指南")
"""Titles that end so are neither a law nor an administrative regulation."""
STATE_COUNCIL = ("国务院", "国发", "国办", "国函")


@dataclass(frozen=True, slots=True)
class ArticleView:
    """One article with its gist."""

    article: str
    gist: str


@dataclass(frozen=True, slots=True)
class LawView:
    """One law that may be cited; the title without 中华人民共和国."""

    title: str
    rank: str
    repealed: bool
    articles: tuple[ArticleView, ...]


@dataclass(frozen=True, slots=True)
class DutyView:
    """One duty of a department and the text it comes from."""

    name: str
    basis: str

    @property
    def cited(self) -> str:
        """The duty as a request cites it."""
        return f"{self.name}（{self.basis}）" if self.basis else self.name


def ground_fault(kind: str, text: str, listed: Mapping[str, LawView], is_local: Callable[[str], bool]) -> str:
    """Give what is wrong with a basis of use, empty when nothing is.

    Args:
        kind: A value of `RequestBasis`.
        text: What was handed in.
        listed: Title without 中华人民共和国 to the law on the list.
        is_local: Whether a title is that of a local rule.
    """
    if kind == RequestBasis.DUTY:
        return ""
    cited = citations(text)
    if not cited:
        return "按“《名称》第×条”写明依据 (cite it as 《title》第×条)"
    faults = (_fault(kind, one, listed.get(plain(one.title)), is_local) for one in cited)
    return next((fault for fault in faults if fault), "")


def _fault(kind: str, one: Citation, law: LawView | None, is_local: Callable[[str], bool]) -> str:
    if kind in NEEDS_ARTICLE and not one.article:
        return f"须写明《{one.title}》的条款号 (name the article)"
    if law is None:
        return _unlisted(kind, one.title, is_local)
    if law.repealed:
        return f"《{one.title}》已废止或失效 (it was repealed)"
    if law.rank != kind:
        said = BasisRank(law.rank).label
        return f"《{one.title}》是{said}，与所选依据类别不一致 (its rank is {law.rank}: choose that kind)"
    return ""


def _unlisted(kind: str, title: str, is_local: Callable[[str], bool]) -> str:
    if kind == RequestBasis.STATE_COUNCIL_DECISION:
        named = any(word in title for word in STATE_COUNCIL)
        return "" if named else f"《{title}》看不出是国务院的决定，请写明文件全称 (give the full title of the decision)"
    if is_local(title):
        return f"《{title}》是地方性规定，请改选“部门职责”并写明条款 (a local rule: choose duty as the kind)"
    if title.endswith(PAPERS):
        return f"《{title}》不是法律或行政法规，请改选依据类别 (neither a law nor an administrative regulation)"
    return ""
