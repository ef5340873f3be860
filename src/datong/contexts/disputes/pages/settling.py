# SPDX-License-Identifier: Apache-2.0
"""One dispute: its stations with dates, the record both parties write, the text to agree on, what may be done now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from datong.contexts.audit import face as audit
from datong.contexts.disputes import permissions, queries, usecases
from datong.contexts.disputes.domain.disputes import MOVES, OPEN, TALKING, Side, Stage
from datong.contexts.disputes.models import Dispute
from datong.contexts.disputes.pages.opening import uploaded
from datong.contexts.disputes.queries.sealing import content_of
from datong.kernel.actors import Officer
from datong.kernel.errors import DatongError, Unknown


def stations(row: Dispute, names: dict[str, str]) -> list[dict[str, Any]]:
    """The way of a dispute as stations with who and when; a step that was not needed is left out."""
    stage = Stage(row.stage)
    line = [(gettext("提出"), row.opened_by, row.opened_at)]
    if stage in (Stage.AGREED, Stage.WITHDRAWN):
        if row.escalated_at:
            line.append((gettext("提请协调"), row.escalated_by, row.escalated_at))
        line.append((gettext(stage.label), row.ended_by, row.ended_at))
        return [_station(name, who, when, "past", names) for name, who, when in line]
    line += [
        (gettext("双方协商"), row.escalated_by, row.escalated_at),
        (gettext("主管部门协调"), row.instructed_by, row.instructed_at),
    ]
    if row.appealed_at:
        line += [
            (gettext("提请政府决定"), row.appealed_by, row.appealed_at),
            (gettext("人民政府决定"), row.decided_by, row.decided_at),
        ]
    elif stage is Stage.CARRIED_OUT:
        line.append((gettext("落实"), row.ended_by, row.ended_at))
    else:
        line.append((gettext("落实，或者提请政府决定"), "", None))
    here = next((place for place, (_name, _who, when) in enumerate(line) if when is None), len(line))
    states = ["past" if place < here else "now" if place == here else "next" for place in range(len(line))]
    return [_station(*one, state, names) for one, state in zip(line, states, strict=True)]


def _station(name: str, who: str, when: Any, state: str, names: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "state": state, "who": names.get(who, who) if when else "", "when": when}


def _may(row: Dispute, by: Officer, seat: queries.Seat) -> dict[str, bool]:
    """Which verbs this officer may use on this dispute now."""
    followers, stage = MOVES[Stage(row.stage)], Stage(row.stage)
    side = permissions.side_of(by, row.consumer_id, row.provider_id)
    head = permissions.check_is_head.allowed(by, row.consumer_id, row.provider_id)
    decides = permissions.check_may_decide.allowed(by, seat.handler)
    talks = stage in TALKING
    signed = side is not None and getattr(row, f"{side.value}_agreed_at") is not None
    return {
        "state": stage in OPEN and (side is not None or (decides and stage is not Stage.NEGOTIATING)),
        "propose": head and talks,
        "assent": head and talks and bool(row.agreement) and not signed,
        "escalate": head and Stage.COORDINATING in followers,
        "instruct": decides and Stage.INSTRUCTED in followers,
        "carried": decides and Stage.CARRIED_OUT in followers,
        "appeal": head and Stage.APPEALED in followers,
        "decide": decides and Stage.DECIDED in followers,
        "withdraw": side is not None and side.value == row.opened_side and Stage.WITHDRAWN in followers,
    }


def _page(request: HttpRequest, row: Dispute, error: DatongError | None = None, verb: str = "") -> HttpResponse:
    acts = audit.acts(by=None, subject=row.number, limit=100)[::-1]
    names = {act.account: act.name for act in acts}
    seat = queries.seat(row.region, row.region_name)
    side = permissions.side_of(request.officer, row.consumer_id, row.provider_id)
    more = {
        "row": row,
        "stations": stations(row, names),
        "statements": row.statements.prefetch_related("papers"),
        "assents": _assents(row, names),
        "seat": seat,
        "side": side,
        "ours": bool(side and getattr(row, f"{side.value}_agreed_at")),
        "ended": row.stage not in OPEN,
        "at_authority": row.stage in (Stage.COORDINATING, Stage.INSTRUCTED, Stage.APPEALED),
        "may": _may(row, request.officer, seat),
        "acts": acts,
        "refusal": error,
        "verb": verb,
        "errors": error.fields if error else {},
        "values": request.POST if error else QueryDict(),
    }
    return render(request, "disputes/dispute.html", more, status=error.status if error else 200)


def _assents(row: Dispute, names: dict[str, str]) -> list[dict[str, Any]]:
    """Who stands behind the text that is proposed."""
    made = []
    for side, home in ((Side.CONSUMER, row.consumer), (Side.PROVIDER, row.provider)):
        who, when = getattr(row, f"{side.value}_agreed_by"), getattr(row, f"{side.value}_agreed_at")
        made.append({"department": home.name, "who": names.get(who, who), "when": when})
    return made


@require_GET
def one(request: HttpRequest, number: str) -> HttpResponse:
    """Show one dispute."""
    return _page(request, queries.dispute_of(number, by=request.officer))


@require_GET
def file(request: HttpRequest, number: str, key: int) -> HttpResponse:
    """Give one file of a dispute, as a download."""
    held = queries.paper_of(queries.dispute_of(number, by=request.officer), key)
    name = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(held.name)}"}
    return HttpResponse(content_of(held), "application/octet-stream", headers=name)


Verb = Callable[[HttpRequest, str], object]
VERBS: dict[str, tuple[Verb, Any]] = {
    "state": (
        lambda request, number: usecases.state(
            number, request.POST.get("words", ""), by=request.officer, files=uploaded(request)
        ),
        _("意见已写入记录，对方已收到通知"),
    ),
    "propose": (
        lambda request, number: usecases.propose(number, request.POST.get("agreement", ""), by=request.officer),
        _("协议文本已送对方负责人"),
    ),
    "assent": (
        lambda request, number: usecases.assent(number, request.POST.get("text", ""), by=request.officer),
        _("双方协商一致，争议终结"),
    ),
    "escalate": (
        lambda request, number: usecases.escalate(number, request.POST.get("reason", ""), by=request.officer),
        _("已登记提请协调，办理的主管部门见页面"),
    ),
    "instruct": (
        lambda request, number: usecases.instruct(
            number, request.POST.get("instruction", ""), request.POST.get("reasons", ""),
            request.POST.get("document", ""), by=request.officer,
        ),
        _("协调意见已送达双方"),
    ),
    "carried": (
        lambda request, number: usecases.confirm_carried_out(number, request.POST.get("note", ""), by=request.officer),
        _("已确认落实，争议终结"),
    ),
    "appeal": (
        lambda request, number: usecases.appeal(number, request.POST.get("reason", ""), by=request.officer),
        _("已登记提请人民政府决定"),
    ),
    "decide": (
        lambda request, number: usecases.decide(
            number, request.POST.get("decision", ""), request.POST.get("document", ""), by=request.officer
        ),
        _("人民政府决定已登记，双方已收到通知"),
    ),
    "withdraw": (
        lambda request, number: usecases.withdraw(number, request.POST.get("note", ""), by=request.officer),
        _("争议已撤回"),
    ),
}  # fmt: skip


@require_POST
def decide(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Do one verb; on a refusal the page comes back with what was typed."""
    row = queries.dispute_of(number, by=request.officer)
    if verb not in VERBS:
        raise Unknown("没有此操作 (there is no such verb)")
    act, words = VERBS[verb]
    try:
        act(request, number)
    except Unknown:
        raise
    except DatongError as error:
        return _page(request, row, error, verb)
    messages.success(request, str(words))
    return redirect("disputes:dispute", number=number)
