# SPDX-License-Identifier: Apache-2.0
"""The workbench: what waits for me, what I wait for, clocks running out, what I may use."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.sharing import face as sharing

MOST = 20
UNDER_WAY = ("filed", "endorsed", "returned", "draft")
COMPILING = ("draft", "filed", "consented", "returned")


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
    about = {row.number: row for row in (*requests, *own, *answering)}
    running = sorted(clocks.values(), key=lambda clock: clock.due)[:8]
    more: dict[str, Any] = {
        "requests": [(row, clocks.get(row.number)) for row in requests],
        "counts": {"waiting": len(requests) + len(entries), "under_way": len(waited) + len(drafts)},
        "entries": entries,
        "own": waited,
        "compiling": drafts,
        "running": [(about[clock.subject], clock) for clock in running],
        "grants": list(sharing.grants(by).filter(stage__in=("active", "suspended"))[:8]),
        "acts": audit.acts(by=by, account=by.account, limit=8),
    }
    return render(request, "portal/workbench.html", more)
