# SPDX-License-Identifier: Apache-2.0
"""Register a provider's own interface for a resource, try it with a real record, put it in force, withdraw it.

Kept here: what a trial answered is shown once, to whoever tried, and stored nowhere; the address and secret are those of
the connection and never typed here.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from datong.contexts.catalog import face as catalog
from datong.contexts.connections import face as connections
from datong.contexts.exchange import permissions, usecases
from datong.contexts.exchange.domain import UpstreamPlace, UpstreamStage
from datong.contexts.exchange.models import Upstream
from datong.kernel.errors import DatongError, Malformed, Unknown
from datong.kernel.labels import choices

MEMBER, NAME, PLACE, NEEDED, SAMPLE = "member-", "name-", "place-", "needed-", "sample-"
"""Before the field of an item: its place in a row, and what it is as a parameter."""
PAGING = ("paging", "page_parameter", "first_page", "cursor_parameter", "next", "size_parameter", "page_size")
TICKS = ("single", "absent", "repeatable")
HTTP = connections.ConnectionKind.HTTP


@require_GET
def upstream(request: HttpRequest, head: int, sequence: int) -> HttpResponse:
    """The interface of a resource: what is in force, what waits, the form."""
    return _page(request, f"{head}/{sequence}")


@require_POST
def decide(request: HttpRequest, head: int, sequence: int, verb: str) -> HttpResponse:
    """Register, try, put in force or withdraw."""
    code, act = f"{head}/{sequence}", ACTS.get(verb)
    if act is None:
        raise Unknown("没有此操作 (there is no such act)")
    try:
        tried = act(request, code)
    except DatongError as error:
        if isinstance(error, Unknown):
            raise
        return _page(request, code, error=error, verb=verb)
    if tried is not None:
        return _page(request, code, tried=tried)
    return redirect("exchange:upstream", head=head, sequence=sequence)


def _save(request: HttpRequest, code: str) -> None:
    usecases.register(code, _said(request.POST), by=request.officer)
    messages.success(request, gettext("登记已保存，请用一条真实记录测试"))


def _try(request: HttpRequest, code: str) -> Any:
    return usecases.try_upstream(code, _behind(request.POST, SAMPLE), by=request.officer)


def _serve(request: HttpRequest, code: str) -> None:
    usecases.serve_upstream(code, by=request.officer)
    messages.success(request, gettext("接口已启用，授权的调用由它应答"))


def _withdraw(request: HttpRequest, code: str) -> None:
    usecases.withdraw_upstream(code, by=request.officer)
    messages.success(request, gettext("接口已撤下"))


SECONDS = {"timeout": "1 至 30 的整数 (whole, from 1 to 30)", "cache": "0 至 300 的整数 (whole, from 0 to 300)"}
ACTS = {"save": _save, "try": _try, "serve": _serve, "withdraw": _withdraw}


def _said(form: QueryDict) -> usecases.Registration:
    places = _behind(form, PLACE)
    names, needed = _behind(form, NAME), _behind(form, NEEDED)
    parameters = [
        {"item": item, "name": names.get(item) or item, "place": place, "needed": item in needed}
        for item, place in places.items()
        if place
    ]
    return usecases.Registration(
        connection=form.get("connection", ""),
        path=form.get("path", ""),
        method=form.get("method", ""),
        parameters=parameters,
        members=_behind(form, MEMBER),
        rows=form.get("rows", ""),
        paging={name: form[name].strip() for name in PAGING if form.get(name, "").strip()},
        **_seconds(form),
        **{name: form.get(name) == "1" for name in TICKS},
    )


def _behind(form: QueryDict, mark: str) -> dict[str, str]:
    return {name.removeprefix(mark): form[name].strip() for name in form if name.startswith(mark)}


def _seconds(form: QueryDict) -> dict[str, int]:
    said = {name: form.get(name, "").strip() or "0" for name in SECONDS}
    faults = {name: SECONDS[name] for name, text in said.items() if not (text.isascii() and text.isdecimal() and len(text) < 5)}
    if faults:
        raise Malformed("填写整数秒 (whole seconds)", fields=faults)
    return {name: int(text) for name, text in said.items()}


def _page(
    request: HttpRequest, code: str, *, error: DatongError | None = None, verb: str = "", tried: Any = None
) -> HttpResponse:  # fmt: skip
    view = catalog.resource(code, by=request.officer)
    permissions.check_may_attach(request.officer, view.provider)
    rows = usecases.standing(code, by=request.officer)
    draft, serving = rows.get(UpstreamStage.DRAFT), rows.get(UpstreamStage.SERVING)
    source = draft or serving
    values = request.POST.dict() if verb == "save" else _values(source)
    samples = {SAMPLE + name: text for name, text in _behind(request.POST, SAMPLE).items()}
    items = usecases.shared_items(view)
    given = [one["item"] for one in draft.parameters] if draft else []
    more: dict[str, Any] = {
        "resource": view,
        "draft": draft,
        "serving": serving,
        "connections": [(one.number, one.name) for one in connections.connections(request.officer, kinds={HTTP})],
        "items": [(item, *(mark + item.field for mark in (MEMBER, PLACE, NAME, NEEDED))) for item in items],
        "samples": [(item, SAMPLE + item.field) for item in items if item.field in given],
        "places": choices(UpstreamPlace),
        "pagings": choices(connections.Paging),
        "methods": [("GET", "GET"), ("POST", "POST")],
        "words": draft.try_words.split("；") if draft and draft.try_words else [],
        "tried": tried,
        "values": values | samples,
        "errors": _beside(error) if error else {},
        "refusal": error,
        "verb": verb,
    }
    return render(request, "exchange/upstream.html", more, status=error.status if error else 200)


def _beside(error: DatongError) -> dict[str, str]:
    """Each fault beside the fields of its item, whichever of them it is about."""
    beside = {mark + name: words for name, words in error.fields.items() for mark in (MEMBER, SAMPLE)}
    return beside | error.fields


def _values(row: Upstream | None) -> dict[str, Any]:
    """What stands in the form: the registration, or what is usual."""
    if row is None:
        return {"method": "GET", "timeout": "5", "cache": "0"}
    values: dict[str, Any] = {
        "connection": row.connection_id, "path": row.path, "method": row.method, "rows": row.rows,
        "timeout": str(row.timeout), "cache": str(row.cache), **{name: getattr(row, name) for name in TICKS},
    }  # fmt: skip
    values |= {name: str(value) for name, value in row.paging.items()}
    values |= {MEMBER + item: name for item, name in row.members.items()}
    for one in row.parameters:
        values |= {PLACE + one["item"]: one["place"], NAME + one["item"]: one["name"], NEEDED + one["item"]: one["needed"]}
    return values
