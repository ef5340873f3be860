# SPDX-License-Identifier: Apache-2.0
"""The two pages anybody may use: complain, and look up how a complaint stands (809 art. 37).

Kept here: nothing is asked that is not needed, nothing of the address is kept but a count; what was typed is never lost
on a refusal; no answer is stored by the browser.
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from datong.contexts.disputes import usecases
from datong.contexts.disputes.domain.complaints import About
from datong.kernel.errors import DatongError
from datong.kernel.labels import choices

LONGEST_TYPED = 10_000
FIELDS = {
    "about": "about", "words": "words", "department": "department", "contact": "contact", "website": "trap", "form": "form",
}  # fmt: skip
"""Field of the form to what it is called in a complaint."""


def address_of(request: HttpRequest) -> str:
    """Give the address somebody comes from; behind the node's own proxy, the one that proxy saw."""
    seen = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    return (seen.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR") or "")[:64]


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Complain."""
    if request.method == "GET":
        given = QueryDict(mutable=True)
        given["form"] = secrets.token_hex(16)
        return _form(request, given)
    typed = {name: request.POST.get(field, "")[:LONGEST_TYPED] for field, name in FIELDS.items()}
    try:
        filed = usecases.file_complaint(usecases.Given(**typed), address=address_of(request))
    except DatongError as error:
        return _form(request, request.POST, error)
    return render(request, "disputes/complaint_filed.html", {"filed": filed}, status=201)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def status(request: HttpRequest) -> HttpResponse:
    """Look up a complaint by its number and code."""
    if request.method == "GET":
        return render(request, "disputes/complaint_status.html", {"values": QueryDict()})
    number, code = (request.POST.get(name, "")[:200] for name in ("number", "code"))
    more = {"values": request.POST}
    try:
        found = usecases.look_up(number, code, address=address_of(request))
    except DatongError as error:
        return render(request, "disputes/complaint_status.html", more | {"refusal": error}, status=error.status)
    return render(request, "disputes/complaint_status.html", {"found": found, "values": QueryDict()})


def _form(request: HttpRequest, given: QueryDict, error: DatongError | None = None) -> HttpResponse:
    more = {"abouts": choices(About), "values": given, "refusal": error, "errors": dict(error.fields) if error else {}}
    return render(request, "disputes/complaint_new.html", more, status=error.status if error else 200)
