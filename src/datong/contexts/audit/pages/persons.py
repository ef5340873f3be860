# SPDX-License-Identifier: Apache-2.0
"""The page that answers who looked at a person's data; the id is sent in a form and stands in no address and no log."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from datong.contexts.audit import usecases
from datong.contexts.audit.pages.proofs import row_of, span_of
from datong.contexts.audit.permissions import check_may_ask_about_persons
from datong.kernel.errors import Malformed

FIELDS = ("purpose", "since", "until")


@never_cache
@sensitive_post_parameters("person")
@require_http_methods(["GET", "POST"])
def persons(request: HttpRequest) -> HttpResponse:
    """Ask, and show the calls found."""
    check_may_ask_about_persons(request.officer)
    if request.method == "GET":
        return render(request, "audit/persons.html", {"values": {}})
    said = {name: request.POST.get(name, "").strip() for name in FIELDS}
    try:
        since, until = span_of(said["since"], said["until"])
        asked = usecases.Question(request.POST.get("person", ""), said["purpose"], since, until)
        found = usecases.who_looked(asked, by=request.officer)
    except Malformed as error:
        errors = {"person": "号码不保留，请重新填写 (not kept: enter it again)", **error.fields}
        return render(request, "audit/persons.html", {"values": said, "errors": errors}, status=error.status)
    rows = [{**row_of(one.index, one.facts), "log": one.log, "purpose": one.facts.get("purpose")} for one in found.items]
    return render(request, "audit/persons.html", {"values": said, "rows": rows, "whole": found.whole})
