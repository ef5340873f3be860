# SPDX-License-Identifier: Apache-2.0
"""The type letter proposed for a column, and why.

Kept here: what a database declares and enforces decides; a file declares nothing, so its values propose, and in doubt
the letter is C: codes with leading zeros, numbers of one width, numbers longer than 15 digits, times of day and
weekdays stay text. Every proposal says its reason to the person who confirms it.
"""

import re
from dataclasses import dataclass

from datong.engine.base import Declared, Profile
from datong.kernel.sharing import ItemType

ENOUGH = 10
"""Fewer values say nothing about a column of numbers."""
LONGEST_WHOLE = 15
LONG_TEXT = 1000
CODES = re.compile(
    r"代码|编号|编码|号码|序号|证号|批号|文号|账号|卡号|邮编|区号|号$|码$|(?:^|_)(?:id|no|code|dm|bh|bm|hm|xh|num|zip)$|(?:Id|No|Code)$",
    re.IGNORECASE,
)
MONEY = re.compile(r"金额|价格|单价|总价|费用|金$|款$|税额|收入|支出|amount|price|fee", re.IGNORECASE)
DAYS = re.compile(r"日期|时间|年月日|日$|(?:^|_)(?:rq|date|day|sj)$|date", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A type letter with length, precision and the reason in both languages."""

    type: ItemType
    length: int | None
    precision: int | None
    why: str


def propose_type(profile: Profile, words: str, declared: Declared | None) -> Proposed:
    """Propose the type of a column.

    Args:
        profile: What its values look like.
        words: Its name and comment.
        declared: What its database declares; None for a file.
    """
    if declared is None:
        return _from_values(profile, words)
    if not declared.enforced and declared.type is not ItemType.C and not _borne_out(declared.type, profile):
        said = declared.declared or "无"
        return _text(profile, f"声明为 {said}，但值不都如此，按文本 (declared, not borne out by the values: text)")
    if declared.type is ItemType.L and not _borne_out(ItemType.L, profile):
        return Proposed(ItemType.I, 1, None, "声明像逻辑型，但值不止 0 和 1 (more values than 0 and 1)")
    return _from_declaration(declared, profile)


def _from_declaration(declared: Declared, profile: Profile) -> Proposed:
    said = f"库中声明为 {declared.declared[:60] or '文本'}"
    why = f"{said}；{declared.note}" if declared.note else f"{said} (as declared)"
    narrow = (declared.length or 0) // 4
    if declared.type is ItemType.C and narrow and _all(profile, "ascii") and profile.longest <= narrow:
        return Proposed(ItemType.C, narrow, None, f"{said}，样本均为半角字符 (as declared; all values are ASCII)")
    return Proposed(declared.type, declared.length, declared.precision, why)


def _from_values(profile: Profile, words: str) -> Proposed:
    if not profile.values:
        return Proposed(ItemType.C, None, None, "没有值，按文本 (no values: text)")
    for judge in (_code, _day, _number, _boolean):
        found = judge(profile, words)
        if found is not None:
            return found
    return _text(profile, "按文本 (text)")


def _code(profile: Profile, words: str) -> Proposed | None:
    if profile.shapes.get("leading_zero"):
        return _text(profile, "有前导零，是代码不是数 (leading zeros: a code, not a number)")
    if profile.shapes.get("clock"):
        return _text(profile, "时刻不是日期，按文本 (a time of day is no date: text)")
    if CODES.search(words) and profile.shapes.get("integer") and not (DAYS.search(words) and _all(profile, "compact_date")):
        return _text(profile, "名称像代码，按文本 (named like a code: text)")
    return None


def _day(profile: Profile, words: str) -> Proposed | None:
    if _all(profile, "date"):
        return Proposed(ItemType.D, None, None, "值都是日期 (every value is a date)")
    if _all(profile, "compact_date") and DAYS.search(words):
        return Proposed(ItemType.D, None, None, "名称是日期，值都是八位日期 (named a date, every value is YYYYMMDD)")
    if _all(profile, "datetime"):
        return Proposed(ItemType.T, None, None, "值都是日期时间 (every value is a date and time)")
    return None


def _number(profile: Profile, words: str) -> Proposed | None:
    whole, fractions = profile.shapes.get("integer", 0), profile.shapes.get("decimal", 0)
    if whole + fractions != profile.values:
        return None
    doubt = _doubt(profile, fractions)
    if doubt:
        return _text(profile, doubt)
    money = bool(MONEY.search(words))
    if fractions or money:
        letter, scale = (ItemType.Y, max(2, profile.scale)) if money else (ItemType.N, profile.scale)
        return Proposed(letter, None, scale, f"值都是数，最多 {profile.scale} 位小数 (every value is a number)")
    return Proposed(ItemType.I, None, None, "值都是长短不一的整数 (whole numbers of different widths)")


def _doubt(profile: Profile, fractions: int) -> str:
    """Why numbers may be codes after all; empty where nothing speaks for it."""
    if profile.values < ENOUGH:
        return "值太少，不猜是数 (too few values to call it a number)"
    if profile.longest > LONGEST_WHOLE + (1 + profile.scale if fractions else 0):
        return "数字太长，按代码 (too many digits: a code)"
    if not fractions and profile.shortest == profile.longest:
        return "数字等长，按代码 (digits of one width: a code)"
    return ""


def _boolean(profile: Profile, _words: str) -> Proposed | None:
    return Proposed(ItemType.L, None, None, "值只有 true 和 false (only true and false)") if _all(profile, "boolean") else None


def _text(profile: Profile, why: str) -> Proposed:
    """Text with the bytes its values took (1272: estimated from the longest); long text is M."""
    if profile.longest_bytes > LONG_TEXT:
        return Proposed(ItemType.M, None, None, why)
    fixed = profile.shortest == profile.longest and profile.values >= ENOUGH
    length = profile.longest_bytes if fixed else -(-profile.longest_bytes * 3 // 2 // 10) * 10
    return Proposed(ItemType.C, length or None, None, why)


def _borne_out(letter: ItemType, profile: Profile) -> bool:
    """Whether the values are what an unenforced declaration says."""
    if letter is ItemType.L:
        return profile.distinct <= 2 and set(profile.samples) <= {"0", "1", "true", "false"}
    shapes = {ItemType.D: ("date",), ItemType.T: ("datetime", "date"), ItemType.I: ("integer",)}
    wanted = shapes.get(letter, ("integer", "decimal"))
    if letter is ItemType.G:
        return True
    return sum(profile.shapes.get(shape, 0) for shape in wanted) >= profile.values


def _all(profile: Profile, shape: str) -> bool:
    return profile.values > 0 and profile.shapes.get(shape, 0) == profile.values
