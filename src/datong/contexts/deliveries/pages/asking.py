# SPDX-License-Identifier: Apache-2.0
"""The form that asks for a delivery: what the grant lets out is chosen from, never typed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from datong.contexts.catalog import face as catalog
from datong.contexts.connections import face as connections
from datong.contexts.deliveries import permissions, usecases
from datong.contexts.deliveries.domain.asking import CHANNELS, CharacterSet, FileForm, Wanted
from datong.contexts.sharing import face as sharing
from datong.engine.plans.pushing import PushMode
from datong.kernel.errors import DatongError, Unknown
from datong.kernel.labels import choices
from datong.kernel.sharing import Channel

COLUMN = "column-"
USUAL = {
    "channel": Channel.FILE.value, "form": FileForm.CSV.value, "encoding": CharacterSet.UTF8.value, "guard": "1",
    "mode": PushMode.FULL.value,
}  # fmt: skip


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, grant: str) -> HttpResponse:
    """Choose what, in which form, where to; then it is queued."""
    held = sharing.grant(grant, by=request.officer)
    permissions.check_may_take(request.officer, held.consumer)
    if request.method == "GET":
        return _form(request, held)
    try:
        made = usecases.ask(_wanted(held.number, request.POST), by=request.officer)
    except DatongError as error:
        return _form(request, held, error)
    messages.success(request, gettext("已提出交付，在后台进行"))
    return redirect("deliveries:delivery", delivery=made.number)


def _wanted(grant: str, said: QueryDict) -> Wanted:
    table = said.get("channel") == Channel.TABLE
    columns = {name.removeprefix(COLUMN): said[name] for name in said if name.startswith(COLUMN)} if table else {}
    return Wanted(
        grant=grant,
        channel=said.get("channel", ""),
        form=said.get("form", ""),
        encoding=said.get("encoding", ""),
        guard="guard" in said,
        traced="traced" in said,
        connection=said.get("database" if table else "store", ""),
        place=said.get("table" if table else "folder", ""),
        mode=said.get("mode", ""),
        columns={item: column for item, column in columns.items() if column.strip()},
        repeats="repeats" in said,
    )


PLACES = {"connection": {"file": "store", "table": "database"}, "place": {"file": "folder", "table": "table"}}


def _form(request: HttpRequest, held: sharing.GrantView, error: DatongError | None = None) -> HttpResponse:
    by = request.officer
    offered = [(one.value, one.label) for one in CHANNELS if one in held.policy.channels]
    values: Any = request.POST if request.method == "POST" else USUAL | {"channel": offered[0][0] if offered else ""}
    refusal = error
    items: list[dict[str, Any]] = []
    if offered:
        try:
            items = _items(held, values.get("channel", ""), offered)
        except (Unknown, DatongError) as hindrance:
            refusal = refusal or hindrance
    channel = values.get("channel", "")
    more = {
        "grant": held,
        "resource": catalog.served(held.resource),
        "offered": offered,
        "items": items,
        "forms": choices(FileForm),
        "encodings": choices(CharacterSet),
        "modes": choices(PushMode),
        "stores": _connections(by, connections.FILES),
        "databases": _connections(by, connections.DATABASES),
        "values": values,
        "errors": {PLACES.get(name, {}).get(channel, name): words for name, words in error.fields.items()} if error else {},
        "refusal": refusal,
        "cycle": held.document.get("update_cycle") or "",
    }
    return render(request, "deliveries/new.html", more, status=error.status if error else 200)


def _connections(by: Any, kinds: Any) -> list[tuple[str, str]]:
    return [(one.number, f"{one.name} · {one.number}") for one in connections.connections(by, kinds=kinds)]


def _items(held: sharing.GrantView, channel: str, offered: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """What the grant lets out, each with the column it would go into."""
    known = dict(offered)
    _, shapes, keys = usecases.let_out(held.number, channel if channel in known else offered[0][0])
    view = catalog.served(held.resource)
    names = {item.field: item.name for item in view.items} if view else {}
    masks = {one.field: one.mask for one in held.policy.items}
    return [
        {"field": one.field, "name": names.get(one.field, ""), "type": one.type, "mask": masks.get(one.field, "none"),
         "key": one.field in keys}
        for one in shapes
    ]  # fmt: skip
