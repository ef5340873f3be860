# SPDX-License-Identifier: Apache-2.0
"""Notices of one's posts, and the periods that run, for those who have to keep them and the authority that presses."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from datong.contexts.organisations import face as organisations
from datong.contexts.periods import permissions, queries, usecases
from datong.contexts.periods.domain import STATUTE, NoticeKind, Rule
from datong.contexts.periods.models import Clock
from datong.kernel.errors import DatongError
from datong.wire.spreadsheet import TYPE, encode_csv

NOTICE_TABS = (("open", _("待处理")), ("done", _("已处理")))
TABS = (("late", _("已超期")), ("running", _("全部在办")))
MOST_EXPORTED = 10_000


@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """List the notices of one's posts."""
    tab = "done" if request.GET.get("tab") == "done" else "open"
    rows = queries.notices(request.officer, settled=tab == "done")
    more = {"rows": rows, "tab": tab, "tabs": NOTICE_TABS, "kinds": {one.value: one for one in NoticeKind}}
    return render(request, "periods/notices.html", more)


@require_POST
def settle(request: HttpRequest, notice: int) -> HttpResponse:
    """Note that a notice was seen to."""
    usecases.settle(notice, by=request.officer)
    messages.success(request, gettext("已记为处理"))
    return redirect("periods:notices")


@require_GET
def periods(request: HttpRequest) -> HttpResponse:
    """List running periods; `format=csv` gives the same as a file."""
    return _page(request)


def _page(request: HttpRequest, error: DatongError | None = None) -> HttpResponse:
    late = queries.clocks(request.officer, late=True)
    tab = request.GET.get("tab") or ("late" if late.exists() else "running")
    rows = late if tab == "late" else queries.clocks(request.officer)
    names = {one.uscc: one.name for one in organisations.departments(active=None)}
    if request.GET.get("format") == "csv":
        return _export(list(rows[:MOST_EXPORTED]), names)
    more: dict[str, Any] = {
        "rows": rows,
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


def _export(rows: list[Clock], names: dict[str, str]) -> HttpResponse:
    header = [gettext(word) for word in ("事项", "编号", "期限", "办理部门", "起算", "截止日", "工作日")]
    lines = (
        (row.title, row.subject, gettext(Rule(row.rule).label), names.get(row.department, ""), row.started_at.date(), row.due,
         row.days + row.extended_days)
        for row in rows
    )  # fmt: skip
    name = {"Content-Disposition": 'attachment; filename="periods.csv"'}
    return HttpResponse(encode_csv(header, lines), TYPE, headers=name)


@require_POST
def urge(request: HttpRequest, clock: int) -> HttpResponse:
    """Press for a period."""
    try:
        usecases.urge(clock, request.POST.get("words", ""), by=request.officer)
    except DatongError as error:
        return _page(request, error)
    messages.success(request, gettext("已发出督办"))
    return redirect("periods:periods")
