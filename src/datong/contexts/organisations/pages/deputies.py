# SPDX-License-Identifier: Apache-2.0
"""我的代办: who does my work while I am away, whose work I do; ended at any moment. The security officer sees all."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from datong.contexts.organisations import permissions, queries, usecases
from datong.contexts.organisations.domain import DelegationState
from datong.kernel.actors import Role
from datong.kernel.errors import DatongError, Malformed, Unknown
from datong.kernel.labels import choices
from datong.wire import lists
from datong.wire.lists import Column

MOST_EXPORTED = 10_000
MOST_COLLEAGUES = 500
SORTS = {"from": "first_day", "until": "last_day", "made": "made_at"}
COLUMNS = (
    Column("principal", _("授权人"), lambda row: row.principal.username, lambda row: row.principal.name),
    Column("deputy", _("代办人"), lambda row: row.deputy.username, lambda row: row.deputy.name),
    Column("department", _("部门"), lambda row: row.principal.department_id, lambda row: row.principal.department.name),
    Column("roles", _("角色"), lambda row: row.roles, lambda row: "、".join(gettext(Role(one).label) for one in row.roles)),
    Column("first_day", _("起"), lambda row: row.first_day.isoformat()),
    Column("last_day", _("止"), lambda row: row.last_day.isoformat()),
    Column("reason", _("事由"), lambda row: row.reason),
    Column("state", _("状态"), lambda row: row.state.value, lambda row: gettext(row.state.label)),
    Column("ended_by", _("结束人"), lambda row: row.ended_by),
)  # fmt: skip


@require_GET
def deputies(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """List the delegations one gave and was given; `format` gives the same as a file."""
    return _page(request)


def _page(request: HttpRequest, error: DatongError | None = None) -> HttpResponse | StreamingHttpResponse:
    by, asked = request.officer, request.GET
    rows = queries.delegations(by, state=asked.get("state", ""), q=asked.get("q", "").strip())
    sort = asked.get("sort", "")
    if sort.removeprefix("-") in SORTS:
        rows = rows.order_by(("-" if sort.startswith("-") else "") + SORTS[sort.removeprefix("-")], "pk")
    if asked.get("format") in lists.FORMS:
        around = partial(override, get_language())
        made = lists.sent(asked["format"], "deputies", COLUMNS, rows[:MOST_EXPORTED], sheet=gettext("代办"), around=around)
        return StreamingHttpResponse(**made)
    mine = queries.account(by.account, by=by)
    lends = [(role, Role(role).label) for role in mine.roles if Role(role) not in permissions.WATCHES]
    more: dict[str, Any] = {
        "rows": rows,
        "lends": lends if by.department else [],
        "colleagues": _colleagues(by) if lends and by.department else [],
        "ends_all": by.holds(Role.SECURITY),
        "states": choices(DelegationState),
        "filters": {"state": (gettext("状态"), dict(choices(DelegationState))), "q": gettext("姓名、账号或部门")},
        "exports": lists.WORDS,
        "today": timezone.localdate().isoformat(),
        "refusal": error,
        "errors": error.fields if error else {},
        "values": request.POST if error else asked,
    }
    return render(request, "organisations/deputies.html", more, status=error.status if error else 200)


def _colleagues(by: Any) -> list[tuple[str, str]]:
    found = queries.accounts(by=by, limit=MOST_COLLEAGUES)
    same = [one for one in found if one.active and one.department == by.department and one.username != by.account]
    return [(one.username, f"{one.name}（{one.username}）") for one in same]


@require_POST
def delegate(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Let a colleague do one's work."""
    typed = request.POST
    try:
        days = {name: _day(typed.get(name, ""), name) for name in ("first_day", "last_day")}
        who, why = typed.get("deputy", ""), typed.get("reason", "")
        usecases.delegate(who, typed.getlist("roles"), reason=why, by=request.officer, **days)
    except DatongError as error:
        return _page(request, error)
    messages.success(request, gettext("代办已登记；到期自动结束，也可以随时结束"))
    return redirect("organisations:deputies")


@require_POST
def end(request: HttpRequest, delegation: int) -> HttpResponse | StreamingHttpResponse:
    """End a delegation."""
    try:
        usecases.end_delegation(delegation, by=request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _page(request, error)
    messages.success(request, gettext("代办已结束，立即生效"))
    return redirect("organisations:deputies")


def _day(text: str, name: str) -> Any:
    try:
        found = parse_date(text.strip())
    except ValueError:
        found = None
    if found is None:
        raise Malformed(
            "代办起止日期不合要求，见各字段 (the days of the delegation do not fit)", fields={name: "请选择日期 (choose a day)"}
        )
    return found
