# SPDX-License-Identifier: Apache-2.0
"""Conditions of use: a controlled list, and what was written beside it (809 art. 15: no self-made conditions).

Kept here: whatever is not on the list is flagged for the authority, never refused unread.
"""

import re

from datong.kernel.labels import Labelled

PARTS = re.compile(r"[；;，,。\n]+")


class UseCondition(Labelled):
    """Conditions of use that need no further look."""

    DUTY_ONLY = "duty_only", "仅用于履行法定职责"
    NO_ONWARD = "no_onward", "不得提供给第三方"
    NO_WIDENING = "no_widening", "不得扩大使用范围"
    NO_OTHER_PURPOSE = "no_other_purpose", "不得用于其他目的"
    NO_PUBLICATION = "no_publication", "不得向社会公开"
    CASE_BOUND = "case_bound", "逐件办理时使用"
    NO_STORING = "no_storing", "不得留存"
    DISPOSE = "dispose", "使用完毕按要求销毁"
    KEEP_RECORDS = "keep_records", "使用情况留存不少于三年"
    GRADED_PROTECTION = "graded_protection", "按数据级别采取保护措施"
    NONE = "none", "无特别要求"


LISTED = frozenset(one.label for one in UseCondition)


def parts(text: str) -> tuple[str, ...]:
    """Give the single conditions of a text."""
    return tuple(dict.fromkeys(part.strip() for part in PARTS.split(text) if part.strip()))


def listed(text: str) -> tuple[UseCondition, ...]:
    """Give the conditions of a text that are on the list."""
    found = set(parts(text))
    return tuple(one for one in UseCondition if one.label in found)


def self_made(text: str) -> tuple[str, ...]:
    """Give the conditions of a text that are not on the list."""
    return tuple(part for part in parts(text) if part not in LISTED)


def joined(chosen: tuple[str, ...], free: str) -> str:
    """Give one text of conditions chosen from the list (their values) and conditions in own words."""
    words = [UseCondition(one).label for one in chosen if one in list(UseCondition)]
    return "；".join([*words, *(part for part in parts(free) if part not in words)])
