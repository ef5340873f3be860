# SPDX-License-Identifier: Apache-2.0
"""Chinese and Latin text as terms: words by jieba, pairs of characters where words fail, sounds, initials.

Kept here: the same text gives the same terms at any time and in any process, for an index and those who ask it must
agree; abbreviations and synonyms are therefore the question's business, never the index's.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from operator import add

import rjieba

from datong.engine.backends.text import pinyin

RUN = re.compile(r"[0-9a-z_\uff10-\uff19\uff41-\uff5a]+|[\u3400-\u9fff\U00020000-\U0003fffd]+")
WIDE = re.compile(r"[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uf900-\ufaff\U0002f800-\U0002fa1f]")
"""Wide letters and digits, and doubles of characters: written otherwise, meant alike."""
FIRST, LAST = "\u3400", "\u9fff"
"""Two neighbouring characters from here to there that no word holds make a pair."""
readings, pairs = pinyin.readings, pinyin.pairs
SHORTEST_INITIALS, LONGEST_INITIALS = 2, 6
CACHED = 50_000


@lru_cache(maxsize=1)
def ready() -> None:
    """Read the tables of words and sounds, which takes a second, unless that was done."""
    sounded(bag("目录"))


def runs(text: str) -> list[str]:
    """Give the runs of Latin letters and digits, and of Chinese characters; width and case do not matter."""
    return RUN.findall(_even(text))


def _even(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower() if WIDE.search(text) else text.lower()


def chinese(run: str) -> bool:
    """Whether a run is of Chinese characters."""
    return run[0] >= "\u3400"


def grams(run: str) -> list[str]:
    """Give every two neighbouring characters; a lone character stands for itself."""
    return [run[place : place + 2] for place in range(len(run) - 1)] or [run]


def words(run: str) -> list[str]:
    """Give the words of a question, none within another."""
    return list(rjieba.cut(run))


def bag(text: str) -> str:
    """Give the terms of a short text: its words and every pair of characters, so that any part of it is found."""
    return bag_of(runs(text))


def bag_of(parts: list[str]) -> str:
    """Give the terms of a short text by its runs."""
    terms: list[str] = []
    for run in parts:
        if chinese(run):
            terms += [word for word in rjieba.cut_for_search(run) if len(word) > 1]
            terms += grams(run)
        else:
            terms += _latin(run)
    return " ".join(terms)


def neighbours(parts: list[str]) -> str:
    """Give every pair of characters of a text by its runs, and what is not Chinese whole: enough where no words are asked for."""
    terms: list[str] = []
    for run in parts:
        terms += grams(run) if chinese(run) else _latin(run)
    return " ".join(terms)


def prose(text: str) -> str:
    """Give the terms of a long text, each once: its words, and pairs only of characters that no word holds."""
    terms: dict[str, None] = {}
    before = ""
    for term in rjieba.cut_for_search(_even(text)):
        if len(term) > 1:
            terms[term] = None
            before = ""
        elif FIRST <= term <= LAST:
            if before:
                terms[before + term] = None
            before = term
        else:
            before = ""
            if term.isascii() and term.isalnum():
                terms[term] = None
    return " ".join(terms)


@dataclass(frozen=True, slots=True)
class Sounded:
    """How a text is typed by sound.

    Attributes:
        pairs: Neighbouring sounds, joined: renkou.
        initials: From the beginning of each word, two to six letters: rk, rkdj.
        letters: The whole text in letters, to sort by; what is not Chinese as it is.
    """

    pairs: tuple[str, ...]
    initials: tuple[str, ...]
    letters: str


def sounded(text: str) -> Sounded:
    """Give how a text is typed by sound."""
    return sounded_of(runs(text))


def sounded_of(text: list[str]) -> Sounded:
    """Give how a text is typed by sound, by its runs."""
    joined: list[str] = []
    initials: list[str] = []
    letters: list[str] = []
    for run in text:
        if not chinese(run):
            letters.append(run)
            continue
        here: list[str] = []
        starts, firsts = [], ""
        for word in rjieba.cut(run):
            sounds, first = _sounds(word)
            starts.append(len(firsts))
            here += sounds
            firsts += first
        joined += map(add, here, here[1:])
        for start in starts:
            initials += _beginnings(firsts[start : start + LONGEST_INITIALS])
        letters += here
    return Sounded(tuple(joined), tuple(initials), "".join(letters))


def span(text: str, letters: str) -> str:
    """Give the first part of a text that is typed so, by sound or by initials; "" when none is."""
    for run in runs(text):
        here = pinyin.sounds(run) if chinese(run) else []
        if len(here) != len(run):
            continue
        place = "".join([sound[0] for sound in here]).find(letters)
        starts = range(len(run)) if letters in "".join(here) else ()
        found = next(filter(None, (_sounding(run, here, start, letters) for start in starts)), "")
        if found or (place >= 0 and len(letters) > 1):
            return found or run[place : place + len(letters)]
    return ""


def _sounding(run: str, here: list[str], start: int, letters: str) -> str:
    typed = ""
    for end in range(start, len(run)):
        typed += here[end]
        if typed.startswith(letters):
            return run[start : end + 1]
        if not letters.startswith(typed):
            return ""
    return ""


@lru_cache(maxsize=CACHED)
def _sounds(word: str) -> tuple[tuple[str, ...], str]:
    """The sounds of a word, and their first letters."""
    found = tuple(pinyin.sounds(word))
    return found, "".join([sound[0] for sound in found])


@lru_cache(maxsize=CACHED)
def _beginnings(letters: str) -> tuple[str, ...]:
    return tuple(letters[:stop] for stop in range(SHORTEST_INITIALS, len(letters) + 1))


def _latin(run: str) -> list[str]:
    parts = [part for part in run.split("_") if part]
    return [run, *parts] if parts != [run] else parts
