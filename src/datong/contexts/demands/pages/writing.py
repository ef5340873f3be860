# SPDX-License-Identifier: Apache-2.0
"""The form of a demand: choose rather than type, suggestions from the catalogue while one writes, nothing typed lost."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from datong.contexts.catalog import face as catalog
from datong.contexts.demands import permissions, queries, usecases
from datong.contexts.demands.domain.drafts import LONGEST, DemandDraft, Urgency
from datong.contexts.demands.domain.stages import EDITABLE
from datong.contexts.demands.models import Demand
from datong.contexts.organisations import face as organisations
from datong.kernel.errors import DatongError, Malformed, Unknown
from datong.kernel.labels import choices
from datong.kernel.sharing import RequestBasis

TEXTS = ("name", "basis_kind", "basis", "scene", "purpose", "expected_words", "coverage", "urgency")
MOST_LISTED = 500
"""Departments offered while one types; any other is found by its name."""
BETWEEN = re.compile(r"[\n\r\t,，、;；]+")
"""What stands between items, typed or pasted from a sheet."""


def split(text: str) -> tuple[str, ...]:
    """Give the items of a text, one a line or listed."""
    return tuple(one.strip() for one in BETWEEN.split(text) if one.strip())


def department_typed(typed: str) -> tuple[str, str]:
    """Give the code of a department typed by name or code, else the words."""
    wanted = typed.strip()
    for one in organisations.departments(q=wanted, limit=20) if wanted and wanted.isprintable() else ():
        if wanted in (one.uscc, one.name, one.short_name):
            return one.uscc, ""
    return "", wanted


def read(posted: QueryDict) -> DemandDraft:
    """Read a form.

    Raises:
        Malformed: A day that is none.
    """
    plain = {name: posted.get(name, "").strip() for name in TEXTS}
    expected, words = department_typed(posted.get("holder", ""))
    typed = posted.get("needed_by", "").strip()
    try:
        needed = date.fromisoformat(typed) if typed else None
    except ValueError:
        fields = {"needed_by": "不是日期，如 2026-12-31 (not a date)"}
        raise Malformed("需求内容有误，见各字段 (the demand does not read: see the fields)", fields=fields) from None
    plain |= {"expected_words": words, "urgency": plain["urgency"] or Urgency.ORDINARY.value}
    return DemandDraft(**plain, items=split(posted.get("items", "")), expected=expected, needed_by=needed)


def _shown(row: Demand) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(row, name) for name in TEXTS}
    holder = row.expected.name if row.expected else row.expected_words
    return values | {
        "items": "\n".join(row.items),
        "holder": holder,
        "needed_by": row.needed_by.isoformat() if row.needed_by else "",
    }


def _form(request: HttpRequest, row: Demand | None, values: Any, error: DatongError | None = None) -> HttpResponse:
    by = request.officer
    items = split(values.get("items", ""))
    more = {
        "row": row,
        "values": values,
        "refusal": error,
        "errors": _placed(error),
        "bases": choices(RequestBasis),
        "laws": _laws(),
        "duties": catalog.duties_to_cite(by.department),
        "urgencies": choices(Urgency),
        "longest": LONGEST,
        "departments": organisations.departments(region=by.region[:2], limit=MOST_LISTED),
        "matches": _matches(request, values, items),
    }
    return render(request, "demands/demand_edit.html", more, status=error.status if error else 200)


def _placed(error: DatongError | None) -> dict[str, str]:
    """Faults by the field of the form that shows them."""
    names = {"expected": "holder", "expected_words": "holder"}
    return {names.get(name, name): words for name, words in error.fields.items()} if error else {}


def _laws() -> list[dict[str, Any]]:
    laws = catalog.laws_to_cite()
    ranks = dict.fromkeys(law.rank for law in laws)
    return [{"kind": rank, "laws": [law for law in laws if law.rank == rank]} for rank in ranks]


def _matches(request: HttpRequest, values: Any, items: tuple[str, ...]) -> list[queries.Match]:
    expected, _words = department_typed(values.get("holder", ""))
    return queries.matches(values.get("name", "").strip()[: LONGEST["name"]], items, expected, by=request.officer)


@require_http_methods(["GET", "POST"])
def suggestions(request: HttpRequest) -> HttpResponse:
    """Entries that may be what is wanted, as it is typed; a part of the form."""
    permissions.check_may_demand(request.officer)
    asked = request.POST if request.method == "POST" else request.GET
    more = {"matches": _matches(request, asked, split(asked.get("items", ""))), "values": asked}
    return render(request, "demands/parts/matches.html", more)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin a demand; `name` is filled in where one comes from a search."""
    permissions.check_may_demand(request.officer)
    if request.method == "GET":
        asked = request.GET
        return _form(request, None, {"name": asked.get("name", "")[: LONGEST["name"]], "urgency": Urgency.ORDINARY.value})
    try:
        row = usecases.draft_demand(read(_cited(request.POST)), by=request.officer)
    except DatongError as error:
        return _form(request, None, request.POST, error)
    return _onward(request, row)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """Go on with a draft or a demand that was returned."""
    row = queries.demand_of(number, by=request.officer)
    permissions.check_is_demander(request.officer, row.department_id)
    if row.stage not in EDITABLE:
        return redirect("demands:demand", number=number)
    if request.method == "GET":
        return _form(request, row, _shown(row))
    try:
        row = usecases.revise_demand(number, read(_cited(request.POST)), by=request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _form(request, row, request.POST, error)
    return _onward(request, row)


def _cited(posted: QueryDict) -> QueryDict:
    """The form with the citation picked from the list where none was typed."""
    picked = posted.get(f"pick-{posted.get('basis_kind', '')}", "").strip()
    if not picked or posted.get("basis", "").strip():
        return posted
    given = posted.copy()
    given["basis"] = picked
    return given


def _onward(request: HttpRequest, row: Demand) -> HttpResponse:
    """Saved; handed to the head too where that was asked, or ended by an entry."""
    taken = request.POST.get("take", "")
    if not taken and request.POST.get("act") != "file":
        messages.success(request, gettext("草稿已保存"))
        return redirect("demands:edit_demand", number=row.number)
    try:
        if taken:
            usecases.take_entry(row.number, taken, by=request.officer)
        else:
            usecases.file_demand(row.number, by=request.officer)
    except DatongError as error:
        return _form(request, row, request.POST, error)
    said = gettext("已匹配到目录，点“去申请”即可") if taken else gettext("已提交，等待本部门负责人同意")
    messages.success(request, said)
    return redirect("demands:demand", number=row.number)
