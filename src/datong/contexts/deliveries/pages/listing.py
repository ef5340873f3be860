# SPDX-License-Identifier: Apache-2.0
"""The list of deliveries, one delivery with its progress, files and both sides, and those of a grant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from datong.contexts.deliveries import permissions, queries, usecases
from datong.contexts.deliveries.domain.asking import CHANNELS, CharacterSet, FileForm
from datong.contexts.deliveries.domain.stages import DeliveryStage
from datong.contexts.deliveries.models import Delivery
from datong.contexts.sharing import face as sharing
from datong.engine.plans.pushing import PushMode
from datong.kernel.actors import Officer
from datong.kernel.errors import DatongError, Malformed, Unknown
from datong.kernel.labels import choices
from datong.kernel.sharing import Channel
from datong.wire import lists
from datong.wire.lists import Column

MOST_EXPORTED = 10_000
MOST_SHOWN = 5
SORTS = {"number": "id", "resource": "grant__resource__name", "rows": "rows", "asked": "asked_at"}
AGAIN = (DeliveryStage.FAILED, DeliveryStage.WITHDRAWN, DeliveryStage.LAPSED)
STOPS = (DeliveryStage.QUEUED, DeliveryStage.RUNNING, DeliveryStage.READY)


def _minute(moment: Any) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else ""


COLUMNS = (
    Column("number", _("编号"), lambda row: row.number),
    Column("grant", _("授权"), lambda row: row.grant_id),
    Column("resource_name", _("资源"), lambda row: row.grant.resource.name),
    Column("resource", _("代码"), lambda row: row.grant.resource_id),
    Column("consumer", _("使用部门"), lambda row: row.grant.consumer_id, lambda row: row.grant.consumer.name),
    Column("channel", _("共享方式"), lambda row: row.channel, lambda row: gettext(Channel(row.channel).label)),
    Column("target", _("送往"), lambda row: row.target),
    Column("stage", _("状态"), lambda row: row.stage, lambda row: gettext(row.stage_label)),
    Column("rows", _("行数"), lambda row: row.rows),
    Column("size", _("字节数"), lambda row: row.size),
    Column("digest", _("摘要"), lambda row: row.digest),
    Column("asked_at", _("提出时间"), lambda row: row.asked_at, lambda row: _minute(row.asked_at)),
    Column("finished_at", _("结束时间"), lambda row: row.finished_at, lambda row: _minute(row.finished_at)),
)


def _rows(request: HttpRequest) -> QuerySet[Delivery]:
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "stage", "channel", "grant")}
    rows = queries.deliveries(request.officer, **asked)
    sort = request.GET.get("sort", "")
    if sort.removeprefix("-") in SORTS:
        rows = rows.order_by(("-" if sort.startswith("-") else "") + SORTS[sort.removeprefix("-")], "-id")
    return rows


@require_GET
def deliveries(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """List deliveries; `format` gives the same as a file."""
    rows = _rows(request)
    if request.GET.get("format") in lists.FORMS:
        return StreamingHttpResponse(
            **lists.sent(
                request.GET["format"], "deliveries", COLUMNS, rows[:MOST_EXPORTED], sheet=gettext("交付"),
                around=partial(override, get_language()),
            )
        )  # fmt: skip
    channels = [(one.value, one.label) for one in CHANNELS]
    filters = {
        "q": gettext("编号、资源或部门"),
        "stage": (gettext("状态"), dict(choices(DeliveryStage))),
        "channel": (gettext("共享方式"), dict(channels)),
        "grant": gettext("授权"),
    }
    more = {
        "rows": rows, "stages": choices(DeliveryStage), "channels": channels, "values": request.GET, "filters": filters,
        "exports": lists.WORDS, "may_trace": permissions.check_may_trace.allowed(request.officer),
    }  # fmt: skip
    return render(request, "deliveries/deliveries.html", more)


@require_GET
def of_grant(request: HttpRequest, grant: str) -> HttpResponse:
    """The part of a grant's page: what was delivered under it, and the way to ask."""
    held = sharing.grant(grant, by=request.officer)
    own = permissions.check_may_take.allowed(request.officer, held.consumer)
    more = {
        "grant": held,
        "figures": queries.figures(held.number),
        "rows": queries.deliveries(request.officer, grant=held.number)[:MOST_SHOWN],
        "schedules": queries.schedules(held.number),
        "may_ask": own and held.stage == "active",
        "own": own,
        "offered": bool({*CHANNELS} & set(held.policy.channels)),
    }
    return render(request, "deliveries/_of_grant.html", more)


@require_GET
def delivery(request: HttpRequest, delivery: str) -> HttpResponse:
    """One delivery; htmx asks for the moving part alone."""
    return _page(request, queries.delivery(delivery, by=request.officer))


@require_GET
def file(request: HttpRequest, delivery: str, place: int) -> HttpResponse:
    """Lead the browser to a file at the gateway, for an hour."""
    row = queries.delivery(delivery, by=request.officer)
    if place >= len(row.files):
        raise Unknown("没有这个文件 (there is no such file)")
    address, _ends = usecases.give_address(delivery, row.files[place]["name"], by=request.officer)
    return HttpResponseRedirect(address, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


@require_POST
def decide(request: HttpRequest, delivery: str, verb: str) -> HttpResponse:
    """Withdraw, ask again, or take the address of a file for a program."""
    row = queries.delivery(delivery, by=request.officer)
    if verb == "link":
        return _linked(request, row)
    if verb not in VERBS:
        raise Unknown("没有此操作 (there is no such verb)")
    try:
        made = VERBS[verb](delivery, request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _page(request, row, error)
    messages.success(request, str(SAID[verb]))
    return redirect("deliveries:delivery", delivery=made.number)


@require_POST
def stop(request: HttpRequest, schedule: int) -> HttpResponse:
    """Stop what repeats."""
    row = usecases.stop_schedule(schedule, by=request.officer)
    messages.success(request, gettext("已停止按周期交付"))
    return redirect("sharing:grant", row.grant_id)


VERBS: dict[str, Callable[[str, Officer], Delivery]] = {
    "withdraw": lambda number, by: usecases.withdraw(number, by=by),
    "retry": lambda number, by: usecases.retry(number, by=by),
}
SAID = {"withdraw": _("已撤回；正在进行的会停下来，不留下任何内容"), "retry": _("已重新提出交付")}


def _linked(request: HttpRequest, row: Delivery) -> HttpResponse:
    said = request.POST.get("hours", "24")
    try:
        hours = int(said) if said.isdecimal() and len(said) < 5 else 0
        address, ends = usecases.give_address(row.number, request.POST.get("file", ""), by=request.officer, hours=hours)
    except Malformed as error:
        return _page(request, row, error)
    return _page(request, row, link={"address": address, "ends": datetime.fromtimestamp(ends, UTC)})


def _page(
    request: HttpRequest, row: Delivery, error: DatongError | None = None, link: dict[str, Any] | None = None
) -> HttpResponse:
    own = permissions.check_may_take.allowed(request.officer, row.grant.consumer_id)
    wanted = row.wanted
    more = {
        "row": row,
        "form": _label(FileForm, wanted.get("form")),
        "encoding": _label(CharacterSet, wanted.get("encoding")) if wanted.get("form") == FileForm.CSV else "",
        "mode": _label(PushMode, wanted.get("mode")),
        "may": {
            "withdraw": own and row.stage in STOPS and not row.cancel_asked,
            "retry": own and row.stage in AGAIN,
            "fetch": own and row.stage == DeliveryStage.READY,
        },
        "values": request.POST,
        "errors": error.fields if error else {},
        "refusal": error,
        "link": link,
        "most_hours": usecases.MOST_HOURS,
        "gateway": settings.NODE.gateway_address,
    }
    template = "deliveries/_delivery.html" if getattr(request, "htmx", False) else "deliveries/delivery.html"
    response = render(request, template, more, status=error.status if error else 200)
    if link:
        response["Cache-Control"] = "no-store"
    return response


def _label(kind: Any, value: Any) -> Any:
    return kind(value) if value in list(kind) else ""
