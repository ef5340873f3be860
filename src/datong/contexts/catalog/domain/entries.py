# SPDX-License-Identifier: Apache-2.0
"""What a compiler hands in, and what an entry must say before it is filed.

Kept here: a draft may lack anything but what it says must read well (`check_shape`); filing wants the nine mandatory
fields of 809 art. 13 and those that follow from others (`missing`), told all at once (一次性告知).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from datong.contexts.catalog.domain.texts import check_choice, check_choices, check_text
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
RULE_13 = "政务数据共享条例第十三条"


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
    "withheld_basis_rank": "不予共享须选择法律、行政法规或国务院决定 (809 art. 14: law, regulation or State Council decision)",
    "withheld_basis": "不予共享须列明依据条款 (809 art. 15: cite the clause)",
    "withheld_reason": "不予共享须列明理由 (809 art. 15: give the reason)",
}


def clean(draft: EntryDraft) -> EntryDraft:
    """Give the draft without spaces around its texts, format types in lower case, the level the highest of all."""
    changed = {one.name: _strip(getattr(draft, one.name)) for one in fields(draft) if one.name != "items"}
    items = tuple(ItemDraft(**{one.name: _strip(getattr(item, one.name)) for one in fields(item)}) for item in draft.items)
    changed |= {"format_type": changed["format_type"].lower(), "level": _level(changed["level"], items), "items": items}
    return EntryDraft(**changed)


def check_shape(draft: EntryDraft) -> None:
    """Check what a draft says; what it does not say yet is no fault.

    Raises:
        Malformed: With every field at fault, items as `items.0.field`.
    """
    faults: dict[str, str] = {}
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
    return lacking | _personal_faults(draft)


def check_complete(draft: EntryDraft) -> None:
    """Check that an entry may be filed.

    Raises:
        Malformed: With each missing field.
    """
    lacking = missing(draft)
    if lacking:
        raise Malformed(
            "the entry is not complete: see the fields", fields=lacking, remedy="fill in the fields named", rule=RULE_13
        )


def _personal_faults(draft: EntryDraft) -> dict[str, str]:
    """PIPL art. 28 and the two axes: what is withheld or personal is not opened unconditionally."""
    if draft.opening_type != OpeningType.OPEN:
        return {}
    if draft.sharing_type == SharingType.WITHHELD:
        return {"opening_type": "不予共享的数据不能无条件开放 (withheld data cannot be open)"}
    raw = any(item.personal and item.opening_type in ("", OpeningType.OPEN) for item in draft.items)
    return {"opening_type": "含个人信息的数据项不能无条件开放 (personal items cannot be open)"} if raw else {}


def _format_class(draft: EntryDraft) -> FormatClass:
    return FormatClass(draft.format_class) if draft.format_class in list(FormatClass) else FormatClass.DOCUMENT


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
    if not FIELD.fullmatch(item.field):
        faults[f"{place}.field"] = "小写字母开头，仅含小写字母、数字、下划线，至多63位 (a-z first, then a-z 0-9 _, at most 63)"
    if not item.name:
        faults[f"{place}.name"] = "数据项名称必填 (give the name)"
    if not item.type:
        faults[f"{place}.type"] = "数据类型必填 (give the type)"
    if item.length is not None and not 1 <= item.length <= LARGEST_LENGTH:
        faults[f"{place}.length"] = "长度为1或更大的字节数 (bytes, 1 or more)"
    if item.precision is not None and not 0 <= item.precision <= 38:
        faults[f"{place}.precision"] = "小数位数为0到38 (0 to 38 decimal places)"
    if item.key and item.nullable:
        faults[f"{place}.nullable"] = "主键不能为空 (a key is never null)"


def _strip(value: object) -> object:
    if isinstance(value, str):
        return value.strip()
    return tuple(dict.fromkeys(one.strip() for one in value)) if isinstance(value, (list, tuple)) else value


def _level(given: str, items: Iterable[ItemDraft]) -> str:
    """就高从严: the highest of the level given and the items' own."""
    known = [Level(level) for level in (given, *(item.level for item in items)) if level in list(Level)]
    if given and given not in list(Level):
        return given
    return highest(known).value if known else ""
