# SPDX-License-Identifier: Apache-2.0
"""The lists of disputes and of complaints: tabs, filters, sorting, and the same rows as a file."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from datong.contexts.disputes import queries
from datong.contexts.disputes.domain import complaints as complaining
from datong.contexts.disputes.domain.disputes import OPEN, Stage
from datong.contexts.disputes.models import Complaint, Dispute
from datong.contexts.disputes.queries.waiting import complaints_waiting, disputes_waiting
from datong.kernel.disputes import Disputable, Matter
from datong.kernel.labels import choices
from datong.wire import lists
from datong.wire.lists import Column

TABS = (("waiting", _("待我处理")), ("open", _("办理中")), ("all", _("全部")))
SORTS = {"number": "number", "resource": "resource__name", "opened": "opened_at"}
COMPLAINT_SORTS = {"number": "number", "filed": "filed_at"}
MOST_EXPORTED = 10_000


def _minute(moment: Any) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else ""


COLUMNS = (
    Column("number", _("编号"), lambda row: row.number),
    Column("matter", _("争议事由"), lambda row: row.matter, lambda row: gettext(Matter(row.matter).label)),
    Column("kind", _("争议对象"), lambda row: row.kind, lambda row: gettext(Disputable(row.kind).label)),
    Column("subject", _("对象编号"), lambda row: row.subject),
    Column("resource", _("资源"), lambda row: row.resource_id, lambda row: row.resource.name),
    Column("consumer", _("使用部门"), lambda row: row.consumer_id, lambda row: row.consumer.name),
    Column("provider", _("提供部门"), lambda row: row.provider_id, lambda row: row.provider.name),
    Column("stage", _("状态"), lambda row: row.stage, lambda row: gettext(row.stage_label)),
    Column("authority", _("协调主管部门"), lambda row: row.region, lambda row: row.region_name),
    Column("days_open", _("已历天数"), lambda row: row.days_open),
    Column("opened_at", _("提出时间"), lambda row: row.opened_at, lambda row: _minute(row.opened_at)),
    Column("ended_at", _("终结时间"), lambda row: row.ended_at, lambda row: _minute(row.ended_at)),
)
COMPLAINT_COLUMNS = (
    Column("number", _("编号"), lambda row: row.number),
    Column("about", _("投诉事项"), lambda row: row.about, lambda row: gettext(complaining.About(row.about).label)),
    Column("stage", _("状态"), lambda row: row.stage, lambda row: gettext(row.stage_label)),
    Column(
        "department", _("办理部门"), lambda row: row.department_id or "",
        lambda row: row.department.name if row.department else "",
    ),
    Column("filed_at", _("收到时间"), lambda row: row.filed_at, lambda row: _minute(row.filed_at)),
    Column("closed_at", _("办结时间"), lambda row: row.closed_at, lambda row: _minute(row.closed_at)),
)  # fmt: skip


def _sorted(rows: QuerySet[Any], wanted: str, known: dict[str, str]) -> QuerySet[Any]:
    if wanted.removeprefix("-") not in known:
        return rows
    column = F(known[wanted.removeprefix("-")])
    return rows.order_by(column.desc() if wanted.startswith("-") else column.asc(), "number")


def _sent(kind: str, name: str, columns: tuple[Column, ...], rows: Any, sheet: str) -> StreamingHttpResponse:
    tongue = partial(override, get_language())
    return StreamingHttpResponse(**lists.sent(kind, name, columns, rows[:MOST_EXPORTED], sheet=sheet, around=tongue))


def _asked(request: HttpRequest, kinds: dict[str, type]) -> dict[str, str]:
    return {name: value for name, kind in kinds.items() if (value := request.GET.get(name, "")) in list(kind)}


def _rows(request: HttpRequest, tab: str) -> QuerySet[Dispute]:
    asked = _asked(request, {"stage": Stage, "kind": Disputable, "matter": Matter})
    typed = {name: request.GET.get(name, "").strip() for name in ("q", "subject")}
    rows = queries.disputes(request.officer, **asked, **typed)
    if tab == "waiting":
        rows = rows.filter(pk__in=disputes_waiting(request.officer).values("pk"))
    if tab == "open":
        rows = rows.filter(stage__in=OPEN)
    return _sorted(rows, request.GET.get("sort", ""), SORTS)


@require_GET
def disputes(request: HttpRequest) -> HttpResponse:
    """List disputes by tab; `format` gives the same as a file."""
    waiting = disputes_waiting(request.officer).count()
    narrowed = request.GET.get("subject")
    tab = request.GET.get("tab") or ("waiting" if waiting and not narrowed else "all")
    rows = _rows(request, tab)
    if request.GET.get("format") in lists.FORMS:
        return _sent(request.GET["format"], "disputes", COLUMNS, rows, gettext("共享争议"))
    more = {
        "rows": rows,
        "tab": tab,
        "tabs": TABS,
        "waiting": waiting,
        "exports": lists.WORDS,
        "stages": choices(Stage),
        "kinds": choices(Disputable),
        "matters": choices(Matter),
        "values": request.GET,
        "filters": {
            "stage": (gettext("状态"), dict(choices(Stage))),
            "kind": (gettext("争议对象"), dict(choices(Disputable))),
            "matter": (gettext("争议事由"), dict(choices(Matter))),
            "q": gettext("编号、资源或部门"),
            "subject": gettext("对象编号"),
        },
    }
    return render(request, "disputes/disputes.html", more)


def _complaints(request: HttpRequest, tab: str) -> QuerySet[Complaint]:
    asked = _asked(request, {"stage": complaining.Stage, "about": complaining.About})
    rows = queries.complaints(request.officer, q=request.GET.get("q", "").strip(), **asked)
    if tab == "waiting":
        rows = rows.filter(pk__in=complaints_waiting(request.officer).values("pk"))
    if tab == "open":
        rows = rows.filter(stage__in=complaining.OPEN)
    return _sorted(rows, request.GET.get("sort", ""), COMPLAINT_SORTS)


@require_GET
def complaints(request: HttpRequest) -> HttpResponse:
    """List complaints by the public by tab; `format` gives the same as a file."""
    waiting = complaints_waiting(request.officer).count()
    tab = request.GET.get("tab") or ("waiting" if waiting else "all")
    rows = _complaints(request, tab)
    if request.GET.get("format") in lists.FORMS:
        return _sent(request.GET["format"], "complaints", COMPLAINT_COLUMNS, rows, gettext("公众投诉"))
    more = {
        "rows": rows,
        "tab": tab,
        "tabs": TABS,
        "waiting": waiting,
        "exports": lists.WORDS,
        "stages": choices(complaining.Stage),
        "abouts": choices(complaining.About),
        "values": request.GET,
        "filters": {
            "stage": (gettext("状态"), dict(choices(complaining.Stage))),
            "about": (gettext("投诉事项"), dict(choices(complaining.About))),
            "q": gettext("编号或办理部门"),
        },
    }
    return render(request, "disputes/complaints.html", more)
