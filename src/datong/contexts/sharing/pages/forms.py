# SPDX-License-Identifier: Apache-2.0
"""From submitted forms to drafts; what does not read is named, never dropped silently."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import QueryDict

from datong.contexts.catalog import face as catalog
from datong.contexts.sharing.domain import Decision, GrantedItem, RequestDraft, default_mask
from datong.contexts.sharing.models import Request
from datong.contexts.sharing.pages import rows
from datong.kernel.errors import Malformed
from datong.kernel.masks import PRESETS

PARTS = rows.PARTS
MASKS = ("none", *dict.fromkeys(str(mask) for mask in PRESETS.values()))
TEXTS = (
    *("resource", "application", "basis_kind", "basis", "scene", "scope", "purpose", "row_scope"),
    *("delivery_mode", "update_cycle", "amends"),
)


class Values(dict[str, Any]):
    """Stored values that answer like a submitted form."""

    def getlist(self, name: str) -> list[str]:
        """Give the values of a field of several."""
        return list(self.get(name) or [])


def read(posted: QueryDict, resource: str) -> RequestDraft:
    """Read a request.

    Raises:
        Malformed: A date or a number that is none.
    """
    faults: dict[str, str] = {}
    plain = {name: posted.get(name, "").strip() for name in TEXTS} | {"resource": resource}
    plain["basis"] = plain["basis"] or posted.get(f"pick-{plain['basis_kind']}", "").strip()
    draft = RequestDraft(
        **plain,
        channels=tuple(posted.getlist("channels")),
        items=tuple(posted.getlist("items")),
        rows=rows.read(posted),
        term_from=day(posted, "term_from", faults),
        term_until=day(posted, "term_until", faults),
        quota_per_day=number(posted, "quota_per_day", faults),
    )
    if faults:
        raise Malformed("申请内容有误 (the request does not read)", fields=faults)
    return draft


def shown(draft: RequestDraft) -> dict[str, Any]:
    """The values of a stored request as the form's fields want them."""
    values = {name: getattr(draft, name) for name in TEXTS}
    days = {name: getattr(draft, name).isoformat() if getattr(draft, name) else "" for name in ("term_from", "term_until")}
    return values | days | {"channels": list(draft.channels), "quota_per_day": draft.quota_per_day or ""}


def said_rules(rules: list[dict[str, Any]], view: catalog.ResourceView | None) -> list[str]:
    """Row rules as a person reads them; see `rows.said`."""
    return rows.said(rules, view)


def day(posted: QueryDict, name: str, faults: dict[str, str]) -> date | None:
    """Read a day; what is none becomes a fault of that field."""
    text = posted.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        faults[name] = "不是日期，如 2026-12-31 (not a date)"
        return None


def number(posted: QueryDict, name: str, faults: dict[str, str]) -> int | None:
    """Read a whole number; what is none becomes a fault of that field."""
    text = posted.get(name, "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    faults[name] = "须为正整数 (a whole number)"
    return None


def decision(posted: QueryDict) -> Decision:
    """Read what a provider gives.

    Raises:
        Malformed: A date or a number that is none.
    """
    faults: dict[str, str] = {}
    items = tuple(GrantedItem(name, posted.get(f"mask-{name}") or None) for name in posted.getlist("items"))
    made = Decision(
        items=items,
        channels=tuple(posted.getlist("channels")),
        term_until=day(posted, "term_until", faults),
        quota_per_day=number(posted, "quota_per_day", faults),
        max_rows=number(posted, "max_rows", faults) or 0,
        require_purpose=bool(posted.get("require_purpose")),
        require_case=bool(posted.get("require_case")),
        opinion=posted.get("opinion", ""),
    )
    if faults:
        raise Malformed("答复内容有误 (the answer does not read)", fields=faults)
    return made


def decidable(row: Request, view: catalog.ResourceView | None, posted: QueryDict | None) -> list[dict[str, Any]]:
    """Lines of the table of items: as asked for, with the mask that the rule proposes, or as the decider left them."""
    lines = []
    for field in row.items.values_list("field", flat=True):
        item = view.item(field) if view else None
        proposed = "none"
        if item:
            proposed = str(default_mask(item.name, personal=item.personal, sharing_type=item.sharing_type))
        given = posted.getlist("items") if posted else None
        mask = posted.get(f"mask-{field}", proposed) if posted else proposed
        lines.append({"field": field, "item": item, "ticked": given is None or field in given, "mask": mask})
    return lines
