# SPDX-License-Identifier: Apache-2.0
"""Requests one after another: what waits for an officer, one look each, with the next one key away; several endorsed at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from datong.contexts.sharing import queries, usecases
from datong.kernel.errors import DatongError

MOST = 500


def _queue(request: HttpRequest) -> list[str]:
    return list(queries.waiting(request.officer).values_list("number", flat=True)[:MOST])


def _at_desk(request: HttpRequest) -> bool:
    return "1" in (request.GET.get("desk"), request.POST.get("desk"))


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Open the first of what waits."""
    waiting = _queue(request)
    if not waiting:
        messages.success(request, gettext("等您处理的申请都办完了"))
        return redirect("/requests?tab=waiting")
    return redirect(_address(waiting[0]))


def bar(request: HttpRequest, number: str) -> dict[str, Any] | None:
    """What stands above a request when one after another is seen to: place, count, the ones before and behind."""
    if not _at_desk(request):
        return None
    waiting = _queue(request)
    place = waiting.index(number) if number in waiting else -1
    before = waiting[place - 1] if place > 0 else ""
    behind = waiting[place + 1] if place + 1 < len(waiting) else ""
    return {
        "place": place + 1,
        "count": len(waiting),
        "before": _address(before) if before else "",
        "behind": _address(behind) if behind else "",
    }


def onward(request: HttpRequest, number: str) -> str:
    """Where to go when a request is done with: to the next one that waits, or back to it."""
    if not _at_desk(request):
        return f"/requests/{number}"
    waiting = _queue(request)
    place = waiting.index(number) if number in waiting else -1
    left = waiting[place + 1 :] or [one for one in waiting if one != number]
    return _address(left[0]) if left else "/requests/desk"


def _address(number: str) -> str:
    return f"/requests/{number}?desk=1"


@require_POST
def endorse(request: HttpRequest) -> HttpResponse:
    """Endorse those that were ticked; tells for each what became of it."""
    try:
        outcomes = usecases.endorse_requests(request.POST.getlist("numbers"), by=request.officer)
    except DatongError as error:
        messages.error(request, error.message.partition(" (")[0])
        return redirect("/requests?tab=waiting")
    seen = {row.number: row for row in queries.requests(request.officer).filter(number__in=[one.number for one in outcomes])}
    lines = [{"outcome": one, "row": seen.get(one.number)} for one in outcomes]
    done = sum(one.error is None for one in outcomes)
    return render(request, "sharing/outcomes.html", {"lines": lines, "done": done, "left": len(lines) - done})
