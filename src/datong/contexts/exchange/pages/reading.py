# SPDX-License-Identifier: Apache-2.0
"""Reading a grant as a table: how it stands, the profile file, who holds one, the link for whoever runs the client.

Kept here: a secret is shown in the one answer that made it, which no browser keeps; looking at a link uses nothing up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datong.contexts.exchange import permissions, usecases
from datong.contexts.exchange.pages import snippets
from datong.contexts.exchange.queries.recipients import link_of, recipients_of
from datong.contexts.sharing import face as sharing
from datong.kernel import addresses
from datong.kernel.actors import Officer
from datong.kernel.errors import DatongError, Unknown
from datong.kernel.sharing import Channel, DeliveryMode

BETWEEN = re.compile(r"[\s,;，；、]+")
LONGEST = 4_000
LONGEST_KEY = 19
SAID = {
    "stop": _("凭证已停用，网关随即生效"),
    "networks": _("准许的网段已更新，网关随即生效"),
    "withdraw": _("链接已收回"),
}


@require_GET
def table(request: HttpRequest, number: str) -> HttpResponse:
    """The part of a grant's page on reading it as a table; a page of its own where nothing is put into another."""
    return _page(request, number)


def _page(request: HttpRequest, number: str, error: DatongError | None = None) -> HttpResponse:
    by: Officer = request.officer
    grant = sharing.grant(number, by=by)
    wholesale = Channel.TABLE in grant.policy.channels
    state = usecases.table_state(number, by=by) if wholesale else None
    held = recipients_of(number) if wholesale else []
    supply = usecases.supply(number, by=by)
    typed = request.POST.get("networks")
    amiss = _key(request.POST)
    more: dict[str, Any] = {
        "grant": grant,
        "state": state,
        "supply": supply,
        "recipients": held,
        "newest": held[0].key if held else 0,
        "networks": typed if typed is not None and not amiss else ", ".join(held[0].networks) if held else "",
        "amiss": amiss,
        "typed": typed or "",
        "link": link_of(number) if wholesale else None,
        "may": permissions.check_may_take_profile.allowed(by, grant.consumer),
        "snippets": snippets.of(state.address, changes=supply.mode == DeliveryMode.INCREMENTAL) if state else [],
        "file": snippets.FILE,
        "refusal": error,
        "errors": error.fields if error and not amiss else {},
        "values": request.POST,
    }
    template = "exchange/_reading.html" if request.htmx else "exchange/reading.html"
    return render(request, template, more, status=error.status if error else 200)


@never_cache
@require_POST
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Take the profile, make or withdraw the link, end or limit a recipient."""
    if verb not in VERBS:
        raise Unknown("没有此操作 (there is no such verb)")
    try:
        return VERBS[verb](request, number)
    except Unknown:
        raise
    except DatongError as error:
        return _page(request, number, error)


def _profile(request: HttpRequest, number: str) -> HttpResponse:
    after = request.POST.get("after", "")
    known = int(after) if after.isdecimal() and len(after) < LONGEST_KEY else None
    return _file(usecases.issue_profile(number, by=request.officer, networks=_networks(request.POST), after=known))


def _link(request: HttpRequest, number: str) -> HttpResponse:
    made = usecases.make_link(number, by=request.officer, networks=_networks(request.POST))
    return render(request, "exchange/link.html", {"number": number, "made": made, "file": snippets.FILE}, status=201)


def _withdraw(request: HttpRequest, number: str) -> HttpResponse:
    usecases.withdraw_link(number, by=request.officer)
    return _back(request, number, "withdraw")


def _stop(request: HttpRequest, number: str) -> HttpResponse:
    usecases.stop_recipient(number, _key(request.POST), by=request.officer)
    return _back(request, number, "stop")


def _limit(request: HttpRequest, number: str) -> HttpResponse:
    usecases.limit_recipient(number, _key(request.POST), _networks(request.POST), by=request.officer)
    return _back(request, number, "networks")


VERBS: dict[str, Callable[[HttpRequest, str], HttpResponse]] = {
    "profile": _profile,
    "link": _link,
    "withdraw": _withdraw,
    "stop": _stop,
    "networks": _limit,
}


def _back(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    messages.success(request, str(SAID[verb]))
    return redirect("sharing:grant", number)


def _key(posted: QueryDict) -> int:
    text = posted.get("recipient", "")
    return int(text) if text.isdecimal() and len(text) < LONGEST_KEY else 0


def _networks(posted: QueryDict) -> list[str]:
    """Networks as typed: parted by commas, blanks or lines."""
    return [word for word in BETWEEN.split(posted.get("networks", "")[:LONGEST]) if word]


def _file(said: dict[str, Any]) -> HttpResponse:
    name = {"Content-Disposition": f'attachment; filename="{snippets.FILE}"'}
    return HttpResponse(json.dumps(said, indent=2) + "\n", "application/json; charset=utf-8", headers=name)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def activate(request: HttpRequest) -> HttpResponse:
    """Show what a link is for, and give the profile file once to who asks for it; the secret is in no path."""
    given = request.POST if request.method == "POST" else request.GET
    secret, address = given.get("link", ""), _visitor(request)
    try:
        if request.method == "POST":
            return _file(usecases.open_link(secret, address=address))
        found = usecases.look_at_link(secret, address=address)
    except DatongError as error:
        return render(request, "exchange/activate.html", {"refusal": error}, status=error.status)
    shown = {"found": found, "secret": secret, "file": snippets.FILE, "gateway": settings.NODE.gateway_address}
    return render(request, "exchange/activate.html", shown)


def _visitor(request: HttpRequest) -> str:
    """Who knocks, for counting: by our own proxies where they are named, else by the one before a node behind TLS."""
    peer, said = request.META.get("REMOTE_ADDR") or "", request.META.get("HTTP_X_FORWARDED_FOR", "")
    known = settings.NODE.proxy_networks
    if not known and settings.SECURE_PROXY_SSL_HEADER and said:
        return said.rpartition(",")[2].strip()[: addresses.LONGEST]
    return addresses.origin(peer, said, known)[: addresses.LONGEST]
