# SPDX-License-Identifier: Apache-2.0
"""Other names people search by: everyone signed in reads them, the authority keeps them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from datong.contexts.catalog import permissions, queries, usecases
from datong.kernel.errors import DatongError


@require_http_methods(["GET", "POST"])
def synonyms(request: HttpRequest) -> HttpResponse:
    """List the pairs; add one."""
    q = request.GET.get("q", "").strip()[:100]
    more: dict[str, Any] = {
        "rows": queries.synonyms(q),
        "values": request.GET,
        "filters": {"q": gettext("名称")},
        "keeps": permissions.check_may_keep_synonyms.allowed(request.officer),
    }
    if request.method == "GET":
        return render(request, "catalog/synonyms.html", more)
    typed = {name: request.POST.get(name, "") for name in ("term", "meaning")}
    try:
        made = usecases.add_synonym(**typed, by=request.officer)
    except DatongError as error:
        more |= {"refusal": error, "errors": error.fields, "values": request.POST}
        return render(request, "catalog/synonyms.html", more, status=error.status)
    messages.success(request, gettext("已增加：%(term)s = %(meaning)s") % {"term": made.term, "meaning": made.meaning})
    return redirect("catalog:synonyms")


@require_POST
def drop_synonym(request: HttpRequest, pair: int) -> HttpResponse:
    """Take a pair away."""
    usecases.drop_synonym(pair, by=request.officer)
    messages.success(request, gettext("已删除"))
    return redirect("catalog:synonyms")
