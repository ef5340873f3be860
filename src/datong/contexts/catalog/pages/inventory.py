# SPDX-License-Identifier: Apache-2.0
"""The inventory of a department: duties, systems, what has no entry; the list of laws and the data elements beside it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datong.contexts.catalog import permissions
from datong.contexts.catalog.domain.inventory import DutyDraft, SystemDraft, SystemOrigin
from datong.contexts.catalog.models import Duty, InformationSystem
from datong.contexts.catalog.pages import listing
from datong.contexts.catalog.queries import inventory as held
from datong.contexts.catalog.usecases import elements as element_cases
from datong.contexts.catalog.usecases import inventory as usecases
from datong.contexts.catalog.usecases import laws as law_cases
from datong.contexts.organisations import face as organisations
from datong.kernel.errors import DatongError
from datong.kernel.labels import choices
from datong.kernel.sharing import BasisRank, ItemType
from datong.wire import lists

MOST_OFFERED = 500
"""Departments offered to choose from."""
KINDS = {"system": _("信息系统"), "duty": _("职责")}
GAP_COLUMNS = (
    listing.Column("kind", _("类别"), lambda gap: gap.kind, lambda gap: str(KINDS[gap.kind])),
    listing.Column("name", _("名称"), lambda gap: gap.name),
    listing.Column("department_name", _("部门"), lambda gap: gap.department_name),
    listing.Column("department", _("部门代码"), lambda gap: gap.department),
    listing.Column("why", _("缺什么"), lambda gap: gap.why),
)
ELEMENT_COLUMNS = (
    listing.Column("code", _("代码"), lambda row: row.code),
    listing.Column("name", _("名称"), lambda row: row.name),
    listing.Column("type", _("类型"), lambda row: row.type, lambda row: gettext(ItemType(row.type).label)),
    listing.Column("definition", _("定义"), lambda row: row.definition),
    listing.Column("code_list", _("值域"), lambda row: row.code_list),
    listing.Column("source_name", _("数源部门"), lambda row: row.source.name if row.source else None),
    listing.Column("source", _("数源部门代码"), lambda row: row.source_id),
)


@require_GET
def inventory(request: HttpRequest) -> HttpResponse:
    """Show duties and systems with what has no entry; `format` gives the gaps as a file."""
    by = request.officer
    report = held.completeness(by)
    if request.GET.get("format") in lists.FORMS:
        return listing.answer(request.GET["format"], "gaps", GAP_COLUMNS, report.gaps, sheet=gettext("编目缺项"))
    more = {
        "report": report,
        "exports": lists.WORDS,
        "systems": held.systems(by).prefetch_related("duties", "resources"),
        "duties": held.duties(by).prefetch_related("systems", "resources"),
        "origins": {one.value: one for one in SystemOrigin},
        "may_keep": permissions.check_may_keep_inventory.allowed(by, by.department),
        "own": by.department,
    }
    return render(request, "catalog/inventory.html", more)


@require_http_methods(["GET", "POST"])
def system(request: HttpRequest, system: int | None = None) -> HttpResponse:
    """Add a system or change one."""
    row = held.system_of(system, by=request.officer) if system else None
    permissions.check_may_keep_inventory(request.officer, row.department_id if row else request.officer.department)
    if request.method == "GET":
        return _system_form(request, row, _system_values(row))
    said = request.POST
    draft = SystemDraft(
        said.get("name", ""), said.get("origin", ""), said.get("description", ""),
        tuple(int(one) for one in said.getlist("duties") if one.isascii() and one.isdigit() and len(one) < 19),
        tuple(said.get("resources", "").split()),
    )  # fmt: skip
    try:
        usecases.keep_system(draft, by=request.officer, system=system)
    except DatongError as error:
        return _system_form(request, row, said, error)
    messages.success(request, gettext("已保存"))
    return redirect("catalog:inventory")


def _system_values(row: InformationSystem | None) -> dict[str, Any]:
    if row is None:
        return {"origin": SystemOrigin.OWN.value}
    codes = " ".join(row.resources.values_list("code", flat=True))
    duties = [str(one.pk) for one in row.duties.all()]
    return {"name": row.name, "origin": row.origin, "description": row.description, "resources": codes, "duties": duties}


def _system_form(
    request: HttpRequest, row: InformationSystem | None, values: Any, error: DatongError | None = None
) -> HttpResponse:
    department = row.department_id if row else request.officer.department
    duties = held.duties(request.officer, department=department).filter(active=True)
    more = {
        "row": row,
        "values": values,
        "errors": error.fields if error else {},
        "refusal": error,
        "origins": choices(SystemOrigin),
        "duties": [(one.pk, one.name) for one in duties],
    }
    return render(request, "catalog/system.html", more, status=error.status if error else 200)


@require_http_methods(["GET", "POST"])
def duty(request: HttpRequest, duty: int | None = None) -> HttpResponse:
    """Add a duty or change one."""
    row = held.duty_of(duty, by=request.officer) if duty else None
    permissions.check_may_keep_inventory(request.officer, row.department_id if row else request.officer.department)
    if request.method == "GET":
        return _duty_form(request, row, _duty_values(row))
    said = request.POST
    draft = DutyDraft(said.get("name", ""), said.get("basis", ""), tuple(said.get("resources", "").split()))
    try:
        usecases.keep_duty(draft, by=request.officer, duty=duty)
    except DatongError as error:
        return _duty_form(request, row, said, error)
    messages.success(request, gettext("已保存"))
    return redirect("catalog:inventory")


def _duty_values(row: Duty | None) -> dict[str, Any]:
    if row is None:
        return {}
    return {"name": row.name, "basis": row.basis, "resources": " ".join(row.resources.values_list("code", flat=True))}


def _duty_form(request: HttpRequest, row: Duty | None, values: Any, error: DatongError | None = None) -> HttpResponse:
    more = {"row": row, "values": values, "errors": error.fields if error else {}, "refusal": error}
    return render(request, "catalog/duty.html", more, status=error.status if error else 200)


@require_POST
def retire(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """Take a system or a duty off the list; it stays on record."""
    (usecases.retire_duty if kind == "duties" else usecases.retire_system)(key, by=request.officer)
    messages.success(request, gettext("已停用，记录保留"))
    return redirect("catalog:inventory")


@require_http_methods(["GET", "POST"])
def laws(request: HttpRequest) -> HttpResponse:
    """The list of laws a withholding may rest on; the authority adds to it."""
    said, error = request.POST, None
    if request.method == "POST":
        try:
            law_cases.add_law(said.get("title", ""), said.get("rank", ""), document=said.get("document", ""), by=request.officer)
        except DatongError as refused:
            error = refused
        else:
            messages.success(request, gettext("已列入清单"))
            return redirect("catalog:laws")
    q = request.GET.get("q", "").strip()
    more = {
        "rows": held.laws(q=q),
        "ranks": choices(BasisRank),
        "may_add": permissions.check_may_list_laws.allowed(request.officer),
        "values": said if error else request.GET,
        "errors": error.fields if error else {},
        "refusal": error,
    }
    return render(request, "catalog/laws.html", more, status=error.status if error else 200)


@require_http_methods(["GET", "POST"])
def elements(request: HttpRequest) -> HttpResponse:
    """Data elements, each with its one source department; the authority keeps them; `format` gives them as a file."""
    said, error = request.POST, None
    if request.method == "POST":
        try:
            _keep_element(request)
        except DatongError as refused:
            error = refused
        else:
            messages.success(request, gettext("已保存"))
            return redirect("catalog:elements")
    rows = held.elements(q=request.GET.get("q", "").strip())
    if (kind := request.GET.get("format")) in lists.FORMS:
        return listing.answer(kind, "elements", ELEMENT_COLUMNS, rows[: listing.MOST_EXPORTED], sheet=gettext("数据元"))
    more = {
        "rows": rows,
        "exports": lists.WORDS,
        "types": choices(ItemType),
        "may_keep": (may_keep := permissions.check_may_name_source.allowed(request.officer)),
        "departments": organisations.departments(region=request.officer.region[:2], limit=MOST_OFFERED) if may_keep else [],
        "values": said if error else request.GET,
        "errors": error.fields if error else {},
        "refusal": error,
    }
    return render(request, "catalog/elements.html", more, status=error.status if error else 200)


def _keep_element(request: HttpRequest) -> None:
    said, by = request.POST, request.officer
    if said.get("act") == "source":
        element_cases.name_source(said.get("code", ""), said.get("department", "").strip(), by=by)
    elif said.get("act") == "release":
        element_cases.release_source(said.get("code", ""), by=by)
    else:
        wanted = ("code", "name", "type", "definition", "code_list", "source")
        values = {name: said.get(name, "").strip() for name in wanted}
        element_cases.add_element(element_cases.ElementDraft(**values), by=by)
