# SPDX-License-Identifier: Apache-2.0
"""The home page: a search box, four true numbers, entries by theme and department, the newest."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.organisations import face as organisations
from datong.contexts.sharing import face as sharing

NEWEST = 6
HOT = 6


@login_not_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the home page to anyone; the numbers count what that one may see."""
    found = catalog.search("", by=request.officer, sort="newest", per_page=NEWEST)
    used = sharing.in_use()
    hot = [name for name, _times in used[:HOT]] or [hit.name for hit in found.hits[:HOT]]
    more = {
        "found": found,
        "hot": hot,
        "words": (),
        "numbers": {
            "resources": found.total,
            "departments": len(organisations.departments()),
            "grants": sum(times for _name, times in used),
            "records": sum(log.size for log in audit.logs()),
        },
    }
    return render(request, "portal/home.html", more)
