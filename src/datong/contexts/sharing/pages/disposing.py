# SPDX-License-Identifier: Apache-2.0
"""Destruction of data after a grant: the list, one task with its certificate, the demand of the provider."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from datong.contexts.audit import face as audit
from datong.contexts.sharing import permissions, queries, usecases
from datong.contexts.sharing.domain.disposals import UNSETTLED, Certificate, DisposalMethod, DisposalStage
from datong.contexts.sharing.models import DisposalTask
from datong.contexts.sharing.pages import reading
from datong.kernel.actors import Officer
from datong.kernel.errors import DatongError, Malformed, Unknown
from datong.kernel.labels import choices
from datong.wire import lists
from datong.wire.lists import Column

MOST_EXPORTED = 10_000
SORTS = {"number": "number", "due": "due", "resource": "grant__resource__name", "consumer": "grant__consumer__name"}
SAID = {"certify": _("销毁证明已提交"), "demand": _("销毁要求已通知使用部门"), "lift": _("已免除销毁")}


COLUMNS = (
    Column("number", _("编号"), lambda row: row.number),
    Column("grant", _("授权"), lambda row: row.grant.number),
    Column("resource", _("资源"), lambda row: row.grant.resource_id, lambda row: row.grant.resource.name),
    Column("consumer", _("使用部门"), lambda row: row.grant.consumer_id, lambda row: row.grant.consumer.name),
    Column("provider", _("提供部门"), lambda row: row.grant.provider_id, lambda row: row.grant.provider.name),
    Column("due", _("截止日"), lambda row: row.due),
    Column("stage", _("状态"), lambda row: row.stage, lambda row: gettext(row.stage_label)),
    Column("performed_on", _("销毁日期"), lambda row: row.performed_on),
    Column("performed_by", _("由谁销毁"), lambda row: row.performed_by),
    Column("file_digest", _("摘要"), lambda row: row.file_digest),
)


def _rows(request: HttpRequest) -> QuerySet[DisposalTask]:
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "side")}
    stage = request.GET.get("stage", "")
    rows = queries.disposals(request.officer, stage=stage if stage in list(DisposalStage) else "", **asked)
    sort = request.GET.get("sort", "")
    if sort.removeprefix("-") in SORTS:
        rows = rows.order_by(("-" if sort.startswith("-") else "") + SORTS[sort.removeprefix("-")], "number")
    return rows


@require_GET
def disposals(request: HttpRequest) -> HttpResponse:
    """List the tasks, the first due first; `format` gives the same as a file."""
    rows = _rows(request)
    if request.GET.get("format") in lists.FORMS:
        made = lists.whole(request.GET["format"], "disposals", COLUMNS, rows[:MOST_EXPORTED], sheet=gettext("数据销毁"))
        return HttpResponse(**made)
    sides = [("consumer", gettext("本部门要销毁的")), ("provider", gettext("本部门提供的"))]
    filters = {
        "stage": (gettext("状态"), dict(choices(DisposalStage))),
        "side": (gettext("范围"), dict(sides)),
        "q": gettext("编号、资源或部门"),
    }
    more = {"rows": rows, "stages": choices(DisposalStage), "sides": sides, "values": request.GET, "filters": filters}
    more["exports"] = lists.WORDS
    return render(request, "sharing/disposals.html", more)


@require_GET
def disposal(request: HttpRequest, disposal: str) -> HttpResponse:
    """Show one task."""
    return _page(request, queries.disposal_of(disposal, by=request.officer))


@require_GET
def file(request: HttpRequest, disposal: str) -> HttpResponse:
    """Give the scanned certificate as it was handed in, always to be saved, never shown in place."""
    row = queries.disposal_of(disposal, by=request.officer)
    if not row.file:
        raise Unknown("没有上传证明文件 (no file was handed in)")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.file_name)}",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(bytes(row.file), "application/octet-stream", headers=headers)


@require_POST
def decide(request: HttpRequest, disposal: str, verb: str) -> HttpResponse:
    """Certify, demand or lift; on a refusal the page comes back with what was typed."""
    row = queries.disposal_of(disposal, by=request.officer)
    if verb not in VERBS:
        raise Unknown("没有此操作 (there is no such verb)")
    try:
        VERBS[verb](disposal, request)
    except Unknown:
        raise
    except DatongError as error:
        return _page(request, row, error)
    messages.success(request, str(SAID[verb]))
    return redirect("sharing:disposal", disposal)


def _certify(number: str, request: HttpRequest) -> DisposalTask:
    said, handed = request.POST, request.FILES.get("file")
    given = Certificate(
        what=said.get("what", ""),
        method=said.get("method", ""),
        performed_by=said.get("performed_by", ""),
        performed_on=reading.day(said, "performed_on"),
        file_name=handed.name if handed else "",
        file=handed.read() if handed else b"",
    )
    return usecases.certify_disposal(number, given, by=request.officer)


def _demand(number: str, request: HttpRequest) -> DisposalTask:
    due = reading.day(request.POST, "due")
    if due is None:
        raise Malformed("请写明期限 (give the last day)", fields={"due": "必填 (needed)"})
    return usecases.demand_disposal(number, due, request.POST.get("demand", ""), by=request.officer)


def _lift(number: str, request: HttpRequest) -> DisposalTask:
    return usecases.lift_disposal(number, request.POST.get("reason", ""), by=request.officer)


VERBS: dict[str, Callable[[str, HttpRequest], DisposalTask]] = {"certify": _certify, "demand": _demand, "lift": _lift}


def _may(row: DisposalTask, by: Officer) -> dict[str, bool]:
    still = row.stage in UNSETTLED
    provides = permissions.check_may_lift.allowed(by, row.grant.provider_id)
    return {
        "certify": still and permissions.check_may_terminate.allowed(by, row.grant.consumer_id),
        "demand": row.stage == DisposalStage.OPEN and provides,
        "lift": still and provides,
    }


def _page(request: HttpRequest, row: DisposalTask, error: DatongError | None = None) -> HttpResponse:
    more: dict[str, Any] = {
        "row": row,
        "may": _may(row, request.officer),
        "methods": choices(DisposalMethod),
        "method": dict(choices(DisposalMethod)).get(row.method, ""),
        "acts": audit.acts(by=None, subject=row.number, limit=50)[::-1],
        "refusal": error,
        "errors": error.fields if error else {},
        "values": request.POST,
    }
    return render(request, "sharing/disposal.html", more, status=error.status if error else 200)
