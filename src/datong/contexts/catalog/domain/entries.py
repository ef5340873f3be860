# SPDX-License-Identifier: Apache-2.0
"""What a compiler hands in, and what an entry must say before it is filed.

Kept here: a draft may lack anything but its name (how it must read stands in `shapes`); filing wants the nine mandatory
fields of 809 art. 13 and those that follow from others (`missing`), told all at once (一次性告知).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from datong.kernel.errors import Malformed
from datong.kernel.labels import Labelled
from datong.kernel.sharing import FORMATS, FormatClass, Level, OpeningType, SharingType

RULE_13 = "政务数据共享条例第十三条"
GUARDED = (Level.CORE, Level.IMPORTANT)
"""Levels whose data leave only by an approval, so never by unconditional opening (GB/T 43697-2024)."""


class Secrecy(Labelled):
    """涉密属性: only what is no secret may enter (809 art. 3)."""

    NONE = "none", "非涉密"
    STATE_SECRET = "state_secret", "国家秘密"
    WORK_SECRET = "work_secret", "工作秘密"


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """One item as handed in; empty texts mean not given."""

    field: str = ""
    name: str = ""
    type: str = ""
    length: int | None = None
    precision: int | None = None
    code_list: str = ""
    sharing_type: str = ""
    opening_type: str = ""
    level: str = ""
    personal: bool = False
    key: bool = False
    nullable: bool = True
    query: bool = False
    description: str = ""
    element: str = ""


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry as handed in; empty texts mean not given yet.

    Attributes:
        class_code: Digits of the class (前段码), six or more; fixed once the code is given.
        secrecy: A `Secrecy`; anything but none is refused and never stored.
        sharing_use: Values of `Usage`.
        sharing_methods: Values of `Channel`.
        secrecy_assessment: Conclusion and document number of 保密风险评估 (809 art. 13).
        personal_assessment: Conclusion and document number of 个人信息保护影响评估 (809 art. 13).
    """

    class_code: str = ""
    name: str = ""
    secrecy: str = Secrecy.NONE.value
    abstract: str = ""
    format_class: str = ""
    format_type: str = ""
    sharing_type: str = ""
    sharing_scope: str = ""
    sharing_use: tuple[str, ...] = ()
    sharing_methods: tuple[str, ...] = ()
    withheld_basis_rank: str = ""
    withheld_basis: str = ""
    withheld_reason: str = ""
    use_conditions: str = ""
    opening_type: str = ""
    opening_condition: str = ""
    update_cycle: str = ""
    level: str = ""
    secrecy_assessment: str = ""
    personal_assessment: str = ""
    contact: str = ""
    system: str = ""
    related: tuple[str, ...] = ()
    items: tuple[ItemDraft, ...] = ()


def said(draft: EntryDraft) -> dict[str, Any]:
    """Give what a draft says as JSON values; `dataclasses.asdict` copies deeply, which thousands of items feel."""
    values = {name: getattr(draft, name) for name in _ENTRY_FIELDS}
    values["items"] = [{name: getattr(item, name) for name in ITEM_FIELDS} for item in draft.items]
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def draft_of(words: Mapping[str, Any]) -> EntryDraft:
    """Give a draft again from its JSON values."""
    lists = {name: tuple(value) for name, value in words.items() if isinstance(value, list) and name != "items"}
    return EntryDraft(**{**words, **lists, "items": tuple(ItemDraft(**item) for item in words["items"])})


ITEM_FIELDS = tuple(one.name for one in fields(ItemDraft))
_ENTRY_FIELDS = tuple(one.name for one in fields(EntryDraft) if one.name != "items")
MANDATORY: Mapping[str, str] = {
    "name": "数据目录名称必填 (give the name)",
    "items": "至少填写一个数据项 (give at least one item)",
    "format_class": "数据格式必填 (give the format)",
    "update_cycle": "数据更新频率必填 (give the update cycle)",
    "sharing_type": "共享属性必填 (give the sharing type)",
    "sharing_methods": "共享方式必填 (give at least one sharing method)",
    "use_conditions": "使用条件必填 (give the conditions of use)",
    "level": "数据分类分级必填 (give the level)",
}
"""Eight of the nine fields of 809 art. 13; the ninth, the provider, is the compiler's department."""
ALSO: Mapping[str, str] = {
    "abstract": "信息资源摘要必填 (1272: give an abstract)",
    "format_type": "信息资源格式类型必填 (1272: give the format type)",
    "opening_type": "开放属性必填 (1272: say whether the public may have it)",
    "secrecy_assessment": "保密风险评估结论和文号必填 (809 art. 13: conclusion and document number)",
    "personal_assessment": "个人信息保护影响评估结论和文号必填 (809 art. 13: conclusion and document number)",
}
CONDITIONAL: Mapping[str, str] = {
    "sharing_scope": "有条件共享须列明共享范围 (809 art. 15: give the scope)",
    "sharing_use": "有条件共享须列明使用用途 (809 art. 15: give the use)",
}
WITHHELD: Mapping[str, str] = {
    "withheld_basis_rank": "不予共享须选择法律、行政法规或国务院决定 (809 art. 14: choose the rank)",
    "withheld_basis": "不予共享须列明依据条款 (809 art. 15: cite the clause)",
    "withheld_reason": "不予共享须列明理由 (809 art. 15: give the reason)",
}


def missing(draft: EntryDraft) -> dict[str, str]:
    """Give everything that keeps an entry from being filed: field to what to give, all at once."""
    wanted = {**MANDATORY, **ALSO}
    withholds = draft.sharing_type == SharingType.WITHHELD
    if withholds:
        del wanted["sharing_methods"]
    if draft.sharing_type == SharingType.CONDITIONAL:
        wanted |= CONDITIONAL
    if withholds or any(item.sharing_type == SharingType.WITHHELD for item in draft.items):
        wanted |= WITHHELD
    if draft.opening_type == OpeningType.CONDITIONAL:
        wanted["opening_condition"] = "有条件开放须填写开放条件 (give the condition of opening)"
    if not FORMATS.get(_format_class(draft), ()):
        wanted.pop("format_type")
    lacking = {name: words for name, words in wanted.items() if not getattr(draft, name)}
    return lacking | _opening_faults(draft)


def check_complete(draft: EntryDraft, known: Mapping[str, str] | None = None) -> None:
    """Check that an entry may be filed.

    Args:
        draft: What it says.
        known: Faults found elsewhere, told together with these.

    Raises:
        Malformed: With each missing field.
    """
    lacking = dict(known or {}) | missing(draft)
    if lacking:
        raise Malformed(
            "the entry is not complete: see the fields", fields=lacking, remedy="fill in the fields named", rule=RULE_13
        )


def _opening_faults(draft: EntryDraft) -> dict[str, str]:
    """PIPL art. 28, GB/T 43697 and the two axes: what is withheld, personal or important is not opened unconditionally."""
    faults = {
        f"items.{place}.opening_type": "重要、核心数据项不能无条件开放 (important and core items cannot be open)"
        for place, item in enumerate(draft.items)
        if item.opening_type == OpeningType.OPEN and item.level in GUARDED
    }
    if draft.opening_type != OpeningType.OPEN:
        return faults
    return faults | _set_faults(draft)


def _set_faults(draft: EntryDraft) -> dict[str, str]:
    if draft.sharing_type == SharingType.WITHHELD:
        return {"opening_type": "不予共享的数据不能无条件开放 (withheld data cannot be open)"}
    guarded = [item for item in draft.items if item.level in GUARDED]
    if (draft.level in GUARDED and not guarded) or any(not item.opening_type for item in guarded):
        return {"opening_type": "重要、核心数据不能无条件开放 (important and core data cannot be open)"}
    raw = any(item.personal and item.opening_type in ("", OpeningType.OPEN) for item in draft.items)
    return {"opening_type": "含个人信息的数据项不能无条件开放 (personal items cannot be open)"} if raw else {}


def _format_class(draft: EntryDraft) -> FormatClass:
    return FormatClass(draft.format_class) if draft.format_class in list(FormatClass) else FormatClass.DOCUMENT
