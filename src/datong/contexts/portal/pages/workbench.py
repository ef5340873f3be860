# SPDX-License-Identifier: Apache-2.0
"""The workbench: what waits for me, what I wait for, clocks running out, what I may use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.corrections import face as corrections
from datong.contexts.demands import face as demands
from datong.contexts.disputes import face as disputes
from datong.contexts.exchange import face as exchange
from datong.contexts.organisations import face as organisations
from datong.contexts.periods import face as periods
from datong.contexts.sharing import face as sharing
from datong.kernel.actors import Officer

MOST = 20
UNDER_WAY = ("filed", "endorsed", "returned", "draft")
COMPILING = ("draft", "filed", "consented", "returned")


Source = tuple[Any, Callable[[Officer], Any]]


def _row_of(row: Any) -> tuple[str, Any, str]:
    """Title, department and page of a row, as every context above exchange says them."""
    return row.title, row.home, row.href


WAITING: tuple[tuple[Any, Callable[[Officer], Any], Callable[[Any], tuple[str, Any, str]]], ...] = (
    (_("更新事项"), catalog.tickets_waiting, lambda row: (row.reason, row.department, f"/catalog/tickets/{row.pk}")),
    (_("撤销与取代"), catalog.removals_waiting,
     lambda row: (row.resource.name, row.resource.provider, f"/catalog/removals/{row.pk}")),
    (_("目录与数据不一致"), exchange.drifts_waiting,
     lambda row: (row.resource.name, row.resource.provider, f"/exchange/drifts/{row.pk}")),
    (_("归集待确认"), exchange.batches_waiting,
     lambda row: (row.source.resource.name, row.source.resource.provider, f"/exchange/batches/{row.pk}")),
    (_("服务变更"), sharing.changes_waiting, _row_of),
    (_("数据销毁"), sharing.disposals_waiting, _row_of),
    (_("校核纠错"), corrections.waiting, _row_of),
    (_("争议与投诉"), disputes.waiting, _row_of),
    (_("数据需求"), demands.waiting, _row_of),
)  # fmt: skip
"""What may wait for an officer beside requests and entries: word, where from, how a row reads. A new matter is one line."""
UNDER_WAY_ELSEWHERE: tuple[Source, ...] = (
    (_("校核纠错"), corrections.under_way),
    (_("争议与投诉"), disputes.under_way),
    (_("数据需求"), demands.under_way),
)
"""What his department may wait for beside requests and entries."""


def _matters(by: Officer) -> list[dict[str, Any]]:
    """All but requests and entries that waits for this officer, what has to be done first on top."""
    found = [(word, row, *reads(row)) for word, waiting, reads in WAITING for row in waiting(by)[:MOST]]
    return _clocked(found)


def _elsewhere(by: Officer) -> list[dict[str, Any]]:
    """What others have to act on, beside requests and entries."""
    return _clocked([(word, row, *_row_of(row)) for word, rows in UNDER_WAY_ELSEWHERE for row in rows(by)[:MOST]])


def _clocked(found: list[tuple[Any, Any, str, Any, str]]) -> list[dict[str, Any]]:
    """Rows with their clocks, the first due on top; what has no clock keeps its place behind them."""
    clocks = periods.running([row.number for _word, row, *_rest in found])
    made = [
        {"word": word, "row": row, "title": title, "department": getattr(home, "name", ""), "href": href,
         "clock": clocks.get(row.number)}
        for word, row, title, home, href in found
    ]  # fmt: skip
    return sorted(made, key=lambda one: one["clock"].due if one["clock"] else date.max)


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
    matters, elsewhere = _matters(by), _elsewhere(by)
    more: dict[str, Any] = {
        "requests": [(row, clocks.get(row.number)) for row in requests],
        "notices": notices,
        "matters": matters,
        "elsewhere": elsewhere,
        "delegations": list(organisations.delegations(by, state="valid")[:MOST]) if by.department else [],
        "counts": {"waiting": len(requests + entries + matters), "under_way": len(waited + drafts + elsewhere)},
        "entries": entries,
        "own": waited,
        "compiling": drafts,
        "running": running,
        "grants": list(sharing.grants(by).filter(stage__in=("active", "suspended"))[:8]),
        "acts": audit.acts(by=by, account=by.account, limit=8),
    }
    return render(request, "portal/workbench.html", more)
