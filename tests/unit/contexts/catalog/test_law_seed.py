# SPDX-License-Identifier: Apache-2.0
"""The seeded laws: each readable as the citation rule reads it, dated by the text in force, numbered where it is an order."""

import json
import re
from datetime import date
from importlib import resources

import pytest

from datong.contexts.catalog.domain.citations import ARTICLE, basis_fault, plain
from datong.kernel.sharing import BasisRank

LAWS = json.loads(resources.files("datong.contexts.catalog").joinpath("seeds/laws.json").read_text("utf-8"))["laws"]
KNOWN = {law["title"]: law["rank"] for law in LAWS}
IN_FORCE = {
    ("居民身份证法", "2011-10-29", "第十九条"),
    ("税收征收管理法", "2015-04-24", "第八条"),
    ("政府信息公开条例", "2019-04-03", "第十五条"),
    ("网络安全法", "2025-10-28", "第二十三条"),
    ("个人信息保护法", "2021-08-20", "第三十四条"),
    ("政务数据共享条例", "2025-05-28", "第十五条"),
}


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law["title"])
def test_each_law_can_be_cited(law):
    assert plain(law["title"]) == law["title"] and law["rank"] in list(BasisRank)
    if "issued_on" in law:
        assert date(1949, 10, 1) < date.fromisoformat(law["issued_on"]) < date(2026, 11, 22)
    for article, gist in law.get("articles", {}).items():
        assert ARTICLE.fullmatch(article) and 0 < len(gist) <= 300
        assert basis_fault(f"《中华人民共和国{law['title']}》{article}", law["rank"], KNOWN) == ""


def test_titles_stand_once_and_regulations_bear_their_order():
    assert len(KNOWN) == len(LAWS)
    for law in LAWS:
        assert (
            re.fullmatch(r"国务院令第\d{3}号", law.get("document", "")) if law["rank"] == "regulation" else "document" not in law
        )


@pytest.mark.parametrize(("title", "issued", "article"), sorted(IN_FORCE))
def test_what_people_cite_most_is_the_text_in_force(title, issued, article):
    [law] = [one for one in LAWS if one["title"] == title]
    assert law["issued_on"] == issued and article in law["articles"]
