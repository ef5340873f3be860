# SPDX-License-Identifier: Apache-2.0
"""Pages of use: how a grant is used, and the calls an officer may read."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from datong.contexts.exchange import queries, usecases
from datong.contexts.exchange.permissions import scope_of_use
from datong.contexts.exchange.queries import using
from datong.contexts.sharing import face as sharing
from datong.wire.spreadsheet import TYPE, encode_csv

MOST_EXPORTED = 10_000
SIZES, USUAL_SIZE = ("10", "20", "50", "100"), 20
"""As the pages of every list are cut."""


@require_GET
def usage(request: HttpRequest, number: str) -> HttpResponse:
    """The usage part of a grant's page."""
    grant = sharing.grant(number, by=request.officer)
    used = queries.usage(grant.number, grant.policy.quota_per_day)
    top = max((day["calls"] for day in used.days), default=0)
    proxied = bool(usecases.upstreams_of([grant.policy.resource]))
    return render(request, "exchange/_usage.html", {"grant": grant, "usage": used, "top": top, "proxied": proxied})


@require_GET
def calls(request: HttpRequest) -> HttpResponse:
    """Calls, newest first, by grant, resource or outcome."""
    asked = {name: request.GET.get(name, "").strip() for name in ("grant", "resource", "outcome")}
    return render(request, "exchange/calls.html", {"calls": queries.calls(request.officer, **asked), "values": asked})


@require_GET
def use(request: HttpRequest) -> HttpResponse:
    """Who uses what, how much, failing or not; `idle=1` only what nobody used for some days; `format=csv` as a file."""
    by = request.officer
    asked = {name: request.GET.get(name, "").strip() for name in ("side", "q")}
    days = using.unused_days(request.GET.get("days", ""))
    idle = request.GET.get("idle") == "1"
    rows = using.in_use(by, unused_days=days if idle else 0, **asked)
    if request.GET.get("format") == "csv":
        return _export(rows)
    sides = [("provider", gettext("本部门提供的")), ("consumer", gettext("本部门使用的"))]
    filters = {"side": (gettext("范围"), dict(sides)), "q": gettext("编号、资源或部门")}
    more: dict[str, Any] = {
        "rows": rows, "sides": sides, "values": request.GET, "filters": filters, "idle": idle, "days": days,
        "scope": scope_of_use(by),
    }  # fmt: skip
    size = request.GET.get("size", "")
    page = Paginator(rows, int(size) if size in SIZES else USUAL_SIZE).get_page(request.GET.get("page"))
    more["figures"] = using.figures_of([row.number for row in page])
    return render(request, "exchange/use.html", more)


def _export(rows: Any) -> HttpResponse:
    words = ("授权", "资源", "使用部门", "提供部门", "应用系统", "调用次数", "其中拒绝", "返回记录", "最近使用")
    header = [gettext(word) for word in words]
    found = list(rows[:MOST_EXPORTED])
    figures = using.figures_of([row.number for row in found])
    none = using.Figures()
    lines = (
        (row.number, row.resource.name, row.consumer.name, row.provider.name, row.application.name, one.calls, one.refused,
         one.rows, row.last_used.isoformat() if row.last_used else "")
        for row in found
        for one in (figures.get(row.number, none),)
    )  # fmt: skip
    name = {"Content-Disposition": 'attachment; filename="use.csv"'}
    return HttpResponse(encode_csv(header, lines), TYPE, headers=name)
