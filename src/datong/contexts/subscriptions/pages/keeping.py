# SPDX-License-Identifier: Apache-2.0
"""One subscription: how far it has come, as counts and never as content; its push, what was given up, what may be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from datong.contexts.sharing import face as sharing
from datong.contexts.subscriptions import permissions, queries, usecases
from datong.contexts.subscriptions.domain import KEPT_DAYS, LIVE, SubscriptionStage
from datong.kernel.errors import DatongError, Unknown
from datong.kernel.sharing import Channel

SHOWN = 10
SECRETS: dict[str, Callable[..., usecases.Receiver]] = {"push": usecases.push_to, "rotate": usecases.replace_secret}
VERBS: dict[str, tuple[Callable[..., Any], Any]] = {
    "pause": (usecases.pause, _("订阅已暂停")),
    "resume": (usecases.resume, _("订阅已恢复")),
    "end": (usecases.end, _("订阅已结束")),
    "stop": (usecases.stop_push, _("推送已停用")),
}
TYPED = {"pause": ("why",), "end": ("why",), "push": ("url",)}


@require_GET
def of_grant(request: HttpRequest, grant: str) -> HttpResponse:
    """Part of the page of a grant: its subscriptions, and the form for one more."""
    return _part(request, sharing.grant(grant, by=request.officer))


@require_POST
def new(request: HttpRequest, grant: str) -> HttpResponse:
    """Subscribe under a grant; what does not fit is said on a page of its own."""
    view = sharing.grant(grant, by=request.officer)
    try:
        row = usecases.subscribe(grant, request.POST.get("title", ""), by=request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _part(request, view, error)
    messages.success(request, gettext("订阅已建立"))
    return redirect("subscriptions:subscription", subscription=row.number)


@require_GET
def one(request: HttpRequest, subscription: str) -> HttpResponse:
    """Show a subscription."""
    return _page(request, subscription)


@never_cache
@require_POST
def decide(request: HttpRequest, subscription: str, verb: str) -> HttpResponse:
    """Pause, go on, end; set, replace and stop its push. A secret is shown on the page that answers, and never again."""
    if verb not in {**VERBS, **SECRETS}:
        raise Unknown("没有此操作 (there is no such verb)")
    typed = [request.POST.get(name, "") for name in TYPED.get(verb, ())]
    try:
        if verb in SECRETS:
            return _page(request, subscription, secret=SECRETS[verb](subscription, *typed, by=request.officer).secret)
        VERBS[verb][0](subscription, *typed, by=request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _page(request, subscription, error, verb=verb)
    messages.success(request, str(VERBS[verb][1]))
    return redirect("subscriptions:subscription", subscription=subscription)


@require_POST
def settle(request: HttpRequest, subscription: str, key: int, verb: str) -> HttpResponse:
    """Send what was given up again, or pass it over."""
    if verb not in ("replay", "skip"):
        raise Unknown("没有此操作 (there is no such verb)")
    try:
        if verb == "replay":
            usecases.replay(subscription, key, by=request.officer)
        else:
            usecases.skip(subscription, key, request.POST.get("why", ""), by=request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _page(request, subscription, error, verb=verb)
    messages.success(request, gettext("已安排重发") if verb == "replay" else gettext("已跳过这一批"))
    return redirect("subscriptions:subscription", subscription=subscription)


def _part(request: HttpRequest, view: sharing.GrantView, error: DatongError | None = None) -> HttpResponse:
    by = request.officer
    covered = Channel.SUBSCRIPTION in view.policy.channels
    more = {
        "grant": view,
        "covered": covered,
        "rows": queries.subscriptions(by, grant=view.number)[:SHOWN],
        "may_subscribe": covered and view.stage == "active" and permissions.check_may_keep.allowed(by, view.consumer),
        "refusal": error,
        "errors": error.fields if error else {},
        "values": request.POST,
    }
    page = "subscriptions/refused.html" if error else "subscriptions/_of_grant.html"
    return render(request, page, more, status=error.status if error else 200)


def _page(request: HttpRequest, number: str, error: DatongError | None = None, **more: Any) -> HttpResponse:
    row = queries.subscription_of(number, by=request.officer)
    push = getattr(row, "push", None)
    keeps = permissions.check_may_keep.allowed(request.officer, row.grant.consumer_id)
    stage = SubscriptionStage(row.stage)
    granted = sharing.grant(row.grant_id, by=request.officer).policy
    shown = {
        "purpose": quote(granted.purpose) if granted.require_purpose else "",
        "row": row,
        "push": push if push is not None and push.active else None,
        "standing": queries.standing(row),
        "dead": row.dead.all()[:SHOWN],
        "kept_days": KEPT_DAYS,
        "shown": SHOWN,
        "gateway": settings.NODE.gateway_address,
        "may": {
            "pause": keeps and stage is SubscriptionStage.ACTIVE,
            "resume": keeps and stage is SubscriptionStage.PAUSED,
            "end": keeps and stage in LIVE,
            "push": keeps and stage in LIVE,
        },
        "refusal": error,
        "errors": error.fields if error else {},
        "values": request.POST if error else {"url": push.url if push is not None and keeps else ""},
        **more,
    }
    return render(request, "subscriptions/subscription.html", shown, status=error.status if error else 200)
