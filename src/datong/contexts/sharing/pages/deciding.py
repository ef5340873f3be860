# SPDX-License-Identifier: Apache-2.0
"""The list of requests, and one request: detail first, then decision, the clock always visible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.periods import face as periods
from datong.contexts.sharing import permissions, queries, usecases
from datong.contexts.sharing.domain import EDITABLE, MOVES, RefusalCategory, RowRule, Stage
from datong.contexts.sharing.domain.chains import Opinion, StepStage, is_held
from datong.contexts.sharing.domain.extensions import ExtensionStage
from datong.contexts.sharing.models import DecisionStep, Extension, Request
from datong.contexts.sharing.pages import desk, forms, giving
from datong.contexts.sharing.pages.stations import stations
from datong.contexts.sharing.queries import chains, papers
from datong.contexts.sharing.usecases.chains import vetoes
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import DatongError, Malformed, Unknown
from datong.kernel.labels import choices
from datong.kernel.sharing import Channel, SharingType
from datong.wire import lists
from datong.wire.lists import Column

TABS = (("waiting", _("待我处理")), ("consumer", _("本部门申请的")), ("provider", _("本部门答复的")), ("all", _("全部")))
SORTS = {"number": "number", "resource": "resource__name", "due": "due", "filed": "filed_at"}
MOST_EXPORTED = 10_000
COLUMNS = (
    Column("number", _("编号"), lambda row: row.number),
    Column("resource_name", _("资源"), lambda row: row.resource.name),
    Column("resource", _("代码"), lambda row: row.resource_id),
    Column("consumer", _("申请部门"), lambda row: row.consumer_id, lambda row: row.consumer.name),
    Column("provider", _("提供部门"), lambda row: row.provider_id, lambda row: row.provider.name),
    Column("stage", _("状态"), lambda row: row.stage, lambda row: gettext(row.stage_label)),
    Column("due", _("期限"), lambda row: row.due),
    Column("filed_at", _("提交时间"), lambda row: row.filed_at, lambda row: forms.moment(row.filed_at)),
)
PAPER_WORDS = {"receipt": _("受理回执"), "decision": _("答复书")}


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
    """List requests by tab; `format` gives the same as a file."""
    waiting = queries.waiting(request.officer).count()
    tab = request.GET.get("tab") or ("waiting" if waiting else "all")
    rows = _rows(request, tab)
    if request.GET.get("format") in lists.FORMS:
        made = lists.whole(request.GET["format"], "requests", COLUMNS, rows[:MOST_EXPORTED], sheet=gettext("申请"))
        return HttpResponse(**made)
    more = {
        "rows": rows,
        "exports": lists.WORDS,
        "tab": tab,
        "tabs": TABS if request.officer.department else TABS[-1:],
        "waiting": waiting,
        "stages": choices(Stage),
        "values": request.GET,
        "filters": {"stage": (gettext("状态"), dict(choices(Stage))), "q": gettext("编号、资源或部门")},
        "may_apply": permissions.check_may_apply.allowed(request.officer),
        "endorses": tab == "waiting" and request.officer.holds(Role.CONSUMER_HEAD),
    }
    return render(request, "sharing/requests.html", more)


def _may(row: Request, by: Officer, steps: list[DecisionStep], extension: Extension | None) -> dict[str, bool]:
    """Which verbs this officer may use on this request now."""
    made = frozenset({row.created_by, row.filed_by})
    hands = made | {row.endorsed_by}
    answered = frozenset(step.account for step in steps if step.account)
    under_way = row.stage == Stage.ENDORSED
    heads = under_way and permissions.check_may_decide.allowed(by, row.provider_id, hands)
    open_ones = [step for step in steps if step.stage == StepStage.OPEN]
    decides = heads and any(step.decides for step in open_ones) and not by.had_a_hand(answered)
    asks = any(is_held(step.post, by) for step in open_ones if not step.decides)
    ends = Stage.WITHDRAWN in MOVES[Stage(row.stage)]
    clock_runs = heads and row.sharing_type == SharingType.CONDITIONAL and extension is None
    region = row.provider.region_id
    return {
        "edit": row.stage in EDITABLE and permissions.check_may_edit.allowed(by, row.consumer_id),
        "endorse": row.stage == Stage.FILED and permissions.check_may_endorse.allowed(by, row.consumer_id, made),
        "decide": decides,
        "complete": heads and row.noticed_at is None,
        "withdraw": ends and permissions.check_may_withdraw.allowed(by, row.consumer_id),
        "opine": under_way and permissions.check_may_join.allowed(by, hands, answered, holds=asks),
        "extend": clock_runs,
        "consent": _asked(extension) and under_way and permissions.check_may_consent.allowed(by, region, hands),
    }


def _asked(extension: Extension | None) -> bool:
    return extension is not None and extension.stage == ExtensionStage.ASKED


def _view(row: Request, by: Officer) -> catalog.ResourceView | None:
    try:
        return catalog.resource(row.resource_id, by=by)
    except Unknown:
        return None


def page(request: HttpRequest, row: Request, error: DatongError | None = None) -> HttpResponse:
    """Show a request, after a refusal with what was typed."""
    by, view = request.officer, _view(row, request.officer)
    steps, extension = list(chains.steps(row)), getattr(row, "extension", None)
    newest = max((step.round for step in steps), default=0)
    current = [step for step in steps if step.round == newest]
    may = _may(row, by, current, extension)
    acts = audit.acts(by=None, subject=row.number, limit=100)[::-1]
    grant, clock = getattr(row, "grant", None), queries.clock_of(row.number)
    more = {
        "row": row,
        "resource": view,
        "papers": [(kind, PAPER_WORDS[kind]) for kind in papers.papers_ready(row)],
        "stations": stations(row, {act.account: act.name for act in acts}, current, grant, clock),
        "clock": clock,
        "may": may,
        "steps": _shown_steps(row, current),
        "objections": [step for step in current if step.opinion == Opinion.OBJECT],
        "vetoed": bool(vetoes(row, by)),
        "earlier": [step for step in steps if step.round != newest and step.opinion],
        "opinions": choices(Opinion),
        "extension": extension,
        "acts": acts,
        "rules": forms.said_rules(row.rows, view),
        "grant": grant,
        "less": giving.lessened(row, queries.envelope(grant)["grant"] if grant else None, view),
        "refusal": error,
        "errors": error.fields if error else {},
        "desk": desk.bar(request, row.number),
        **_answer(request, row, view, error, decides=may["decide"]),
    }
    return render(request, "sharing/request.html", more, status=error.status if error else 200)


def _shown_steps(row: Request, steps: list[DecisionStep]) -> list[dict[str, Any]]:
    """The steps on the way by position; nothing where the provider's head alone decides."""
    if len(steps) < 2 and not any(step.vacant_at or step.policy_id for step in steps):
        return []
    hands = frozenset({row.created_by, row.filed_by, row.endorsed_by})
    shown: dict[int, dict[str, Any]] = {}
    for step in steps:
        place = shown.setdefault(step.position, {"position": step.position, "mode": step.mode, "posts": []})
        vacant = step.stage == StepStage.OPEN and not chains.is_filled(*step.post, hands)
        place["posts"].append({"step": step, "vacant": vacant})
    return list(shown.values())


def _answer(
    request: HttpRequest, row: Request, view: catalog.ResourceView | None, error: DatongError | None, *, decides: bool
) -> dict[str, Any]:
    """What the form of the answer shows: as requested, or as the decider left it."""
    posted = request.POST if error and decides else None
    errors = error.fields if error else {}
    kept = {name: getattr(row, name).isoformat() if getattr(row, name) else "" for name in ("term_from", "term_until")}
    kept |= {"quota_per_day": row.quota_per_day or "", "max_rows": 100, "require_purpose": "1", "channels": row.channels}
    return {
        "lines": giving.decidable(row, view, posted),
        "extras": giving.shown_extra(posted, len(row.rows), errors),
        "asked_channels": [(one, label) for one, label in choices(Channel) if one in row.channels],
        "categories": choices(RefusalCategory),
        "items_error": next((words for name, words in errors.items() if name.split(".")[0] == "items"), ""),
        "values": request.POST if error else forms.Values(kept),
    }


@require_GET
def one(request: HttpRequest, number: str) -> HttpResponse:
    """Show one request."""
    return page(request, queries.request_of(number, by=request.officer))


def _grant(number: str, asked: HttpRequest, by: Officer) -> object:
    row = queries.request_of(number, by=by)
    rules = tuple(RowRule.of(rule) for rule in row.rows)
    return usecases.grant_request(number, giving.decision(asked.POST, rules), by=by)


def _extend(number: str, asked: HttpRequest, by: Officer) -> object:
    faults: dict[str, str] = {}
    days = forms.number(asked.POST, "days", faults)
    if faults:
        raise Malformed("延期申请填写不全 (the question for more time does not read)", fields=faults)
    return usecases.ask_extension(number, days or 0, asked.POST.get("reason", ""), by=by)


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
    "grant": (_grant, _("已同意共享，授权已签发")),
    "withdraw": (
        lambda number, asked, by: usecases.withdraw_request(number, by=by, note=asked.POST.get("note", "")),
        _("申请已撤回"),
    ),
    "opinion": (
        lambda number, asked, by: usecases.give_opinion(number, asked.POST.get("says", ""), asked.POST.get("words", ""), by=by),
        _("意见已记录，转下一环节"),
    ),
    "extend": (_extend, _("已向主管部门申请延期，答复前期限不变")),
    "consent": (
        lambda number, asked, by: usecases.decide_extension(
            number, consent=True, opinion=asked.POST.get("consent_opinion", ""), by=by
        ),
        _("已同意延期，申请部门已收到通知"),
    ),
    "decline": (
        lambda number, asked, by: usecases.decide_extension(
            number, consent=False, opinion=asked.POST.get("consent_opinion", ""), by=by
        ),
        _("已答复不同意延期，期限不变"),
    ),
}
RENAMED = {
    "refuse": {"reason": "opinion"},
    "complete": {"note": "opinion"},
    "opinion": {"opinion": "says"},
    "decline": {"opinion": "consent_opinion"},
}
"""Verb to the fields its form calls otherwise."""


@require_POST
def decide(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Do one verb; on a refusal the page comes back with what was typed."""
    row = queries.request_of(number, by=request.officer)
    verb = request.POST.get("outcome", "") if verb == "decide" else verb
    if verb not in VERBS:
        raise Unknown("没有此操作 (there is no such verb)")
    act, words = VERBS[verb]
    onward = desk.onward(request, number)
    try:
        act(number, request, request.officer)
    except Unknown:
        raise
    except DatongError as error:
        renamed = RENAMED.get(verb, {})
        error.fields = {renamed.get(name, name): said for name, said in error.fields.items()}
        return page(request, row, error)
    messages.success(request, str(words))
    return redirect(onward)
