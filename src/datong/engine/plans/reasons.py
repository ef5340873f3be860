# SPDX-License-Identifier: Apache-2.0
"""Reasons: why a row went into quarantine, as a stable code and the sentence its provider reads."""

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "ragged": "单元格数与表头不一致",
    "bad_quotes": "引号不成对，无法确定单元格边界",
    "nul": "含有空字符 (NUL)",
    "cell_too_long": "单元格超过允许的字符数",
    "not_object": "不是一个 JSON 对象",
    "uncomputed": "公式没有计算结果，请在 Excel 中打开并保存，或粘贴为值",
    "error_cell": "单元格是错误值（如 #N/A）",
    "missing": "必填项为空",
    "too_long": "超过声明的长度（按 UTF-8 字节计）",
    "not_integer": "不是整数",
    "not_number": "不是数值（只允许数字、正负号和一个小数点）",
    "too_precise": "小数位数超过声明的精度",
    "out_of_range": "数值超出可存储的范围",
    "not_float": "不是浮点数",
    "not_date": "不是日期（YYYY-MM-DD、YYYY/MM/DD 或 YYYYMMDD）",
    "no_such_day": "没有这一天",
    "not_time": "不是日期时间（YYYY-MM-DD HH:MM[:SS]，可带时区）",
    "no_such_time": "没有这一时刻",
    "not_boolean": "不是逻辑值（true、false、1、0、是、否）",
    "repeated": "主键重复，首见于第 {first} 行",
}
"""Code to sentence; `{first}` is the line of the row that was kept."""
