# SPDX-License-Identifier: Apache-2.0
"""The request form: begin, copy, go on, try, hand to the head."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from datong.contexts.catalog import face as catalog
from datong.contexts.sharing import permissions, queries, usecases
from datong.contexts.sharing.domain import EDITABLE, RequestDraft
from datong.contexts.sharing.domain.rows import row_faults
from datong.contexts.sharing.models import Request
from datong.contexts.sharing.pages import choosing, forms, rows
from datong.contexts.sharing.queries import trying
from datong.contexts.sharing.queries.copying import copy_of
from datong.kernel.errors import Conflict, DatongError, Malformed, Unknown
from datong.kernel.sharing import SharingType


def _form(
    request: HttpRequest, code: str, draft: RequestDraft | None, row: Request | None, error: DatongError | None = None
) -> HttpResponse:
    by = request.officer
    view = catalog.resource(code, by=by)
    posted = request.POST if error is not None else None
    errors = error.fields if error else {}
    amends = row.amends_id if row else posted.get("amends", "") if posted else draft.amends if draft else ""
    chosen = posted.getlist("items") if posted is not None else (draft.items if draft else ())
    more: dict[str, Any] = {
        "resource": view,
        "row": row,
        "amends": amends or "",
        "values": posted if posted is not None else forms.Values(forms.shown(draft)) if draft else {},
        "errors": errors,
        "gaps": choosing.gaps(errors),
        "items_error": next((words for name, words in errors.items() if name.split(".")[0] == "items"), ""),
        "refusal": error,
        "chosen": chosen,
        "rows": rows.shown(draft.rows if draft else (), posted, view, errors, by),
        "requestable": [item for item in view.items if item.sharing_type != SharingType.WITHHELD],
        "withheld": [item for item in view.items if item.sharing_type == SharingType.WITHHELD],
        "revision": posted.get("revision") if posted is not None else (row.revision if row else ""),
        **choosing.offered(by, view.sharing_methods),
    }
    return render(request, "sharing/ask.html", more, status=error.status if error else 200)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin a request for a resource; `copy` names an earlier request to begin from."""
    permissions.check_may_apply(request.officer)
    draft = _begun(request) if request.method == "GET" else None
    code = request.POST.get("resource") or (draft.resource if draft else "")
    if not code:
        return redirect("/search")
    view = catalog.resource(code, by=request.officer)
    permissions.check_requestable(view.sharing_type, view.withheld_basis_rank, view.withheld_basis)
    if request.method == "GET":
        return _form(request, code, draft, None)
    try:
        row = usecases.draft_request(forms.read(request.POST, code), by=request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _form(request, code, None, None, error)
    return _onward(request, row)


def _begun(request: HttpRequest) -> RequestDraft:
    """What a new form is filled with; nothing is written before it is saved."""
    asked, by = request.GET, request.officer
    if asked.get("copy"):
        taken = copy_of(asked["copy"], by=by)
        if taken.dropped:
            said = gettext("以下内容已不适用，没有复制过来：%(fields)s")
            messages.warning(request, said % {"fields": choosing.named(taken.dropped)})
        return taken.draft
    own = choosing.only_application(by)
    return RequestDraft(resource=asked.get("resource", ""), items=tuple(asked.getlist("items")), application=own)


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


@require_http_methods(["GET", "POST"])
def dry_run(request: HttpRequest) -> HttpResponse:
    """Say what a request would come to as it is typed; a part of the form, or a page of its own."""
    permissions.check_may_apply(request.officer)
    asked = request.POST if request.method == "POST" else request.GET
    code = asked.get("resource", "")
    if not code:
        return redirect("/search")
    try:
        draft = forms.read(asked, code)
    except Malformed as error:
        more: dict[str, Any] = {"refusal": error, "resource": catalog.resource(code, by=request.officer)}
        return render(request, _template(request), more, status=200 if request.htmx else error.status)
    trial = trying.try_draft(draft, by=request.officer)
    view = catalog.resource(code, by=request.officer)
    readable = [rule.plain() for rule in draft.rows if not row_faults([rule])]
    wanted = {"channels": draft.channels, "rules": rows.said(readable, view)}
    base = "" if request.htmx else f"/requests/new?resource={code}"
    more = {"trial": trial, "resource": view, "gaps": choosing.gaps(trial.missing), "wanted": wanted, "base": base}
    more["blank"] = request.method == "GET"
    return render(request, _template(request), more)


def _template(request: HttpRequest) -> str:
    return "sharing/parts/trial.html" if request.htmx else "sharing/trial.html"
