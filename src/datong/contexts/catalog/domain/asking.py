# SPDX-License-Identifier: Apache-2.0
"""What someone who searches means: words, codes, letters; abbreviations and their full names; how hits rank.

Kept here: every word must be found somewhere, itself or another name of it; a whole name ranks before the beginning of
one, that before a part, that before the department, then items, then abstracts. When nothing is found so, the question
is asked again more leniently: by sound, with most of the characters, with a letter amiss; the answer says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import ModuleType

from datong.contexts.catalog.domain.finding import ABSTRACT, CODES, EXACT, HEAD, ITEMS, NAME, ORG, RUNG, SOUND, regions_above
from datong.engine.plans.seeking import KEY, LONGEST_EDGE, Always, Both, Either, Like, Most, Part, Starts, Term, Weighted

MOST_WORDS = 8
LONGEST = 200
CODE = re.compile(r"(?<![\w/])\d+/\d+(?![\w/])")
WEIGHTS = {NAME: 6.0, ORG: 4.0, SOUND: 3.0, ITEMS: 2.0, ABSTRACT: 1.0}
WHOLE_NAME, BEGINNING, IN_NAME, IN_ORG, CODE_HIT = 400.0, 120.0, 60.0, 30.0, 200.0
RUNGS = {"1": 8.0, "2": 3.0}
"""A province's own resources before its cities', those before the counties'."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Word:
    """One thing that must be found.

    Attributes:
        text: As typed, width and case evened.
        kind: "chinese", "latin", "digits" or "code".
        names: Other names of it, from the table of synonyms.
    """

    text: str
    kind: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question understood.

    Attributes:
        words: What must be found.
        whole: Everything typed in Chinese, without blanks; once as typed, once for each other name.
    """

    words: tuple[Word, ...]
    whole: tuple[str, ...]


def understand(q: str, synonyms: Mapping[str, tuple[str, ...]], tongue: ModuleType) -> Asked:
    """Read what was typed.

    Args:
        q: What was typed; anything at all.
        synonyms: Each name to its other names.
        tongue: `datong.engine.face.chinese`.
    """
    text = q[:LONGEST]
    found = [Word(code, "code") for code in CODE.findall(text)]
    runs = tongue.runs(CODE.sub(" ", text))
    for run in runs:
        if tongue.chinese(run):
            found += _chinese(run, synonyms, tongue)
        else:
            found.append(Word(run, "digits" if run.isdecimal() else "latin", synonyms.get(run, ())))
    words = tuple(dict.fromkeys(found))[:MOST_WORDS]
    whole = "".join(run for run in runs if tongue.chinese(run) or not run.isascii())
    return Asked(words, _wholes(whole, words))


def _wholes(whole: str, words: tuple[Word, ...]) -> tuple[str, ...]:
    others = [whole.replace(word.text, word.names[0]) for word in words if word.names and word.kind == "chinese"]
    return tuple(dict.fromkeys(one for one in (whole, *others) if len(one) > 1))


def _chinese(run: str, synonyms: Mapping[str, tuple[str, ...]], tongue: ModuleType) -> Iterator[Word]:
    """Part a run at known abbreviations, the rest at words; lone characters in a row make a word of their own."""
    parts: list[Word] = []
    for text, known in _by_synonyms(run, synonyms):
        if known:
            parts.append(Word(text, "chinese", synonyms[text]))
            continue
        alone = ""
        for word in [*tongue.words(text), ""]:
            if len(word) == 1:
                alone += word
                continue
            if len(alone) > 1:
                parts.append(Word(alone, "chinese"))
            alone = ""
            if word:
                parts.append(Word(word, "chinese"))
    return iter(parts or [Word(run, "chinese")])


def _by_synonyms(run: str, synonyms: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, bool]]:
    longest = max((len(name) for name in synonyms), default=0)
    place = start = 0
    while place < len(run):
        lengths = range(min(longest, len(run) - place), 1, -1)
        known = next((run[place : place + length] for length in lengths if run[place : place + length] in synonyms), "")
        if not known:
            place += 1
            continue
        if start < place:
            yield run[start:place], False
        yield known, True
        place = start = place + len(known)
    if start < len(run):
        yield run[start:], False


@dataclass(frozen=True, slots=True)
class Asker:
    """Turns words into parts of a question.

    Attributes:
        tongue: `datong.engine.face.chinese`.
        with_items: Whether the one who asks may know items.
        known: How many entries hold a term of a field.
    """

    tongue: ModuleType
    with_items: bool
    known: Callable[[str, str], int]

    def strict(self, asked: Asked) -> tuple[Part, ...]:
        """One part for each word."""
        return tuple(_either(self._word(word)) for word in asked.words)

    def lenient(self, asked: Asked) -> tuple[Part, ...]:
        """Every word met by what is like it, or half of all pairs of characters met in a name."""
        each: Part = Both(tuple(_either([*self._word(word), *self._near(word)]) for word in asked.words))
        grams = self.tongue.grams(asked.whole[0]) if asked.whole else []
        half: tuple[Part, ...] = (Most(tuple(Term(NAME, gram) for gram in grams), -(-len(grams) // 2)),) if len(grams) > 2 else ()
        return (Either((each, *half)),)

    def ranks(self, asked: Asked) -> tuple[Part, ...]:
        """Parts that put the likeliest first."""
        parts: list[Part] = [Always(Term(RUNG, rung), rank) for rung, rank in RUNGS.items()]
        for whole in asked.whole:
            grams = self.tongue.grams(whole)
            parts += [
                Always(Term(EXACT, whole), WHOLE_NAME),
                Always(Term(HEAD, whole[:LONGEST_EDGE]), BEGINNING),
                Always(_both(NAME, grams), IN_NAME),
            ]
        return tuple(parts)

    def within(self, field: str, word: Word) -> list[Part]:
        """Parts that meet a word in one field of names."""
        texts = [name for name in (word.text, *word.names) if self.tongue.chinese(name)]
        parts: list[Part] = [_both(field, self.tongue.grams(text)) if len(text) > 1 else Starts(field, text) for text in texts]
        return parts if word.kind == "chinese" else [*parts, Term(field, word.text)]

    def _word(self, word: Word) -> list[Part]:
        if word.kind == "code":
            return [Always(Term(KEY, word.text), CODE_HIT)]
        own = self._chinese(word.text) if word.kind == "chinese" else self._latin(word)
        return own + [part for name in word.names for part in self._other(name)]

    def _other(self, name: str) -> list[Part]:
        runs = self.tongue.runs(name)
        if len(runs) == 1 and self.tongue.chinese(name):
            return self._chinese(name)
        return [Weighted(Term(field, run), WEIGHTS[field]) for run in runs[:1] for field in (NAME, ABSTRACT)]

    def _chinese(self, text: str) -> list[Part]:
        if len(text) == 1:
            return [Starts(NAME, text), Starts(ORG, text)]
        grams = self.tongue.grams(text)
        parts: list[Part] = [Weighted(_both(NAME, grams), WEIGHTS[NAME]), Always(_both(ORG, grams), IN_ORG)]
        if self.with_items:
            parts.append(Weighted(_both(ITEMS, grams), WEIGHTS[ITEMS]))
        terms = [term for term in self.tongue.prose(text).split() if len(term) > 1]
        return [*parts, _both(ABSTRACT, terms)] if terms else parts

    def _latin(self, word: Word) -> list[Part]:
        text = word.text
        fields = (NAME, ORG, ITEMS, ABSTRACT) if self.with_items else (NAME, ORG, ABSTRACT)
        parts: list[Part] = [Weighted(Term(field, text), WEIGHTS[field]) for field in fields]
        parts += [Always(Term(CODES, text.upper()), CODE_HIT), *_region(text)]
        if word.kind == "latin" and len(text) > 1:
            parts += [Weighted(part, WEIGHTS[SOUND]) for part in self._sounds(text)]
        return parts

    def _sounds(self, letters: str) -> list[Part]:
        parts: list[Part] = []
        for field in (SOUND, ORG):
            initials = letters[: self.tongue.LONGEST_INITIALS]
            parts.append(Term(field, initials))
            for sounds, rest in self.tongue.readings(letters):
                parts += _by_sound(field, sounds, rest)
        return parts

    def _near(self, word: Word) -> list[Part]:
        if word.kind == "chinese":
            return self._alike(word.text)
        if word.kind == "latin" and len(word.text) > 3:
            fields = (SOUND, ORG, ITEMS) if self.with_items else (SOUND, ORG)
            like: list[Part] = [Like(field, word.text, 1 if len(word.text) < 8 else 2) for field in fields]
            return like + self._mended(word.text)
        if word.kind == "code":
            return [Starts(KEY, word.text)]
        return []

    def _alike(self, text: str) -> list[Part]:
        """What sounds the same, and what holds most of the characters side by side."""
        sounds = self.tongue.sounded(text).pairs
        parts: list[Part] = [Weighted(_both(field, sounds), WEIGHTS[SOUND]) for field in (SOUND, ORG) if sounds]
        grams = self.tongue.grams(text)
        if len(grams) > 2:
            parts.append(Most(tuple(Term(NAME, gram) for gram in grams), -(-len(grams) // 2)))
        elif len(grams) == 2:
            parts += [Term(NAME, text[0] + text[2])]
        elif len(text) == 2:
            parts += [Starts(NAME, text[0])]
        return parts

    def _mended(self, letters: str) -> list[Part]:
        """Readings of the letters with one swapped, left out, added or changed, where the index knows every pair."""
        parts: dict[tuple[str, ...], Part] = {}
        for changed in _edits(letters):
            for sounds, rest in self.tongue.readings(changed)[:1]:
                pairs = tuple(self.tongue.pairs(sounds))
                if not rest and pairs and pairs not in parts and all(self.known(SOUND, pair) for pair in pairs):
                    parts[pairs] = Weighted(_both(SOUND, pairs), WEIGHTS[SOUND])
        return list(parts.values())[:MOST_WORDS]


def _region(text: str) -> list[Part]:
    """A division by its six digits, all below it included."""
    if len(text) != 6 or not text.isdecimal():
        return []
    within = [part for part in regions_above(text) if part][-1]
    return [Always(Term(f"region_{len(within)}", within), CODE_HIT)]


def _by_sound(field: str, sounds: list[str], rest: str) -> list[Part]:
    pairs: list[Part] = [Term(field, first + second) for first, second in pairwise(sounds)]
    if rest or not pairs:
        pairs.append(Starts(field, sounds[-1] + rest))
    return [Both(tuple(pairs))]


def _edits(letters: str) -> Iterator[str]:
    """Every string one edit away: swaps first, then one letter less, another, more."""
    cuts = [(letters[:place], letters[place:]) for place in range(len(letters) + 1)]
    yield from (left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1)
    yield from (left + right[1:] for left, right in cuts if right)
    yield from (left + letter + right[1:] for left, right in cuts if right for letter in LETTERS)
    yield from (left + letter + right for left, right in cuts for letter in LETTERS)


def _both(field: str, terms: tuple[str, ...] | list[str]) -> Part:
    return Both(tuple(Term(field, term) for term in dict.fromkeys(terms)))


def _either(parts: list[Part]) -> Part:
    return Either(tuple(parts))
