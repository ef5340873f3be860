# SPDX-License-Identifier: Apache-2.0
"""From submitted forms to drafts; what does not read is named, never dropped silently."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from datong.contexts.catalog import face as catalog
from datong.contexts.sharing.domain import RequestDraft
from datong.contexts.sharing.pages import rows
from datong.kernel.errors import Malformed

PARTS = rows.PARTS
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


def moment(at: datetime | None) -> str:
    """A time as people read it, in Shanghai."""
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M") if at else ""
