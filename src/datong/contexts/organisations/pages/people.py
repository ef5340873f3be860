# SPDX-License-Identifier: Apache-2.0
"""Accounts and departments, for the system administrator (the security officer suspends)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datong.contexts.organisations import permissions, queries, usecases
from datong.contexts.organisations.domain import Kind
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import DatongError, Refused, Unknown
from datong.kernel.labels import choices

MOST = 5_000
VERBS: dict[str, tuple[Callable[[str, str, Officer], object], Any]] = {
    "appoint": (lambda name, role, by: usecases.appoint(name, role, by=by), _("已授予角色")),
    "dismiss": (lambda name, role, by: usecases.dismiss(name, role, by=by), _("已收回角色")),
    "suspend": (lambda name, _role, by: usecases.suspend_account(name, by=by), _("账号已停用，会话已结束")),
    "restore": (lambda name, _role, by: usecases.restore_account(name, by=by), _("账号已恢复")),
}


def _watcher(request: HttpRequest) -> None:
    if not permissions.sees_all_accounts(request.officer):
        raise Refused("accounts are seen by the three administrators")


@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """List accounts."""
    _watcher(request)
    q = request.GET.get("q", "").strip().replace("\x00", "")
    rows = queries.accounts(by=request.officer, q=q, limit=MOST)
    more = {"rows": rows, "values": request.GET, "filters": {"q": gettext("账号、姓名或部门")}}
    return render(request, "organisations/accounts.html", more | {"administers": request.officer.holds(Role.SYSADMIN)})


@never_cache
@require_http_methods(["GET", "POST"])
def new_account(request: HttpRequest) -> HttpResponse:
    """Create an account; its first password is shown once."""
    permissions.check_administers(request.officer)
    more: dict[str, Any] = {"departments": [(one.uscc, one.name) for one in queries.departments()]}
    if request.method == "GET":
        return render(request, "organisations/account_new.html", more)
    typed = {name: request.POST.get(name, "") for name in ("username", "name", "department")}
    try:
        made = usecases.create_account(**typed, by=request.officer)
    except DatongError as error:
        more |= {"refusal": error, "errors": error.fields, "values": request.POST}
        return render(request, "organisations/account_new.html", more, status=error.status)
    shown = {"title": gettext("账号已创建"), "username": made.account.username, "password": made.password}
    return render(request, "organisations/secret.html", shown)


def _one(request: HttpRequest, username: str, error: DatongError | None = None) -> HttpResponse:
    found = queries.account(username, by=request.officer)
    free = [(role.value, role.label) for role in Role if role.value not in found.roles]
    other = username != request.officer.account
    more = {
        "account": found,
        "roles": free,
        "administers": request.officer.holds(Role.SYSADMIN) and other,
        "suspends": request.officer.holds(Role.SYSADMIN, Role.SECURITY) and other,
        "refusal": error,
    }
    return render(request, "organisations/account_admin.html", more, status=error.status if error else 200)


@require_GET
def one_account(request: HttpRequest, username: str) -> HttpResponse:
    """Show one account with its roles."""
    _watcher(request)
    return _one(request, username)


@require_POST
def change_account(request: HttpRequest, username: str, verb: str) -> HttpResponse:
    """Give or take a role, suspend or restore."""
    if verb not in VERBS:
        raise Unknown("there is no such verb")
    act, words = VERBS[verb]
    try:
        act(username, request.POST.get("role", ""), request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _one(request, username, error)
    messages.success(request, str(words))
    return redirect("organisations:one_account", username)


@never_cache
@require_POST
def reset(request: HttpRequest, username: str) -> HttpResponse:
    """Give a new first password, shown once."""
    made = usecases.reset_password(username, by=request.officer)
    shown = {"title": gettext("密码已重置"), "username": made.account.username, "password": made.password}
    return render(request, "organisations/secret.html", shown)


@require_GET
def departments(request: HttpRequest) -> HttpResponse:
    """List departments; everyone signed in may know them."""
    q = request.GET.get("q", "").strip().replace("\x00", "")
    rows = queries.departments(active=None, q=q)
    more = {"rows": rows, "values": request.GET, "filters": {"q": gettext("名称或信用代码")}, "kinds": dict(choices(Kind))}
    return render(request, "organisations/departments.html", more | {"administers": request.officer.holds(Role.SYSADMIN)})


@require_http_methods(["GET", "POST"])
def new_department(request: HttpRequest) -> HttpResponse:
    """Create a department."""
    permissions.check_administers(request.officer)
    here = settings.NODE.code[:2]
    more: dict[str, Any] = {
        "kinds": choices(Kind),
        "regions": [one for one in queries.region_tree() if here == "00" or one.code.startswith(here)],
        "departments": [(one.uscc, one.name) for one in queries.departments()],
        "values": {"kind": Kind.DEPARTMENT.value, "region": settings.NODE.code},
    }
    if request.method == "GET":
        return render(request, "organisations/department_new.html", more)
    names = ("uscc", "name", "short_name", "region", "kind", "parent")
    try:
        made = usecases.create_department(**{name: request.POST.get(name, "") for name in names}, by=request.officer)
    except DatongError as error:
        more |= {"refusal": error, "errors": error.fields, "values": request.POST}
        return render(request, "organisations/department_new.html", more, status=error.status)
    messages.success(request, gettext("已新增部门：%(name)s") % {"name": made.name})
    return redirect("organisations:departments")
