# SPDX-License-Identifier: Apache-2.0
"""Labelled: an enumeration whose members carry their Chinese term.

Kept here: the English value is stable and goes into databases, documents and interfaces; the Chinese label is what
people read. Each label stands in docs/glossary.md. A member is written `NAME = "value", "标签"`.
"""

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A string enumeration with a Chinese `label` on each member."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        """Make a member of value `value` that reads `label`; the default is for look-ups by value alone."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


def choices(kind: type[Labelled]) -> list[tuple[str, str]]:
    """Give (value, label) pairs in order of definition, as forms and model fields want them."""
    return [(member.value, member.label) for member in kind]
