# SPDX-License-Identifier: Apache-2.0
"""The workbench: what waits for me, what I wait for, clocks running out, what I may use."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.corrections import face as corrections
from datong.contexts.exchange import face as exchange
from datong.contexts.periods import face as periods
from datong.contexts.sharing import face as sharing
from datong.kernel.actors import Officer

MOST = 20
UNDER_WAY = ("filed", "endorsed", "returned", "draft")
COMPILING = ("draft", "filed", "consented", "returned")


def _matters(by: Officer) -> list[dict[str, Any]]:
    """Duties to update, removals and differences that wait for this officer."""
    tickets, removals = catalog.tickets_waiting(by)[:MOST], catalog.removals_waiting(by)[:MOST]
    drifts = exchange.drifts_waiting(by)[:MOST]
    made = [(_("更新事项"), row, row.reason, row.department, f"/catalog/tickets/{row.pk}") for row in tickets]
    about = ((_("撤销与取代"), "/catalog/removals", removals), (_("目录与数据不一致"), "/exchange/drifts", drifts))
    for word, place, rows in about:
        made += [(word, row, row.resource.name, row.resource.provider, f"{place}/{row.pk}") for row in rows]
    made += [(_("校核纠错"), row, row.title, row.home, row.href) for row in corrections.waiting(by)[:MOST]]
    clocks = periods.running([row.number for _word, row, *_rest in made])
    return [
        {"word": word, "row": row, "title": title, "department": home.name, "href": href, "clock": clocks.get(row.number)}
        for word, row, title, home, href in made
    ]


@require_GET
def workbench(request: HttpRequest) -> HttpResponse:
    """Show the officer's day."""
    by = request.officer
    requests = list(sharing.requests_waiting(by)[:MOST])
    own = list(sharing.requests(by, side="consumer").filter(stage__in=UNDER_WAY)[:MOST]) if by.department else []
    answering = list(sharing.requests(by, side="provider").filter(stage="endorsed")[:MOST]) if by.department else []
    clocks = sharing.running([row.number for row in (*requests, *own, *answering)])
    waits = {row.number for row in requests}
    entries = list(catalog.entries_waiting(by)[:MOST])
    compiling = list(catalog.entries(by, mine=True).filter(stage__in=COMPILING)[:MOST]) if by.department else []
    held = {row.pk for row in entries}
    waited = [(row, clocks.get(row.number)) for row in own if row.number not in waits]
    drafts = [row for row in compiling if row.pk not in held]
    running = list(periods.clocks(by)[:8])
    notices = list(periods.notices(by)[:MOST])
    matters = _matters(by)
    more: dict[str, Any] = {
        "requests": [(row, clocks.get(row.number)) for row in requests],
        "notices": notices,
        "matters": matters,
        "counts": {"waiting": len(requests) + len(entries) + len(matters), "under_way": len(waited) + len(drafts)},
        "entries": entries,
        "own": waited,
        "compiling": drafts,
        "running": running,
        "grants": list(sharing.grants(by).filter(stage__in=("active", "suspended"))[:8]),
        "acts": audit.acts(by=by, account=by.account, limit=8),
    }
    return render(request, "portal/workbench.html", more)
