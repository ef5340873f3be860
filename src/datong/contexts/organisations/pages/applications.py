# SPDX-License-Identifier: Apache-2.0
"""Application systems of a department: registered, keys rotated, stopped; a private key made here is shown once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datong.contexts.organisations import permissions, queries, usecases
from datong.contexts.organisations.permissions import RESPONSIBLE
from datong.kernel.actors import Role
from datong.kernel.errors import DatongError, Refused, Unknown

NAMES = ("name", "responsible", "address", "public_key")


@require_GET
def applications(request: HttpRequest) -> HttpResponse:
    """List the applications an officer sees."""
    by = request.officer
    if not by.department and not permissions.sees_all_applications(by):
        raise Refused("applications belong to departments")
    rows = queries.applications(by=by)
    return render(request, "organisations/applications.html", {"rows": rows, "keeps": by.holds(*RESPONSIBLE)})


@never_cache
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Register an application."""
    permissions.check_keeps_applications(request.officer, request.officer.department)
    if request.method == "GET":
        return render(request, "organisations/application_new.html")
    typed = {name: request.POST.get(name, "") for name in NAMES}
    if request.POST.get("pair") == "make":
        typed["public_key"] = ""
    elif not typed["public_key"].strip():
        errors = {"public_key": gettext("请粘贴公钥，或改选由系统生成")}
        return render(request, "organisations/application_new.html", {"errors": errors, "values": request.POST}, status=422)
    try:
        made = usecases.register_application(**typed, by=request.officer)
    except DatongError as error:
        more: dict[str, Any] = {"refusal": error, "errors": error.fields, "values": request.POST}
        return render(request, "organisations/application_new.html", more, status=error.status)
    return _registered(request, made, gettext("应用系统已登记"))


def _registered(request: HttpRequest, made: usecases.Registered, words: str) -> HttpResponse:
    if made.private_key:
        shown = {"title": words, "application": made.application, "private_key": made.private_key}
        return render(request, "organisations/secret.html", shown)
    messages.success(request, words)
    return redirect("organisations:application", made.application.client_id)


def _one(request: HttpRequest, client_id: str, error: DatongError | None = None) -> HttpResponse:
    found = queries.application(client_id, by=request.officer)
    keeps = request.officer.department == found.department and request.officer.holds(*RESPONSIBLE)
    more = {
        "application": found,
        "keeps": keeps,
        "suspends": found.active and (keeps or request.officer.holds(Role.SECURITY)),
        "restores": not found.active and request.officer.holds(Role.SECURITY),
        "refusal": error,
        "errors": error.fields if error else {},
        "values": request.POST,
    }
    return render(request, "organisations/application.html", more, status=error.status if error else 200)


@require_GET
def application(request: HttpRequest, client_id: str) -> HttpResponse:
    """Show one application."""
    return _one(request, client_id)


@never_cache
@require_POST
def change(request: HttpRequest, client_id: str, verb: str) -> HttpResponse:
    """Rotate the key, suspend, restore."""
    if verb not in ("rotate", "suspend", "restore"):
        raise Unknown("there is no such verb")
    try:
        made = _change(client_id, verb, request)
    except Unknown:
        raise
    except DatongError as error:
        return _one(request, client_id, error)
    if made is not None:
        return _registered(request, made, gettext("密钥已更换，旧密钥即刻失效"))
    messages.success(request, gettext("已停用") if verb == "suspend" else gettext("已恢复"))
    return redirect("organisations:application", client_id)


def _change(client_id: str, verb: str, request: HttpRequest) -> usecases.Registered | None:
    by, reason = request.officer, request.POST.get("reason", "")
    if verb == "rotate":
        return usecases.rotate_application_key(client_id, by=by, public_key=request.POST.get("public_key", ""))
    if verb == "suspend":
        usecases.suspend_application(client_id, by=by, reason=reason)
    else:
        usecases.restore_application(client_id, by=by, reason=reason)
    return None
