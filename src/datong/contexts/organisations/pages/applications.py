# SPDX-License-Identifier: Apache-2.0
"""Application systems of a department: registered, keys rotated, stopped; a private key made here is shown once."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datong.contexts.organisations import permissions, queries, usecases
from datong.contexts.organisations.permissions import RESPONSIBLE
from datong.kernel.actors import Role
from datong.kernel.errors import DatongError, Refused, Unknown

SAID = {
    "rotate": _("密钥已更换"), "end": _("旧密钥已停用"), "guard": _("已保存，网关一秒内照此办理"), "suspend": _("已停用"),
    "restore": _("已恢复"),
}  # fmt: skip
"""Verb in the address to what is said when it is done."""
OVERLAPS = (
    (0, _("旧密钥即刻失效")), (1, _("并存 1 小时")), (24, _("并存 1 天")), (72, _("并存 3 天")), (168, _("并存 7 天")),
)  # fmt: skip
TYPED = re.compile(r"-----BEGIN [^-]+-----[^-]*-----END [^-]+-----|[^\s,，]+")
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
        errors |= {name: gettext("必填") for name in ("name", "responsible") if not typed[name].strip()}
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
        "overlaps": OVERLAPS,
        "networks": request.POST.get("networks", ", ".join(found.networks)),
        "certificates": request.POST.get("certificates", "\n".join(found.certificates)),
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
    """Rotate the key, end the one before, say from where and how it calls, suspend, restore."""
    if verb not in SAID:
        raise Unknown("there is no such verb")
    try:
        made = _change(client_id, verb, request)
    except Unknown:
        raise
    except DatongError as error:
        return _one(request, client_id, error)
    if made is not None:
        return _registered(request, made, gettext("密钥已更换"))
    messages.success(request, SAID[verb])
    return redirect("organisations:application", client_id)


def _certificates(request: HttpRequest) -> list[str] | None:
    """What was typed, a certificate in PEM being one; None where the form has no such field."""
    typed = request.POST.get("certificates")
    return None if typed is None else TYPED.findall(typed)


def _change(client_id: str, verb: str, request: HttpRequest) -> usecases.Registered | None:
    by, reason = request.officer, request.POST.get("reason", "")
    if verb == "rotate":
        given, hours = request.POST.get("public_key", ""), request.POST.get("overlap", "0")
        overlap = next((known for known, _words in OVERLAPS if str(known) == hours), -1)
        return usecases.rotate_application_key(client_id, by=by, public_key=given, overlap=overlap)
    if verb == "end":
        usecases.end_former_key(client_id, by=by)
    elif verb == "guard":
        named = request.POST.get("networks", "").replace(",", " ").replace("，", " ").split()
        usecases.guard_application(
            client_id, by=by, networks=named, signed=bool(request.POST.get("signed")), certificates=_certificates(request)
        )
    elif verb == "suspend":
        usecases.suspend_application(client_id, by=by, reason=reason)
    else:
        usecases.restore_application(client_id, by=by, reason=reason)
    return None
