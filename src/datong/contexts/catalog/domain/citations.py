# SPDX-License-Identifier: Apache-2.0
"""Citations of law: 《title》第…条, read from a text.

Kept here: a basis names a law by its full title and an article; whether that law is on the list is asked elsewhere.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

CITATION = re.compile(r"《(?P<title>[^《》]{2,100})》(?P<rest>[^《》]*)")
ARTICLE = re.compile(r"第[〇零一二三四五六七八九十百千\d]{1,8}条")
HEAD = "中华人民共和国"


@dataclass(frozen=True, slots=True)
class Citation:
    """One law cited; `article` is empty when none is named."""

    title: str
    article: str


def citations(text: str) -> tuple[Citation, ...]:
    """Give the laws a text cites, in order."""
    found = []
    for one in CITATION.finditer(text):
        article = ARTICLE.search(one["rest"])
        found.append(Citation(one["title"].strip(), article[0] if article else ""))
    return tuple(found)


def plain(title: str) -> str:
    """Give a title without 中华人民共和国: people write it either way."""
    return title.removeprefix(HEAD)


def basis_fault(text: str, rank: str, known: Mapping[str, str]) -> str:
    """Give what is wrong with a basis for withholding, empty when nothing is.

    Args:
        text: What was handed in.
        rank: The rank handed in with it.
        known: Title without 中华人民共和国 to rank, of the laws on the list that are in force.
    """
    cited = citations(text)
    if not cited:
        return "按“《法律名称》第×条”写明依据 (cite it as 《title》第×条)"
    for one in cited:
        if plain(one.title) not in known:
            return f"《{one.title}》不在依据清单内，请主管部门增补 (not on the list of laws: ask the authority to add it)"
        if not one.article:
            return f"须写明《{one.title}》的条款号 (name the article)"
    if rank not in {known[plain(one.title)] for one in cited}:
        return "所列依据的位阶与选择的不一致 (the rank of what is cited is another)"
    return ""
