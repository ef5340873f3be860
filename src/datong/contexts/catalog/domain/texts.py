# SPDX-License-Identifier: Apache-2.0
"""Checks of single texts and choices that collect their faults, so that a person is told all of them at once.

Kept here: names are one line, explanations several; texts are compared and stored as the kernel cleans them.
"""

import unicodedata
from collections.abc import Iterable

from datong.kernel import texts
from datong.kernel.errors import Malformed
from datong.kernel.labels import Labelled

ONE_LINE = frozenset({"name", "format_type", "contact", "system"})


def cleaned(text: str) -> str:
    """Give a text in NFC without spaces around it and with plain line ends."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def check_text(faults: dict[str, str], field: str, text: str, longest: int) -> None:
    """Add a fault when a text is too long or holds characters that cannot be shown."""
    read = texts.line if field.rsplit(".", 1)[-1] in ONE_LINE else texts.lines
    try:
        read(field, text, longest=longest, least=0)
    except Malformed as fault:
        faults.update(fault.fields)


def check_choice(faults: dict[str, str], field: str, value: str, kind: type[Labelled]) -> None:
    """Add a fault when a value that is given is none of the list."""
    if value and value not in list(kind):
        faults[field] = f"请从列表中选择 (choose one of): {', '.join(kind)}"


def check_choices(faults: dict[str, str], field: str, values: Iterable[str], kind: type[Labelled]) -> None:
    """Add a fault when one of several values is none of the list."""
    if any(value not in list(kind) for value in values):
        faults[field] = f"请从列表中选择 (choose among): {', '.join(kind)}"
