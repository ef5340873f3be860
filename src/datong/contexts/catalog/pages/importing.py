# SPDX-License-Identifier: Apache-2.0
"""批量导入 pages: the template, the workbook handed in, its progress, the sheet that comes back; the export beside them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import IO

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from datong.contexts.catalog import permissions, queries, usecases
from datong.contexts.catalog.domain.imports import RowState
from datong.contexts.catalog.domain.telling import lacking, remarks
from datong.contexts.catalog.models import ImportRow
from datong.contexts.catalog.pages import compiling
from datong.contexts.catalog.queries.importing import import_job
from datong.contexts.catalog.queries.importing import imports as imports_of
from datong.kernel.errors import DatongError, Malformed, Unknown
from datong.wire.workbooks import TYPE

MOST_EXPORTED = 10_000
MOST_SHOWN = 50
THERE = (RowState.IMPORTED, RowState.KNOWN)


@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Hand in a workbook; imports so far."""
    permissions.check_may_compile(request.officer)
    more = {"classes": compiling.class_choices(), "rows": imports_of(request.officer), "values": request.POST, "errors": {}}
    if request.method == "POST":
        try:
            file = request.FILES.get("file")
            if file is None:
                raise Malformed("请选择文件 (choose a file)", fields={"file": "请选择文件 (choose a file)"})
            offer = usecases.offer_file(file.name or "", file.chunks(), taken=("xlsx",), folder=usecases.IMPORTS)
            job = usecases.queue_import(offer, request.POST.get("class_code", ""), by=request.officer)
        except DatongError as error:
            return render(request, "catalog/imports.html", more | {"errors": error.fields, "refusal": error}, status=error.status)
        return redirect("catalog:import", job.pk)
    return render(request, "catalog/imports.html", more)


@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One import; htmx asks for the moving part alone. A post cancels it."""
    if request.method == "POST":
        usecases.cancel_import(number, by=request.officer)
        return redirect("catalog:import", number)
    job = import_job(number, by=request.officer)
    rows = job.rows.select_related("version__resource")
    more = {
        "job": job,
        "moving": job.finished_at is None,
        "refused": [_told(row) for row in rows.filter(state=RowState.REFUSED)[:MOST_SHOWN]],
        "flagged": [_told(row) for row in rows.filter(state__in=THERE).exclude(flags={})[:MOST_SHOWN]],
    }
    return render(request, "catalog/parts/import.html" if request.htmx else "catalog/import.html", more)


def _told(row: ImportRow) -> ImportRow:
    """The row with its remarks, and the columns to be filled in before its entry can be filed."""
    row.told = remarks((row.sheet, row.line), row.item_lines, row.faults, row.flags)  # type: ignore[attr-defined]  for the template
    row.lacking = lacking(row.draft) if row.version_id else []  # type: ignore[attr-defined]
    return row


@require_GET
def sheet(request: HttpRequest, number: int) -> HttpResponse:
    """The workbook that comes back: each row with what became of it."""
    job = import_job(number, by=request.officer)
    if not job.result:
        raise Unknown("还没有导入结果 (there is no result yet)")
    path = Path(settings.NODE_FOLDER.uploads) / job.result
    name = f"{Path(job.name).stem}-{gettext('导入结果')}.xlsx"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=TYPE)


@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """Our template."""
    permissions.check_may_compile(request.officer)
    return _sent(gettext("目录导入模板"), usecases.write_template)


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The department's entries in our template."""
    permissions.check_may_compile(request.officer)
    rows = queries.entries(request.officer, mine=True).prefetch_related("items")[:MOST_EXPORTED]
    return _sent(gettext("本部门目录"), lambda target: usecases.write_entries(target, rows))


def _sent(name: str, write: Callable[[IO[bytes]], None]) -> HttpResponse:
    held = io.BytesIO()
    write(held)
    header = content_disposition_header(as_attachment=True, filename=f"{name}.xlsx")
    return HttpResponse(held.getvalue(), TYPE, headers={"Content-Disposition": header})
