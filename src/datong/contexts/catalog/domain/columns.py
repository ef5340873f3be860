# SPDX-License-Identifier: Apache-2.0
"""The words of an entry's fields, as sheets head their columns and pages name what differs."""

from collections.abc import Mapping

ENTRY: Mapping[str, str] = {
    "name": "信息资源名称",
    "class_code": "分类代码",
    "abstract": "信息资源摘要",
    "format_class": "格式分类",
    "format_type": "格式类型",
    "sharing_type": "共享类型",
    "sharing_scope": "共享范围",
    "sharing_use": "使用用途",
    "sharing_methods": "共享方式",
    "withheld_basis_rank": "不予共享依据类别",
    "withheld_basis": "不予共享依据条款",
    "withheld_reason": "不予共享理由",
    "use_conditions": "使用条件",
    "opening_type": "开放属性",
    "opening_condition": "开放条件",
    "update_cycle": "更新周期",
    "level": "数据分级",
    "secrecy": "涉密属性",
    "secrecy_assessment": "保密风险评估",
    "personal_assessment": "个人信息保护影响评估",
    "contact": "联系人",
    "system": "来源系统",
    "related": "关联资源代码",
}
"""Field of `EntryDraft` to its word, in the order a sheet shows them."""
ITEM: Mapping[str, str] = {
    "name": "信息项名称",
    "field": "字段",
    "type": "数据类型",
    "length": "长度",
    "precision": "小数位数",
    "key": "主键",
    "nullable": "可空",
    "query": "可查询",
    "personal": "个人信息",
    "sharing_type": "共享类型",
    "opening_type": "开放属性",
    "level": "数据分级",
    "code_list": "值域",
    "description": "说明",
    "element": "数据元",
}
"""Field of `ItemDraft` to its word, in the order a sheet shows them."""
CLAUSES: Mapping[str, str] = {
    "name": "条例第十三条", "class_code": "编制指南", "abstract": "编制指南", "format_class": "条例第十三条",
    "sharing_type": "条例第十四条", "sharing_scope": "条例第十五条：有条件共享时必填",
    "sharing_use": "条例第十五条：有条件共享时必填", "sharing_methods": "条例第二十二条",
    "withheld_basis_rank": "条例第十四条：不予共享时必填",
    "withheld_basis": "条例第十五条：不予共享时必填", "withheld_reason": "条例第十五条：不予共享时必填",
    "use_conditions": "条例第十三条", "opening_type": "编制指南", "update_cycle": "条例第十三条", "level": "GB/T 43697",
    "secrecy": "条例第三条：国家秘密、工作秘密不得编入",
    "secrecy_assessment": "条例第十三条", "personal_assessment": "条例第十三条",
}  # fmt: skip
"""Field to the clause that asks for it."""
