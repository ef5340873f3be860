# SPDX-License-Identifier: Apache-2.0
"""Pages to attach data: hand in a file or a table, see what it holds, pair items with columns, follow the batch.

Kept here: a file is handed in once; between the steps it is held below the uploads folder and named by a signed token.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from datong.contexts.catalog import face as catalog
from datong.contexts.exchange import permissions, queries, usecases
from datong.kernel.errors import DatongError, Malformed

SALT = "exchange.held"
HELD_FOR = 24 * 3600
OPTIONS = ("encoding", "delimiter", "sheet", "header_row")
PAIR = "column-"


@require_http_methods(["GET", "POST"])
def attach(request: HttpRequest, head: int, sequence: int) -> HttpResponse:
    """Hand in, look, pair, attach: one address, three steps."""
    view = catalog.resource(f"{head}/{sequence}", by=request.officer)
    permissions.check_may_attach(request.officer, view.provider)
    shown: dict[str, Any] = {"resource": view, "values": request.POST, "errors": {}}
    if request.method == "POST":
        try:
            offer = _offer(request, view)
            if request.POST.get("step") == "attach":
                made = usecases.attach(view.code, offer, by=request.officer)
                return redirect("exchange:batch", number=made.pk)
            shown |= _look(view, offer, request)
        except Malformed as error:
            shown |= {"errors": error.fields, "refusal": error} | _again(view, request)
    return render(request, "exchange/attach.html", shown, status=422 if shown.get("refusal") else 200)


@require_GET
def batch(request: HttpRequest, number: int) -> HttpResponse:
    """One batch; htmx asks for the moving part alone."""
    found = queries.batch(number, by=request.officer)
    aside = usecases.quarantine(number, by=request.officer, limit=50) if found.rows_bad else []
    template = "exchange/_batch.html" if request.htmx else "exchange/batch.html"
    return render(request, template, {"batch": found, "aside": aside, "moving": found.finished_at is None})


@require_GET
def batches(request: HttpRequest) -> HttpResponse:
    """Batches the officer may see, newest first."""
    return render(request, "exchange/batches.html", {"batches": queries.batches_visible(request.officer)})


def _offer(request: HttpRequest, view: catalog.ResourceView) -> usecases.Offer:
    form = request.POST
    options: dict[str, Any] = {name: form[name].strip() for name in OPTIONS if form.get(name, "").strip()}
    if not options.get("header_row", "1").isdigit():
        raise Malformed("表头所在行是数字 (the header row is a number)", fields={"header_row": "1, 2, 3 …"})
    mapping = {item.field: form[PAIR + item.field] for item in view.items if form.get(PAIR + item.field)}
    if form.get("dsn", "").strip():
        table = form.get("table", "").strip()
        if not table:
            raise Malformed("填写库表名 (name the table)", fields={"table": "schema.table"})
        return usecases.Offer(name=table, dsn=form["dsn"].strip(), options={"table": table}, mapping=mapping)
    file = request.FILES.get("file")
    if file is not None:
        fresh = usecases.Offer(name=file.name, pieces=file.chunks(), options=options)
        return usecases.Offer(name=file.name, options=options, mapping=mapping, held=usecases.hold(fresh))
    name, held = _held(request, view)
    return usecases.Offer(name=name, options=options, mapping=mapping, held=held)


def _held(request: HttpRequest, view: catalog.ResourceView) -> tuple[str, usecases.Held]:
    try:
        said = signing.loads(request.POST.get("held", ""), salt=SALT, max_age=HELD_FOR)
    except signing.BadSignature:
        raise Malformed(
            "选择文件，或者填写库表 (choose a file, or name a table)", fields={"file": "选择文件 (choose a file)"}
        ) from None
    if (said["code"], said["account"]) != (view.code, request.officer.account):
        raise Malformed("重新选择文件 (choose the file again)", fields={"file": "选择文件 (choose a file)"})
    return said["name"], usecases.Held(said["stored"], said["digest"])


def _look(view: catalog.ResourceView, offer: usecases.Offer, request: HttpRequest) -> dict[str, Any]:
    seen = usecases.inspect_upload(view.code, offer, by=request.officer)
    token = ""
    if offer.held is not None:
        said = {"name": offer.name, "code": view.code, "account": request.officer.account, **asdict(offer.held)}
        token = signing.dumps(said, salt=SALT)
    pairs = [{"item": item, "column": seen["proposed"].get(item.field, "")} for item in view.items]
    return {"seen": seen, "pairs": pairs, "held": token, "name": offer.name}


def _again(view: catalog.ResourceView, request: HttpRequest) -> dict[str, Any]:
    """What was found before, so that a wrong pair does not cost the file."""
    try:
        return _look(view, _offer(request, view), request)
    except DatongError:
        return {}
