# SPDX-License-Identifier: Apache-2.0
"""The compile form: begin an entry, go on with a draft, hand it to the head."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from datong.contexts.catalog import permissions, queries, usecases
from datong.contexts.catalog.domain import EDITABLE, EntryDraft, ItemDraft
from datong.contexts.catalog.domain.merging import fingerprint
from datong.contexts.catalog.models import Version
from datong.contexts.catalog.pages import forms, merging
from datong.contexts.catalog.queries import inventory
from datong.kernel.errors import Conflict, DatongError, Malformed, Unknown

MOST_OFFERED = 1000
"""Data elements the form offers to choose from."""


def _form(
    request: HttpRequest, draft: EntryDraft, row: Version | None, error: DatongError | None = None, values: Any = None
) -> HttpResponse:
    errors = error.fields if error else {}
    values = values or (request.POST if error else forms.shown(draft) | _state(draft, row))
    more: dict[str, Any] = {
        "row": row,
        "values": values,
        "errors": errors,
        "refusal": error,
        "rows": forms.table(draft.items, errors),
        "blank": {"item": ItemDraft(), "errors": {}},
        "classes": class_choices(),
        "laws": _citations(),
        "elements": inventory.elements()[:MOST_OFFERED],
        "base": values.get("base", ""),
        "revision": values.get("revision", ""),
    }
    return render(request, "catalog/compile.html", forms.OPTIONS | more, status=error.status if error else 200)


def _state(draft: EntryDraft, row: Version | None) -> dict[str, Any]:
    """What the form remembers of the draft it began from."""
    return {"revision": row.revision if row else "", "base": fingerprint(draft)}


def _citations() -> list[tuple[str, str]]:
    """Bases a withholding may cite: 《title》, and each article cited often with its gist."""
    made = []
    for law in inventory.laws(in_force=True):
        made.append((f"《{law.title}》", law.document))
        made += [(f"《{law.title}》{one.article}", one.gist) for one in law.articles.all()]
    return made


def class_choices() -> list[tuple[str, str]]:
    """Classes an entry may have, each with the names of all above it."""
    rows = list(queries.classes())
    names = {one.code: one.name for one in rows}
    return [(one.code, f"{one.code} {_way(one.code, names)}") for one in rows if one.level >= 3]


def _way(code: str, names: Mapping[str, str]) -> str:
    return " / ".join(names[code[:end]] for end in (1, 3, *range(6, len(code) + 1)) if code[:end] in names)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin an entry."""
    permissions.check_may_compile(request.officer)
    if request.method == "GET":
        return _form(request, EntryDraft(), None)
    draft = forms.read(request.POST)
    try:
        row = usecases.compile_entry(draft, by=request.officer)
    except DatongError as error:
        return _form(request, draft, None, error)
    return _onward(request, row, draft)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, version: int) -> HttpResponse:
    """Go on with a draft or a returned entry."""
    row = queries.version_of(version, by=request.officer)
    permissions.check_may_edit(request.officer, row.resource.provider_id)
    if request.method == "GET":
        if row.stage not in EDITABLE:
            return redirect("catalog:entry", version)
        return _form(request, queries.as_draft(row), row)
    draft = forms.read(request.POST)
    try:
        row = usecases.revise_entry(version, draft, by=request.officer, revision=_revision(request))
    except Conflict:
        return merging.both(request, queries.version_of(version, by=request.officer), draft, request.POST.get("base", ""))
    except DatongError as error:
        return _form(request, draft, row, error)
    return _onward(request, row, draft)


def _revision(request: HttpRequest) -> int | None:
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _onward(request: HttpRequest, row: Version, draft: EntryDraft) -> HttpResponse:
    """Saved; filed too where that was asked, else back with every field that is still missing."""
    if request.POST.get("act") != "file":
        messages.success(request, gettext("草稿已保存"))
        return redirect("catalog:edit", row.pk)
    try:
        usecases.file_entry(row.pk, by=request.officer)
    except Malformed as error:
        request.POST = request.POST.copy()
        for name, value in _state(queries.as_draft(row), row).items():
            request.POST[name] = str(value)
        return _form(request, draft, row, error)
    messages.success(request, gettext("已报送，等待本部门负责人同意"))
    return redirect("catalog:entry", row.pk)


@require_POST
def merge(request: HttpRequest, version: int) -> HttpResponse:
    """Save what was chosen of two sides; another save in between shows them again, with these choices as mine."""
    row = queries.version_of(version, by=request.officer)
    permissions.check_may_edit(request.officer, row.resource.provider_id)
    if row.stage not in EDITABLE:
        return redirect("catalog:entry", version)
    draft, mine = merging.chosen(request, row)
    if _revision(request) != row.revision:
        return merging.both(request, row, mine, request.POST.get("base", ""))
    try:
        usecases.revise_entry(version, draft, by=request.officer, revision=row.revision)
    except Malformed as error:
        return _form(request, draft, row, error, values=forms.shown(draft) | _state(queries.as_draft(row), row))
    messages.success(request, gettext("两份修改已合并并保存"))
    return redirect("catalog:edit", version)


@require_POST
def autosave(request: HttpRequest, version: int) -> JsonResponse:
    """Keep a draft while it is typed; what does not read yet stays in the browser."""
    try:
        row = usecases.revise_entry(version, forms.read(request.POST), by=request.officer, revision=_revision(request))
    except (Malformed, Conflict, Unknown) as error:
        return JsonResponse({"error": error.code}, status=error.status)
    return JsonResponse({"revision": row.revision, "base": fingerprint(queries.as_draft(row))})
