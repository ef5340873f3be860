# SPDX-License-Identifier: Apache-2.0
"""The list of subscriptions: tabs, filters, sorting, and the same rows as a file."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from datong.contexts.subscriptions import queries
from datong.contexts.subscriptions.domain import SubscriptionStage
from datong.contexts.subscriptions.models import Subscription
from datong.kernel.labels import choices
from datong.wire import lists
from datong.wire.lists import Column

TABS = (("live", _("在用")), ("stuck", _("有死信")), ("all", _("全部")))
SORTS = {"number": "number", "resource": "grant__resource__name", "read": "read_at", "made": "made_at"}
MOST_EXPORTED = 10_000


def minute(moment: Any) -> str:
    """A time as people read it, in Shanghai."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else ""


def _push(row: Subscription, name: str) -> Any:
    push = getattr(row, "push", None)
    return getattr(push, name) if push is not None else ""


COLUMNS = (
    Column("number", _("编号"), lambda row: row.number),
    Column("title", _("名称"), lambda row: row.title),
    Column("grant", _("授权"), lambda row: row.grant_id),
    Column("resource", _("资源"), lambda row: row.grant.resource_id, lambda row: row.grant.resource.name),
    Column("consumer", _("使用部门"), lambda row: row.grant.consumer_id, lambda row: row.grant.consumer.name),
    Column("stage", _("状态"), lambda row: row.stage, lambda row: gettext(row.stage_label)),
    Column("read_events", _("已读取事件数"), lambda row: row.read_events),
    Column("read_at", _("最近读取"), lambda row: row.read_at, lambda row: minute(row.read_at)),
    Column("sent_events", _("已推送事件数"), lambda row: _push(row, "sent_events")),
    Column("sent_at", _("最近推送"), lambda row: _push(row, "sent_at"), lambda row: minute(_push(row, "sent_at"))),
    Column("made_at", _("订阅时间"), lambda row: row.made_at, lambda row: minute(row.made_at)),
)


def _rows(request: HttpRequest, tab: str) -> QuerySet[Subscription]:
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "grant", "stage")}
    rows = queries.subscriptions(request.officer, **(asked | ({"stage": "live"} if tab == "live" and not asked["stage"] else {})))
    if tab == "stuck":
        rows = rows.filter(push__stuck=True)
    sort = request.GET.get("sort", "")
    if sort.removeprefix("-") in SORTS:
        rows = rows.order_by(("-" if sort.startswith("-") else "") + SORTS[sort.removeprefix("-")], "-number")
    return rows


@require_GET
def subscriptions(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """List subscriptions by tab; `format` gives the same as a file."""
    stuck = queries.subscriptions(request.officer).filter(push__stuck=True).count()
    tab = request.GET.get("tab") or ("all" if request.GET.get("grant") else "live")
    rows = _rows(request, tab)
    if request.GET.get("format") in lists.FORMS:
        tongue = partial(override, get_language())
        form = request.GET["format"]
        said = lists.sent(form, "subscriptions", COLUMNS, rows[:MOST_EXPORTED], sheet=gettext("数据订阅"), around=tongue)
        return StreamingHttpResponse(**said)
    more = {
        "rows": rows,
        "tab": tab,
        "tabs": TABS,
        "stuck": stuck,
        "exports": lists.WORDS,
        "stages": choices(SubscriptionStage),
        "values": request.GET,
        "filters": {
            "stage": (gettext("状态"), dict(choices(SubscriptionStage))),
            "q": gettext("编号、名称、授权或资源代码"),
            "grant": gettext("授权"),
        },
    }
    return render(request, "subscriptions/subscriptions.html", more)
