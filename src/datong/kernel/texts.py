# SPDX-License-Identifier: Apache-2.0
"""Texts people type: one line or several, cleaned the same way everywhere.

Kept here: text is normalised (NFC) and trimmed; control characters, invisible format characters (bidirectional
overrides among them) and lone surrogates are refused by name of the field, since they make two
names look alike or a name look like another. The text itself never goes into a message.
"""

import unicodedata

from datong.kernel.errors import Malformed

BANNED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories: control, format, surrogate, line and paragraph separators. Not the private and the unassigned:
rare characters of names live there."""
JOINERS = frozenset("\u200c\u200d")
"""Zero-width joiners: letters of some scripts of China (Uyghur, Mongolian, Tibetan) need them."""


def line(field: str, text: str, *, longest: int, least: int = 1) -> str:
    """Clean one line of text.

    Args:
        field: Name of the field, for the refusal.
        text: What was typed.
        longest: Most characters after cleaning.
        least: Fewest characters after cleaning.

    Returns:
        The text in NFC, trimmed.

    Raises:
        Malformed: A character that has no place in a line, or a length out of bounds.
    """
    _check(field, text, allowed=JOINERS)
    return _measured(field, unicodedata.normalize("NFC", text).strip(), least, longest)


def lines(field: str, text: str, *, longest: int, least: int = 0) -> str:
    r"""Clean text of several lines: as `line`, but tabs and line ends stay, the latter as "\n".

    Raises:
        Malformed: As `line`.
    """
    _check(field, text, allowed=JOINERS | {"\n", "\r", "\t"})
    return _measured(field, clean(text), least, longest)


def clean(text: str) -> str:
    r"""Give a text as it is kept: in NFC, trimmed, line ends as "\n"; a line that was read by `line` stays one."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _check(field: str, text: str, *, allowed: frozenset[str]) -> None:
    for place, character in enumerate(text, 1):
        if character not in allowed and unicodedata.category(character) in BANNED:
            raise Malformed(
                f"{field} holds a character that cannot be shown (U+{ord(character):04X} at place {place})",
                fields={field: f"remove character {place} (U+{ord(character):04X})"},
            )


def _measured(field: str, text: str, least: int, longest: int) -> str:
    if len(text) < least:
        raise Malformed(f"{field} is missing", fields={field: f"at least {least} characters"})
    if len(text) > longest:
        raise Malformed(f"{field} is too long", fields={field: f"at most {longest} characters"})
    return text
