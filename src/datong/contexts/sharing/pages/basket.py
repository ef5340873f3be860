# SPDX-License-Identifier: Apache-2.0
"""申请篮: several resources asked for on one page, and what became of each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from datong.contexts.catalog import face as catalog
from datong.contexts.sharing import permissions, queries
from datong.contexts.sharing.domain import EDITABLE
from datong.contexts.sharing.domain.requests import RULE_20
from datong.contexts.sharing.models import BasketLine
from datong.contexts.sharing.pages import choosing, forms
from datong.contexts.sharing.queries import baskets as lines
from datong.contexts.sharing.queries import trying
from datong.contexts.sharing.queries.fitting import common_lacks
from datong.contexts.sharing.usecases import baskets
from datong.kernel.actors import Officer
from datong.kernel.errors import DatongError, Malformed, Unknown
from datong.kernel.sharing import SharingType
from datong.kernel.workdays import received_on

MOST_SHOWN = baskets.MOST_LINES


def _line(row: BasketLine, by: Officer, posted: QueryDict | None) -> dict[str, Any]:
    """One line of the page; `view` is None when the resource left the catalogue."""
    try:
        view = catalog.resource(row.resource_id, by=by)
    except Unknown:
        view = None
    items = [item for item in view.items if item.sharing_type != SharingType.WITHHELD] if view else []
    if posted is not None and f"shown-{row.pk}" in posted:
        chosen = posted.getlist(f"items-{row.pk}")
    else:
        chosen = row.items or [item.field for item in items]
    ticked = posted is None or str(row.pk) in posted.getlist("lines")
    return {"row": row, "view": view, "items": items, "chosen": chosen, "ticked": ticked and view is not None}


@require_http_methods(["GET", "POST"])
def basket(request: HttpRequest) -> HttpResponse:
    """Show the basket; drafts one request for each line that is ticked, and files them if wished."""
    permissions.check_may_apply(request.officer)
    if request.method == "POST":
        try:
            return _ask(request)
        except Malformed as error:
            return _page(request, error)
    return _page(request)


def _page(request: HttpRequest, error: DatongError | None = None) -> HttpResponse:
    by, posted = request.officer, request.POST if error is not None else None
    shown = [_line(row, by, posted) for row in lines.basket(by)]
    methods = {method for line in shown if line["view"] for method in line["view"].sharing_methods}
    more = {
        "lines": shown,
        "values": posted if posted is not None else {},
        "errors": error.fields if error else {},
        "gaps": choosing.gaps(error.fields) if error else [],
        "refusal": error,
        "channels_hint": gettext("某个资源没有的方式，那份申请里就不带。"),
        **choosing.offered(by, methods),
    }
    return render(request, "sharing/basket.html", more, status=error.status if error else 200)


def _ask(request: HttpRequest) -> HttpResponse:
    by, posted = request.officer, request.POST
    common = forms.read(posted, "")
    wanted = [int(one) for one in posted.getlist("lines") if one.isascii() and one.isdigit() and len(one) < 18]
    _choose_items(posted, wanted, by)
    gone = common_lacks(common, received_on(datetime.now(UTC))) if posted.get("act") == "file" else {}
    if gone:
        remedy = "一次补齐所列内容，或只存为草稿 (fill in what is named, or keep them as drafts)"
        raise Malformed("共同的内容不齐全 (what is common is not complete)", fields=gone, remedy=remedy, rule=RULE_20)
    done = baskets.ask_together(common, by=by, file=posted.get("act") == "file", lines=wanted)
    for one in done:
        if not one.number:
            messages.error(request, f"{one.resource}: {one.fault.message if one.fault else ''}")
        if one.left_out:
            said = gettext("%(number)s 的资源不提供所选的部分方式，已略去。")
            messages.warning(request, said % {"number": one.number})
    made = [one.number for one in done if one.number]
    return redirect(_shown(made)) if made else _page(request)


def _choose_items(posted: QueryDict, wanted: list[int], by: Officer) -> None:
    """Keep the items ticked for each line, where that changed; none at all is told."""
    faults: dict[str, str] = {}
    for row in lines.basket(by).filter(pk__in=wanted):
        if f"shown-{row.pk}" not in posted:
            continue
        items = posted.getlist(f"items-{row.pk}")
        if not items:
            faults["items"] = f"{row.resource.name}：至少选择一个数据项 (choose at least one item)"
        elif items != row.items:
            baskets.put_in_basket(row.resource_id, items, by=by)
    if faults:
        raise Malformed("申请篮里有资源没有选数据项 (a resource has no item chosen)", fields=faults)


def _shown(numbers: list[str]) -> str:
    return f"/basket/requests?{urlencode([('n', number) for number in numbers])}"


@require_POST
def put(request: HttpRequest) -> HttpResponse:
    """Put a resource in the basket."""
    code = request.POST.get("resource", "")
    row = baskets.put_in_basket(code, request.POST.getlist("items"), by=request.officer)
    count = lines.basket(request.officer).count()
    said = ngettext("已放进申请篮，现有 %(count)s 项", "已放进申请篮，现有 %(count)s 项", count)
    messages.success(request, said % {"count": count})
    return redirect("sharing:basket") if request.POST.get("go") else redirect(f"/resources/{row.resource_id}")


@require_POST
def take_out(request: HttpRequest, line: int) -> HttpResponse:
    """Take a resource out of the basket."""
    baskets.take_out_of_basket(line, by=request.officer)
    messages.success(request, gettext("已移出申请篮"))
    return redirect("sharing:basket")


@require_http_methods(["GET", "POST"])
def asked(request: HttpRequest) -> HttpResponse:
    """Show what became of the requests asked for together; files those that are ticked."""
    by = request.officer
    permissions.check_may_apply(by)
    if request.method == "POST":
        chosen = request.POST.getlist("numbers")
        try:
            done = baskets.file_together(chosen, by=by)
        except Malformed as error:
            messages.error(request, error.message)
            return redirect(_shown(request.POST.getlist("all")))
        filed = sum(one.filed for one in done)
        said = gettext("提交了 %(filed)s 份，共选 %(all)s 份") % {"filed": filed, "all": len(done)}
        messages.success(request, said)
        return redirect(_shown(request.POST.getlist("all") or chosen))
    numbers = list(dict.fromkeys(request.GET.getlist("n")))[:MOST_SHOWN]
    shown = [_became(number, by) for number in numbers]
    return render(request, "sharing/asked.html", {"lines": shown, "fileable": any(one["fileable"] for one in shown)})


def _became(number: str, by: Officer) -> dict[str, Any]:
    row = queries.request_of(number, by=by)
    permissions.check_may_edit(by, row.consumer_id)
    missing = _missing(number, by) if row.stage in EDITABLE else {}
    return {"row": row, "gaps": choosing.gaps(missing), "fileable": row.stage in EDITABLE and not missing}


def _missing(number: str, by: Officer) -> dict[str, str]:
    try:
        trial = trying.try_request(number, by=by)
    except Unknown:
        return {"resource": "该资源已撤销 (the resource was withdrawn)"}
    return dict(trial.missing) or ({"resource": trial.hindrance} if trial.hindrance else {})
