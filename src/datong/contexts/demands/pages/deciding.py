# SPDX-License-Identifier: Apache-2.0
"""One demand: what is wanted, the line of stations with dates, what the platform suggests, what may be done now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from datong.contexts.audit import face as audit
from datong.contexts.demands import permissions, queries, usecases
from datong.contexts.demands.domain.stages import BEFORE_CONSENT, EDITABLE, MOVES, TO_REQUEST, DutyStage, Stage
from datong.contexts.demands.models import Demand, Responsibility
from datong.contexts.demands.pages.writing import department_typed
from datong.contexts.periods import face as periods
from datong.kernel.actors import Officer
from datong.kernel.errors import DatongError, Unknown

Line = tuple[str, str, Any]


def stations(row: Demand, held: Responsibility | None, names: dict[str, str]) -> list[dict[str, Any]]:
    """The way of a demand as stations with who and when."""
    straight = row.endorsed_at is None and row.resource_id is not None
    by_authority = row.answered_at is not None and held is None
    line: list[Line] = [(gettext("提出"), row.made_by, row.filed_at or (row.made_at if straight else None))]
    if not straight:
        line += [
            (gettext("本部门同意"), row.endorsed_by, row.endorsed_at),
            (gettext("主管部门处理"), row.reviewed_by, None if row.stage == Stage.REVIEWING else row.reviewed_at),
        ]
    if not straight and not by_authority and row.stage != Stage.DECLINED:
        done = held if held is not None and held.stage not in (DutyStage.NOT_HELD, DutyStage.ENDED) else None
        line.append((gettext("责任部门答复"), done.answered_by if done else "", done.answered_at if done else None))
    if row.stage != Stage.DECLINED:
        line += [(gettext("有目录可申请"), row.answered_by, row.answered_at)]
        line += [(gettext("申请获准"), "", row.ended_at if row.stage == Stage.FULFILLED else None)]
    here = next((place for place, (_name, _who, when) in enumerate(line) if when is None), len(line))
    stopped = row.stage in (Stage.WITHDRAWN, Stage.DECLINED, Stage.RETURNED)
    made = []
    for place, (name, who, when) in enumerate(line):
        state = "past" if place < here else ("stop" if stopped else "now") if place == here else "next"
        if row.stage == Stage.DECLINED and place == len(line) - 1:
            state = "stop"
        made.append({"name": name, "state": state, "who": names.get(who, who) if when else "", "when": when})
    return made


def _may(row: Demand, held: Responsibility | None, by: Officer) -> dict[str, bool]:
    """Which verbs this officer may use on this demand now."""
    stage = Stage(row.stage)
    followers = MOVES[stage]
    own = permissions.check_is_demander.allowed(by, row.department_id)
    heads = permissions.check_may_endorse.allowed(by, row.department_id, frozenset(row.writers))
    reviews = stage is Stage.REVIEWING and permissions.check_may_review.allowed(by, row.department.region_id)
    answers = held is not None and permissions.check_may_answer.allowed(by, held.department_id)
    return {
        "edit": own and stage in EDITABLE,
        "take": own and stage in BEFORE_CONSENT,
        "endorse": heads and stage is Stage.FILED,
        "review": reviews,
        "answer": answers and stage is Stage.ASSIGNED,
        "supply": answers and stage is Stage.COMPILING,
        "request": own and stage in TO_REQUEST,
        "reopen": own and stage in TO_REQUEST and row.endorsed_at is not None,
        "withdraw": Stage.WITHDRAWN in followers and permissions.check_may_withdraw.allowed(by, row.department_id),
    }


def _page(request: HttpRequest, row: Demand, error: DatongError | None = None) -> HttpResponse:
    by = request.officer
    duties = list(row.responsibilities.select_related("department", "ticket").order_by("assigned_at"))
    held = next((one for one in duties if one.stage in (DutyStage.OPEN, DutyStage.ACCEPTED)), None)
    may = _may(row, held, by)
    asks = may["take"] or may["review"]
    found = queries.matches(row.name, row.items, row.expected_id or "", by=by) if asks else []
    acts = audit.acts(by=None, subject=row.number, limit=100)[::-1]
    last = duties[-1] if duties else None
    posted = request.POST if error else QueryDict()
    more = {
        "row": row,
        "held": held,
        "duties": [(one, periods.clock_of(one.number), one.ticket and periods.clock_of(one.ticket.number)) for one in duties],
        "clock": _clock(held),
        "stations": stations(row, last, {act.account: act.name for act in acts}),
        "may": may,
        "matches": found,
        "proposed": queries.proposed_departments(row, found, by=by) if may["review"] else [],
        "departments": queries.assignable(by)[:3000] if may["review"] else [],
        "acts": acts,
        "refusal": error,
        "errors": error.fields if error else {},
        "values": posted,
        "days": periods.STATUTE[periods.Rule.DEMAND],
    }
    return render(request, "demands/demand.html", more, status=error.status if error else 200)


def _clock(held: Responsibility | None) -> periods.Clock | None:
    if held is None:
        return None
    return periods.clock_of(held.ticket.number if held.ticket else held.number)


@require_GET
def one(request: HttpRequest, number: str) -> HttpResponse:
    """Show one demand."""
    return _page(request, queries.demand_of(number, by=request.officer))


def _assign(number: str, form: QueryDict, by: Officer) -> object:
    uscc, _words = department_typed(form.get("department", ""))
    return usecases.assign_demand(number, uscc or form.get("department", "").strip(), form.get("reason", ""), by=by)


def _supply(number: str, form: QueryDict, by: Officer) -> object:
    return usecases.supply_entry(number, form.get("resource", "").strip(), form.get("opinion", ""), by=by)


Verb = Callable[[str, QueryDict, Officer], object]
VERBS: dict[str, tuple[Verb, Any]] = {
    "take": (
        lambda number, form, by: usecases.take_entry(number, form.get("take", ""), by=by),
        _("已匹配到目录，点“去申请”即可"),
    ),
    "file": (lambda number, _form, by: usecases.file_demand(number, by=by), _("已提交，等待本部门负责人同意")),
    "endorse": (lambda number, _form, by: usecases.endorse_demand(number, by=by), _("已同意，主管部门已收到")),
    "return": (lambda number, form, by: usecases.return_demand(number, form.get("note", ""), by=by), _("已退回修改")),
    "withdraw": (lambda number, form, by: usecases.withdraw_demand(number, form.get("note", ""), by=by), _("需求已撤回")),
    "match": (
        lambda number, form, by: usecases.match_demand(number, form.get("resource", "").strip(), form.get("note", ""), by=by),
        _("已匹配，提出部门已收到通知"),
    ),
    "assign": (_assign, _("已分派，责任部门的期限开始计算")),
    "decline": (lambda number, form, by: usecases.decline_demand(number, form.get("reason", ""), by=by), _("已答复不予受理")),
    "accept": (
        lambda number, form, by: usecases.accept_demand(number, form.get("opinion", ""), by=by),
        _("已接受，编目任务已生成，期限见下"),
    ),
    "not-held": (lambda number, form, by: usecases.give_back(number, form.get("opinion", ""), by=by), _("已退回主管部门")),
    "supply": (_supply, _("已记下由这条目录答复；发布后提出部门即可申请")),
    "reopen": (lambda number, form, by: usecases.reopen_demand(number, form.get("reason", ""), by=by), _("已送主管部门重新处理")),
}


@require_POST
def decide(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Do one verb; on a refusal the page comes back with what was typed."""
    row = queries.demand_of(number, by=request.officer)
    chosen = request.POST.get("outcome", "") if verb == "answer" else verb
    if chosen != "request" and chosen not in VERBS:
        raise Unknown("没有此操作 (there is no such verb)")
    try:
        if chosen == "request":
            made = usecases.request_entry(number, by=request.officer)
            return redirect(f"/requests/{made.request_id}/edit")
        act, words = VERBS[chosen]
        act(number, request.POST, request.officer)
    except DatongError as error:
        return _page(request, queries.demand_of(number, by=request.officer), error)
    messages.success(request, str(words))
    return redirect("demands:demand", number=row.number)
