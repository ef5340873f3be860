# SPDX-License-Identifier: Apache-2.0
"""What an import says of a row, where a person would look for it: sheet, line, column and words.

Kept here: a fault of an item is told at the item's own line, and the entry's line points there; the sheet that comes
back is in the language of its heads.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datong.contexts.catalog.domain.entries import draft_of, missing
from datong.contexts.catalog.domain.layout import ENTRY_PAGE, ITEM_PAGE

ENGLISH = re.compile(r" \([^()]*\)$")


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence about a cell.

    Attributes:
        sheet: Its sheet.
        line: The number Excel shows.
        column: Word of the column, empty for the whole row.
        words: The sentence, in both languages.
        fault: Whether it keeps the entry out.
    """

    sheet: str
    line: int
    column: str
    words: str
    fault: bool

    @property
    def chinese(self) -> str:
        """The sentence as the sheet that comes back says it."""
        said = ENGLISH.sub("", self.words)
        return f"{self.column}：{said}" if self.column else said


def remarks(
    place: tuple[str, int], item_lines: Sequence[Sequence[Any]], faults: Mapping[str, str], flags: Mapping[str, str]
) -> list[Remark]:
    """Give the sentences about an entry, faults first.

    Args:
        place: Sheet and line of the entry.
        item_lines: Sheet and line of each item.
        faults: Field to why it was not imported, items as `items.0.field`.
        flags: Field to what a person should look at.
    """
    told = [(name, words, True) for name, words in faults.items()] + [(name, words, False) for name, words in flags.items()]
    return [_remark(place, item_lines, *one) for one in told]


def _remark(place: tuple[str, int], item_lines: Sequence[Sequence[Any]], name: str, words: str, fault: bool) -> Remark:  # noqa: FBT001  a column of a table
    parts = name.split(".")
    if parts[0] == "items" and len(parts) > 2 and int(parts[1]) < len(item_lines):
        sheet, line = item_lines[int(parts[1])]
        return Remark(str(sheet), int(line), ITEM_PAGE.words.get(parts[2], parts[2]), words, fault)
    return Remark(*place, ENTRY_PAGE.words.get(name, ""), words, fault)


def elsewhere(told: Sequence[Remark], place: tuple[str, int]) -> str:
    """Say at an entry's line where the faults of its items stand; empty when there are none."""
    found = list(dict.fromkeys((one.sheet, one.line) for one in told if one.fault and (one.sheet, one.line) != place))
    if not found:
        return ""
    named = "、".join(f"“{sheet}”第 {line} 行" for sheet, line in found[:5])
    return f"见{named}{'等' if len(found) > 5 else ''}"


def lacking(words: Mapping[str, Any]) -> list[str]:
    """Give the words of the columns an entry still lacks before it can be filed."""
    names = dict.fromkeys(name.split(".")[0] for name in missing(draft_of(words)))
    return ["信息项" if name == "items" else ENTRY_PAGE.words.get(name, name) for name in names]
