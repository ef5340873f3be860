# SPDX-License-Identifier: Apache-2.0
"""The form to report an error: what one comes from (resource, grant, item) is filled in already.

Kept here: addresses carry no value of a record; what was typed is never lost on a refusal.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from datong.contexts.catalog import face as catalog
from datong.contexts.corrections import permissions, usecases
from datong.contexts.sharing import face as sharing
from datong.kernel.corrections import ProofKind, Report, ReportKind
from datong.kernel.enclosures import File
from datong.kernel.errors import DatongError, Unknown
from datong.kernel.labels import choices

KEY = "key-"
PREFILLED = ("kind", "item", "case", "grant")


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Report an error in a resource."""
    asked = request.POST if request.method == "POST" else request.GET
    view = _resource(request, asked)
    permissions.check_may_report(request.officer, view.provider)
    if request.method == "GET":
        given = QueryDict(mutable=True)
        given.update({name: asked[name] for name in PREFILLED if asked.get(name)})
        given.setdefault("kind", ReportKind.DATA.value)
        held = _grants(request, view.code)
        if len(held) == 1:
            given.setdefault("grant", held[0].number)
        return _form(request, view, given)
    try:
        made = usecases.report(
            view.code, _said(asked, view), by=request.officer, grant=asked.get("grant", ""), files=_files(request)
        )
    except Unknown:
        raise
    except DatongError as error:
        return _form(request, view, asked, error)
    messages.success(request, gettext("已提交，提供部门将在10个工作日内核实答复"))
    return redirect("corrections:correction", number=made.number)


def _resource(request: HttpRequest, asked: QueryDict) -> catalog.ResourceView:
    code = asked.get("resource", "")
    if not code and asked.get("grant"):
        code = sharing.grant(asked["grant"], by=request.officer).resource
    return catalog.resource(code, by=request.officer)


def _said(asked: QueryDict, view: catalog.ResourceView) -> Report:
    data = asked.get("kind") == ReportKind.DATA
    key = {item.field: asked[KEY + item.field] for item in view.items if item.key and asked.get(KEY + item.field, "").strip()}
    return Report(
        kind=asked.get("kind", ""),
        key=key if data else {},
        item=asked.get("item", "") if asked.get("kind") != ReportKind.INTERFACE else "",
        found=asked.get("found", "") if data else "",
        expected=asked.get("expected", "") if data else "",
        evidence=asked.get("evidence", ""),
        case=asked.get("case", ""),
        proof_kind=asked.get("proof_kind", ""),
        proof_number=asked.get("proof_number", ""),
    )


def _files(request: HttpRequest) -> list[File]:
    refusal = getattr(request, "upload_refusal", None)
    if refusal is not None:
        raise refusal
    return [File(one.name or "", one.chunks()) for one in request.FILES.getlist("files")]


def _form(request: HttpRequest, view: catalog.ResourceView, given: QueryDict, error: DatongError | None = None) -> HttpResponse:
    by = request.officer
    held = [(row.number, f"{row.number} {row.application.name}") for row in _grants(request, view.code)]
    errors = dict(error.fields) if error else {}
    more: dict[str, Any] = {
        "resource": view,
        "kinds": choices(ReportKind),
        "items": [(item.field, f"{item.name}（{item.field}）") for item in view.items],
        "keys": [{"item": item, "value": given.get(KEY + item.field, "")} for item in view.items if item.key],
        "grants": held,
        "proofs": choices(ProofKind),
        "values": given,
        "refusal": error,
        "errors": errors,
        "by": by,
    }
    return render(request, "corrections/report.html", more, status=error.status if error else 200)


def _grants(request: HttpRequest, code: str) -> list[Any]:
    by = request.officer
    return list(sharing.grants(by, side="consumer", resource=code).filter(stage__in=("active", "suspended"))[:50])
