# SPDX-License-Identifier: Apache-2.0
"""Pages of use: how a grant is used, and the calls an officer may read."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from datong.contexts.exchange import queries
from datong.contexts.sharing import face as sharing


@require_GET
def usage(request: HttpRequest, number: str) -> HttpResponse:
    """The usage part of a grant's page."""
    grant = sharing.grant(number, by=request.officer)
    used = queries.usage(grant.number, grant.policy.quota_per_day)
    top = max((day["calls"] for day in used.days), default=0)
    return render(request, "exchange/_usage.html", {"grant": grant, "usage": used, "top": top})


@require_GET
def calls(request: HttpRequest) -> HttpResponse:
    """Calls, newest first, by grant, resource or outcome."""
    asked = {name: request.GET.get(name, "").strip() for name in ("grant", "resource", "outcome")}
    return render(request, "exchange/calls.html", {"calls": queries.calls(request.officer, **asked), "values": asked})
