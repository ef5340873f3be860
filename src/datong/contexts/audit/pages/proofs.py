# SPDX-License-Identifier: Apache-2.0
"""Records of the evidence: searched, and each with its proof as a tree that the reader's own browser computes again."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from datong.contexts.audit import queries, usecases
from datong.contexts.audit.pages.trees import picture
from datong.kernel import canonical
from datong.kernel.errors import Conflict, DatongError, Malformed, Unavailable
from datong.ledger.receipts import Receipt
from datong.ledger.search import Wanted
from datong.wire.instants import instant, text_of

ASKED = ("grant", "request_id", "since", "until")
COMMON = ("grant", "request_id")
EACH = 50
LONGEST = 100
LONGEST_KNOWN = 200_000


@require_GET
def records(request: HttpRequest) -> HttpResponse:
    """Show the newest records that fit; the whole question stands in the address."""
    return _searched(request, request.GET)


@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    """Give all records of a grant or a call as one file that proves itself; what hinders is told above the records."""
    asked = _asked(request.POST)
    where = {name: asked[name] for name in COMMON if asked[name]}
    try:
        file = usecases.export_evidence(where, known=request.POST.get("known", "")[:LONGEST_KNOWN], by=request.officer)
    except (Malformed, Conflict, Unavailable) as error:
        return _searched(request, request.POST, error)
    name = "-".join(re.sub(r"[^A-Za-z0-9]", "", value) for value in where.values()) or "evidence"
    return FileResponse(file, as_attachment=True, filename=f"evidence-{name}.jsonl", content_type="application/jsonl")


def _asked(typed: QueryDict) -> dict[str, str]:
    return {name: typed.get(name, "").strip().replace("\x00", "")[:LONGEST] for name in ASKED}


def _searched(request: HttpRequest, typed: QueryDict, refusal: DatongError | None = None) -> HttpResponse:
    asked = _asked(typed)
    names = queries.log_names()
    log = typed.get("log", "") or next((name for name in names if name != "acts"), "acts")
    shown: dict[str, Any] = {"log": log, "logs": names, "values": {**asked, "log": log}}
    shown["filters"] = {
        "grant": gettext("授权或对象"), "request_id": gettext("调用编号"), "since": gettext("自"), "until": gettext("至"),
    }  # fmt: skip
    try:
        wanted = _wanted(asked)
        page, size = queries.records(log, wanted, by=request.officer, before=_number(typed.get("before")), limit=EACH)
    except Malformed as error:
        return render(request, "audit/records.html", {**shown, "errors": error.fields}, status=error.status)
    older = request.GET.copy() if request.method == "GET" else QueryDict(mutable=True)
    older["before"] = str(page.low)
    rows = [row_of(one.index, one.facts) for one in page.items]
    more = {"rows": rows, "size": size, "low": page.low, "high": page.high, "older": f"?{older.urlencode()}"}
    if refusal is not None:
        more |= {"refusal": refusal, "errors": refusal.fields, "known": typed.get("known", "")[:LONGEST_KNOWN]}
    return render(request, "audit/records.html", shown | more, status=refusal.status if refusal else 200)


def row_of(index: int, facts: Mapping[str, Any]) -> dict[str, Any]:
    """A record as one line, an act and a call alike."""

    def first(*names: str) -> str:
        return next((str(facts[name]) for name in names if facts.get(name)), "")

    return {
        "index": index, "at": first("at"), "tag": first("tag"), "kind": first("kind"), "channel": first("channel"),
        "status": first("status"), "code": first("code"), "about": first("grant", "subject"), "resource": first("resource"),
        "who": first("name", "client", "account"), "office": first("department_name", "department"),
    }  # fmt: skip


def _wanted(asked: dict[str, str]) -> Wanted:
    where = {name: asked[name] for name in COMMON if asked[name]}
    return Wanted(where, *span_of(asked["since"], asked["until"]))


def span_of(since: str, until: str) -> tuple[str, str]:
    """First and last second, in UTC, of days as typed; "" for any.

    Raises:
        Malformed: One is no day.
    """
    first = text_of(instant(since, field="since")) if since else ""
    return first, text_of(instant(until, field="until", closing=True) - 1) if until else ""


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


@require_GET
def proof(request: HttpRequest, log: str, index: int) -> HttpResponse:
    """Show one record and prove it; `format=receipt` gives the proof as a file for the offline verifier."""
    size = _number(request.GET.get("size"))
    found = queries.prove(log, index, size, by=request.officer)
    if request.GET.get("format") == "receipt":
        name = {"Content-Disposition": f'attachment; filename="{log}-{index}.receipt"'}
        return HttpResponse(found.encode() + "\n", "text/plain; charset=us-ascii", headers=name)
    shown = {"log": log, "proof": found, "picture": picture(found), "stamp": _stamp(found), **_given(found)}
    return render(request, "audit/proof.html", shown)


def _stamp(receipt: Receipt) -> queries.StampState | None:
    """Give the earliest time stamp over the record; damage is told where the evidence is verified."""
    try:
        return queries.stamp_of(receipt.origin, receipt.index)
    except Unavailable:
        return None


def _given(receipt: Receipt) -> dict[str, Any]:
    """What the browser needs to compute everything again: nothing of it is believed there."""
    record, mark = receipt.record or b"", receipt.checkpoint
    try:
        text = record.decode()
    except UnicodeDecodeError:
        text = ""
    try:
        shown = json.dumps(canonical.loads(record), ensure_ascii=False, indent=2)
    except DatongError:
        shown = text
    return {
        "text": text,
        "shown": shown,
        "record": base64.b64encode(record).decode(),
        "path": ",".join(step.hex() for step in receipt.path),
        "root": mark.root.hex(),
        "signed": base64.b64encode(mark.signed_bytes).decode(),
        "signature": base64.b64encode(mark.signature).decode(),
        "key": queries.public_key(),
    }
