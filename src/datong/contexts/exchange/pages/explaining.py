# SPDX-License-Identifier: Apache-2.0
"""May it be used or not, and why: for an application or a person, a resource, an item."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from datong.contexts.exchange.queries import using
from datong.contexts.organisations import face as organisations
from datong.contexts.sharing import face as sharing
from datong.kernel.errors import DatongError

ASKED = ("resource", "application", "account", "item")


@require_GET
def explain(request: HttpRequest) -> HttpResponse:
    """Show the question, and its answer once it is asked; `grant` fills the question in from a grant."""
    by = request.officer
    asked = {name: request.GET.get(name, "").strip() for name in ASKED}
    if request.GET.get("grant"):
        grant = sharing.grant(request.GET["grant"], by=by)
        asked |= {"resource": grant.resource, "application": grant.client_id}
    told, left, error = None, {}, None
    if asked["resource"]:
        try:
            told, left = using.explained(**asked, by=by)
        except DatongError as refused:
            error = refused
    mine = organisations.applications(by.department, by=by) if by.department else []
    more: dict[str, Any] = {
        "told": told,
        "left": left,
        "values": asked,
        "mine": [(one.client_id, one.name) for one in mine],
        "refusal": error,
        "errors": error.fields if error else {},
    }
    return render(request, "exchange/explain.html", more, status=error.status if error else 200)
