# SPDX-License-Identifier: Apache-2.0
"""Resource codes: 政务信息资源代码, 前段码/后段码 (发改高技〔2017〕1272号).

Kept here: head = 类 (1 digit, 1 to 3) + 项 (2) + 目 (3) + 细目 (any number of digits); the tail is a sequence number
without leading zeros, given by the system and never reused. A code read from elsewhere is checked, never mended.
"""

import re
from dataclasses import dataclass
from typing import Self

from datong.kernel.errors import Malformed
from datong.kernel.labels import Labelled

_HEAD = re.compile(r"[123][0-9]{2}[0-9]{3}[0-9]*")
_CODE = re.compile(r"([123][0-9]{2}[0-9]{3}[0-9]*)/([1-9][0-9]*)")
LONGEST_HEAD = 32
LARGEST_SEQUENCE = 2**31 - 1
_RULE = "发改高技〔2017〕1272号"


class Category(Labelled):
    """类: the first digit of a resource code."""

    BASIC = "1", "基础信息资源"
    THEME = "2", "主题信息资源"
    DEPARTMENT = "3", "部门信息资源"


@dataclass(frozen=True, slots=True, order=True)
class ResourceCode:
    """One resource code, such as 3330001001/12.

    Attributes:
        head: 前段码, classification.
        sequence: 后段码, 1 or more.
    """

    head: str
    sequence: int

    def __post_init__(self) -> None:
        if len(self.head) > LONGEST_HEAD or not _HEAD.fullmatch(self.head):
            raise Malformed(
                f"{self.head[:40]!r} is not the head of a resource code",
                fields={"head": "类(1-3) + 项(2 digits) + 目(3 digits) + 细目(digits), 32 at most"},
                rule=_RULE,
            )
        if not 1 <= self.sequence <= LARGEST_SEQUENCE:
            raise Malformed("the sequence of a resource code starts at 1", fields={"sequence": "1 or more"}, rule=_RULE)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a code such as "3330001001/12".

        Raises:
            Malformed: Not of the form 类项目细目/序号.
        """
        found = _CODE.fullmatch(text) if len(text) <= LONGEST_HEAD + 11 else None
        if not found:
            raise Malformed(
                f"{text[:50]!r} is not a resource code",
                fields={"code": "like 3330001001/12: 类项目细目, a slash, a number without leading zeros"},
                rule=_RULE,
            )
        return cls(found[1], int(found[2]))

    def __str__(self) -> str:
        return f"{self.head}/{self.sequence}"

    @property
    def category(self) -> Category:
        """类."""
        return Category(self.head[0])

    @property
    def item(self) -> str:
        """项, two digits."""
        return self.head[1:3]

    @property
    def subitem(self) -> str:
        """目, three digits."""
        return self.head[3:6]

    @property
    def detail(self) -> str:
        """细目, any number of digits, may be empty."""
        return self.head[6:]
