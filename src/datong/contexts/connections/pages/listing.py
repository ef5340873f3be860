# SPDX-License-Identifier: Apache-2.0
"""The list of connections: narrowed, sorted, paged, as a file."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from datong.contexts.connections import domain, permissions, queries
from datong.contexts.connections.domain import ConnectionKind
from datong.contexts.connections.models import Connection
from datong.kernel.labels import choices
from datong.wire import lists
from datong.wire.lists import Column

MOST_EXPORTED = 10_000
STATES = (("used", _("使用中")), ("failing", _("测试未通过")), ("retired", _("已停用")))
SORTS = {"number": "number", "name": "name", "department": "department__name", "kind": "kind", "tested": "tested_at"}
UNTESTED, PASSED, FAILED = _("未测试"), _("通过"), _("未通过")


def _minute(moment: Any) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else ""


def shown(row: Connection) -> str:
    """Give the address of a connection in one line."""
    return domain.shown(ConnectionKind(row.kind), row.address)


def tested(row: Connection) -> str:
    """Say how the last test went."""
    return str(UNTESTED if row.test_passed is None else PASSED if row.test_passed else FAILED)


COLUMNS = (
    Column("number", _("编号"), lambda row: row.number),
    Column("name", _("名称"), lambda row: row.name),
    Column("kind", _("类型"), lambda row: row.kind, lambda row: gettext(row.get_kind_display())),
    Column("department_name", _("部门"), lambda row: row.department.name),
    Column("department", _("部门代码"), lambda row: row.department_id),
    Column("address", _("地址"), shown),
    Column("account", _("账号"), lambda row: row.account),
    Column("in_use", _("使用数"), lambda row: row.in_use),
    Column("test_passed", _("测试结果"), lambda row: row.test_passed, tested),
    Column("test_ms", _("用时（毫秒）"), lambda row: row.test_ms),
    Column("tested_at", _("测试时间"), lambda row: row.tested_at, lambda row: _minute(row.tested_at)),
    Column("made_at", _("新建时间"), lambda row: row.made_at, lambda row: _minute(row.made_at)),
    Column("retired_at", _("停用时间"), lambda row: row.retired_at, lambda row: _minute(row.retired_at)),
)


def _rows(request: HttpRequest) -> QuerySet[Connection]:
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "kind", "state")}
    rows, sort = queries.listed(request.officer, **asked), request.GET.get("sort", "")
    column = SORTS.get(sort.removeprefix("-"))
    if not column:
        return rows
    order = F(column).desc(nulls_last=True) if sort.startswith("-") else F(column).asc(nulls_last=True)
    return rows.order_by(order, "number")


@require_GET
def connections(request: HttpRequest) -> HttpResponse:
    """List connections; `format` gives the same as a file."""
    rows = _rows(request)
    if (kind := request.GET.get("format")) in lists.FORMS:
        around = partial(override, get_language())
        sheet = gettext("数据源连接")
        return StreamingHttpResponse(**lists.sent(kind, "connections", COLUMNS, rows[:MOST_EXPORTED], sheet=sheet, around=around))
    by = request.officer
    more = {
        "rows": rows,
        "values": request.GET,
        "kinds": choices(ConnectionKind),
        "states": STATES,
        "exports": lists.WORDS,
        "may_add": permissions.check_may_keep.allowed(by, by.department),
        "filters": {
            "kind": (gettext("类型"), dict(choices(ConnectionKind))),
            "state": (gettext("状态"), dict(STATES)),
            "q": gettext("编号、名称或部门"),
        },
    }
    return render(request, "connections/connections.html", more)
