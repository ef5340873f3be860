# SPDX-License-Identifier: Apache-2.0
"""The list of grants, and one grant: how to call it, who may stop it, what happened to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.sharing import permissions, queries, usecases
from datong.contexts.sharing.domain import GRANT_MOVES, LIVE, GrantStage, TerminationCause
from datong.contexts.sharing.domain.changes import CHANGE_UNDER_WAY
from datong.contexts.sharing.models import DisposalTask, Grant, Request
from datong.contexts.sharing.pages import examples, forms, reading
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import DatongError, Unknown
from datong.kernel.labels import choices
from datong.wire import lists
from datong.wire.lists import Column

MOST_EXPORTED = 10_000
MOST_USES = 20
SORTS = {"number": "number", "resource": "resource__name", "until": "valid_until", "granted": "granted_at"}
COLUMNS = (
    Column("number", _("编号"), lambda row: row.number),
    Column("resource_name", _("资源"), lambda row: row.resource.name),
    Column("resource", _("代码"), lambda row: row.resource_id),
    Column("consumer", _("使用部门"), lambda row: row.consumer_id, lambda row: row.consumer.name),
    Column("provider", _("提供部门"), lambda row: row.provider_id, lambda row: row.provider.name),
    Column("application", _("应用系统"), lambda row: row.application_id, lambda row: row.application.name),
    Column("valid_from", _("起"), lambda row: row.valid_from),
    Column("valid_until", _("止"), lambda row: row.valid_until),
    Column("stage", _("状态"), lambda row: row.stage, lambda row: gettext(row.stage_label)),
)
SAID = {
    "suspend": _("已暂停，网关随即生效"),
    "resume": _("已恢复，网关随即生效"),
    "revoke": _("已撤销，网关随即生效"),
    "terminate": _("已终止，网关随即生效；请按期提交销毁证明"),
    "use": _("使用记录已登记，保存不少于三年"),
}


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
    """List grants; `format` gives the same as a file."""
    rows = _rows(request)
    if request.GET.get("format") in lists.FORMS:
        made = lists.whole(request.GET["format"], "grants", COLUMNS, rows[:MOST_EXPORTED], sheet=gettext("授权"))
        return HttpResponse(**made)
    sides = [("consumer", gettext("授予本部门的")), ("provider", gettext("本部门授出的"))]
    filters = {
        "stage": (gettext("状态"), dict(choices(GrantStage))),
        "side": (gettext("范围"), dict(sides)),
        "q": gettext("编号、资源或部门"),
        "resource": gettext("资源"),
    }
    more = {"rows": rows, "stages": choices(GrantStage), "sides": sides, "values": request.GET, "filters": filters}
    more["exports"] = lists.WORDS
    more["may_renew"] = request.officer.holds(Role.APPLICANT) and _renewable(rows, request.officer).exists()
    return render(request, "sharing/grants.html", more)


def _renewable(rows: QuerySet[Grant], by: Officer) -> QuerySet[Grant]:
    """Those of the list that the officer's department uses and that are in force."""
    return rows.filter(consumer=by.department, stage=GrantStage.ACTIVE) if by.department else rows.none()


def _items(document: dict[str, Any], view: catalog.ResourceView | None) -> list[dict[str, Any]]:
    return [{**given, "item": view.item(given["field"]) if view else None} for given in document["items"]]


def _may(row: Grant, by: Officer) -> dict[str, bool]:
    now = GrantStage(row.stage)
    next_ones = GRANT_MOVES[now]
    stops = permissions.check_may_stop.allowed(by, row.provider_id)
    own = permissions.check_may_terminate.allowed(by, row.consumer_id)
    revokes = stops and permissions.check_may_revoke.allowed(by, in_order=now is GrantStage.ACTIVE)
    return {
        "suspend": stops and GrantStage.SUSPENDED in next_ones,
        "resume": stops and GrantStage.ACTIVE in next_ones,
        "revoke": revokes and GrantStage.REVOKED in next_ones,
        "terminate": own and GrantStage.TERMINATED in next_ones,
        "renew": own and by.holds(Role.APPLICANT) and now in (GrantStage.ACTIVE, GrantStage.SUSPENDED),
        "use": own,
        "change": permissions.check_may_change.allowed(by, row.provider_id) and now in LIVE,
    }


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
        "successor": row.successors.first(),
        "disposal": DisposalTask.objects.defer("file").filter(grant=row).first(),
        "uses": queries.uses(by, grant=row.number)[:MOST_USES],
        "causes": choices(TerminationCause),
        "warnings": queries.changes(by).filter(resource=row.resource_id, stage__in=CHANGE_UNDER_WAY)[:1],
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
    """Suspend, resume, revoke, terminate, renew or account for use; on a refusal the page comes back as it was typed."""
    row = queries.grant_of(number, by=request.officer)
    if verb not in VERBS:
        raise Unknown("没有此操作 (there is no such verb)")
    try:
        made = VERBS[verb](number, request.POST, request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _page(request, row, error)
    if isinstance(made, Request):
        messages.success(request, gettext("已按原授权填好续期申请，核对后提交"))
        return redirect("sharing:request", made.number)
    messages.success(request, str(SAID[verb]))
    return redirect("sharing:grant", number)


@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    """Ask for another term of the grants ticked, and show what became of each."""
    done, error = [], None
    try:
        done = usecases.renew_grants(request.POST.getlist("grants"), reading.day(request.POST, "until"), by=request.officer)
    except DatongError as refused:
        error = refused
    more = {"done": done, "filed": sum(bool(one.request) for one in done), "refusal": error}
    return render(request, "sharing/renewed.html", more, status=error.status if error else 200)


def _use(posted: QueryDict) -> usecases.Use:
    days = {name: reading.day(posted, name) for name in ("used_from", "used_until")}
    words = {name: posted.get(name, "") for name in ("scenario", "process", "effect", "storage", "destruction")}
    return usecases.Use(**days, **words)


def _renew(number: str, by: Officer) -> Request:
    return usecases.draft_request(usecases.renewal_of(number, by=by), by=by)


VERBS: dict[str, Callable[[str, QueryDict, Officer], object]] = {
    "suspend": lambda number, posted, by: usecases.suspend_grant(
        number, posted.get("reason", ""), mend_by=reading.day(posted, "mend_by"), by=by
    ),
    "resume": lambda number, posted, by: usecases.resume_grant(number, posted.get("reason", ""), by=by),
    "revoke": lambda number, posted, by: usecases.revoke_grant(number, posted.get("reason", ""), by=by),
    "terminate": lambda number, posted, by: usecases.terminate_grant(
        number, posted.get("cause", ""), posted.get("note", ""), by=by
    ),
    "renew": lambda number, _posted, by: _renew(number, by),
    "use": lambda number, posted, by: usecases.record_use(number, _use(posted), by=by),
}
