# SPDX-License-Identifier: Apache-2.0
"""What a decision gives, as a form: a tick and a way of giving for each item, with what that leaves of a value.

Kept here: the examples are made up, never taken from the data; what was given less of than asked is shown to both sides.
"""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from datong.contexts.catalog import face as catalog
from datong.contexts.sharing.domain import Decision, GrantedItem, RowRule, default_mask
from datong.contexts.sharing.domain.decisions import MASK_WORDS
from datong.contexts.sharing.models import Request
from datong.contexts.sharing.pages import forms
from datong.crypto import ff1
from datong.kernel.errors import Malformed
from datong.kernel.labels import choices
from datong.kernel.masks import FORMS, PRESETS, Mask, apply
from datong.kernel.sharing import Channel, ItemType

MASKS = ("none", *dict.fromkeys(str(mask) for mask in PRESETS.values()), "null")
BY_KIND = (*(f"band:{10**power}" for power in range(1, 6)), *(f"format:{form}" for form in FORMS))
"""Offered for items of the types they are made for."""
EXTRA = 2
"""Row conditions a decider may add."""
EXAMPLES = {
    "resident_id": "110101200001010018",
    "phone": "13800000000",
    "name": _("张三丰"),
    "address": _("幸福市和平区团结路1号2单元"),
    "birth_date": "2000-01-01",
}
"""Preset mask to a made-up value it is made for."""
BY_TYPE = {"D": "2000-01-01", "T": "2000-01-01T08:00:00", "N": "12345", "Y": "12345", "I": "12345", "F": "12345", "B": "12345"}
PREVIEW_KEY = b"preview"


def decision(posted: QueryDict, asked: tuple[RowRule, ...] = ()) -> Decision:
    """Read what a provider gives.

    Args:
        posted: The form.
        asked: Row rules of the request: they stay, the decider may add to them.

    Raises:
        Malformed: A date or a number that is none.
    """
    faults: dict[str, str] = {}
    items = tuple(GrantedItem(name, posted.get(f"mask-{name}") or None) for name in posted.getlist("items"))
    added = added_rules(posted)
    made = Decision(
        items=items,
        channels=tuple(posted.getlist("channels")),
        rows=(*asked, *added) if added else None,
        term_from=forms.day(posted, "term_from", faults),
        term_until=forms.day(posted, "term_until", faults),
        quota_per_day=forms.number(posted, "quota_per_day", faults),
        max_rows=forms.number(posted, "max_rows", faults) or 0,
        per_second=forms.number(posted, "per_second", faults),
        burst=forms.number(posted, "burst", faults),
        at_once=forms.number(posted, "at_once", faults),
        require_purpose=bool(posted.get("require_purpose")),
        require_case=bool(posted.get("require_case")),
        opinion=posted.get("opinion", ""),
    )
    if faults:
        raise Malformed("答复内容有误 (the answer does not read)", fields=faults)
    return made


def added_rules(posted: QueryDict) -> tuple[RowRule, ...]:
    """Read the row conditions a decider added."""
    made = []
    for place in range(EXTRA):
        field, text = posted.get(f"extra-{place}-field", ""), posted.get(f"extra-{place}-values", "").strip()
        values = tuple(value for value in forms.PARTS.split(text) if value)
        if field or values:
            made.append(RowRule(field=field, op=posted.get(f"extra-{place}-op", "in"), values=values))
    return tuple(made)


def shown_extra(posted: QueryDict | None, asked: int, errors: dict[str, str]) -> list[dict[str, Any]]:
    """Lines of the conditions a decider may add, each with its error; those of the request stand before them."""
    lines = []
    for place in range(EXTRA):
        said = {name: (posted or {}).get(f"extra-{place}-{name}", "") for name in ("field", "op", "values")}
        wrong = [words for name, words in errors.items() if name.startswith(f"rows.{asked + place}.")]
        lines.append({**said, "error": wrong[0] if wrong else ""})
    return lines


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
        ticked = given is None or field in given
        lines.append({"field": field, "item": item, "ticked": ticked, "mask": mask, "masks": _previews(item, mask)})
    return lines


def _previews(item: catalog.ItemView | None, chosen: str) -> list[tuple[str, str]]:
    """Each mask that one may choose, the one chosen included, and what it leaves of a made-up value of such an item."""
    name, kind = (item.name, item.type) if item else ("", "")
    fitting = next((preset for preset, words in MASK_WORDS.items() if any(word in name for word in words)), "")
    example = str(EXAMPLES.get(fitting) or BY_TYPE.get(kind) or gettext("示例内容一二三"))
    more = [mask for mask in BY_KIND if kind and Mask.parse(mask).suits(ItemType(kind))]
    offered = dict.fromkeys((*MASKS, *more, chosen))
    return [(mask, _preview(mask, example, kind)) for mask in offered]


def _preview(mask: str, example: str, kind: str) -> str:
    try:
        shown = apply(Mask.parse(mask), example, key=PREVIEW_KEY, kind=ItemType(kind) if kind else None, permute=ff1.encrypt)
    except Malformed:
        return ""
    return "—" if shown is None else str(shown)[:24]


def lessened(row: Request, document: dict[str, Any] | None, view: catalog.ResourceView | None) -> list[dict[str, str]]:
    """What a grant gives less of than was asked, in words: what, asked, given."""
    if document is None:
        return []
    names = {item.field: item.name for item in view.items} if view else {}
    asked = list(row.items.values_list("field", flat=True))
    given = {one["field"]: one["mask"] for one in document["items"]}
    channels = {one: gettext(label) for one, label in choices(Channel)}
    lines = [
        (gettext("信息项"), asked, list(given), names),
        (gettext("共享方式"), list(row.channels), document["channels"], channels),
    ]
    made = [
        {"what": what, "asked": _joined(wanted, words), "given": _joined(got, words)}
        for what, wanted, got, words in lines
        if set(got) < set(wanted)
    ]
    masked = [field for field, mask in given.items() if mask != "none"]
    if masked:
        made.append({"what": gettext("脱敏"), "asked": gettext("原值"), "given": _joined(masked, names)})
    if document["rows"] != row.rows:
        before, after = (forms.said_rules(rules, view) for rules in (row.rows, document["rows"]))
        made.append({"what": gettext("行范围"), "asked": _listed(before) or gettext("全部行"), "given": _listed(after)})
    return made + _numbers(row, document)


def _numbers(row: Request, document: dict[str, Any]) -> list[dict[str, str]]:
    made = []
    if row.term_until and document["not_after"] < row.term_until.isoformat():
        made.append({"what": gettext("用到哪天"), "asked": row.term_until.isoformat(), "given": document["not_after"]})
    quota = document["quota_per_day"]
    if row.quota_per_day and quota and quota < row.quota_per_day:
        made.append({"what": gettext("每日调用次数"), "asked": str(row.quota_per_day), "given": str(quota)})
    return made


def _joined(values: list[str], words: dict[str, str]) -> str:
    return _listed([words.get(value, value) for value in values])


def _listed(words: list[str]) -> str:
    return gettext("、").join(words)
