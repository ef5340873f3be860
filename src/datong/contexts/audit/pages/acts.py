# SPDX-License-Identifier: Apache-2.0
"""The list of acts: who did what to what, as far as the officer may see."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from datong.contexts.audit import queries
from datong.contexts.audit.models import Act
from datong.wire.spreadsheet import TYPE, encode_csv

MOST_EXPORTED = 10_000
FILTERS = {"subject": "subject__startswith", "tag": "tag__startswith", "account": "account"}
DAYS = {"since": "at__date__gte", "until": "at__date__lte"}


def _rows(request: HttpRequest) -> QuerySet[Act]:
    asked = {name: request.GET.get(name, "").strip().replace("\x00", "") for name in FILTERS}
    wanted = {FILTERS[name]: value for name, value in asked.items() if value}
    for name, look in DAYS.items():
        day = _day(request.GET.get(name, ""))
        wanted |= {look: day} if day else {}
    return queries.visible(request.officer).filter(**wanted).order_by("-seq")


def _day(text: str) -> object:
    try:
        return parse_date(text)
    except ValueError:
        return None


@require_GET
def acts(request: HttpRequest) -> HttpResponse:
    """Show acts, newest first; `format=csv` gives the same as a file."""
    rows = _rows(request)
    if request.GET.get("format") == "csv":
        return _export(rows)
    names = {"subject": gettext("对象"), "tag": gettext("动作"), "account": gettext("账号")}
    names |= {"since": gettext("自"), "until": gettext("至")}
    return render(request, "audit/acts.html", {"rows": rows, "values": request.GET, "filters": names})


def _export(rows: QuerySet[Act]) -> HttpResponse:
    header = [gettext(word) for word in ("序号", "时间", "动作", "对象", "账号", "姓名", "部门", "事实")]
    lines = (
        (row.seq, timezone.localtime(row.at).strftime("%Y-%m-%d %H:%M:%S"), row.tag, row.subject, row.account, row.name,
         row.department_name, row.facts)
        for row in rows[:MOST_EXPORTED]
    )  # fmt: skip
    name = {"Content-Disposition": 'attachment; filename="acts.csv"'}
    return HttpResponse(encode_csv(header, lines), TYPE, headers=name)
