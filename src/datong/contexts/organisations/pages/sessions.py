# SPDX-License-Identifier: Apache-2.0
"""Signing in and out, and the own account: password and second factor.

Kept here: a wrong name, a wrong password, a missing code and a lock-out look the same; `next` leads only to this node.
"""

from __future__ import annotations

import segno
from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datong.contexts.organisations import queries, usecases
from datong.kernel.errors import DatongError

BACKEND = "datong.contexts.organisations.pages.backend.AccountBackend"


def _onward(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    own = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if own else settings.LOGIN_REDIRECT_URL


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in; whoever is signed in already goes on."""
    onward = _onward(request)
    if request.method == "GET":
        return redirect(onward) if request.officer else render(request, "organisations/sign_in.html", {"next": onward})
    typed = {name: request.POST.get(name, "")[:256] for name in ("username", "password", "code")}
    address = request.META.get("REMOTE_ADDR") or ""
    try:
        account = usecases.sign_in(typed["username"], typed["password"], code=typed["code"].strip(), address=address)
    except DatongError as error:
        shown = {"next": onward, "refusal": error, "values": {"username": typed["username"]}}
        return render(request, "organisations/sign_in.html", shown, status=error.status)
    auth.login(request, account, backend=BACKEND)
    return redirect(onward)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    usecases.sign_out(by=request.officer)
    auth.logout(request)
    return redirect("/")


@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """Show the own account."""
    mine = queries.account(request.officer.account, by=request.officer)
    return render(request, "organisations/account.html", {"account": mine})


@never_cache
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change the own password."""
    if request.method == "GET":
        return render(request, "organisations/password.html", {"due": request.password_due})
    old, new, again = (request.POST.get(name, "")[:512] for name in ("old", "new", "again"))
    if new != again:
        errors = {"again": gettext("两次输入的新密码不一样")}
        return render(request, "organisations/password.html", {"due": request.password_due, "errors": errors}, status=422)
    try:
        changed = usecases.change_password(old, new, by=request.officer)
    except DatongError as error:
        shown = {"due": request.password_due, "refusal": error, "errors": error.fields}
        return render(request, "organisations/password.html", shown, status=422)
    auth.update_session_auth_hash(request, changed)
    messages.success(request, gettext("密码已修改"))
    return redirect(settings.LOGIN_REDIRECT_URL)


@never_cache
@require_POST
def enrol(request: HttpRequest) -> HttpResponse:
    """Begin a second factor: the secret is shown once, as a picture and as text."""
    address = usecases.enrol_totp(by=request.officer)
    return render(request, "organisations/totp.html", {"address": address, "picture": _picture(address)})


def _picture(address: str) -> str:
    return mark_safe(segno.make(address, error="m").svg_inline(omitsize=True, border=2))  # noqa: S308  drawn here, from our own text


@never_cache
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Finish the second factor by a first code; a wrong one may be tried again."""
    try:
        usecases.confirm_totp(request.POST.get("code", "").strip()[:16], by=request.officer)
    except DatongError as error:
        shown = {"refusal": error, "errors": error.fields}
        return render(request, "organisations/totp.html", shown, status=error.status)
    messages.success(request, gettext("动态口令已启用，以后登录时需要填写"))
    return redirect("organisations:account")
