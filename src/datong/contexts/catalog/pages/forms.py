# SPDX-License-Identifier: Apache-2.0
"""From a submitted form to a draft and back; nothing typed is lost on the way.

Kept here: names of fields in the form are those of the draft; items come as `items-0-name`, errors as `items.0.name`;
a length may carry its decimal places, as "12,2"; conditions of use are ticked from the list, what is beyond it is typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from django.http import QueryDict

from datong.contexts.catalog.domain import EntryDraft, ItemDraft
from datong.contexts.catalog.domain.conditions import UseCondition, joined, listed, self_made
from datong.kernel.labels import choices
from datong.kernel.sharing import (
    FORMATS,
    BasisRank,
    Channel,
    FormatClass,
    ItemType,
    Level,
    OpeningType,
    SharingType,
    UpdateCycle,
    Usage,
)

LISTS = ("sharing_use", "sharing_methods")
TICKS = ("key", "nullable", "query", "personal")
ROW = re.compile(r"items-(\d{1,5})-(\w+)")
MOST_ROWS = 2001
OPTIONS: Mapping[str, Any] = {
    "format_classes": choices(FormatClass),
    "sharing_types": choices(SharingType),
    "usages": choices(Usage),
    "channels": choices(Channel),
    "ranks": choices(BasisRank),
    "opening_types": choices(OpeningType),
    "cycles": choices(UpdateCycle),
    "levels": choices(Level),
    "conditions": choices(UseCondition),
    "item_types": [(value, f"{value} {label}") for value, label in choices(ItemType)],
    "formats": sorted({one for many in FORMATS.values() for one in many}),
    "secrecies": [("none", "非涉密"), ("work_secret", "工作秘密"), ("state_secret", "国家秘密")],
}


def read(posted: QueryDict) -> EntryDraft:
    """Read the draft that a form holds."""
    plain = {one.name: posted.get(one.name, "") for one in fields(EntryDraft) if one.name not in (*LISTS, "items", "related")}
    plain["secrecy"] = plain["secrecy"] or "none"
    chosen = tuple(posted.getlist("conditions"))
    plain["use_conditions"] = joined(chosen, plain["use_conditions"]) if chosen else plain["use_conditions"]
    lists = {name: tuple(posted.getlist(name)) for name in LISTS}
    related = tuple(re.split(r"[\s,，、;；]+", posted.get("related", "").strip())) if posted.get("related", "").strip() else ()
    return EntryDraft(**plain, **lists, related=related, items=tuple(_items(posted)))


def _items(posted: QueryDict) -> list[ItemDraft]:
    rows = _rows(posted)
    return [item(row) for row in rows if any(str(row.get(name, "")).strip() for name in ("name", "field", "type"))]


def _rows(posted: QueryDict) -> list[dict[str, str]]:
    rows: dict[int, dict[str, str]] = {}
    for name in posted:
        found = ROW.fullmatch(name)
        if found and len(rows) < MOST_ROWS:
            rows.setdefault(int(found[1]), {})[found[2]] = posted[name]
    return [rows[place] for place in sorted(rows)]


def item(row: Mapping[str, str]) -> ItemDraft:
    """One row of the table of items."""
    known = {one.name for one in fields(ItemDraft)}
    given: dict[str, Any] = {name: value for name, value in row.items() if name in known}
    length, _comma, precision = row.get("length", "").replace("，", ",").partition(",")
    given |= {"length": _number(length), "precision": _number(precision)}
    return ItemDraft(**(given | {name: bool(row.get(name)) for name in TICKS}))


def _number(text: str) -> int | None:
    """A whole number; what is none becomes -1, so that the check names the field."""
    cleaned = text.strip()
    if not cleaned:
        return None
    return int(cleaned) if cleaned.isascii() and cleaned.isdigit() and len(cleaned) < 12 else -1


def shown(draft: EntryDraft) -> dict[str, Any]:
    """The values of a stored draft as the form's fields want them."""
    values = asdict(draft)
    values["related"] = " ".join(draft.related)
    values["conditions"] = [one.value for one in listed(draft.use_conditions)]
    values["use_conditions"] = "；".join(self_made(draft.use_conditions))
    return values


def table(items: tuple[ItemDraft, ...], errors: Mapping[str, str]) -> list[dict[str, Any]]:
    """Rows of the table of items with the errors of each."""
    rows = [{"item": item, "errors": errors_of(place, errors)} for place, item in enumerate(items)]
    return rows or [{"item": ItemDraft(), "errors": {}}]


def errors_of(place: int, errors: Mapping[str, str]) -> dict[str, str]:
    """The errors of one row, by field."""
    head = f"items.{place}."
    return {name.removeprefix(head): words for name, words in errors.items() if name.startswith(head)}
