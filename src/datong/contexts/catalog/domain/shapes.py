# SPDX-License-Identifier: Apache-2.0
"""Whether what a compiler handed in reads well: lengths, characters, closed lists, identifiers, doubles.

Kept here: every fault is found and told at once, items as `items.0.field`; nothing is mended silently but spaces around
texts, the case of a format type, and the level, which is the highest of all (就高从严).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields

from datong.contexts.catalog.domain.entries import MANDATORY, EntryDraft, ItemDraft, Secrecy
from datong.contexts.catalog.domain.texts import check_choice, check_choices, check_text, cleaned
from datong.kernel.codes import ResourceCode
from datong.kernel.errors import Malformed
from datong.kernel.labels import Labelled
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
    highest,
)

LARGEST_ITEMS = 2000
LARGEST_LENGTH = 2**31 - 1
FIELD = re.compile(r"[a-z][a-z0-9_]{0,62}")
ELEMENT = re.compile(r"[A-Z][A-Z0-9_-]{1,31}")

LONGEST: Mapping[str, int] = {
    "name": 200, "abstract": 1000, "format_type": 40, "sharing_scope": 500, "withheld_basis": 500,
    "withheld_reason": 1000, "use_conditions": 1000, "opening_condition": 500, "secrecy_assessment": 500,
    "personal_assessment": 500, "contact": 200, "system": 200,
}  # fmt: skip
ITEM_LONGEST: Mapping[str, int] = {"name": 100, "code_list": 500, "description": 500}
CHOICES: Mapping[str, type[Labelled]] = {
    "secrecy": Secrecy, "format_class": FormatClass, "sharing_type": SharingType, "withheld_basis_rank": BasisRank,
    "opening_type": OpeningType, "update_cycle": UpdateCycle, "level": Level,
}  # fmt: skip
ITEM_CHOICES: Mapping[str, type[Labelled]] = {
    "type": ItemType, "sharing_type": SharingType, "opening_type": OpeningType, "level": Level,
}  # fmt: skip



def clean(draft: EntryDraft) -> EntryDraft:
    """Give the draft without spaces around its texts, format types in lower case, the level the highest of all."""
    changed = {one.name: _strip(getattr(draft, one.name)) for one in fields(draft) if one.name != "items"}
    items = tuple(_clean_item(item) for item in draft.items)
    changed["format_type"] = changed["format_type"].lower()
    changed["level"] = _level(changed["level"], items)
    return EntryDraft(**changed, items=items)


def check_shape(draft: EntryDraft, known: Mapping[str, str] | None = None) -> None:
    """Check what a draft says; but for the name, what it does not say yet is no fault.

    Args:
        draft: Cleaned.
        known: Faults found elsewhere, told together with these.

    Raises:
        Malformed: With every field at fault, items as `items.0.field`.
    """
    faults = dict(known or {})
    if not draft.name:
        faults["name"] = MANDATORY["name"]
    for name, longest in LONGEST.items():
        check_text(faults, name, getattr(draft, name), longest)
    for name, kind in CHOICES.items():
        check_choice(faults, name, getattr(draft, name), kind)
    check_choices(faults, "sharing_use", draft.sharing_use, Usage)
    check_choices(faults, "sharing_methods", draft.sharing_methods, Channel)
    _check_format(faults, draft)
    _check_related(faults, draft.related)
    _check_items(faults, draft.items)
    if faults:
        raise Malformed("the entry does not read: see the fields", fields=faults, remedy="correct the fields named")


def _check_format(faults: dict[str, str], draft: EntryDraft) -> None:
    if not draft.format_type or "format_type" in faults or draft.format_class not in list(FormatClass):
        return
    allowed = FORMATS[FormatClass(draft.format_class)]
    if allowed and draft.format_type not in allowed:
        faults["format_type"] = f"该格式分类下可选 (choose one of): {', '.join(allowed)}"


def _check_related(faults: dict[str, str], related: Iterable[str]) -> None:
    for position, code in enumerate(related):
        try:
            ResourceCode.parse(code)
        except Malformed:
            faults[f"related.{position}"] = "不是信息资源代码 (not a resource code)"


def _check_items(faults: dict[str, str], items: tuple[ItemDraft, ...]) -> None:
    if len(items) > LARGEST_ITEMS:
        faults["items"] = f"数据项不得超过 {LARGEST_ITEMS} 个 (at most {LARGEST_ITEMS} items)"
        return
    seen: dict[str, set[str]] = {"field": set(), "name": set()}
    for position, item in enumerate(items):
        _check_item(faults, f"items.{position}", item)
        for name, values in seen.items():
            value = getattr(item, name)
            if value and value in values:
                faults[f"items.{position}.{name}"] = "与其他数据项重复 (given twice)"
            values.add(value)


def _check_item(faults: dict[str, str], place: str, item: ItemDraft) -> None:
    for name, longest in ITEM_LONGEST.items():
        check_text(faults, f"{place}.{name}", getattr(item, name), longest)
    for name, kind in ITEM_CHOICES.items():
        check_choice(faults, f"{place}.{name}", getattr(item, name), kind)
    for name, (wrong, words) in ITEM_RULES.items():
        if f"{place}.{name}" not in faults and wrong(item):
            faults[f"{place}.{name}"] = words


ITEM_RULES: Mapping[str, tuple[Callable[[ItemDraft], bool], str]] = {
    "field": (
        lambda item: not FIELD.fullmatch(item.field),
        "小写字母开头，仅含小写字母、数字、下划线，至多63位 (a-z, then a-z 0-9 _, at most 63)",
    ),
    "name": (lambda item: not item.name, "数据项名称必填 (give the name)"),
    "type": (lambda item: not item.type, "数据类型必填 (give the type)"),
    "length": (
        lambda item: item.length is not None and not 1 <= item.length <= LARGEST_LENGTH,
        "长度为1或更大的字节数 (bytes, 1 or more)",
    ),
    "precision": (
        lambda item: item.precision is not None and not 0 <= item.precision <= 18,
        "小数位数为0到18 (0 to 18 decimal places)",
    ),
    "element": (
        lambda item: bool(item.element) and not ELEMENT.fullmatch(item.element),
        "数据元代码：大写字母开头，仅含大写字母、数字、-、_ (code of a data element: A-Z, then A-Z 0-9 - _)",
    ),
    "nullable": (lambda item: item.key and item.nullable, "主键不能为空 (a key is never null)"),
}
"""Field to when it is wrong, and what to say then."""


def _clean_item(item: ItemDraft) -> ItemDraft:
    return ItemDraft(**{one.name: _strip(getattr(item, one.name)) for one in fields(item)})


def _strip(value: object) -> object:
    if isinstance(value, str):
        return cleaned(value)
    return tuple(dict.fromkeys(cleaned(one) for one in value)) if isinstance(value, (list, tuple)) else value


def _level(given: str, items: Iterable[ItemDraft]) -> str:
    """就高从严: the highest of the level given and the items' own."""
    known = [Level(level) for level in (given, *(item.level for item in items)) if level in list(Level)]
    if given and given not in list(Level):
        return given
    return highest(known).value if known else ""
