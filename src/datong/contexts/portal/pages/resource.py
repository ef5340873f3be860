# SPDX-License-Identifier: Apache-2.0
"""The resource page, in the order people ask: what, whose, may I and how soon, how fresh, which items, how, who, history."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET

from datong.contexts.catalog import face as catalog
from datong.contexts.exchange import face as exchange
from datong.contexts.portal.pages import doors
from datong.contexts.sharing import face as sharing
from datong.kernel.actors import Role
from datong.kernel.sharing import SharingType, UpdateCycle
from datong.wire import schema_org

TOLERANCE: dict[str, timedelta] = {
    UpdateCycle.REALTIME: timedelta(days=1),
    UpdateCycle.DAILY: timedelta(days=2),
    UpdateCycle.WEEKLY: timedelta(days=9),
    UpdateCycle.MONTHLY: timedelta(days=35),
    UpdateCycle.QUARTERLY: timedelta(days=100),
    UpdateCycle.HALF_YEARLY: timedelta(days=195),
    UpdateCycle.YEARLY: timedelta(days=380),
}
"""How old data may be before the lamp turns; no text sets it, so it is ours. Irregular and never have no lamp."""
DAYS = {SharingType.UNCONDITIONAL: 1, SharingType.CONDITIONAL: 10}
"""Working days of the provider to answer (809 art. 21)."""


def _fresh(view: catalog.ResourceView, landed: exchange.Landed | None) -> str:
    """Colour of the lamp: green within the promised cycle, red beyond it, none where nothing was promised or landed."""
    allowed = TOLERANCE.get(view.update_cycle)
    if landed is None or allowed is None:
        return "none"
    return "green" if timezone.now() - landed.finished_at <= allowed else "red"


def _markup(view: catalog.ResourceView) -> SafeString | None:
    """What search engines of the web read of an entry that is open to everybody; nothing in it can end its element."""
    if not schema_org.is_marked_up(view.sharing_type, view.opening_type):
        return None
    described = schema_org.dataset(catalog.site(), catalog.entry(view.code, by=None))
    return mark_safe(schema_org.script(described))  # noqa: S308  all that HTML knows is escaped by `script`


@login_not_required
@require_GET
def resource(request: HttpRequest, head: int, sequence: int) -> HttpResponse:
    """Show a published resource; signed in one sees items, grants and history. Programs get what they would rather have."""
    by = request.officer
    code = f"{head}/{sequence}"
    if (form := doors.preferred(request)) is not None:
        return doors.entry(request, code, form)
    view = catalog.resource(code, by=by)
    landed = exchange.landed(code)
    own: dict[str, Any] = {}
    if by is not None:
        provider = by.department == view.provider
        own = {
            "grants": list(sharing.grants(by, resource=code)[:20]),
            "history": list(catalog.history(code, by=by)[:20]),
            "may_ask": by.holds(Role.APPLICANT) and bool(by.department) and view.sharing_type != SharingType.WITHHELD,
            "may_attach": provider and by.holds(Role.COMPILER),
            "may_renew": provider and by.holds(Role.COMPILER),
        }
    more = {"resource": view, "landed": landed, "fresh": _fresh(view, landed), "days": DAYS.get(view.sharing_type)}
    response = render(request, "portal/resource.html", more | own | {"markup": _markup(view)})
    patch_vary_headers(response, ["Accept"])
    return response
