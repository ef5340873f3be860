# SPDX-License-Identifier: Apache-2.0
"""The list of laws a withholding may rest on: seeded, extended by the authority; nothing leaves it (809 arts. 14, 15)."""

import json
from datetime import date
from importlib import resources
from typing import Any

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import permissions
from datong.contexts.catalog.domain import EntryDraft
from datong.contexts.catalog.domain.citations import ARTICLE, basis_fault, plain
from datong.contexts.catalog.models import Law, LawArticle
from datong.kernel import texts
from datong.kernel.actors import SYSTEM, Officer
from datong.kernel.errors import Conflict, Malformed, Unknown
from datong.kernel.sharing import BasisRank, SharingType


@transaction.atomic
def seed_laws(*, by: Officer = SYSTEM) -> int:
    """Add the laws that are missing; gives how many. What the authority changed stays."""
    text = resources.files("datong.contexts.catalog").joinpath("seeds/laws.json").read_text("utf-8")
    listed = {one["title"]: one for one in json.loads(text)["laws"]}
    known = set(Law.objects.filter(title__in=listed).values_list("title", flat=True))
    missing = [_seeded(one, by) for title, one in listed.items() if title not in known]
    Law.objects.bulk_create(missing)
    LawArticle.objects.bulk_create(
        LawArticle(law=law, article=article, gist=gist)
        for law in missing
        for article, gist in listed[law.title].get("articles", {}).items()
    )
    added = len(missing)
    if added:
        audit.record("catalog.laws.seeded", by=by, subject="laws", facts={"added": added})
    return added


def _seeded(one: dict[str, Any], by: Officer) -> Law:
    issued = date.fromisoformat(one["issued_on"]) if one.get("issued_on") else None
    return Law(title=one["title"], rank=one["rank"], document=one.get("document", ""), issued_on=issued, added_by=by.account)


@transaction.atomic
def add_law(title: str, rank: str, *, by: Officer, document: str = "", issued_on: date | None = None) -> Law:
    """Add a law to the list, as the authority.

    Raises:
        Refused: Not the authority.
        Malformed: A rank that does not carry a withholding, or no title.
        Conflict: It is on the list.
    """
    permissions.check_may_list_laws(by)
    if rank not in list(BasisRank):
        raise Malformed(
            "只有法律、行政法规、国务院决定可以作为依据 (a law, an administrative regulation or a decision of the State Council)",
            fields={"rank": ", ".join(BasisRank)}, rule="政务数据共享条例第十四条",
        )  # fmt: skip
    cleaned = plain(texts.line("title", title.strip("《》 "), longest=100))
    values = {"rank": rank, "document": texts.line("document", document, longest=100, least=0), "issued_on": issued_on}
    law, new = Law.objects.get_or_create(title=cleaned, defaults={**values, "added_by": by.account})
    if not new:
        raise Conflict(f"《{cleaned}》已在清单内 (it is on the list)", fields={"title": "已存在 (taken)"})
    audit.record("catalog.law.added", by=by, subject=f"law-{law.pk}", facts={"title": cleaned, "rank": rank})
    return law


@transaction.atomic
def add_article(law: int, article: str, gist: str, *, by: Officer) -> LawArticle:
    """Add an article that is cited often, as the authority.

    Raises:
        Refused: Not the authority.
        Unknown: No such law.
        Malformed: Not written as 第…条.
        Conflict: It is there.
    """
    permissions.check_may_list_laws(by)
    home = _law(law)
    if not ARTICLE.fullmatch(article.strip()):
        raise Malformed("条款写作“第…条” (write it as 第…条)", fields={"article": "第…条"})
    said = texts.line("gist", gist, longest=300, least=0)
    made, new = LawArticle.objects.get_or_create(law=home, article=article.strip(), defaults={"gist": said})
    if not new:
        raise Conflict("该条已列 (the article is there)", fields={"article": "已存在 (taken)"})
    audit.record("catalog.law.article_added", by=by, subject=f"law-{home.pk}", facts={"article": made.article})
    return made


@transaction.atomic
def repeal_law(law: int, *, by: Officer) -> Law:
    """Mark a law as repealed: it stays listed and carries nothing new.

    Raises:
        Refused: Not the authority.
        Unknown: No such law.
    """
    permissions.check_may_list_laws(by)
    row = _law(law)
    row.repealed = True
    row.save(update_fields=["repealed"])
    audit.record("catalog.law.repealed", by=by, subject=f"law-{row.pk}", facts={"title": row.title})
    return row


def basis_faults(draft: EntryDraft) -> dict[str, str]:
    """Give what is wrong with the basis of an entry that withholds something; nothing where it withholds nothing."""
    withholds = draft.sharing_type == SharingType.WITHHELD or any(
        item.sharing_type == SharingType.WITHHELD for item in draft.items
    )
    if not withholds or not draft.withheld_basis:
        return {}
    known = dict(Law.objects.filter(repealed=False).values_list("title", "rank"))
    fault = basis_fault(draft.withheld_basis, draft.withheld_basis_rank, known)
    return {"withheld_basis": fault} if fault else {}


def _law(pk: int) -> Law:
    found = Law.objects.select_for_update().filter(pk=pk).first() if 0 < pk < 2**63 else None
    if found is None:
        raise Unknown("没有此依据 (there is no such law)")
    return found
