# SPDX-License-Identifier: Apache-2.0
"""The list of requests, and one request: detail first, then decision, the clock always visible."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.periods import face as periods
from datong.contexts.sharing import permissions, queries, usecases
from datong.contexts.sharing.domain import EDITABLE, MOVES, RefusalCategory, Stage
from datong.contexts.sharing.models import Request
from datong.contexts.sharing.pages import forms
from datong.kernel.actors import Officer
from datong.kernel.errors import DatongError, Unknown
from datong.kernel.labels import choices
from datong.kernel.sharing import Channel
from datong.wire.spreadsheet import TYPE, encode_csv

TABS = (("waiting", _("待我处理")), ("consumer", _("本部门申请的")), ("provider", _("本部门答复的")), ("all", _("全部")))
SORTS = {"number": "number", "resource": "resource__name", "due": "due", "filed": "filed_at"}
MOST_EXPORTED = 10_000


def _rows(request: HttpRequest, tab: str) -> QuerySet[Request]:
    if tab == "waiting":
        rows = queries.waiting(request.officer)
    else:
        stage = request.GET.get("stage", "")
        side = tab if tab in ("consumer", "provider") else ""
        found = stage if stage in list(Stage) else ""
        rows = queries.requests(request.officer, stage=found, q=request.GET.get("q", "").strip(), side=side)
    running = periods.Clock.objects.filter(subject=OuterRef("number"), stopped_at=None).order_by("due")
    rows = rows.annotate(due=Subquery(running.values("due")[:1]))
    sort = request.GET.get("sort", "")
    if sort.removeprefix("-") in SORTS:
        column = F(SORTS[sort.removeprefix("-")])
        rows = rows.order_by(column.desc(nulls_last=True) if sort.startswith("-") else column.asc(nulls_last=True), "number")
    return rows


@require_GET
def requests(request: HttpRequest) -> HttpResponse:
    """List requests by tab; `format=csv` gives the same as a file."""
    waiting = queries.waiting(request.officer).count()
    tab = request.GET.get("tab") or ("waiting" if waiting else "all")
    rows = _rows(request, tab)
    if request.GET.get("format") == "csv":
        return _export(rows)
    more = {
        "rows": rows,
        "tab": tab,
        "tabs": TABS if request.officer.department else TABS[-1:],
        "waiting": waiting,
        "stages": choices(Stage),
        "values": request.GET,
        "filters": {"stage": (gettext("状态"), dict(choices(Stage))), "q": gettext("编号、资源或部门")},
        "may_apply": permissions.check_may_apply.allowed(request.officer),
    }
    return render(request, "sharing/requests.html", more)


def _export(rows: QuerySet[Request]) -> HttpResponse:
    header = [gettext(word) for word in ("编号", "资源", "代码", "申请部门", "提供部门", "状态", "期限", "提交时间")]
    lines = (
        (row.number, row.resource.name, row.resource_id, row.consumer.name, row.provider.name, row.stage_label, row.due,
         timezone.localtime(row.filed_at).strftime("%Y-%m-%d %H:%M") if row.filed_at else "")
        for row in rows[:MOST_EXPORTED]
    )  # fmt: skip
    name = {"Content-Disposition": 'attachment; filename="requests.csv"'}
    return HttpResponse(encode_csv(header, lines), TYPE, headers=name)


def _may(row: Request, by: Officer) -> dict[str, bool]:
    """Which verbs this officer may use on this request now."""
    made = frozenset({row.created_by, row.filed_by})
    hands = made | {row.endorsed_by}
    decides = row.stage == Stage.ENDORSED and permissions.check_may_decide.allowed(by, row.provider_id, hands)
    ends = Stage.WITHDRAWN in MOVES[Stage(row.stage)]
    return {
        "edit": row.stage in EDITABLE and permissions.check_may_edit.allowed(by, row.consumer_id),
        "endorse": row.stage == Stage.FILED and permissions.check_may_endorse.allowed(by, row.consumer_id, made),
        "decide": decides,
        "complete": decides and row.noticed_at is None,
        "withdraw": ends and permissions.check_may_withdraw.allowed(by, row.consumer_id),
    }


STATIONS = (
    (Stage.DRAFT, _("填写申请"), "filed_by", "filed_at"),
    (Stage.FILED, _("本部门负责人同意"), "endorsed_by", "endorsed_at"),
    (Stage.ENDORSED, _("提供部门答复"), "decided_by", "decided_at"),
    (Stage.GRANTED, _("签发授权"), "", "decided_at"),
)
STOPPED = {Stage.RETURNED: 0, Stage.REFUSED: 2}


def stations(row: Request, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The way of a request as stations with who and when."""
    order = [stage for stage, *_rest in STATIONS]
    stage = Stage(row.stage)
    if stage is Stage.WITHDRAWN:
        here = 2 if row.endorsed_at else 1 if row.filed_at else 0
    else:
        here = STOPPED.get(stage, order.index(stage) if stage in order else 0)
    made = []
    for place, (_stage, name, who, when) in enumerate(STATIONS):
        past = place < here or stage is Stage.GRANTED
        now = "stop" if stage in (*STOPPED, Stage.WITHDRAWN) else "now"
        shown = past or (place == here and now == "stop")
        made.append({"name": name, "state": "past" if past else now if place == here else "next",
                     "who": names.get(getattr(row, who), getattr(row, who)) if who and shown else "",
                     "when": getattr(row, when) if shown else None})  # fmt: skip
    return made


def _view(row: Request, by: Officer) -> catalog.ResourceView | None:
    try:
        return catalog.resource(row.resource_id, by=by)
    except Unknown:
        return None


def page(request: HttpRequest, row: Request, error: DatongError | None = None) -> HttpResponse:
    """Show a request, after a refusal with what was typed."""
    by = request.officer
    view = _view(row, by)
    may = _may(row, by)
    acts = audit.acts(by=None, subject=row.number, limit=100)[::-1]
    posted = request.POST if error and may["decide"] else None
    errors = error.fields if error else {}
    kept = {"channels": row.channels, "term_until": row.term_until.isoformat() if row.term_until else ""}
    kept |= {"quota_per_day": row.quota_per_day or "", "max_rows": 100, "require_purpose": "1"}
    more = {
        "row": row,
        "resource": view,
        "stations": stations(row, {act.account: act.name for act in acts}),
        "clock": queries.clock_of(row.number),
        "may": may,
        "lines": forms.decidable(row, view, posted),
        "masks": forms.MASKS,
        "asked_channels": [(one, label) for one, label in choices(Channel) if one in row.channels],
        "categories": choices(RefusalCategory),
        "acts": acts,
        "rules": forms.said_rules(row.rows, view),
        "grant": getattr(row, "grant", None),
        "refusal": error,
        "errors": errors,
        "items_error": next((words for name, words in errors.items() if name.split(".")[0] == "items"), ""),
        "values": posted or forms.Values(kept),
    }
    return render(request, "sharing/request.html", more, status=error.status if error else 200)


@require_GET
def one(request: HttpRequest, number: str) -> HttpResponse:
    """Show one request."""
    return page(request, queries.request_of(number, by=request.officer))


Verb = Callable[[str, HttpRequest, Officer], object]
VERBS: dict[str, tuple[Verb, Any]] = {
    "endorse": (lambda number, _asked, by: usecases.endorse_request(number, by=by), _("已同意，转提供部门答复")),
    "return": (lambda number, asked, by: usecases.return_request(number, asked.POST.get("note", ""), by=by), _("已退回申请人")),
    "complete": (
        lambda number, asked, by: usecases.ask_to_complete(number, asked.POST.get("opinion", ""), by=by),
        _("已一次性告知补正"),
    ),
    "refuse": (
        lambda number, asked, by: usecases.refuse_request(
            number, asked.POST.get("category", ""), asked.POST.get("opinion", ""), by=by
        ),
        _("已答复不同意，理由已送达申请部门"),
    ),
    "grant": (
        lambda number, asked, by: usecases.grant_request(number, forms.decision(asked.POST), by=by),
        _("已同意共享，授权已签发"),
    ),
    "withdraw": (
        lambda number, asked, by: usecases.withdraw_request(number, by=by, note=asked.POST.get("note", "")),
        _("申请已撤回"),
    ),
}


@require_POST
def decide(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Do one verb; on a refusal the page comes back with what was typed."""
    row = queries.request_of(number, by=request.officer)
    verb = request.POST.get("outcome", "") if verb == "decide" else verb
    if verb not in VERBS:
        raise Unknown("没有此操作 (there is no such verb)")
    act, words = VERBS[verb]
    try:
        act(number, request, request.officer)
    except Unknown:
        raise
    except DatongError as error:
        renamed = {"reason": "opinion"} if verb == "refuse" else {"note": "opinion"} if verb == "complete" else {}
        error.fields = {renamed.get(name, name): said for name, said in error.fields.items()}
        return page(request, row, error)
    messages.success(request, str(words))
    return redirect("sharing:request", number)
