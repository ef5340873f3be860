# SPDX-License-Identifier: Apache-2.0
"""Template tags and filters that every page may use.

Kept here: one colour per kind of stage everywhere, never without its word; labels translated where they are shown.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from typing import Any

from django import template
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.templatetags.static import static
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from datong.config.pages import voices, words
from datong.kernel import actors, sharing
from datong.kernel.errors import Malformed
from datong.kernel.masks import Mask
from datong.wire.tallies import STEPS

register = template.Library()

COLOURS: dict[str, frozenset[str]] = {
    "wait": frozenset(
        {"filed", "reviewing", "endorsed", "consented", "asked", "submitted", "outstanding", "negotiating", "appealed", "replied"}
        | {"held", "paused", "waiting"}
    ),
    "stop": frozenset({"returned", "not_held", "refused", "failed", "declined", "rejected", "breached"}),
    "work": frozenset(
        {"draft", "compiling", "accepted", "queued", "running", "open", "acknowledged", "verifying", "coordinating", "assigned"}
    ),
    "done": frozenset(
        {"corrected", "answered", "matched", "fulfilled", "supplied", "agreed", "instructed", "decided", "carried_out"}
        | {"published", "granted", "active", "landed", "finished", "approved", "closed", "mended", "certified", "recorded"}
        | {"ready", "delivered"}
    ),
}
"""待审核 orange, 驳回 red, 处理中 blue, 已完成 green; whatever is left is over: grey."""
SHARING = {"unconditional": "open", "conditional": "cond", "withheld": "shut"}
SOON = 3
SIZES = (10, 20, 50, 100)
USUAL_SIZE = 20
MOST_COUNTED = 10_000
"""Rows of a list that are counted and paged through; beyond, one narrows or exports."""


def _label(value: Any) -> str:
    return gettext(str(getattr(value, "label", value))) if value not in ("", None) else ""


@register.filter
def label(value: Any) -> str:
    """The label of an enumeration's member in the reader's language."""
    return _label(value)


@register.filter
def labels(values: Any) -> str:
    """Several labels, listed."""
    joint = ", " if get_language() == "en" else "、"
    return joint.join(_label(value) for value in values or ())


@register.filter
def term(value: Any, kind: str) -> str:
    """The label of a stored value of one of the kernel's enumerations: `{{ item.level|term:"Level" }}`."""
    known = getattr(sharing, kind, None) or getattr(actors, kind)
    try:
        return _label(known(value)) if value else ""
    except ValueError:
        return str(value)


@register.filter
def terms(values: Any, kind: str) -> str:
    """Labels of several stored values, listed."""
    joint = ", " if get_language() == "en" else "、"
    return joint.join(term(value, kind) for value in values or ())


@register.simple_tag
def stage(row: Model) -> SafeString:
    """The stage of a row as word and colour."""
    return _badge(row.stage, gettext(row.get_stage_display()))


@register.filter
def act_words(tag: str) -> str:
    """What an act was, in words; its tag where no word is known."""
    return str(words.ACTS.get(tag, tag))


@register.filter
def kind_words(kind: str) -> str:
    """What a record of a gateway is of, in words; itself where no word is known."""
    return str(words.KINDS.get(kind, kind))


@register.simple_tag
def names_of(rows: Any) -> dict[str, str]:
    """Names of the applications and departments that lines of the evidence name by code alone."""
    from datong.contexts.organisations import face as organisations

    clients, offices = ({row[name] for row in rows or () if row[name]} for name in ("who", "office"))
    return organisations.application_names(list(clients)) | organisations.department_names(list(offices))


@register.simple_tag
def person(account: str) -> str:
    """The name of the person behind a sign-in name; the sign-in name where there is none."""
    from datong.contexts.organisations import face as organisations

    return gettext("系统") if account == actors.SYSTEM.account else organisations.account_names([account]).get(account, account)


@register.filter
def code_words(code: str) -> str:
    """What the code of a gateway's answer means, in words; itself where no word is known."""
    return voices.said(words.CODES.get(code, code))


@register.filter
def channel_words(channel: str) -> str:
    """A way of sharing in words; nothing for what is none."""
    return gettext(sharing.Channel(channel).label) if channel in set(sharing.Channel) else ""


@register.filter
def log_words(name: str) -> str:
    """What a log holds, in words; of several gateways each with its number, from the second on."""
    known = words.LOGS.get(name)
    kind, _, number = name.rpartition("-")
    if known is None and kind in words.LOGS and number.isdigit():
        return f"{words.LOGS[kind]} {int(number) + 1}" if int(number) else str(words.LOGS[kind])
    return str(known or name)


@register.filter
def badge(value: Any) -> SafeString:
    """A stage as word and colour."""
    if value in ("", None):
        return SafeString("")
    return _badge(value, _label(value))


def _badge(value: Any, word: str) -> SafeString:
    colour = next((name for name, stages in COLOURS.items() if str(value) in stages), "over")
    return format_html('<span class="stage {}">{}</span>', colour, word)


@register.filter
def sharing_chip(value: Any) -> SafeString:
    """A sharing type as word and border colour."""
    if value in ("", None):
        return SafeString("")
    return format_html('<span class="chip {}">{}</span>', SHARING.get(str(value), ""), term(value, "SharingType"))


@register.filter
def mask_words(value: Any) -> str:
    """What a mask leaves of a value, in words."""
    try:
        mask = Mask.parse(str(value or "none"))
    except Malformed:
        return str(value)
    if mask.kind == "partial":
        ends = {"head": mask.keep_head, "tail": mask.keep_tail}
        if not mask.keep_tail:
            return gettext("保留前 %(head)s 位") % ends
        return (gettext("保留前 %(head)s 位、后 %(tail)s 位") if mask.keep_head else gettext("保留后 %(tail)s 位")) % ends
    if mask.kind == "band":
        return gettext("按 %(width)s 分段") % {"width": mask.width}
    return str(words.FORMS[mask.form] if mask.kind == "format" else words.MASKS[mask.kind])


@register.filter
def voice(text: Any) -> str:
    """The half of a bilingual sentence the reader understands: “名称必填 (give the name)”."""
    return voices.said(str(text or ""))


@register.filter
def lamp(due: date | None) -> SafeString:
    """A due date with the days left (calendar days), as lamp and words."""
    if due is None:
        return SafeString("")
    left = (due - timezone.localdate()).days
    colour, said = _lamp(left)
    shown = gettext("截止 %(due)s") % {"due": due.isoformat()}
    return format_html('<span class="lamp {}" title="{}">{}{}</span>', colour, shown, icon("clock"), said)


def _lamp(left: int) -> tuple[str, str]:
    if left < 0:
        return "red", ngettext("已超期 %(days)s 天", "已超期 %(days)s 天", -left) % {"days": -left}
    if left == 0:
        return "yellow", gettext("今天到期")
    left_words = ngettext("还有 %(days)s 天", "还有 %(days)s 天", left) % {"days": left}
    return ("yellow" if left <= SOON else "green"), left_words


@register.simple_tag
def icon(name: str) -> SafeString:
    """One icon of the sprite; decoration only, so hidden from readers."""
    drawn = '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>'
    return format_html(drawn, static("vendor/icons.svg"), name)


@register.filter
def instant(text: str) -> str:
    """A moment of the evidence (UTC, ISO) as local time; what does not read stays as it is."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return str(text)
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S") if moment.tzinfo else str(text)


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """The value of a mapping at a key that is only known at run time."""
    return mapping.get(key, "") if mapping else ""


@register.filter
def count(number: Any) -> str:
    """A count with its thousands set off; what is no number stays as it is."""
    return f"{number:,}" if isinstance(number, int) else str(number)


@register.filter
def milliseconds(edge: float | None) -> str:
    """A time below which some share of calls lies, by its edge; infinity lies beyond the last one."""
    if edge is None:
        return "—"
    return f"> {STEPS[-1]:,.0f}" if math.isinf(edge) else f"≤ {edge:,.3g}" if edge < STEPS[24] else f"≤ {edge:,.0f}"


@register.filter
def bare(edge: float | None) -> str:
    """The same as a chart takes it; empty where there is none."""
    return "" if edge is None else str(min(edge, STEPS[-1]))


@register.filter
def short(text: Any, length: int = 12) -> str:
    """The head of a long digest or key."""
    word = str(text or "")
    return word if len(word) <= length else f"{word[:length]}…"


@register.inclusion_tag("components/field.html", takes_context=True)
def field(context: template.Context, name: str, label: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    """One labelled field with its clause, its hint and its error beside it.

    Reads `values` (what was typed) and `errors` (field to sentence) of the page. `options` are (value, label) pairs.
    """
    values, errors = context.get("values") or {}, context.get("errors") or {}
    value = more.pop("value", None)
    many = kind == "ticks"
    if value is None:
        value = values.getlist(name) if many and hasattr(values, "getlist") else values.get(name, "")
    options = [(str(one), text) for one, text in more.pop("options", ())]
    return {
        "name": name,
        "label": label,
        "kind": kind,
        "value": [str(one) for one in value] if many else ("" if value is None else value),
        "options": options,
        "error": errors.get(name, ""),
        "id": more.pop("id", f"f-{name}"),
        **more,
    }


@register.filter
def found(text: str, words: Any) -> SafeString:
    """A text with the words that were searched for marked."""
    wanted = "|".join(re.escape(str(escape(word))) for word in words or () if word)
    shown = str(escape(text))
    if wanted:
        shown = re.sub(f"({wanted})", r"<mark>\1</mark>", shown, flags=re.IGNORECASE)
    return mark_safe(shown)  # noqa: S308  escaped above


@register.simple_tag(takes_context=True)
def facet_link(context: template.Context, name: str, value: str) -> str:
    """The address with one filter set, or taken away; from the first page again."""
    asked = context["request"].GET.copy()
    asked.pop("page", None)
    asked.pop(name, None)
    if value:
        asked[name] = value
    return f"?{asked.urlencode()}"


class _AtLeast(int):
    """A count that was broken off; it says so wherever it is shown."""

    def __str__(self) -> str:
        return f"{int(self)}+"


class _Paginator(Paginator):
    """Pages of a list; a table is counted, and paged through, as far as anybody would page."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, broken off at MOST_COUNTED."""
        rows = self.object_list
        if not isinstance(rows, QuerySet) or rows.query.is_sliced:
            return super().count
        found = rows.order_by()[: MOST_COUNTED + 1].count()
        return found if found <= MOST_COUNTED else _AtLeast(MOST_COUNTED)


@register.simple_tag(takes_context=True)
def paginate(context: template.Context, rows: Any) -> Page:
    """The page of `rows` that the address asks for (`page`, `size`)."""
    asked = context["request"].GET
    size = asked.get("size", "")
    each = int(size) if size in {str(one) for one in SIZES} else USUAL_SIZE
    return _Paginator(rows, each).get_page(asked.get("page"))


@register.inclusion_tag("components/pills.html", takes_context=True)
def pills(context: template.Context, filters: Any, count: int | None) -> dict[str, Any]:
    """Active filters as pills that a click removes, behind the count of what fits where it is known.

    `filters` maps a query name to its word, or to (word, {value: label}).
    """
    request = context["request"]
    shown = []
    for name, word in filters.items():
        value = request.GET.get(name, "").strip()
        if not value:
            continue
        said, known = word if isinstance(word, tuple) else (word, {})
        without = request.GET.copy()
        without.pop(name)
        without.pop("page", None)
        label = _label(known.get(value, value))
        shown.append({"label": said, "text": label, "without": f"?{without.urlencode()}"})
    return {"request": request, "pills": shown, "count": count}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: template.Context, page: Any) -> dict[str, Any]:
    """Page links, page size and the count of a list; `page` is a Django page."""
    shown = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    about = {"page": page, "sizes": SIZES, "shown": list(shown), "gap": page.paginator.ELLIPSIS}
    return {"request": context["request"], **about}


@register.inclusion_tag("components/head.html", takes_context=True)
def column(context: template.Context, name: str, label: str) -> dict[str, Any]:
    """A sortable table head: a click sorts, another reverses; the state lives in the address."""
    now = context["request"].GET.get("sort", "")
    wanted = f"-{name}" if now == name else name
    order = {name: "ascending", f"-{name}": "descending"}.get(now, "none")
    return {"request": context["request"], "label": label, "wanted": wanted, "order": order}
