# SPDX-License-Identifier: Apache-2.0
"""One complaint for those who handle it: what was written, the steps so far, what may be done now."""

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
from datong.contexts.disputes import permissions, queries, usecases
from datong.contexts.disputes.domain.complaints import Stage, Step
from datong.contexts.disputes.models import Complaint
from datong.contexts.disputes.queries.sealing import letter_of
from datong.contexts.organisations import face as organisations
from datong.kernel.actors import Officer
from datong.kernel.errors import DatongError, Unknown


def stations(row: Complaint, names: dict[str, str]) -> list[dict[str, Any]]:
    """The way of a complaint as stations with who and when."""
    line = [(gettext("登记"), "", row.filed_at)]
    if row.department_id or row.stage != Stage.CLOSED:
        line += [(gettext("分派"), row.assigned_by, row.assigned_at), (gettext("部门答复"), row.replied_by, row.replied_at)]
    line.append((gettext("办结"), row.closed_by, row.closed_at))
    here = next((place for place, (_name, _who, when) in enumerate(line) if when is None), len(line))
    return [
        {
            "name": name,
            "state": "past" if place < here else "now" if place == here else "next",
            "who": names.get(who, who) if when else "",
            "when": when,
        }
        for place, (name, who, when) in enumerate(line)
    ]


def _may(row: Complaint, by: Officer) -> dict[str, bool]:
    """Which verbs this officer may use on this complaint now."""
    stage, authority = Stage(row.stage), permissions.check_is_authority.allowed(by)
    return {
        "assign": authority and stage is not Stage.CLOSED,
        "reply": stage is Stage.ASSIGNED and permissions.check_may_reply.allowed(by, row.department_id or ""),
        "close": authority and stage in (Stage.FILED, Stage.REPLIED),
        "send_back": authority and stage is Stage.REPLIED,
    }


def _page(request: HttpRequest, row: Complaint, error: DatongError | None = None, verb: str = "") -> HttpResponse:
    by, may = request.officer, _may(row, request.officer)
    reads = permissions.reads_complaint(by, row.department_id or "")
    acts = audit.acts(by=None, subject=row.number, limit=100)[::-1]
    entries = list(row.entries.all())
    replied = next((one.words for one in reversed(entries) if one.kind == Step.REPLIED), "")
    given = QueryDict(mutable=True)
    given["answer"] = replied if row.stage == Stage.REPLIED else ""
    homes = organisations.departments() if may["assign"] else []
    more = {
        "row": row,
        "reads": reads,
        "letter": letter_of(row) if reads else None,
        "entries": entries if reads else [],
        "stations": stations(row, {act.account: act.name for act in acts}),
        "may": may,
        "departments": [(home.uscc, f"{home.name}（{home.region_name}）") for home in homes],
        "acts": acts,
        "refusal": error,
        "verb": verb,
        "errors": error.fields if error else {},
        "values": request.POST if error else given,
    }
    return render(request, "disputes/complaint.html", more, status=error.status if error else 200)


@require_GET
def one(request: HttpRequest, number: str) -> HttpResponse:
    """Show one complaint."""
    return _page(request, queries.complaint_of(number, by=request.officer))


Verb = Callable[[str, QueryDict, Officer], object]
VERBS: dict[str, tuple[Verb, Any]] = {
    "assign": (
        lambda number, form, by: usecases.assign(number, form.get("department", ""), form.get("note", ""), by=by),
        _("投诉已分派，该部门已收到通知"),
    ),
    "reply": (lambda number, form, by: usecases.reply(number, form.get("words", ""), by=by), _("答复已送主管部门审核")),
    "send-back": (lambda number, form, by: usecases.send_back(number, form.get("note", ""), by=by), _("答复已退回该部门")),
    "close": (
        lambda number, form, by: usecases.close(number, form.get("answer", ""), by=by),
        _("投诉已办结，投诉人可以查到答复"),
    ),
}


@require_POST
def decide(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Do one verb; on a refusal the page comes back with what was typed."""
    row = queries.complaint_of(number, by=request.officer)
    if verb not in VERBS:
        raise Unknown("没有此操作 (there is no such verb)")
    act, words = VERBS[verb]
    try:
        act(number, request.POST, request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _page(request, row, error, verb)
    messages.success(request, str(words))
    return redirect("disputes:complaint", number=number)
