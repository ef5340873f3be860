# SPDX-License-Identifier: Apache-2.0
"""The request form: begin, go on, hand to the head."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from datong.contexts.catalog import face as catalog
from datong.contexts.organisations import face as organisations
from datong.contexts.sharing import permissions, queries, usecases
from datong.contexts.sharing.domain import EDITABLE, RequestDraft
from datong.contexts.sharing.models import Request
from datong.contexts.sharing.pages import forms
from datong.kernel.errors import Conflict, DatongError, Malformed, Unknown
from datong.kernel.labels import choices
from datong.kernel.sharing import Channel, RequestBasis, SharingType


def _form(
    request: HttpRequest, code: str, draft: RequestDraft | None, row: Request | None, error: DatongError | None = None
) -> HttpResponse:
    by = request.officer
    view = catalog.resource(code, by=by)
    posted = error is not None
    errors = error.fields if error else {}
    rules = forms.rules(request.POST) if posted else (draft.rows if draft else ())
    chosen = request.POST.getlist("items") if posted else (draft.items if draft else ())
    own = [one for one in organisations.applications(by.department) if one.active]
    more: dict[str, Any] = {
        "resource": view,
        "row": row,
        "values": request.POST if posted else forms.Values(forms.shown(draft)) if draft else {},
        "errors": errors,
        "items_error": next((words for name, words in errors.items() if name.split(".")[0] == "items"), ""),
        "refusal": error,
        "chosen": chosen,
        "rules": forms.shown_rules(rules, errors),
        "applications": [(one.client_id, f"{one.name}（{one.client_id}）") for one in own],
        "bases": choices(RequestBasis),
        "offered": [(one, label) for one, label in choices(Channel) if one in view.sharing_methods],
        "requestable": [item for item in view.items if item.sharing_type != SharingType.WITHHELD],
        "withheld": [item for item in view.items if item.sharing_type == SharingType.WITHHELD],
        "revision": request.POST.get("revision") if posted else (row.revision if row else ""),
    }
    return render(request, "sharing/ask.html", more, status=error.status if error else 200)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin a request for a resource."""
    permissions.check_may_apply(request.officer)
    code = request.POST.get("resource") or request.GET.get("resource", "")
    if not code:
        return redirect("/search")
    view = catalog.resource(code, by=request.officer)
    permissions.check_requestable(view.sharing_type, view.withheld_basis_rank, view.withheld_basis)
    if request.method == "GET":
        return _form(request, code, None, None)
    try:
        row = usecases.draft_request(forms.read(request.POST, code), by=request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _form(request, code, None, None, error)
    return _onward(request, row)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """Go on with a draft or a returned request."""
    row = queries.request_of(number, by=request.officer)
    permissions.check_may_edit(request.officer, row.consumer_id)
    if request.method == "GET":
        if row.stage not in EDITABLE:
            return redirect("sharing:request", number)
        return _form(request, row.resource_id, queries.as_draft(row), row)
    try:
        draft = forms.read(request.POST, row.resource_id)
        row = usecases.revise_request(number, draft, by=request.officer, revision=_revision(request))
    except Unknown:
        raise
    except DatongError as error:
        return _form(request, row.resource_id, None, row, error)
    return _onward(request, row)


def _revision(request: HttpRequest) -> int | None:
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _onward(request: HttpRequest, row: Request) -> HttpResponse:
    """Saved; filed too where that was asked, else back with all that is still missing."""
    if request.POST.get("act") != "file":
        messages.success(request, gettext("草稿已保存"))
        return redirect("sharing:edit", row.number)
    try:
        usecases.file_request(row.number, by=request.officer)
    except Malformed as error:
        request.POST = request.POST.copy()
        request.POST["revision"] = str(row.revision)
        return _form(request, row.resource_id, None, row, error)
    messages.success(request, gettext("已提交，等待本部门负责人同意"))
    return redirect("sharing:request", row.number)


@require_POST
def autosave(request: HttpRequest, number: str) -> JsonResponse:
    """Keep a draft while it is typed; what does not read yet stays in the browser."""
    try:
        row = queries.request_of(number, by=request.officer)
        draft = forms.read(request.POST, row.resource_id)
        row = usecases.revise_request(number, draft, by=request.officer, revision=_revision(request))
    except (Malformed, Conflict, Unknown) as error:
        return JsonResponse({"error": error.code}, status=error.status)
    return JsonResponse({"revision": row.revision})
