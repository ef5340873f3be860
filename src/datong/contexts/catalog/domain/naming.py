# SPDX-License-Identifier: Apache-2.0
"""Names for items that were found and not typed: a field identifier from a column, a Chinese name from a comment.

Kept here: a field is lower-case ASCII, begins with a letter and is unique within its entry; a Chinese column is spelt
by its sounds, or called c1, c2 … where it has none; a comment gives the name up to its first stop, and what follows is
kept as the description.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

Sounds = Mapping[str, Sequence[str]]
"""From a run of Chinese to the sound of each character, without tones."""

LONGEST_FIELD = 63
LONGEST_SPELT = 40
LONGEST_NAME = 100
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]+")
_STOP = re.compile(r"[，,；;。:：（(\[【\n\r\t|/]| {1,}-|\s{2,}|\s(?=[0-9A-Za-z]+[-:：=.、])")
_CODES = re.compile(r"[0-9A-Za-z]{1,8}\s*[-:：=.、]\s*[^\s,，;；、]{1,20}")
_BRACKETS = str.maketrans("（）", "()")


def field_of(column: str, taken: Iterable[str], place: int, sounds: Sounds) -> str:
    """Give the field identifier of a column.

    Args:
        column: Name in the source.
        taken: Identifiers given already.
        place: Its place from 1, for a column nothing can be spelt of.
        sounds: How Chinese sounds.
    """
    bare = unicodedata.normalize("NFKC", column)
    spelt = _HAN.sub(lambda run: f"_{_spell(run[0], sounds)}_", bare)
    plain = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", spelt).lower()).strip("_")
    if not plain:
        plain = f"c{place}"
    if not plain[0].isalpha():
        plain = f"c_{plain}"
    return _free(plain[:LONGEST_FIELD], set(taken))


def name_of(column: str, comment: str) -> tuple[str, str]:
    """Give the Chinese name of a column and what else its comment says.

    Returns:
        Name and description; the name is the column itself where nobody named it.
    """
    said = comment.strip()
    head = _STOP.split(said, maxsplit=1)[0].strip()
    if head and len(head) <= LONGEST_NAME:
        return head, said if said != head else ""
    bare = re.sub(r"#\d+$", "", column).strip()
    return bare[:LONGEST_NAME], said


def codes_of(comment: str) -> str:
    """Give the code list a comment spells out: `状态 1-正常 2-注销` gives `1-正常；2-注销`; empty where there is none."""
    found = [re.sub(r"\s+", "", one).translate(_BRACKETS) for one in _CODES.findall(comment)]
    return "；".join(found)[:500] if len(found) >= 2 else ""


def _spell(text: str, sounds: Sounds) -> str:
    parts = [part for part in sounds.get(text, ()) if part.isascii()]
    whole = "_".join(parts) if len(parts) <= 2 else "".join(parts)
    return whole if len(whole) <= LONGEST_SPELT else "".join(part[0] for part in parts)


def _free(name: str, taken: set[str]) -> str:
    made, number = name, 2
    while made in taken:
        tail = f"_{number}"
        made, number = name[: LONGEST_FIELD - len(tail)] + tail, number + 1
    return made
