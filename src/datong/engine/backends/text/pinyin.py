# SPDX-License-Identifier: Apache-2.0
"""Sounds of Chinese text without tones, and Latin letters read back as sounds.

Kept here: the tables are those of the pypinyin wheel, read as data; of its phrases only the few thousand are kept in
which a character sounds otherwise than alone (重庆 chong qing). The package itself is never imported: its own tables would
cost every process tens of megabytes.
"""

from __future__ import annotations

import json
import unicodedata
from functools import lru_cache
from importlib.util import find_spec
from itertools import islice, pairwise
from pathlib import Path

from datong.kernel.errors import Unavailable

FIRST, LAST = 0x4E00, 0x9FFF
LONGEST_PHRASE = 6
MOST_READINGS = 4
LONGEST_SOUND = 6


def sounds(text: str) -> list[str]:
    """Give the sound of each character, phrases first; characters without one are left out."""
    alone, phrases, longest = _tables()
    found: list[str] = []
    place = 0
    while place < len(text):
        for length in range(min(longest.get(text[place], 0), len(text) - place), 1, -1):
            phrase = phrases.get(text[place : place + length])
            if phrase:
                found += phrase
                place += length
                break
        else:
            sound = alone.get(text[place])
            found += [sound] if sound else []
            place += 1
    return found


def pairs(sounds_in_a_row: list[str]) -> list[str]:
    """Join each sound with the next: what the two-character words sound like."""
    return [first + second for first, second in pairwise(sounds_in_a_row)]


def readings(letters: str) -> list[tuple[list[str], str]]:
    """Read Latin letters as sounds.

    Returns:
        Up to MOST_READINGS ways: whole sounds, and the beginning of one more ("" when nothing is left over); those that
        leave nothing over first, then those of fewer sounds.
    """
    if not letters.isascii() or not letters.isalpha():
        return []
    ways = sorted(islice(_ways(letters), 200), key=lambda way: (bool(way[1]), len(way[0])))
    return ways[:MOST_READINGS]


def known_sounds() -> frozenset[str]:
    """Every sound a character may have."""
    return _sounds()[0]


def _ways(letters: str) -> list[tuple[list[str], str]]:
    whole, beginnings = _sounds()
    found: list[tuple[list[str], str]] = []
    stack: list[tuple[int, list[str]]] = [(0, [])]
    while stack and len(found) < 200:
        place, held = stack.pop()
        rest = letters[place:]
        if not rest:
            found.append((held, ""))
            continue
        if held and rest in beginnings and rest not in whole:
            found.append((held, rest))
        stack += [
            (place + length, [*held, rest[:length]])
            for length in range(1, min(LONGEST_SOUND, len(rest)) + 1)
            if rest[:length] in whole
        ]
    return found


@lru_cache(maxsize=1)
def _sounds() -> tuple[frozenset[str], frozenset[str]]:
    alone, phrases, _longest = _tables()
    whole = {*alone.values(), *(sound for phrase in phrases.values() for sound in phrase)}
    whole = {sound for sound in whole if len(sound) > 1 or sound in "aeo"}
    return frozenset(whole), frozenset(sound[:end] for sound in whole for end in range(1, len(sound)))


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, str], dict[str, list[str]], dict[str, int]]:
    """Characters to sounds, odd phrases to sounds, first characters of those to the length of the longest."""
    spec = find_spec("pypinyin")
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable("the table of sounds is missing", remedy="install pypinyin")
    folder = Path(spec.submodule_search_locations[0])
    characters = json.loads((folder / "pinyin_dict.json").read_text("utf-8"))
    alone = {chr(int(code)): _plain(told.split(",")[0]) for code, told in characters.items() if FIRST <= int(code) <= LAST}
    phrases = json.loads((folder / "phrases_dict.json").read_text("utf-8"))
    odd: dict[str, list[str]] = {}
    for phrase, told in phrases.items():
        read = [_plain(one[0]) for one in told]
        if 1 < len(phrase) == len(read) <= LONGEST_PHRASE and any(alone.get(c) != s for c, s in zip(phrase, read, strict=True)):
            odd[phrase] = read
    longest: dict[str, int] = {}
    for phrase in odd:
        longest[phrase[0]] = max(len(phrase), longest.get(phrase[0], 0))
    return alone, odd, longest


def _plain(told: str) -> str:
    """Letters alone: ü is v, as it is typed."""
    parts = unicodedata.normalize("NFD", told.lower())
    return "".join(c for c in parts.replace("u\u0308", "v") if c.isascii() and c.isalpha())
