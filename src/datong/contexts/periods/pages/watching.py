# SPDX-License-Identifier: Apache-2.0
"""Notices of one's posts, and the periods that run, for those who have to keep them and the authority that presses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from datong.contexts.organisations import face as organisations
from datong.contexts.periods import permissions, queries, usecases
from datong.contexts.periods.domain import STATUTE, NoticeKind, Rule
from datong.kernel.errors import DatongError
from datong.kernel.labels import choices
from datong.wire import lists
from datong.wire.lists import Column

NOTICE_TABS = (("open", _("待处理")), ("done", _("已处理")))
TABS = (("late", _("已超期")), ("running", _("全部在办")))
MOST_EXPORTED = 10_000
NOTICE_COLUMNS = (
    Column("kind", _("类别"), lambda row: row.kind, lambda row: gettext(NoticeKind(row.kind).label)),
    Column("subject", _("编号"), lambda row: row.subject),
    Column("title", _("事项"), lambda row: row.title),
    Column("words", _("内容"), lambda row: row.words),
    Column("made_at", _("发出时间"), lambda row: row.made_at,
           lambda row: timezone.localtime(row.made_at).strftime("%Y-%m-%d %H:%M")),
    Column("settled_by", _("处理人"), lambda row: row.settled_by),
)  # fmt: skip


def _columns(names: Mapping[str, str]) -> tuple[Column, ...]:
    return (
        Column("title", gettext("事项"), lambda row: row.title),
        Column("subject", gettext("编号"), lambda row: row.subject),
        Column("rule", gettext("期限"), lambda row: row.rule, lambda row: gettext(Rule(row.rule).label)),
        Column("department", gettext("办理部门"), lambda row: row.department, lambda row: names.get(row.department, "")),
        Column("started_on", gettext("起算"), lambda row: timezone.localtime(row.started_at).date()),
        Column("due", gettext("截止日"), lambda row: row.due),
        Column("days", gettext("工作日"), lambda row: row.days + row.extended_days),
    )


@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """List the notices of one's posts; `format` gives the same as a file."""
    tab = "done" if request.GET.get("tab") == "done" else "open"
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "kind")}
    rows = queries.notices(request.officer, settled=tab == "done", **asked)
    if request.GET.get("format") in lists.FORMS:
        return HttpResponse(
            **lists.whole(request.GET["format"], "notices", NOTICE_COLUMNS, rows[:MOST_EXPORTED], sheet=gettext("通知"))
        )
    more = {"rows": rows, "tab": tab, "tabs": NOTICE_TABS, "kinds": {one.value: one for one in NoticeKind}}
    more |= {"exports": lists.WORDS, "values": request.GET, "choices": choices(NoticeKind)}
    more["filters"] = {"kind": (gettext("类别"), dict(choices(NoticeKind))), "q": gettext("事项或编号")}
    return render(request, "periods/notices.html", more)


@require_POST
def settle(request: HttpRequest, notice: int) -> HttpResponse:
    """Note that a notice was seen to."""
    usecases.settle(notice, by=request.officer)
    messages.success(request, gettext("已记为处理"))
    return redirect("periods:notices")


@require_GET
def periods(request: HttpRequest) -> HttpResponse:
    """List running periods; `format` gives the same as a file."""
    return _page(request)


def _page(request: HttpRequest, error: DatongError | None = None) -> HttpResponse:
    late = queries.clocks(request.officer, late=True)
    tab = request.GET.get("tab") or ("late" if late.exists() else "running")
    rows = late if tab == "late" else queries.clocks(request.officer)
    names = {one.uscc: one.name for one in organisations.departments(active=None)}
    if request.GET.get("format") in lists.FORMS:
        columns = _columns(names)
        return HttpResponse(**lists.whole(request.GET["format"], "periods", columns, rows[:MOST_EXPORTED], sheet=gettext("期限")))
    more: dict[str, Any] = {
        "rows": rows,
        "exports": lists.WORDS,
        "tab": tab,
        "tabs": TABS,
        "late": late.count(),
        "words": {one.value: one for one in Rule},
        "names": names,
        "may_urge": permissions.check_may_urge.allowed(request.officer, request.officer.region),
        "refusal": error,
        "errors": error.fields if error else {},
        "values": request.POST,
    }
    return render(request, "periods/periods.html", more, status=error.status if error else 200)


@require_GET
def one(request: HttpRequest, clock: int) -> HttpResponse:
    """Show how the last day of a period comes about, so that anybody can count it again."""
    row = queries.clock(clock, by=request.officer)
    names = organisations.department_names([row.department])
    more = {
        "row": row,
        "rule": Rule(row.rule),
        "statute": STATUTE[row.rule],
        "department": names.get(row.department, ""),
        "pauses": row.pauses.all(),
        "again": queries.recomputed(row),
    }
    return render(request, "periods/period.html", more)


@require_POST
def urge(request: HttpRequest, clock: int) -> HttpResponse:
    """Press for a period."""
    try:
        usecases.urge(clock, request.POST.get("words", ""), by=request.officer)
    except DatongError as error:
        return _page(request, error)
    messages.success(request, gettext("已发出督办"))
    return redirect("periods:periods")
