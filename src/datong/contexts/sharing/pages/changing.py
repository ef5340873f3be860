# SPDX-License-Identifier: Apache-2.0
"""Changes of services: the list, a proposal, the answers of those who live on it, the filing, the effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.sharing import permissions, queries, usecases
from datong.contexts.sharing.domain.changes import CHANGE_UNDER_WAY, ChangeAnswer, ChangeKind, ChangeStage
from datong.contexts.sharing.models import ServiceChange
from datong.contexts.sharing.pages import reading
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import DatongError, Unknown
from datong.kernel.labels import choices
from datong.wire import lists
from datong.wire.lists import Column

MOST_EXPORTED = 10_000
Verb = Callable[[str, QueryDict, Officer], ServiceChange]
VERBS: dict[str, tuple[Verb, Any]] = {
    "answer": (
        lambda number, said, by: usecases.answer_change(number, said.get("answer", ""), said.get("words", ""), by=by),
        _("已答复"),
    ),
    "file": (lambda number, said, by: usecases.file_change(number, said.get("negotiation", ""), by=by), _("已报主管部门备案")),
    "record": (
        lambda number, said, by: usecases.record_change(
            number, accept=True, filing=said.get("filing", ""), opinion=said.get("opinion", ""), by=by
        ),
        _("已备案"),
    ),
    "decline": (
        lambda number, said, by: usecases.record_change(number, accept=False, opinion=said.get("opinion", ""), by=by),
        _("已答复不予备案"),
    ),
    "effect": (lambda number, _said, by: usecases.effect_change(number, by=by), _("变更已生效")),
    "drop": (lambda number, _said, by: usecases.drop_change(number, by=by), _("已撤回")),
}


COLUMNS = (
    Column("number", _("编号"), lambda row: row.number),
    Column("resource", _("资源"), lambda row: row.resource_id, lambda row: row.resource.name),
    Column("provider", _("提供部门"), lambda row: row.provider_id, lambda row: row.provider.name),
    Column("kind", _("类别"), lambda row: row.kind, lambda row: gettext(row.get_kind_display())),
    Column("what", _("变更内容"), lambda row: row.what),
    Column("effective_on", _("生效日期"), lambda row: row.effective_on),
    Column("stage", _("状态"), lambda row: row.stage, lambda row: gettext(row.stage_label)),
    Column("filing", _("备案文号"), lambda row: row.filing),
)


@require_GET
def changes(request: HttpRequest) -> HttpResponse:
    """List the changes; `format` gives the same as a file."""
    stage = request.GET.get("stage", "")
    rows = queries.changes(request.officer, stage=stage if stage in list(ChangeStage) else "", q=request.GET.get("q", "").strip())
    if request.GET.get("format") in lists.FORMS:
        made = lists.whole(request.GET["format"], "changes", COLUMNS, rows[:MOST_EXPORTED], sheet=gettext("服务变更"))
        return HttpResponse(**made)
    more = {
        "rows": rows,
        "exports": lists.WORDS,
        "stages": choices(ChangeStage),
        "values": request.GET,
        "filters": {"stage": (gettext("状态"), dict(choices(ChangeStage))), "q": gettext("编号或资源")},
        "may_propose": bool(request.officer.department) and request.officer.holds(Role.PROVIDER_HEAD),
    }
    return render(request, "sharing/changes.html", more)


@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """Propose to stop or alter a service."""
    by, error, said = request.officer, None, request.POST or request.GET
    permissions.check_may_change(by, by.department)
    if request.method == "POST":
        try:
            row = _propose(request.POST, by)
        except DatongError as refused:
            error = refused
        else:
            messages.success(request, gettext("已通知使用部门答复"))
            return redirect("sharing:change", row.number)
    mine = queries.grants(by, side="provider").filter(stage__in=("active", "suspended")).order_by("resource__name")
    used = dict(mine.values_list("resource", "resource__name"))
    more = {
        "used": [(code, f"{name} {code}") for code, name in used.items()],
        "kinds": choices(ChangeKind),
        "values": said,
        "errors": error.fields if error else {},
        "refusal": error,
    }
    return render(request, "sharing/change_new.html", more, status=error.status if error else 200)


def _propose(said: QueryDict, by: Officer) -> ServiceChange:
    words = [said.get(name, "") for name in ("resource", "kind", "what", "reason")]
    return usecases.propose_change(*words, reading.day(said, "effective_on"), by=by)


@require_GET
def change(request: HttpRequest, change: str) -> HttpResponse:
    """Show one change with what may be done about it."""
    return _page(request, queries.change_of(change, by=request.officer))


@require_POST
def decide(request: HttpRequest, change: str, verb: str) -> HttpResponse:
    """Do one verb; on a refusal the page comes back with what was typed."""
    row = queries.change_of(change, by=request.officer)
    if verb not in VERBS:
        raise Unknown("没有此操作 (there is no such verb)")
    act, words = VERBS[verb]
    try:
        act(change, request.POST, request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _page(request, row, error)
    messages.success(request, str(words))
    return redirect("sharing:change", change)


def _may(row: ServiceChange, by: Officer) -> dict[str, bool]:
    own = permissions.check_may_change.allowed(by, row.provider_id)
    files = permissions.check_may_record_change.allowed(by, row.provider.region_id)
    asked = by.holds(Role.CONSUMER_HEAD) and row.replies.filter(consumer=by.department).exists()
    return {
        "answer": row.stage == ChangeStage.NEGOTIATING and asked,
        "file": row.stage == ChangeStage.NEGOTIATING and own,
        "record": row.stage == ChangeStage.FILED and files,
        "effect": row.stage == ChangeStage.RECORDED and own,
        "drop": row.stage in CHANGE_UNDER_WAY and own,
    }


def _page(request: HttpRequest, row: ServiceChange, error: DatongError | None = None) -> HttpResponse:
    by = request.officer
    more: dict[str, Any] = {
        "row": row,
        "replies": queries.replies_seen(row, by),
        "answers": [(one.value, one.label) for one in (ChangeAnswer.AGREED, ChangeAnswer.OBJECTED)],
        "resource_known": _known(row.resource_id, by),
        "may": _may(row, by),
        "acts": audit.acts(by=None, subject=row.number, limit=50)[::-1],
        "refusal": error,
        "errors": error.fields if error else {},
        "values": request.POST,
    }
    return render(request, "sharing/change.html", more, status=error.status if error else 200)


def _known(code: str, by: Officer) -> bool:
    try:
        catalog.resource(code, by=by)
    except Unknown:
        return False
    return True
