# SPDX-License-Identifier: Apache-2.0
"""Duties to update the catalogue: list, open, one with its period, extension and decision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datong.contexts.audit import face as audit
from datong.contexts.catalog import permissions
from datong.contexts.catalog.domain.tickets import BY_HAND, ExtensionStage, TicketCause, TicketStage
from datong.contexts.catalog.models import UpdateTicket
from datong.contexts.catalog.pages import listing
from datong.contexts.catalog.queries import updating
from datong.contexts.catalog.usecases import tickets as usecases
from datong.contexts.periods import face as periods
from datong.kernel.actors import Officer
from datong.kernel.errors import DatongError, Unknown
from datong.kernel.labels import choices
from datong.wire import lists

Verb = Callable[[int, Any, Officer], UpdateTicket]
VERBS: dict[str, tuple[Verb, Any]] = {
    "resource": (
        lambda pk, said, by: usecases.name_resource(pk, said.get("resource", "").strip(), by=by), _("已记下由哪条目录落实"),
    ),
    "excuse": (lambda pk, said, by: usecases.excuse_ticket(pk, said.get("reason", ""), by=by), _("已免除更新")),
    "extend": (
        lambda pk, said, by: usecases.ask_extension(pk, _days(said.get("days", "")), said.get("reason", ""), by=by),
        _("已申请延长，等待主管部门决定"),
    ),
    "grant": (
        lambda pk, said, by: usecases.decide_extension(pk, grant=True, opinion=said.get("opinion", ""), by=by), _("已同意延长"),
    ),
    "decline": (
        lambda pk, said, by: usecases.decide_extension(pk, grant=False, opinion=said.get("opinion", ""), by=by),
        _("已答复不同意延长"),
    ),
}  # fmt: skip


COLUMNS = (
    listing.Column("number", _("编号"), lambda row: row.number),
    listing.Column("reason", _("要更新什么"), lambda row: row.reason),
    listing.Column("citation", _("依据"), lambda row: row.citation),
    listing.Column("department_name", _("部门"), lambda row: row.department.name),
    listing.Column("department", _("部门代码"), lambda row: row.department_id),
    listing.Column("resource", _("资源代码"), lambda row: row.resource.code if row.resource else None),
    listing.Column("event_on", _("变化之日"), lambda row: row.event_on),
    listing.Column("stage", _("状态"), lambda row: row.stage, lambda row: gettext(TicketStage(row.stage).label)),
)


def _days(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


@require_GET
def tickets(request: HttpRequest) -> HttpResponse:
    """List the duties to update; `format` gives the same as a file."""
    stage = request.GET.get("stage", "")
    q = request.GET.get("q", "").strip()
    rows = updating.tickets(request.officer, stage=stage if stage in list(TicketStage) else "", q=q)
    if (kind := request.GET.get("format")) in lists.FORMS:
        return listing.answer(kind, "updates", COLUMNS, rows[: listing.MOST_EXPORTED], sheet=gettext("更新事项"))
    more = {
        "rows": rows,
        "exports": lists.WORDS,
        "stages": choices(TicketStage),
        "values": request.GET,
        "filters": {"stage": (gettext("状态"), dict(choices(TicketStage))), "q": gettext("关键词")},
        "clocks": periods.running([row.number for row in rows[:500]]),
        "may_open": _may_open(request.officer),
    }
    return render(request, "catalog/tickets.html", more)


def _may_open(by: Officer) -> bool:
    return permissions.check_may_open_ticket.allowed(by, by.department, by.region)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Open one."""
    by = request.officer
    permissions.check_may_open_ticket(by, by.department, by.region)
    if request.method == "GET":
        return _form(request, {"resource": request.GET.get("resource", ""), "department": by.department})
    said = request.POST
    draft = usecases.TicketDraft(
        cause=said.get("cause", ""), citation=said.get("citation", ""), reason=said.get("reason", ""),
        event_on=_day(said.get("event_on", "")), resource=said.get("resource", "").strip(),
        department=said.get("department", "").strip(),
    )  # fmt: skip
    try:
        row = usecases.open_ticket(draft, by=by)
    except DatongError as error:
        return _form(request, said, error)
    messages.success(request, gettext("已登记，期限开始计算"))
    return redirect("catalog:ticket", row.pk)


def _form(request: HttpRequest, values: Any, error: DatongError | None = None) -> HttpResponse:
    more = {
        "values": values,
        "errors": error.fields if error else {},
        "refusal": error,
        "causes": [(one.value, one.label) for one in BY_HAND],
        "overseer": permissions.check_may_oversee_update.allowed(request.officer, request.officer.region),
    }
    return render(request, "catalog/ticket_new.html", more, status=error.status if error else 200)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


@require_GET
def ticket(request: HttpRequest, ticket: int) -> HttpResponse:
    """Show one with what may be decided on it."""
    return _page(request, updating.ticket_of(ticket, by=request.officer))


@require_POST
def decide(request: HttpRequest, ticket: int, verb: str) -> HttpResponse:
    """Do one verb; on a refusal the page comes back with what was typed."""
    row = updating.ticket_of(ticket, by=request.officer)
    if verb not in VERBS:
        raise Unknown("没有此操作 (there is no such verb)")
    act, words = VERBS[verb]
    try:
        act(ticket, request.POST, request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _page(request, row, error)
    messages.success(request, str(words))
    return redirect("catalog:ticket", ticket)


def _page(request: HttpRequest, row: UpdateTicket, error: DatongError | None = None) -> HttpResponse:
    by = request.officer
    is_open = row.stage == TicketStage.OPEN
    oversees = permissions.check_may_oversee_update.allowed(by, row.department.region_id)
    more = {
        "row": row,
        "clock": periods.clock_of(row.number),
        "acts": audit.acts(by=None, subject=row.number, limit=50),
        "may": {
            "name": is_open and permissions.check_may_edit.allowed(by, row.department_id),
            "extend": is_open and row.extension == ExtensionStage.NONE
            and permissions.check_may_answer_ticket.allowed(by, row.department_id),
            "decide": is_open and oversees and row.extension == ExtensionStage.ASKED,
            "excuse": is_open and oversees,
        },
        "extension": ExtensionStage(row.extension),
        "cause": TicketCause(row.cause),
        "values": request.POST,
        "errors": error.fields if error else {},
        "refusal": error,
    }  # fmt: skip
    return render(request, "catalog/ticket.html", more, status=error.status if error else 200)
