# SPDX-License-Identifier: Apache-2.0
"""反向编目 pages: choose a source, choose its tables, tick and correct what is proposed, begin drafts.

Kept here: one address, three steps; nothing is ticked when proposals first appear; what was typed survives a refusal;
the address of a database goes back and forth sealed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from datong.contexts.catalog import permissions, usecases
from datong.contexts.catalog.domain import EntryDraft, ItemDraft
from datong.contexts.catalog.domain.proposals import Proposal
from datong.contexts.catalog.pages import compiling, forms
from datong.contexts.connections import face as connections
from datong.kernel.errors import DatongError, Malformed

SEPARATOR = "\x1f"
"""Between schema and table in the value of a tick."""
ENTRY = ("class_code", "format_class", "format_type", "level")


@require_http_methods(["GET", "POST"])
def reverse(request: HttpRequest) -> HttpResponse:
    """Choose, look, confirm."""
    permissions.check_may_compile(request.officer)
    shown: dict[str, Any] = {"values": request.POST, "errors": {}}
    step = request.POST.get("step", "")
    if request.method == "POST":
        try:
            offer = _offer(request, fresh=step == "look")
            shown |= {"held": usecases.seal(offer, by=request.officer), "offer": offer}
            if step == "compile":
                return _compiled(request)
            shown |= _looked(request, offer, step)
        except DatongError as error:
            shown |= {"errors": error.fields, "refusal": error} | _again(request, shown.get("offer"), step, error)
    saved = [(one.number, one.name) for one in connections.connections(request.officer, kinds=connections.DATABASES)]
    more = {"classes": compiling.class_choices(), "saved": saved, **forms.OPTIONS}
    return render(request, "catalog/reverse.html", more | shown, status=shown["refusal"].status if "refusal" in shown else 200)


def _offer(request: HttpRequest, *, fresh: bool) -> usecases.Offer:
    form = request.POST
    if not fresh:
        return usecases.unseal(form.get("held", ""), by=request.officer)
    file = request.FILES.get("file")
    if file is not None:
        return usecases.offer_file(file.name or "", file.chunks(), form.dict())
    if form.get("dsn", "").strip():
        return usecases.offer_address(form["dsn"])
    if form.get("connection", ""):
        return usecases.offer_connection(form["connection"], by=request.officer)
    offer = usecases.unseal(form.get("held", ""), by=request.officer)
    options = {name: form[name].strip() for name in ("sheet", "header_row", "encoding") if form.get(name, "").strip()}
    return replace(offer, options=options)


def _looked(request: HttpRequest, offer: usecases.Offer, step: str) -> dict[str, Any]:
    """Tables of a database first; proposals once tables are chosen, at once for a file."""
    found: dict[str, Any] = {}
    chosen = _chosen(request)
    if offer.kind in ("postgres", "mysql", "sqlite"):
        found["tables"] = [
            {"table": one, "value": f"{one.schema}{SEPARATOR}{one.name}", "ticked": (one.schema, one.name) in chosen}
            for one in usecases.list_tables(offer, by=request.officer)
        ]
        if step == "look" and not chosen:
            return found
    proposals = usecases.propose_entries(offer, chosen, by=request.officer)
    return found | {"proposals": [_section(place, one, {}, {}) for place, one in enumerate(proposals)]}


def _chosen(request: HttpRequest) -> list[tuple[str, str]]:
    pairs = (value.partition(SEPARATOR) for value in request.POST.getlist("tables"))
    return [(schema, name) for schema, mark, name in pairs if mark]


def _section(place: int, proposal: Proposal, typed: Mapping[str, str], errors: Mapping[str, str]) -> dict[str, Any]:
    """One proposal as the page shows it, with what was typed over it."""
    head, tail = f"t{place}-", f"{place}."
    own = {name.removeprefix(tail): words for name, words in errors.items() if name.startswith(tail)}
    rows = [
        {"found": one, "item": _typed(one.item, place, number, typed), "errors": forms.errors_of(number, own), "number": number,
         "taken": bool(typed.get(f"{head}items-{number}-take")), "null_percent": f"{one.null_rate:.0%}",
         "sure": round(100 * one.finding.confidence) if one.finding else 0}
        for number, one in enumerate(proposal.items)
    ]  # fmt: skip
    entry = {name: typed.get(head + name, getattr(proposal.draft, name)) for name in ("name", "abstract")}
    return {"place": place, "prefix": head, "found": proposal, "rows": rows, "errors": own, **entry}


def _typed(item: ItemDraft, place: int, number: int, typed: Mapping[str, str]) -> ItemDraft:
    head = f"t{place}-items-{number}-"
    if f"{head}field" not in typed:
        return item
    row = {name.removeprefix(head): value for name, value in typed.items() if name.startswith(head)}
    return forms.item(row)


def _compiled(request: HttpRequest) -> HttpResponse:
    drafts = _drafts(request.POST)
    made = usecases.compile_proposed(drafts, by=request.officer)
    messages.success(request, gettext("已建立 %(count)s 份草稿，请补齐后报送") % {"count": len(made)})
    return redirect("catalog:edit", made[0].pk) if len(made) == 1 else redirect("/catalog?tab=mine")


def _drafts(posted: QueryDict) -> list[EntryDraft]:
    places = range(usecases.MOST_TABLES)
    return [_draft(posted, place) for place in places if f"t{place}-name" in posted and _ticked(posted, place)]


def _ticked(posted: QueryDict, place: int) -> bool:
    return any(name.startswith(f"t{place}-items-") and name.endswith("-take") for name in posted)


def _draft(posted: QueryDict, place: int) -> EntryDraft:
    """The ticked rows of one section as a draft; a row that is not ticked is not there."""
    head, part = f"t{place}-", QueryDict(mutable=True)
    for name in ENTRY:
        part[name] = posted.get(head + name) or posted.get(name, "")
    for name in posted:
        if not name.startswith(head):
            continue
        bare = name.removeprefix(head)
        row = forms.ROW.fullmatch(bare)
        if row is None or f"{head}items-{row[1]}-take" in posted:
            part[bare] = posted[name]
    return forms.read(part)


def _again(request: HttpRequest, offer: usecases.Offer | None, step: str, error: DatongError) -> dict[str, Any]:
    """What was found before, so that a fault in one row costs nothing that was typed."""
    if offer is None or step == "look":
        return {}
    try:
        found = _looked(request, offer, step if _chosen(request) or offer.kind in ("csv", "xlsx", "parquet") else "look")
    except DatongError:
        return {}
    if step == "compile" and "proposals" in found:
        errors = _placed(request.POST, error.fields) if isinstance(error, Malformed) else {}
        found["proposals"] = [_section(one["place"], one["found"], request.POST, errors) for one in found["proposals"]]
    return found


def _placed(posted: QueryDict, fields: Mapping[str, str]) -> dict[str, str]:
    """Errors by draft and row as they were ticked, brought to section and row as they are shown."""
    sections = [place for place in range(usecases.MOST_TABLES) if f"t{place}-name" in posted and _ticked(posted, place)]
    placed: dict[str, str] = {}
    for name, words in fields.items():
        draft, _dot, rest = name.partition(".")
        if not draft.isdecimal() or int(draft) >= len(sections):
            placed[name] = words
            continue
        section = sections[int(draft)]
        placed[f"{section}.{_row(posted, section, rest)}"] = words
    return placed


def _row(posted: QueryDict, section: int, name: str) -> str:
    parts = name.split(".")
    if parts[0] != "items" or len(parts) < 3:
        return name
    rows = _rows(posted, section)
    return ".".join(("items", str(rows[int(parts[1])]), *parts[2:])) if int(parts[1]) < len(rows) else name


def _rows(posted: QueryDict, section: int) -> Sequence[int]:
    head = f"t{section}-items-"
    ticks = (name.removeprefix(head) for name in posted if name.startswith(head) and name.endswith("-take"))
    return sorted(int(tick.split("-", 1)[0]) for tick in ticks)
