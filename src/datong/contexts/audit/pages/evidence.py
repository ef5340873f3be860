# SPDX-License-Identifier: Apache-2.0
"""The evidence page: logs and checkpoints, the true verification, and the check of a single receipt."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datong.contexts.audit import queries, usecases
from datong.contexts.audit.permissions import check_may_ask_about_persons, check_may_verify, sees_all
from datong.kernel.errors import DatongError, Unknown

LONGEST_RECEIPT = 200_000


def _page(request: HttpRequest, status: int = 200, **more: object) -> HttpResponse:
    may = sees_all(request.officer)
    asks = check_may_ask_about_persons.allowed(request.officer)
    logs = {"logs": queries.logs(), **_node(), **_stamp(), **_kept()} if may else {}
    shown = {"may_verify": may, "may_ask": asks, **logs}
    return render(request, "audit/evidence.html", shown | more, status=status)


def _node() -> dict[str, object]:
    """Give the newest node checkpoint, or what is wrong with it."""
    try:
        made = queries.node_checkpoint()
    except DatongError as error:
        return {"node_trouble": error.message}
    return {"node": made, "node_line": made.line().decode().rstrip("\n") if made else ""}


def _kept() -> dict[str, object]:
    """Give how long calls are kept, when the next removal is, and the newest one."""
    removals = queries.acts(tag="audit.evidence.prune", limit=1)
    node = settings.NODE
    return {"keep_years": node.keep_calls_years, "prune_hour": node.drift_hour, "removal": next(iter(removals), None)}


def _stamp() -> dict[str, object]:
    """Give the newest time stamp, whether one is late, or what is wrong with them."""
    try:
        late, hours = queries.stamp_late(datetime.now(UTC)), settings.NODE.timestamp_hours
        return {"stamp": queries.newest_stamp(), "stamp_late": late, "stamp_hours": hours}
    except DatongError as error:
        return {"stamp_trouble": error.message}


@require_GET
def evidence(request: HttpRequest) -> HttpResponse:
    """Show the logs to those who see all, the receipt form to everybody."""
    return _page(request)


@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Verify every log from the first record on; what is found is shown and is itself an act."""
    check_may_verify(request.officer)
    return _page(request, reports=usecases.verify_evidence(by=request.officer))


@require_http_methods(["GET", "POST"])
def receipt(request: HttpRequest) -> HttpResponse:
    """Check one receipt."""
    if request.method == "GET":
        return _page(request)
    text = request.POST.get("receipt", "")[:LONGEST_RECEIPT]
    try:
        finding = usecases.verify_receipt(text)
    except DatongError as error:
        return _page(request, error.status, values=request.POST, errors={"receipt": error.message})
    shown = json.dumps(finding.record, ensure_ascii=False, indent=2) if finding.record else ""
    return _page(request, finding=finding, record=shown, values=request.POST)


@require_GET
def public_key(_request: HttpRequest) -> HttpResponse:
    """Give the key by which anyone verifies checkpoints and receipts offline."""
    name = {"Content-Disposition": 'attachment; filename="node.pub"'}
    return HttpResponse(queries.public_key(), "application/x-pem-file", headers=name)


@require_GET
def note(_request: HttpRequest, log: str) -> HttpResponse:
    """Give the newest state of a log as a file for tools of others (C2SP)."""
    name = {"Content-Disposition": f'attachment; filename="{log}.note"'}
    return HttpResponse(usecases.newest_note(log).line(), "text/plain; charset=utf-8", headers=name)


@require_GET
def stamp(_request: HttpRequest) -> HttpResponse:
    """Give the newest stamped checkpoint as a file: the offline verifier checks it by itself."""
    found = queries.newest_stamp()
    if found is None:
        raise Unknown("还没有时间戳 (there is no time stamp yet)")
    name = {"Content-Disposition": f'attachment; filename="stamp-{found.number}.json"'}
    return HttpResponse(found.stamped.line(), "application/json", headers=name)
