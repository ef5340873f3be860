# SPDX-License-Identifier: Apache-2.0
"""Pages to attach data: hand in a file or a table, see what it holds, pair items with columns.

Kept here: a file is handed in once; between the steps it is held below the uploads folder and named by a signed token.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from datong.contexts.catalog import face as catalog
from datong.contexts.connections import face as connections
from datong.contexts.exchange import permissions, usecases
from datong.kernel.errors import DatongError, Malformed, Unavailable
from datong.kernel.labels import choices

SALT = "exchange.held"
OPTIONS = ("encoding", "delimiter", "sheet")
LAST_HEADER = 1000
PAIR = "column-"
READ = "c-"
"""Before the names of what is read through a connection: a table typed with an address is another field."""


@require_http_methods(["GET", "POST"])
def attach(request: HttpRequest, head: int, sequence: int) -> HttpResponse:
    """Hand in, look, pair, attach: one address, three steps."""
    view = catalog.resource(f"{head}/{sequence}", by=request.officer)
    permissions.check_may_attach(request.officer, view.provider)
    shown: dict[str, Any] = {"resource": view, "values": request.POST, "errors": {}, **_offered(request)}
    if request.method == "GET":
        return render(request, "exchange/attach.html", shown)
    offer = None
    try:
        offer = _handed_in(request, view)
        if request.POST.get("step") == "attach":
            made = usecases.attach(view.code, offer, by=request.officer)
            return redirect("exchange:batch", number=made.pk)
        shown |= _look(view, offer, request)
    except (Malformed, Unavailable) as error:
        beside = {READ + name: words for name, words in error.fields.items()}
        beside |= {f"{READ}call": words for name, words in error.fields.items() if name == "path"}
        shown |= {"errors": beside | error.fields, "refusal": error} | (_again(view, offer, request) if offer else {})
    return render(request, "exchange/attach.html", shown, status=shown["refusal"].status if "refusal" in shown else 200)


def _handed_in(request: HttpRequest, view: catalog.ResourceView) -> usecases.Offer:
    """What the form says, with file or address held."""
    form = request.POST
    options: dict[str, Any] = {name: form[name] for name in OPTIONS if form.get(name, "").strip()}
    options |= _header_row(form.get("header_row", "").strip())
    mapping = {item.field: form[PAIR + item.field] for item in view.items if form.get(PAIR + item.field)}
    refusal = getattr(request, "upload_refusal", None)
    if refusal is not None:
        raise refusal
    fresh = _fresh(request, options)
    if fresh is not None:
        return replace(fresh, mapping=mapping, pieces=(), dsn="", held=usecases.hold(fresh))
    said = _held(request, view)
    held = usecases.Held(said["stored"], said["digest"], said["sealed"])
    return usecases.Offer(name=said["name"], options=said["options"] | options, mapping=mapping, held=held)


def _fresh(request: HttpRequest, options: dict[str, Any]) -> usecases.Offer | None:
    """A table or a file handed in with this very form."""
    dsn, table = (request.POST.get(name, "").strip() for name in ("dsn", "table"))
    if dsn:
        if not table:
            raise Malformed("填写库表名 (name the table)", fields={"table": "schema.table"})
        return usecases.Offer(name=table, dsn=dsn, options={"table": table})
    file = request.FILES.get("file")
    if file is not None:
        return usecases.Offer(name=file.name, pieces=file.chunks(), options=options)
    number = request.POST.get("connection", "").strip()
    return usecases.Offer(name=number, connection=number, options=_read(request, number, options)) if number else None


def _read(request: HttpRequest, number: str, options: dict[str, Any]) -> dict[str, Any]:
    """What is read through a connection: of all the form shows what its kind knows."""
    kind = connections.ConnectionKind(connections.check_usable(number, by=request.officer).kind)
    form = {name.removeprefix(READ): request.POST[name].strip() for name in request.POST if name.startswith(READ)}
    form["path"] = form.pop("call", "") if kind is connections.ConnectionKind.HTTP else form.get("path", "")
    known = connections.READINGS[kind]
    return {name: value for name, value in {**options, **form}.items() if value and name in known}


def _offered(request: HttpRequest) -> dict[str, Any]:
    """The connections to choose from, and which fields go with which."""
    rows = list(connections.connections(request.officer))
    groups = {
        "databases": connections.DATABASES,
        "files": connections.READ_FILES,
        "tables": connections.DATABASES | connections.READ_FILES,
        "interfaces": {connections.ConnectionKind.HTTP},
    }
    numbers = {name: [row.number for row in rows if row.kind in kinds] for name, kinds in groups.items()}
    whens = {name: "connection=" + ("|".join(some) or "-") for name, some in numbers.items()}
    chosen = [(row.number, f"{row.name}（{gettext(row.get_kind_display())}）") for row in rows]
    return {"connections": chosen, "whens": whens, "pagings": choices(connections.Paging)}


def _header_row(said: str) -> dict[str, int]:
    if not said:
        return {}
    if not (said.isascii() and said.isdecimal() and len(said) < 5 and 1 <= int(said) <= LAST_HEADER):
        raise Malformed("表头所在行是数字 (the header row is a number)", fields={"header_row": f"1 … {LAST_HEADER}"})
    return {"header_row": int(said)}


def _held(request: HttpRequest, view: catalog.ResourceView) -> dict[str, Any]:
    choose = {"file": "选择文件 (choose a file)"}
    try:
        said: dict[str, Any] = signing.loads(request.POST.get("held", ""), salt=SALT, max_age=usecases.HELD_FOR)
    except signing.BadSignature:
        raise Malformed("选择文件，或者填写库表 (choose a file, or name a table)", fields=choose) from None
    if (said["code"], said["account"]) != (view.code, request.officer.account):
        raise Malformed("重新选择文件 (choose the file again)", fields=choose)
    return said


def _look(view: catalog.ResourceView, offer: usecases.Offer, request: HttpRequest) -> dict[str, Any]:
    seen = usecases.inspect_upload(view.code, offer, by=request.officer)
    pairs = [{"item": item, "column": seen["proposed"].get(item.field, "")} for item in usecases.shared_items(view)]
    return {"seen": seen, "pairs": pairs, **_token(view, offer, request)}


def _token(view: catalog.ResourceView, offer: usecases.Offer, request: HttpRequest) -> dict[str, Any]:
    """What is held, for the next step: named by a token only this officer can use, for this resource."""
    if offer.connection:
        return {"name": offer.name}
    table = {name: value for name, value in offer.options.items() if name == "table"}
    said = {"name": offer.name, "code": view.code, "account": request.officer.account, "options": table}
    return {"held": signing.dumps(said | asdict(offer.held), salt=SALT), "name": offer.name}


def _again(view: catalog.ResourceView, offer: usecases.Offer, request: HttpRequest) -> dict[str, Any]:
    """What was handed in and found before, so that a wrong pair or encoding does not cost the file."""
    try:
        return _look(view, offer, request)
    except DatongError:
        return _token(view, offer, request)
