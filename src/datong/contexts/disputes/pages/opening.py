# SPDX-License-Identifier: Apache-2.0
"""The form to open a dispute: one comes from a request, a grant, a report or an entry, which is filled in already."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from datong.contexts.disputes import permissions, queries, usecases
from datong.contexts.organisations import face as organisations
from datong.kernel.disputes import Disputable, Disputed
from datong.kernel.enclosures import File
from datong.kernel.errors import DatongError, Unknown


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Open a dispute."""
    asked = request.POST if request.method == "POST" else request.GET
    kind, code = _named(asked)
    thing = queries.disputed(kind, code, by=request.officer)
    if request.method == "GET":
        given = QueryDict(mutable=True)
        given["matter"] = thing.matters[0].value if len(thing.matters) == 1 else ""
        return _form(request, thing, given)
    try:
        made = usecases.open_dispute(
            kind, code, asked.get("matter", ""), asked.get("claim", ""), by=request.officer, files=uploaded(request)
        )
    except Unknown:
        raise
    except DatongError as error:
        return _form(request, thing, asked, error)
    messages.success(request, gettext("争议已提出，对方已收到通知，双方在下面的记录中协商"))
    return redirect("disputes:dispute", number=made.number)


def uploaded(request: HttpRequest) -> list[File]:
    """Give the files of a form.

    Raises:
        DatongError: Why they were let go while they came.
    """
    refusal = getattr(request, "upload_refusal", None)
    if refusal is not None:
        raise refusal
    return [File(one.name or "", one.chunks()) for one in request.FILES.getlist("files")]


def _named(asked: QueryDict) -> tuple[str, str]:
    for kind in Disputable:
        if asked.get(kind.value):
            return kind.value, asked[kind.value]
    raise Unknown("没有此事项 (there is no such matter)")


def _form(request: HttpRequest, thing: Disputed, given: QueryDict, error: DatongError | None = None) -> HttpResponse:
    by = request.officer
    consumer = thing.consumer or by.department
    party = consumer != thing.provider and permissions.check_is_party.allowed(by, consumer, thing.provider)
    names = organisations.department_names([consumer, thing.provider])
    more = {
        "thing": thing,
        "party": party,
        "consumer": names.get(consumer, ""),
        "provider": names.get(thing.provider, ""),
        "matters": [(one.value, one.label) for one in thing.matters],
        "seat": _seat(consumer, thing.provider) if party else None,
        "values": given,
        "refusal": error,
        "errors": dict(error.fields) if error else {},
    }
    return render(request, "disputes/new.html", more, status=error.status if error else 200)


def _seat(consumer: str, provider: str) -> queries.Seat:
    place = queries.route(organisations.department(consumer).region, organisations.department(provider).region)
    return queries.seat(place.code, place.name)
