# SPDX-License-Identifier: Apache-2.0
"""The lists of demands (需求清单) and of responsibilities (责任清单): narrowed, sorted, paged, as files; with figures."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from datong.contexts.demands import permissions, queries
from datong.contexts.demands.domain.drafts import Urgency
from datong.contexts.demands.domain.stages import DutyStage, Stage
from datong.contexts.demands.models import Demand, Responsibility
from datong.contexts.demands.queries.waiting import held, to_answer
from datong.kernel.actors import Officer, Role
from datong.kernel.labels import choices
from datong.wire import lists
from datong.wire.lists import Column

MOST_EXPORTED = 10_000
TABS = (("waiting", _("待我处理")), ("own", _("本部门提出的")), ("responsible", _("本部门负责的")), ("all", _("全部")))
SORTS = {"number": "number", "name": "name", "department": "department__name", "needed": "needed_by", "made": "made_at"}
DUTY_SORTS = {
    "number": "number", "department": "department__name", "due": "due", "assigned": "assigned_at", "name": "demand__name",
}  # fmt: skip


def _minute(moment: Any) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else ""


COLUMNS = (
    Column("number", _("编号"), lambda row: row.number),
    Column("name", _("需要的数据"), lambda row: row.name),
    Column("items", _("信息项"), lambda row: list(row.items), lambda row: "、".join(row.items)),
    Column("department_name", _("提出部门"), lambda row: row.department.name),
    Column("department", _("部门代码"), lambda row: row.department_id),
    Column("urgency", _("紧急程度"), lambda row: row.urgency, lambda row: gettext(Urgency(row.urgency).label)),
    Column("needed_by", _("需要日期"), lambda row: row.needed_by),
    Column("stage", _("状态"), lambda row: row.stage, lambda row: gettext(row.stage_label)),
    Column("resource", _("目录代码"), lambda row: row.resource_id),
    Column("request", _("申请编号"), lambda row: row.request_id),
    Column("made_at", _("提出时间"), lambda row: row.made_at, lambda row: _minute(row.made_at)),
)
DUTY_COLUMNS = (
    Column("number", _("编号"), lambda row: row.number),
    Column("department_name", _("责任部门"), lambda row: row.department.name),
    Column("department", _("部门代码"), lambda row: row.department_id),
    Column("name", _("要提供的数据"), lambda row: row.demand.name),
    Column("demander", _("提出部门"), lambda row: row.demand.department.name),
    Column("stage", _("状态"), lambda row: row.stage, lambda row: gettext(row.stage_label)),
    Column("assigned_at", _("分派时间"), lambda row: row.assigned_at, lambda row: _minute(row.assigned_at)),
    Column("answer_due", _("答复截止日"), lambda row: row.answer_due),
    Column("answered_at", _("答复时间"), lambda row: row.answered_at, lambda row: _minute(row.answered_at)),
    Column("supply_due", _("编目截止日"), lambda row: row.supply_due),
    Column("resource", _("目录代码"), lambda row: row.demand.resource_id),
)


def _answer(kind: str, name: str, columns: tuple[Column, ...], rows: Any, sheet: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        **lists.sent(kind, name, columns, rows[:MOST_EXPORTED], sheet=sheet, around=partial(override, get_language()))
    )


def _sorted(rows: QuerySet[Any], sort: str, known: dict[str, str]) -> QuerySet[Any]:
    column = known.get(sort.removeprefix("-"))
    if not column:
        return rows
    order = F(column).desc(nulls_last=True) if sort.startswith("-") else F(column).asc(nulls_last=True)
    return rows.order_by(order, "number")


def _waiting(by: Officer) -> QuerySet[Demand]:
    """Demands on which this officer acts next, those his department has to answer among them."""
    mine = Q(pk__in=held(by).values("pk")) | Q(pk__in=to_answer(by).values("demand"))
    return queries.demands(by).filter(mine)


def _rows(request: HttpRequest, tab: str) -> QuerySet[Demand]:
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "department")}
    for name, kind in (("stage", Stage), ("urgency", Urgency)):
        value = request.GET.get(name, "")
        asked[name] = value if value in list(kind) else ""
    rows = queries.demands(request.officer, side=tab if tab in ("own", "responsible") else "", **asked)
    if tab == "waiting":
        rows = rows.filter(pk__in=_waiting(request.officer).values("pk"))
    return _sorted(rows, request.GET.get("sort", ""), SORTS)


@require_GET
def demands(request: HttpRequest) -> HttpResponse:
    """List demands by tab; `format` gives the same as a file."""
    by = request.officer
    waiting = _waiting(by).count()
    tab = request.GET.get("tab") or ("waiting" if waiting and not request.GET.get("stage") else "all")
    rows = _rows(request, tab)
    if (kind := request.GET.get("format")) in lists.FORMS:
        return _answer(kind, "demands", COLUMNS, rows, gettext("需求清单"))
    more = {
        "rows": rows,
        "tab": tab,
        "tabs": TABS if by.department else (TABS[0], TABS[-1]),
        "waiting": waiting,
        "stages": choices(Stage),
        "urgencies": choices(Urgency),
        "values": request.GET,
        "exports": lists.WORDS,
        "figures": queries.figures(by),
        "may_demand": permissions.check_may_demand.allowed(by),
        "filters": {
            "stage": (gettext("状态"), dict(choices(Stage))),
            "urgency": (gettext("紧急程度"), dict(choices(Urgency))),
            "q": gettext("编号、名称、信息项或部门"),
        },
    }
    return render(request, "demands/demands.html", more)


def _duties(request: HttpRequest) -> QuerySet[Responsibility]:
    stage = request.GET.get("stage", "")
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "department")}
    rows = queries.responsibilities(
        request.officer, stage=stage if stage in list(DutyStage) else "", own=request.GET.get("tab") == "own", **asked
    )
    return _sorted(rows, request.GET.get("sort", ""), DUTY_SORTS)


@require_GET
def responsibilities(request: HttpRequest) -> HttpResponse:
    """List responsibilities with their last days; `format` gives the same as a file."""
    by = request.officer
    rows = _duties(request)
    if (kind := request.GET.get("format")) in lists.FORMS:
        return _answer(kind, "responsibilities", DUTY_COLUMNS, rows, gettext("责任清单"))
    more = {
        "rows": rows,
        "tab": request.GET.get("tab", "all"),
        "tabs": (("all", _("全部")), ("own", _("本部门的"))) if by.department and not by.holds(Role.AUTHORITY) else (),
        "stages": choices(DutyStage),
        "values": request.GET,
        "exports": lists.WORDS,
        "figures": queries.figures(by),
        "filters": {"stage": (gettext("状态"), dict(choices(DutyStage))), "q": gettext("编号、数据或部门")},
    }
    return render(request, "demands/responsibilities.html", more)
