# SPDX-License-Identifier: Apache-2.0
"""Pages of recalls: the list, calling a batch back, one recall with the receipts that came and those outstanding."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.corrections import permissions, queries, usecases
from datong.contexts.corrections.domain.recalls import Disposal, RecallStage, ReceiptStage
from datong.contexts.corrections.models import Recall
from datong.contexts.exchange import face as exchange
from datong.kernel.actors import Officer
from datong.kernel.errors import DatongError, Unknown
from datong.kernel.labels import choices
from datong.wire import lists
from datong.wire.lists import Column

SORTS = {"number": "number", "resource": "resource__name", "opened": "opened_at"}
MOST_EXPORTED = 10_000


def _rows(request: HttpRequest) -> QuerySet[Recall]:
    stage = request.GET.get("stage", "")
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "resource")}
    rows = queries.recalls(request.officer, stage=stage if stage in list(RecallStage) else "", **asked)
    sort = request.GET.get("sort", "")
    if sort.removeprefix("-") in SORTS:
        rows = rows.order_by(("-" if sort.startswith("-") else "") + SORTS[sort.removeprefix("-")], "number")
    return rows


COLUMNS = (
    Column("number", _("编号"), lambda row: row.number),
    Column("resource_name", _("资源"), lambda row: row.resource.name),
    Column("resource", _("代码"), lambda row: row.resource_id),
    Column("provider", _("提供部门"), lambda row: row.provider_id, lambda row: row.provider.name),
    Column("batch", _("批次"), lambda row: row.batch),
    Column("stage", _("状态"), lambda row: row.stage, lambda row: gettext(row.stage_label)),
    Column("asked", _("应回执"), lambda row: row.asked),
    Column("given", _("已回执"), lambda row: row.given),
    Column("opened_at", _("召回时间"), lambda row: row.opened_at,
           lambda row: timezone.localtime(row.opened_at).strftime("%Y-%m-%d %H:%M")),
)  # fmt: skip


@require_GET
def recalls(request: HttpRequest) -> HttpResponse:
    """List recalls; `format` gives the same as a file."""
    rows = _rows(request)
    if request.GET.get("format") in lists.FORMS:
        made = lists.whole(request.GET["format"], "recalls", COLUMNS, rows[:MOST_EXPORTED], sheet=gettext("数据召回"))
        return HttpResponse(**made)
    filters = {
        "stage": (gettext("状态"), dict(choices(RecallStage))),
        "q": gettext("编号、资源或部门"),
        "resource": gettext("资源"),
    }
    more = {"rows": rows, "stages": choices(RecallStage), "values": request.GET, "filters": filters}
    more["exports"] = lists.WORDS
    return render(request, "corrections/recalls.html", more)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Call a delivered batch back."""
    asked = request.POST if request.method == "POST" else request.GET
    view = catalog.resource(asked.get("resource", ""), by=request.officer)
    permissions.check_may_recall(request.officer, view.provider)
    if request.method == "GET":
        return _form(request, view)
    batch = asked.get("batch", "")
    try:
        known = int(batch) if batch.isascii() and batch.isdecimal() and len(batch) < 16 else -1
        made = usecases.recall(view.code, known, asked.get("reason", ""), by=request.officer)
    except DatongError as error:
        return _form(request, view, error)
    messages.success(request, gettext("已发出召回，使用部门已收到通知"))
    return redirect("corrections:recall", number=made.number)


def _form(request: HttpRequest, view: catalog.ResourceView, error: DatongError | None = None) -> HttpResponse:
    serving = exchange.landed(view.code)
    told = gettext("批次 %(batch)s，%(at)s 装载，%(rows)s 行")
    found = [
        (one.batch, told % {"batch": one.batch, "at": f"{timezone.localtime(one.finished_at):%Y-%m-%d %H:%M}", "rows": one.rows})
        for one in queries.recallable(view.code)
    ]
    more = {
        "resource": view,
        "batches": found,
        "serving": serving.batch if serving else None,
        "values": request.POST or request.GET,
        "refusal": error,
        "errors": error.fields if error else {},
    }
    return render(request, "corrections/recall_new.html", more, status=error.status if error else 200)


def _page(request: HttpRequest, row: Recall, error: DatongError | None = None) -> HttpResponse:
    by = request.officer
    receipts = list(queries.receipts_visible(row, by))
    serving = exchange.landed(row.resource_id)
    own = next((one for one in receipts if one.department_id == by.department), None)
    gives = own is not None and permissions.check_may_acknowledge.allowed(by, own.department_id)
    more: dict[str, Any] = {
        "row": row,
        "receipts": receipts,
        "outstanding": [one for one in receipts if one.stage == ReceiptStage.OUTSTANDING],
        "own": own if gives and own is not None and own.stage == ReceiptStage.OUTSTANDING else None,
        "may_urge": row.stage == RecallStage.OPEN and permissions.check_may_recall.allowed(by, row.provider_id),
        "serving": serving,
        "disposals": choices(Disposal),
        "acts": _acts(row, by),
        "refusal": error,
        "errors": error.fields if error else {},
        "values": request.POST,
    }
    return render(request, "corrections/recall.html", more, status=error.status if error else 200)


def _acts(row: Recall, by: Officer) -> list[audit.ActView]:
    """What happened to a recall; a department that was asked learns nothing of what the others answered."""
    found = audit.acts(by=None, subject=row.number, limit=500)[::-1]
    if queries.sees_every_receipt(row, by):
        return found
    return [act for act in found if act.department in ("", row.provider_id, by.department)]


@require_GET
def one(request: HttpRequest, number: str) -> HttpResponse:
    """Show one recall."""
    return _page(request, queries.recall_of(number, by=request.officer))


@require_POST
def decide(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Give a receipt, or tell those outstanding again."""
    row = queries.recall_of(number, by=request.officer)
    form = request.POST
    if verb not in ("receipt", "urge"):
        raise Unknown("没有此操作 (there is no such verb)")
    try:
        if verb == "receipt":
            usecases.acknowledge(number, form.get("disposal", ""), form.get("words", ""), by=request.officer)
        else:
            usecases.urge_receipts(number, by=request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _page(request, row, error)
    messages.success(request, gettext("回执已记录") if verb == "receipt" else gettext("已再次通知未回执的部门"))
    return redirect("corrections:recall", number=number)
