# SPDX-License-Identifier: Apache-2.0
"""Pages of drift: cases where an entry no longer tells the truth, one case with what may be decided on it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from datong.contexts.catalog import face as catalog
from datong.contexts.exchange import permissions, queries, usecases
from datong.contexts.exchange.domain import INFORMATIVE, UNSETTLED, DriftKind, DriftStage
from datong.contexts.exchange.models import DriftCase
from datong.kernel.errors import DatongError, Unknown
from datong.kernel.labels import choices

VERBS = {"acknowledge": usecases.acknowledge_drift, "dismiss": usecases.dismiss_drift}


@require_GET
def drifts(request: HttpRequest) -> HttpResponse:
    """List the cases."""
    stage = request.GET.get("stage", "")
    known = stage if stage in list(DriftStage) else ""
    more = {
        "rows": queries.drifts(request.officer, stage=known, resource=request.GET.get("resource", "").strip()),
        "stages": choices(DriftStage),
        "kinds": {one.value: one for one in DriftKind},
        "filters": {"stage": (gettext("状态"), dict(choices(DriftStage))), "resource": gettext("资源代码")},
        "values": request.GET,
    }
    return render(request, "exchange/drifts.html", more)


@require_GET
def drift(request: HttpRequest, number: int) -> HttpResponse:
    """Show one case."""
    return _page(request, queries.drift_case(number, by=request.officer))


@require_POST
def decide(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """Take it up or dismiss it; on a refusal the page comes back with what was typed."""
    case = queries.drift_case(number, by=request.officer)
    if verb not in VERBS:
        raise Unknown("没有此操作 (there is no such verb)")
    try:
        VERBS[verb](number, request.POST.get("words", ""), by=request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _page(request, case, error)
    messages.success(request, gettext("已记录"))
    return redirect("exchange:drift", number=number)


@require_POST
def compare(request: HttpRequest, head: int, sequence: int) -> HttpResponse:
    """Compare a resource with its data now."""
    usecases.compare_on_demand(f"{head}/{sequence}", by=request.officer)
    messages.success(request, gettext("已开始核对，稍后刷新查看结果"))
    return redirect("portal:resource", head=head, sequence=sequence)


def _page(request: HttpRequest, case: DriftCase, error: DatongError | None = None) -> HttpResponse:
    by, home = request.officer, case.resource
    view = catalog.served(home.code)
    names = {item.field: item.name for item in view.items} if view else {}
    answers = permissions.check_may_answer_drift.allowed(by, home.provider_id)
    more: dict[str, Any] = {
        "case": case,
        "home": home,
        "findings": [
            one | {"label": DriftKind(one["kind"]), "name": _named(one["item"], names), "informative": one["kind"] in INFORMATIVE}
            for one in case.findings
        ],
        "may": {
            "acknowledge": case.stage == DriftStage.OPEN and answers,
            "dismiss": case.stage in UNSETTLED and permissions.check_may_dismiss_drift.allowed(by, home.provider.region_id),
            "mend": case.stage in UNSETTLED and answers,
        },
        "values": request.POST,
        "errors": error.fields if error else {},
        "refusal": error,
    }
    return render(request, "exchange/drift.html", more, status=error.status if error else 200)


def _named(item: str, names: dict[str, str]) -> str:
    return "、".join(names.get(one, one) for one in item.split(",")) if item else ""
