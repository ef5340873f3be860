# SPDX-License-Identifier: Apache-2.0
"""Several entries at once: each goes through the use case of one, in a transaction of its own, and its outcome is shown.

Kept here: a refusal of one stops none of the others; nothing is done to what was not ticked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST

from datong.contexts.catalog import queries
from datong.contexts.catalog.models import Version
from datong.contexts.catalog.pages import entries
from datong.kernel.actors import Officer
from datong.kernel.errors import DatongError, Malformed, Unknown
from datong.wire import lists

MOST = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one entry: what was said, or the refusal."""

    row: Version
    said: Any = ""
    refusal: DatongError | None = None


@require_POST
def batch(request: HttpRequest) -> HttpResponseBase:
    """Do one verb to every entry ticked, or give them as a file."""
    act, by = request.POST.get("act", ""), request.officer
    rows = _chosen(request, by)
    if act in lists.FORMS:
        return entries.export(act, queries.entries(by).filter(pk__in=[row.pk for row in rows]).order_by("pk"))
    if act not in {verb for verb, *_rest in entries.offered(by)}:
        raise Unknown("没有此操作 (there is no such verb)")
    words = request.POST.get(f"opinion-{act}", "").strip()
    outcomes = [_done(row, act, words, by) for row in rows]
    more = {"outcomes": outcomes, "done": sum(one.refusal is None for one in outcomes)}
    return render(request, "catalog/batch.html", more)


def _chosen(request: HttpRequest, by: Officer) -> list[Version]:
    """The entries ticked, as far as this officer sees them, in the order they were shown."""
    ticked = [int(one) for one in request.POST.getlist("chosen") if one.isascii() and one.isdigit() and len(one) < 18]
    if not ticked or len(ticked) > MOST:
        words = "请勾选 1 至 200 条目录 (tick 1 to 200 entries)"
        raise Malformed(words, fields={"chosen": words})
    seen = queries.entries(by).in_bulk(ticked)
    return [seen[pk] for pk in dict.fromkeys(ticked) if pk in seen]


def _done(row: Version, act: str, words: str, by: Officer) -> Outcome:
    do, said = entries.VERBS[act]
    try:
        return Outcome(do(row.pk, words, by), said)
    except DatongError as error:
        return Outcome(row, refusal=error)
