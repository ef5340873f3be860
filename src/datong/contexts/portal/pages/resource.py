# SPDX-License-Identifier: Apache-2.0
"""The resource page, in the order people ask: what, whose, may I and how soon, how fresh, which items, how, who, history."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET

from datong.contexts.catalog import face as catalog
from datong.contexts.corrections import face as corrections
from datong.contexts.exchange import face as exchange
from datong.contexts.portal.pages import doors
from datong.contexts.sharing import face as sharing
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Unknown
from datong.kernel.sharing import SharingType
from datong.wire import schema_org

DAYS = {SharingType.UNCONDITIONAL: 1, SharingType.CONDITIONAL: 10}
"""Working days of the provider to answer (809 art. 21)."""
PROVIDERS = (Role.COMPILER, Role.PROVIDER_HEAD)


def _may_compare(by: Officer, view: catalog.ResourceView) -> bool:
    """Whether an officer may have the entry compared with its source: of the provider, or its authority."""
    own = by.department == view.provider and by.holds(*PROVIDERS)
    return own or (by.holds(Role.AUTHORITY) and by.region == view.region)


def _markup(view: catalog.ResourceView) -> SafeString | None:
    """What search engines of the web read of an entry that is open to everybody; nothing in it can end its element."""
    if not schema_org.is_marked_up(view.sharing_type, view.opening_type):
        return None
    described = schema_org.dataset(catalog.site(), catalog.entry(view.code, by=None))
    return mark_safe(schema_org.script(described))  # noqa: S308  all that HTML knows is escaped by `script`


@login_not_required
@require_GET
def resource(request: HttpRequest, head: int, sequence: int) -> HttpResponse:
    """Show a published resource; signed in one sees items, grants and history. A superseded one leads to its successor."""
    by = request.officer
    code = f"{head}/{sequence}"
    try:
        view = catalog.resource(code, by=by)
    except Unknown:
        heir = catalog.successor(code)
        if not heir:
            raise
        return redirect("portal:resource", *heir.split("/"))
    if (form := doors.preferred(request)) is not None:
        return doors.entry(request, code, form)
    landed = exchange.landed(code)
    fresh = exchange.freshness(view.update_cycle, landed.finished_at if landed else None)
    own: dict[str, Any] = {}
    if by is not None:
        provider = by.department == view.provider
        own = {
            "grants": list(sharing.grants(by, resource=code)[:20]),
            "history": list(catalog.history(code, by=by)[:20]),
            "may_ask": by.holds(Role.APPLICANT) and bool(by.department) and view.sharing_type != SharingType.WITHHELD,
            "may_attach": provider and by.holds(Role.COMPILER),
            "may_renew": provider and by.holds(Role.COMPILER),
            "may_remove": provider and by.holds(Role.PROVIDER_HEAD),
            "may_compare": landed is not None and _may_compare(by, view),
            "drift": exchange.drift(code),
            "sample": exchange.sample(view),
            "predecessors": catalog.predecessors(code),
            "may_report": bool(by.department) and not provider,
            "may_recall": landed is not None and provider and by.holds(Role.PROVIDER_HEAD),
            "reports": corrections.summary(code),
        }
    proxied = code in exchange.upstreams_of([code])
    more = {"proxied": proxied, "resource": view, "landed": landed, "fresh": fresh, "days": DAYS.get(view.sharing_type)}
    response = render(request, "portal/resource.html", more | own | {"markup": _markup(view)})
    patch_vary_headers(response, ["Accept"])
    return response
