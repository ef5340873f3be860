# SPDX-License-Identifier: Apache-2.0
"""History of a resource: every version, and any two of them side by side, field by field."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from datong.contexts.catalog.domain.diffs import Change
from datong.contexts.catalog.queries import comparing
from datong.kernel.labels import Labelled
from datong.kernel.sharing import (
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

WORDS: dict[str, Any] = {
    "name": _("名称"), "abstract": _("摘要"), "format_class": _("格式分类"), "format_type": _("格式类型"),
    "sharing_type": _("共享类型"), "sharing_scope": _("共享范围"), "sharing_use": _("使用用途"),
    "sharing_methods": _("共享方式"), "withheld_basis_rank": _("不予共享依据类别"), "withheld_basis": _("不予共享依据"),
    "withheld_reason": _("不予共享理由"), "use_conditions": _("使用条件"), "opening_type": _("开放属性"),
    "opening_condition": _("开放条件"), "update_cycle": _("更新周期"), "level": _("数据分级"),
    "secrecy_assessment": _("保密风险评估"), "personal_assessment": _("个人信息保护影响评估"), "contact": _("联系人"),
    "system": _("来源系统"), "related": _("关联资源代码"), "type": _("类型"), "length": _("长度"), "precision": _("精度"),
    "code_list": _("值域"), "personal": _("个人信息"), "key": _("主键"), "nullable": _("可空"), "query": _("可查询"),
    "description": _("说明"), "element": _("数据元"),
}  # fmt: skip
"""Field of an entry or item to what people call it; a field without a word is shown by its name."""
KINDS: dict[str, type[Labelled]] = {
    "format_class": FormatClass, "sharing_type": SharingType, "sharing_use": Usage, "sharing_methods": Channel,
    "withheld_basis_rank": BasisRank, "opening_type": OpeningType, "update_cycle": UpdateCycle, "level": Level, "type": ItemType,
}  # fmt: skip
NOTHING = frozenset({"", None, ()})


@require_GET
def history(request: HttpRequest, head: int, sequence: int) -> HttpResponse:
    """Show every version and the difference between two: those asked for, else the newest and the one before it."""
    code = f"{head}/{sequence}"
    rows = comparing.versions(code, by=request.officer)
    numbers = [row.number for row in rows]
    new = _number(request.GET.get("new", ""), numbers[0])
    old = _number(request.GET.get("old", ""), next((one for one in numbers if one < new), new))
    before, after, found = comparing.compare(code, old, new, by=request.officer)
    more = {
        "code": code,
        "rows": rows,
        "old": before,
        "new": after,
        "changes": [shown(one) for one in found.fields],
        "items": [(one, [shown(change) for change in one.changes]) for one in found.items],
        "empty": found.empty,
        "versions": [(one, f"v{one}") for one in numbers],
        "values": {"old": str(old), "new": str(new)},
    }
    return render(request, "catalog/history.html", more)


def shown(change: Change) -> dict[str, Any]:
    """Give a change as people read it."""
    return {
        "word": WORDS.get(change.field, change.field),
        "before": _said(change.field, change.before),
        "after": _said(change.field, change.after),
    }


def _said(field: str, value: Any) -> list[Any]:
    """Give the words of a value, several where it is a list; labels are translated where they are shown."""
    if value in NOTHING:
        return []
    if isinstance(value, bool):
        return [_("是") if value else _("否")]
    kind = KINDS.get(field)
    values = value if isinstance(value, tuple) else (value,)
    return [kind(one) if kind and one in list(kind) else one for one in values]


def _number(text: str, usual: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else usual
