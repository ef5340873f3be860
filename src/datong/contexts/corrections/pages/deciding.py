# SPDX-License-Identifier: Apache-2.0
"""The list of reports, and one report: what is wrong, the line of stations with dates, what may be done now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.corrections import permissions, queries, usecases
from datong.contexts.corrections.domain.stages import MOVES, OPEN, Rating, Stage
from datong.contexts.corrections.models import Correction
from datong.contexts.corrections.queries.values import content_of
from datong.contexts.periods import face as periods
from datong.kernel.actors import Officer
from datong.kernel.corrections import ProofKind, ReportKind
from datong.kernel.errors import DatongError, Malformed, Unknown
from datong.kernel.labels import choices
from datong.wire import lists
from datong.wire.lists import Column

TABS = (("waiting", _("待我处理")), ("reporter", _("本部门提出的")), ("provider", _("本部门答复的")), ("all", _("全部")))
SORTS = {"number": "number", "resource": "resource__name", "due": "due", "filed": "filed_at"}
MOST_EXPORTED = 10_000


def _waiting(by: Officer) -> QuerySet[Correction]:
    if not by.department or not by.holds(*permissions.ANSWERERS):
        return Correction.objects.none()
    return queries.corrections(by, side="provider").filter(stage__in=OPEN)


def _rows(request: HttpRequest, tab: str) -> QuerySet[Correction]:
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "resource", "grant")}
    for name, kind in (("stage", Stage), ("kind", ReportKind)):
        value = request.GET.get(name, "")
        asked[name] = value if value in list(kind) else ""
    rows = queries.corrections(request.officer, side=tab if tab in ("reporter", "provider") else "", **asked)
    if tab == "waiting":
        rows = _waiting(request.officer)
    running = periods.Clock.objects.filter(subject=OuterRef("number"), stopped_at=None).order_by("due")
    rows = rows.annotate(due=Subquery(running.values("due")[:1]))
    sort = request.GET.get("sort", "due" if tab == "waiting" else "")
    if sort.removeprefix("-") in SORTS:
        column = F(SORTS[sort.removeprefix("-")])
        rows = rows.order_by(column.desc(nulls_last=True) if sort.startswith("-") else column.asc(nulls_last=True), "number")
    return rows


def _rating(row: Correction) -> str:
    return gettext(row.get_rating_display()) if row.rating else ""


COLUMNS = (
    Column("number", _("编号"), lambda row: row.number),
    Column("kind", _("错误类别"), lambda row: row.kind, lambda row: gettext(row.get_kind_display())),
    Column("resource_name", _("资源"), lambda row: row.resource.name),
    Column("resource", _("代码"), lambda row: row.resource_id),
    Column("department", _("提出部门"), lambda row: row.department_id, lambda row: row.department.name),
    Column("provider", _("提供部门"), lambda row: row.provider_id, lambda row: row.provider.name),
    Column("stage", _("状态"), lambda row: row.stage, lambda row: gettext(row.stage_label)),
    Column("due", _("期限"), lambda row: row.due),
    Column("filed_at", _("提出时间"), lambda row: row.filed_at, lambda row: _minute(row.filed_at)),
    Column("answered_at", _("答复"), lambda row: row.answered_at, lambda row: _minute(row.answered_at)),
    Column("rating", _("评价"), lambda row: row.rating, _rating),
)


@require_GET
def corrections(request: HttpRequest) -> HttpResponse:
    """List reports by tab; `format` gives the same as a file."""
    waiting = _waiting(request.officer).count()
    narrowed = request.GET.get("resource") or request.GET.get("grant")
    tab = request.GET.get("tab") or ("waiting" if waiting and not narrowed else "all")
    rows = _rows(request, tab)
    if request.GET.get("format") in lists.FORMS:
        made = lists.whole(request.GET["format"], "corrections", COLUMNS, rows[:MOST_EXPORTED], sheet=gettext("校核纠错"))
        return HttpResponse(**made)
    more = {
        "exports": lists.WORDS,
        "rows": rows,
        "tab": tab,
        "tabs": TABS if request.officer.department else TABS[-1:],
        "waiting": waiting,
        "stages": choices(Stage),
        "kinds": choices(ReportKind),
        "values": request.GET,
        "filters": {
            "stage": (gettext("状态"), dict(choices(Stage))),
            "kind": (gettext("错误类别"), dict(choices(ReportKind))),
            "q": gettext("编号、资源、部门或办件"),
            "resource": gettext("资源"),
            "grant": gettext("授权"),
        },
    }
    return render(request, "corrections/corrections.html", more)


def _minute(moment: Any) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else ""


def stations(row: Correction, names: dict[str, str]) -> list[dict[str, Any]]:
    """The way of a report as stations with who and when."""
    stage = Stage(row.stage)
    answered = gettext("不予更正") if stage is Stage.REJECTED or (row.opinion and not _corrected(row)) else gettext("更正并反馈")
    line = (
        (gettext("提出"), row.reporter, row.filed_at),
        (gettext("核实"), row.taken_up_by, row.taken_up_at),
        (answered, row.answered_by, row.answered_at),
        (gettext("评价"), row.rated_by, row.rated_at),
    )
    here = next((place for place, (_name, _who, when) in enumerate(line) if when is None), len(line))
    made = []
    for place, (name, who, when) in enumerate(line):
        state = "past" if place < here else "now" if place == here else "next"
        if stage is Stage.WITHDRAWN and place == here:
            state = "stop"
        made.append({"name": name, "state": state, "who": names.get(who, who) if when else "", "when": when})
    return made


def _corrected(row: Correction) -> bool:
    return bool(row.corrected_batch or row.corrected_version) or row.kind == ReportKind.INTERFACE


def _may(row: Correction, by: Officer) -> dict[str, bool]:
    """Which verbs this officer may use on this report now."""
    answers = permissions.check_may_answer.allowed(by, row.provider_id)
    reports = permissions.check_is_reporter.allowed(by, row.department_id)
    followers = MOVES[Stage(row.stage)]
    return {
        "verify": answers and Stage.VERIFYING in followers,
        "answer": answers and Stage.CORRECTED in followers,
        "rate": reports and Stage.CLOSED in followers,
        "withdraw": reports and Stage.WITHDRAWN in followers,
        "prove": reports and row.stage in OPEN and not row.proof_kind,
    }


def _options(row: Correction) -> list[tuple[int, str]]:
    """What may carry the correction, in words."""
    found = usecases.candidates(row)
    if row.kind == ReportKind.DATA:
        told = gettext("批次 %(batch)s，%(at)s 装载，%(rows)s 行")
        return [(one.batch, told % {"batch": one.batch, "at": _minute(one.finished_at), "rows": one.rows}) for one in found]
    told = gettext("第 %(version)s 版，%(at)s 发布")
    return [(one.version, told % {"version": one.version, "at": _minute(one.published_at)}) for one in found]


def _page(request: HttpRequest, row: Correction, error: DatongError | None = None) -> HttpResponse:
    by, may = request.officer, _may(row, request.officer)
    reads = permissions.sees_values(by, row.department_id, row.provider_id)
    view = catalog.served(row.resource_id)
    acts = audit.acts(by=None, subject=row.number, limit=100)[::-1]
    names = {act.account: act.name for act in acts}
    values = queries.values_of(row)
    more = {
        "row": row,
        "open": row.stage in OPEN,
        "reporter": names.get(row.reporter, row.reporter),
        "resource": view,
        "item": view.item(row.item) if view and row.item else None,
        "said": values if reads else queries.masked_values(values),
        "key": _named_key(values if reads else queries.masked_values(values), view),
        "reads": reads,
        "files": list(row.files.all()) if reads else [],
        "stations": stations(row, names),
        "clock": periods.clock_of(row.number),
        "case": queries.case_may_continue(row.number, by=by),
        "may": may,
        "options": _options(row) if may["answer"] else [],
        "ratings": choices(Rating),
        "proofs": choices(ProofKind),
        "acts": acts,
        "refusal": error,
        "errors": error.fields if error else {},
        "values": request.POST if error else QueryDict("outcome=correct"),
    }
    return render(request, "corrections/correction.html", more, status=error.status if error else 200)


def _named_key(values: queries.Values, view: catalog.ResourceView | None) -> list[tuple[str, str]]:
    named = {item.field: item.name for item in view.items} if view else {}
    return [(named.get(name, name), value) for name, value in values.key.items()]


@require_GET
def one(request: HttpRequest, number: str) -> HttpResponse:
    """Show one report."""
    return _page(request, queries.correction_of(number, by=request.officer))


@require_GET
def file(request: HttpRequest, number: str, key: int) -> HttpResponse:
    """Give one file of a report to its two sides, as a download."""
    row = queries.correction_of(number, by=request.officer)
    held = queries.evidence_of(row, key, by=request.officer)
    name = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(held.name)}"}
    return HttpResponse(content_of(held), "application/octet-stream", headers=name)


def _number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise Malformed(
            "选择携带更正的版本 (choose the version that carries the correction)", fields={"carrier": "从列表中选择 (choose)"}
        )
    return int(text)


def _correct(number: str, form: QueryDict, by: Officer) -> object:
    carrier = _number(form.get("carrier", ""))
    return usecases.correct(number, form.get("opinion", ""), by=by, batch=carrier, version=carrier)


Verb = Callable[[str, QueryDict, Officer], object]
VERBS: dict[str, tuple[Verb, Any]] = {
    "verify": (lambda number, _form, by: usecases.take_up(number, by=by), _("已开始核实，提出部门已收到通知")),
    "correct": (_correct, _("已办结为更正，使用部门和提出部门已收到通知")),
    "reject": (
        lambda number, form, by: usecases.reject(number, form.get("opinion", ""), by=by),
        _("已答复不予更正，理由已送达提出部门"),
    ),
    "rate": (
        lambda number, form, by: usecases.rate(number, form.get("rating", ""), form.get("words", ""), by=by),
        _("评价已记录"),
    ),
    "withdraw": (lambda number, form, by: usecases.withdraw(number, form.get("note", ""), by=by), _("校核申请已撤回")),
    "proof": (
        lambda number, form, by: usecases.show_proof(number, form.get("proof_kind", ""), form.get("proof_number", ""), by=by),
        _("证照已登记，业务照常办理"),
    ),
}


@require_POST
def decide(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Do one verb; on a refusal the page comes back with what was typed."""
    row = queries.correction_of(number, by=request.officer)
    chosen = request.POST.get("outcome", "") if verb == "answer" else verb
    if chosen not in VERBS:
        raise Unknown("没有此操作 (there is no such verb)")
    act, words = VERBS[chosen]
    try:
        act(number, request.POST, request.officer)
    except Unknown:
        raise
    except DatongError as error:
        error.fields = {{"batch": "carrier", "version": "carrier"}.get(name, name): said for name, said in error.fields.items()}
        return _page(request, row, error)
    messages.success(request, str(words))
    return redirect("corrections:correction", number=number)
