# SPDX-License-Identifier: Apache-2.0
"""Checks of single texts and choices that collect their faults, so that a person is told all of them at once.

Kept here: control characters, lone surrogates and direction overrides are refused, for they deceive the reader or
break the store; everything else a person may write stays as written.
"""

import unicodedata
from collections.abc import Iterable

from datong.kernel.labels import Labelled

_HOSTILE = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def hostile(text: str) -> bool:
    """Tell whether a text holds control characters, lone surrogates or direction overrides."""
    return any(
        one in _HOSTILE or (unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t\r") for one in text
    )


def check_text(faults: dict[str, str], field: str, text: str, longest: int) -> None:
    """Add a fault when a text is too long or hostile."""
    if len(text) > longest:
        faults[field] = f"不得超过 {longest} 字，现为 {len(text)} 字 (at most {longest} characters, {len(text)} given)"
    elif hostile(text):
        faults[field] = "含有控制字符，请删除 (remove control characters)"


def check_choice(faults: dict[str, str], field: str, value: str, kind: type[Labelled]) -> None:
    """Add a fault when a value that is given is none of the list."""
    if value and value not in list(kind):
        faults[field] = f"请从列表中选择 (choose one of): {', '.join(kind)}"


def check_choices(faults: dict[str, str], field: str, values: Iterable[str], kind: type[Labelled]) -> None:
    """Add a fault when one of several values is none of the list."""
    if any(value not in list(kind) for value in values):
        faults[field] = f"请从列表中选择 (choose among): {', '.join(kind)}"
