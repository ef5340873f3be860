# SPDX-License-Identifier: Apache-2.0
"""When someone else saved the draft first: both sides field by field, and the person chooses.

Kept here: what the person typed travels in the form as a whole, so that a third edit in between costs nothing either.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from datong.contexts.audit import face as audit
from datong.contexts.catalog import queries
from datong.contexts.catalog.domain import EntryDraft, ItemDraft
from datong.contexts.catalog.domain.merging import Side, differences, merge
from datong.contexts.catalog.models import Version
from datong.kernel.errors import Malformed
from datong.kernel.labels import choices

LONGEST = 5_000_000
SAVES = frozenset({"catalog.entry.compiled", "catalog.entry.revised"})


def both(request: HttpRequest, row: Version, mine: EntryDraft, base: str) -> HttpResponse:
    """Show what differs; 409, for nothing was saved."""
    theirs = queries.as_draft(row)
    more = {
        "row": row,
        "found": differences(base, mine, theirs),
        "sides": choices(Side),
        "mine": json.dumps(asdict(mine), ensure_ascii=False),
        "base": base,
        "saver": _saver(row),
    }
    return render(request, "catalog/merge.html", more, status=409)


def chosen(request: HttpRequest, row: Version) -> tuple[EntryDraft, EntryDraft]:
    """Give the draft that follows from the choices, and what the person had handed in.

    Raises:
        Malformed: The form does not read.
    """
    mine, theirs = _mine(request.POST.get("mine", "")), queries.as_draft(row)
    found = differences(request.POST.get("base", ""), mine, theirs)
    sides = {one.path: request.POST.get(f"choice-{one.path}", "") for one in found}
    return merge(mine, theirs, found, sides), mine


def _saver(row: Version) -> str:
    acts = audit.acts(by=None, subject=row.resource.code, limit=200)
    saves = [act for act in acts if act.tag in SAVES]
    return max(saves, key=lambda act: act.seq).name if saves else ""


def _mine(text: str) -> EntryDraft:
    try:
        said: Any = json.loads(text) if len(text) <= LONGEST else None
        items = tuple(ItemDraft(**item) for item in said.pop("items"))
        lists = {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
        return EntryDraft(**(said | lists), items=items)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Malformed("表单读不懂，请返回重新保存 (the form does not read: go back and save again)") from None
