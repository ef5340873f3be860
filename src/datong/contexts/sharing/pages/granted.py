# SPDX-License-Identifier: Apache-2.0
"""The list of grants, and one grant: how to call it, who may stop it, what happened to it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.sharing import permissions, queries, usecases
from datong.contexts.sharing.domain import GRANT_MOVES, GrantStage
from datong.contexts.sharing.models import Grant
from datong.contexts.sharing.pages import examples, forms
from datong.kernel.actors import Officer
from datong.kernel.errors import DatongError, Unknown
from datong.kernel.labels import choices
from datong.wire.spreadsheet import TYPE, encode_csv

MOST_EXPORTED = 10_000
SORTS = {"number": "number", "resource": "resource__name", "until": "valid_until", "granted": "granted_at"}
VERBS = {"suspend": usecases.suspend_grant, "resume": usecases.resume_grant, "revoke": usecases.revoke_grant}


def _rows(request: HttpRequest) -> QuerySet[Grant]:
    stage = request.GET.get("stage", "")
    known = stage if stage in list(GrantStage) else ""
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "side", "resource")}
    rows = queries.grants(request.officer, stage=known, **asked)
    sort = request.GET.get("sort", "")
    if sort.removeprefix("-") in SORTS:
        rows = rows.order_by(("-" if sort.startswith("-") else "") + SORTS[sort.removeprefix("-")], "number")
    return rows


@require_GET
def grants(request: HttpRequest) -> HttpResponse:
    """List grants; `format=csv` gives the same as a file."""
    rows = _rows(request)
    if request.GET.get("format") == "csv":
        return _export(rows)
    sides = [("consumer", gettext("授予本部门的")), ("provider", gettext("本部门授出的"))]
    filters = {
        "stage": (gettext("状态"), dict(choices(GrantStage))),
        "side": (gettext("范围"), dict(sides)),
        "q": gettext("编号、资源或部门"),
        "resource": gettext("资源"),
    }
    more = {"rows": rows, "stages": choices(GrantStage), "sides": sides, "values": request.GET, "filters": filters}
    return render(request, "sharing/grants.html", more)


def _export(rows: QuerySet[Grant]) -> HttpResponse:
    header = [gettext(word) for word in ("编号", "资源", "代码", "使用部门", "提供部门", "应用系统", "起", "止", "状态")]
    lines = (
        (row.number, row.resource.name, row.resource_id, row.consumer.name, row.provider.name, row.application.name,
         row.valid_from, row.valid_until, row.stage_label)
        for row in rows[:MOST_EXPORTED]
    )  # fmt: skip
    name = {"Content-Disposition": 'attachment; filename="grants.csv"'}
    return HttpResponse(encode_csv(header, lines), TYPE, headers=name)


def _items(document: dict[str, Any], view: catalog.ResourceView | None) -> list[dict[str, Any]]:
    return [{**given, "item": view.item(given["field"]) if view else None} for given in document["items"]]


def _may(row: Grant, by: Officer) -> dict[str, bool]:
    stops = permissions.check_may_stop.allowed(by, row.provider_id)
    next_ones = GRANT_MOVES[GrantStage(row.stage)]
    wanted = {"suspend": GrantStage.SUSPENDED, "resume": GrantStage.ACTIVE, "revoke": GrantStage.REVOKED}
    return {verb: stops and stage in next_ones for verb, stage in wanted.items()}


def _page(request: HttpRequest, row: Grant, error: DatongError | None = None) -> HttpResponse:
    by = request.officer
    document = queries.envelope(row)["grant"]
    try:
        view = catalog.resource(row.resource_id, by=by)
    except Unknown:
        view = None
    gateway = settings.NODE.gateway_address
    more = {
        "row": row,
        "document": document,
        "lines": _items(document, view),
        "rules": forms.said_rules(document["rows"], view),
        "may": _may(row, by),
        "examples": examples.of(document, view, gateway=gateway, node=settings.NODE.code),
        "clock": queries.clock_of(row.number),
        "acts": audit.acts(by=None, subject=row.number, limit=100)[::-1],
        "refusal": error,
        "errors": error.fields if error else {},
        "values": request.POST,
        "left": (row.valid_until - timezone.localdate()).days,
    }
    return render(request, "sharing/grant.html", more, status=error.status if error else 200)


@require_GET
def grant(request: HttpRequest, number: str) -> HttpResponse:
    """Show one grant."""
    return _page(request, queries.grant_of(number, by=request.officer))


@require_GET
def document(request: HttpRequest, number: str) -> HttpResponse:
    """Give the signed document, for anyone who may see the grant to keep and verify."""
    row = queries.grant_of(number, by=request.officer)
    text = json.dumps(queries.envelope(row), ensure_ascii=False, indent=2)
    name = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.number)}.json"}
    return HttpResponse(text, "application/json; charset=utf-8", headers=name)


@require_POST
def stop(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Suspend, resume or revoke; on a refusal the page comes back with what was typed."""
    row = queries.grant_of(number, by=request.officer)
    if verb not in VERBS:
        raise Unknown("没有此操作 (there is no such verb)")
    try:
        VERBS[verb](number, request.POST.get("reason", ""), by=request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _page(request, row, error)
    said = {"suspend": gettext("已暂停"), "resume": gettext("已恢复"), "revoke": gettext("已撤销")}
    messages.success(request, said[verb] + gettext("，网关随即生效"))
    return redirect("sharing:grant", number)
