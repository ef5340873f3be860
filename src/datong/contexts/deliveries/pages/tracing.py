# SPDX-License-Identifier: Apache-2.0
"""Find whose copy a leaked file is: hand it in, read who got rows in that order."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from datong.contexts.deliveries import permissions, usecases
from datong.kernel.errors import DatongError, Malformed


@require_http_methods(["GET", "POST"])
def trace(request: HttpRequest) -> HttpResponse:
    """Hand a file in; it is read and not kept."""
    permissions.check_may_trace(request.officer)
    more: dict[str, Any] = {"errors": {}}
    if request.method == "POST":
        try:
            more |= {"found": _traced(request), "name": request.FILES["file"].name}
        except DatongError as error:
            more |= {"refusal": error, "errors": error.fields}
    status = more["refusal"].status if "refusal" in more else 200
    return render(request, "deliveries/trace.html", more, status=status)


def _traced(request: HttpRequest) -> list[usecases.Trace]:
    refusal = getattr(request, "upload_refusal", None)
    if refusal is not None:
        raise refusal
    file = request.FILES.get("file")
    if file is None:
        raise Malformed("请选择文件 (choose a file)", fields={"file": "未选择 (none)"})
    with tempfile.TemporaryDirectory(prefix=".trace-", dir=settings.MEDIA_ROOT) as folder:
        held = Path(folder) / "found"
        with held.open("wb") as target:
            for piece in file.chunks():
                target.write(piece)
        return usecases.trace(held, by=request.officer)
