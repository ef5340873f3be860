# SPDX-License-Identifier: Apache-2.0
"""Taking a published resource off the catalogue: the head asks, the authority decides, with who lives on it in sight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datong.contexts.catalog import permissions
from datong.contexts.catalog.domain.removals import RemovalKind, RemovalStage
from datong.contexts.catalog.models import Removal
from datong.contexts.catalog.pages import listing
from datong.contexts.catalog.queries import updating
from datong.contexts.catalog.usecases import guarding
from datong.contexts.catalog.usecases import removals as usecases
from datong.contexts.periods import face as periods
from datong.kernel.actors import Officer
from datong.kernel.errors import DatongError, Unknown
from datong.kernel.labels import choices
from datong.wire import lists

Verb = Callable[[int, str, Officer], Removal]
VERBS: dict[str, tuple[Verb, Any]] = {
    "approve": (lambda pk, words, by: usecases.decide_removal(pk, approve=True, opinion=words, by=by), _("已同意，目录已撤下")),
    "decline": (lambda pk, words, by: usecases.decide_removal(pk, approve=False, opinion=words, by=by), _("已答复不同意")),
    "retract": (lambda pk, _words, by: usecases.retract_removal(pk, by=by), _("已收回申请")),
}
COLUMNS = (
    listing.Column("number", _("编号"), lambda row: row.number),
    listing.Column("resource", _("资源代码"), lambda row: row.resource.code),
    listing.Column("name", _("名称"), lambda row: row.resource.name),
    listing.Column("kind", _("类别"), lambda row: row.kind, lambda row: gettext(RemovalKind(row.kind).label)),
    listing.Column("reason", _("理由"), lambda row: row.reason),
    listing.Column("stage", _("状态"), lambda row: row.stage, lambda row: gettext(RemovalStage(row.stage).label)),
    listing.Column("asked_at", _("申请时间"), lambda row: row.asked_at, lambda row: f"{localtime(row.asked_at):%Y-%m-%d %H:%M}"),
)


@require_GET
def removals(request: HttpRequest) -> HttpResponse:
    """List the requests to remove; `format` gives the same as a file."""
    stage = request.GET.get("stage", "")
    rows = updating.removals(request.officer, stage=stage if stage in list(RemovalStage) else "")
    if (kind := request.GET.get("format")) in lists.FORMS:
        return listing.answer(kind, "removals", COLUMNS, rows[: listing.MOST_EXPORTED], sheet=gettext("撤销与取代"))
    more = {
        "rows": rows,
        "exports": lists.WORDS,
        "stages": choices(RemovalStage),
        "values": request.GET,
        "filters": {"stage": (gettext("状态"), dict(choices(RemovalStage)))},
        "kinds": {one.value: one for one in RemovalKind},
        "clocks": periods.running([row.number for row in rows[:500]]),
    }
    return render(request, "catalog/removals.html", more)


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, head: int, sequence: int) -> HttpResponse:
    """Ask to remove a published resource."""
    code = f"{head}/{sequence}"
    home = updating.home_of(code, by=request.officer)
    permissions.check_may_ask_removal(request.officer, home.provider_id)
    said, error = request.POST, None
    if request.method == "POST":
        try:
            row = usecases.ask_removal(
                code, said.get("reason", ""), negotiation=said.get("negotiation", ""),
                successor=said.get("successor", "").strip(), by=request.officer,
            )  # fmt: skip
        except DatongError as refused:
            error = refused
        else:
            messages.success(request, gettext("已报主管部门审批"))
            return redirect("catalog:removal", row.pk)
    faults = error.fields if error else {}
    more = {"home": home, "uses": guarding.uses_of(code), "values": said, "refusal": error, "errors": faults}
    return render(request, "catalog/removal_ask.html", more, status=error.status if error else 200)


@require_GET
def removal(request: HttpRequest, removal: int) -> HttpResponse:
    """Show one with what may be decided on it."""
    return _page(request, updating.removal_of(removal, by=request.officer))


@require_POST
def decide(request: HttpRequest, removal: int, verb: str) -> HttpResponse:
    """Do one verb; on a refusal the page comes back with what was typed."""
    row = updating.removal_of(removal, by=request.officer)
    if verb not in VERBS:
        raise Unknown("没有此操作 (there is no such verb)")
    act, words = VERBS[verb]
    try:
        act(removal, request.POST.get("opinion", ""), request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _page(request, row, error)
    messages.success(request, str(words))
    return redirect("catalog:removal", removal)


def _page(request: HttpRequest, row: Removal, error: DatongError | None = None) -> HttpResponse:
    by, home = request.officer, row.resource
    asked = row.stage == RemovalStage.ASKED
    more = {
        "row": row,
        "kind": RemovalKind(row.kind),
        "uses": guarding.uses_of(home.code),
        "clock": periods.clock_of(row.number),
        "may": {
            "decide": asked and permissions.check_may_review.allowed(by, home.provider.region_id, frozenset({row.asked_by})),
            "retract": asked and permissions.check_may_ask_removal.allowed(by, home.provider_id),
        },
        "values": request.POST,
        "errors": error.fields if error else {},
        "refusal": error,
    }
    return render(request, "catalog/removal.html", more, status=error.status if error else 200)
