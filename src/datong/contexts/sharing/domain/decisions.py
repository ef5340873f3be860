# SPDX-License-Identifier: Apache-2.0
"""What a decision may give: never more than was asked for, and masks where persons are concerned.

Kept here: fewer items, narrower rows, fewer channels, a smaller quota, a shorter term are the provider's to choose; more
of anything is refused (809 arts. 20 and 25). An item whose mask is left open is masked when it is personal information
under conditional sharing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from datong.contexts.sharing.domain.rows import RowRule, row_faults
from datong.kernel.errors import Malformed
from datong.kernel.masks import NONE, PRESETS, Mask
from datong.kernel.sharing import ItemType, SharingType

UNEXPLAINED = "少于申请内容须说明理由 (809 art. 21: say why less is given)"
DEFAULT_MAX_ROWS = 100
FASTEST = 100_000
LARGEST_MAX_ROWS = 10_000
MASK_WORDS: Mapping[str, tuple[str, ...]] = {
    "resident_id": ("身份证", "身份号码", "证件号"),
    "phone": ("电话", "手机", "联系方式"),
    "name": ("姓名", "名字", "法定代表人", "法人代表", "联系人", "负责人"),
    "address": ("地址", "住址", "住所"),
    "birth_date": ("出生", "生日"),
}
"""Preset mask to words in an item's name that call for it."""


@dataclass(frozen=True, slots=True)
class GrantedItem:
    """One item given; a mask of None leaves it to the rule."""

    field: str
    mask: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the provider gives; None means as requested.

    Attributes:
        max_rows: Most rows of one answer.
        per_second: Calls a second; None for what the node gives by itself.
        burst: Calls that may come together after a rest; None for those of a second.
        at_once: Calls under way at once; None for what the node gives by itself.
        require_purpose: Each call states the purpose.
        require_case: Each call states a case number.
    """

    items: tuple[GrantedItem, ...] | None = None
    channels: tuple[str, ...] | None = None
    rows: tuple[RowRule, ...] | None = None
    term_from: date | None = None
    term_until: date | None = None
    quota_per_day: int | None = None
    max_rows: int = DEFAULT_MAX_ROWS
    per_second: int | None = None
    burst: int | None = None
    at_once: int | None = None
    require_purpose: bool = True
    require_case: bool = False
    opinion: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What was asked for, or what is given after a decision is laid over it."""

    items: tuple[GrantedItem, ...]
    channels: tuple[str, ...]
    rows: tuple[RowRule, ...]
    term_from: date
    term_until: date
    quota_per_day: int | None


def default_mask(name: str, *, personal: bool, sharing_type: str) -> Mask:
    """Give the mask of an item whose mask was left open; redacts what it cannot place."""
    if not personal or sharing_type != SharingType.CONDITIONAL:
        return NONE
    fitting = (preset for preset, words in MASK_WORDS.items() if any(word in name for word in words))
    return PRESETS[next(fitting, "secret")]


def settle(asked: Terms, decision: Decision, today: date) -> Terms:
    """Lay a decision over what was asked for.

    Args:
        asked: Of the request.
        decision: Of the provider.
        today: In Shanghai; no grant begins before it.

    Raises:
        Malformed: With each field that gives more than was asked, or nothing at all.
    """
    given = Terms(
        items=asked.items if decision.items is None else decision.items,
        channels=asked.channels if decision.channels is None else decision.channels,
        rows=asked.rows if decision.rows is None else decision.rows,
        term_from=max(decision.term_from or asked.term_from, today),
        term_until=decision.term_until or asked.term_until,
        quota_per_day=asked.quota_per_day if decision.quota_per_day is None else decision.quota_per_day,
    )
    faults = _more(asked, given) | _empty(given) | _item_faults(given.items) | row_faults(given.rows)
    if not 1 <= decision.max_rows <= LARGEST_MAX_ROWS:
        faults["max_rows"] = f"1到{LARGEST_MAX_ROWS} (1 to {LARGEST_MAX_ROWS})"
    faults |= _pace_faults(decision)
    if set(lessened(asked, given, today)) - {"masks"} and not decision.opinion.strip():
        faults["opinion"] = UNEXPLAINED
    if faults:
        remedy = "按申请范围内调整 (stay within the request)"
        raise Malformed("不能按此同意 (this cannot be granted)", fields=faults, remedy=remedy)
    return given


def _more(asked: Terms, given: Terms) -> dict[str, str]:
    faults: dict[str, str] = {}
    extra = {item.field for item in given.items} - {item.field for item in asked.items}
    if extra:
        faults["items"] = f"超出申请 (not asked for): {', '.join(sorted(extra))}"
    beyond = set(given.channels) - set(asked.channels)
    if beyond:
        faults["channels"] = f"超出申请 (not asked for): {', '.join(sorted(beyond))}"
    if not all(any(rule.implies(wanted) for rule in given.rows) for wanted in asked.rows):
        faults["rows"] = "行范围宽于申请 (wider than asked for)"
    if given.term_until > asked.term_until:
        faults["term_until"] = f"不得晚于 {asked.term_until} (no later)"
    if given.term_from < asked.term_from:
        faults["term_from"] = f"不得早于 {asked.term_from} (no earlier)"
    if asked.quota_per_day is not None and (given.quota_per_day or 0) > asked.quota_per_day:
        faults["quota_per_day"] = f"不得超过 {asked.quota_per_day} (no more)"
    return faults


def _pace_faults(decision: Decision) -> dict[str, str]:
    wished = {name: getattr(decision, name) for name in ("per_second", "burst", "at_once")}
    wrong = {name for name, value in wished.items() if value is not None and not 1 <= value <= FASTEST}
    faults = dict.fromkeys(sorted(wrong), f"1到{FASTEST} (1 to {FASTEST})")
    if decision.burst is not None and decision.per_second is None:
        faults["per_second"] = "填写突发次数须同时填写每秒次数 (a burst wants the calls a second)"
    return faults


def _empty(given: Terms) -> dict[str, str]:
    faults: dict[str, str] = {}
    if not given.items:
        faults["items"] = "至少同意一个数据项，否则应不同意 (give one item at least, or refuse)"
    if not given.channels:
        faults["channels"] = "至少同意一种方式 (give one channel at least)"
    if given.term_until < given.term_from:
        faults["term_until"] = "使用时限为空 (the term is empty or has passed)"
    if given.quota_per_day is not None and given.quota_per_day < 1:
        faults["quota_per_day"] = "1或更大 (1 or more)"
    return faults


def _item_faults(items: Iterable[GrantedItem]) -> dict[str, str]:
    faults: dict[str, str] = {}
    seen: set[str] = set()
    for place, item in enumerate(items):
        if item.field in seen:
            faults[f"items.{place}.field"] = "重复 (given twice)"
        seen.add(item.field)
        try:
            Mask.parse(item.mask or "none")
        except Malformed as fault:
            faults[f"items.{place}.mask"] = fault.fields.get("mask", fault.message)
    return faults


def unsuited(mask: str, kind: str, place: str) -> dict[str, str]:
    """Say of a mask that is not made for the type of its item that it is not: it would hide the item wholly, unsaid."""
    if Mask.parse(mask).suits(ItemType(kind)):
        return {}
    return {place: f"这种给法不适合{ItemType(kind).label}，会整项隐去，请另选 (not made for this type: it would hide everything)"}


def lessened(asked: Terms, given: Terms, today: date) -> tuple[str, ...]:
    """Name what a decision gives less of than was asked: items, channels, rows, term, quota, masks.

    A limit of calls that nobody asked about is no less; nor is a term that began meanwhile.
    """
    less = {
        "items": {item.field for item in given.items} < {item.field for item in asked.items},
        "channels": set(given.channels) < set(asked.channels),
        "rows": set(given.rows) != set(asked.rows),
        "term": given.term_until < asked.term_until or given.term_from > max(asked.term_from, today),
        "quota": asked.quota_per_day is not None and (given.quota_per_day or 0) < asked.quota_per_day,
        "masks": any(item.mask not in (None, "none") for item in given.items),
    }
    return tuple(name for name, so in less.items() if so)
