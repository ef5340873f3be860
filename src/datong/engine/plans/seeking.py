# SPDX-License-Identifier: Apache-2.0
"""Full-text questions as values: what an index holds, what is asked of it, what it answers.

Kept here: nothing in a question is ever parsed by an engine; words arrive as terms, so no input can mean more than
itself. Whoever builds the question decides what a word is; the index only keeps and finds terms.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

KEY = "key"
"""Text field that names an entry once; present in every index."""
ROW = "row"
"""Number field that callers read their rows by; present in every index."""
LONGEST_EDGE = 10


class Kind(StrEnum):
    """How a field is kept."""

    WORDS = "words"  # terms parted by blanks, how often each occurs counts for the rank
    TERMS = "terms"  # terms parted by blanks
    EDGES = "edges"  # every beginning of 2 to LONGEST_EDGE characters
    LABEL = "label"  # one whole value to narrow, sort and count by, "" for none
    WHOLE = "whole"  # one whole value to look up
    ORDER = "order"  # one whole value to sort by, never looked up
    NUMBER = "number"  # not negative; to sort by, to lay into ranges, to read back


@dataclass(frozen=True, slots=True)
class Layout:
    """The fields of an index, KEY and ROW aside.

    Attributes:
        fields: Name to kind.
        edition: Grows when the same words would be analysed into other terms.
    """

    fields: Mapping[str, Kind]
    edition: int

    def fingerprint(self) -> str:
        """Name of this layout: an index of another one is of no use."""
        told = "|".join(f"{name}={kind}" for name, kind in self.fields.items())
        return hashlib.sha256(f"{self.edition}|{told}".encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to be found.

    Attributes:
        key: Names it once.
        row: Number its row is read by.
        texts: Field of kind WORDS, TERMS, EDGES, WHOLE or ORDER to its text.
        labels: Every field of kind LABEL to its value.
        numbers: Every field of kind NUMBER to its value.
    """

    key: str
    row: int
    texts: Mapping[str, str]
    labels: Mapping[str, str]
    numbers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Term:
    """Entries whose field holds this term."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Starts:
    """Entries whose field holds a term that begins so."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Like:
    """Entries whose field holds a term within this many edits; a swap of neighbours is one."""

    field: str
    text: str
    distance: int = 1


@dataclass(frozen=True, slots=True)
class Both:
    """Entries that meet all parts; the ranks add up."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Entries that meet a part; the best one ranks."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Most:
    """Entries that meet at least so many of the parts; the ranks add up."""

    parts: tuple[Part, ...]
    least: int


@dataclass(frozen=True, slots=True)
class Weighted:
    """A part whose rank counts so many times."""

    part: Part
    weight: float


@dataclass(frozen=True, slots=True)
class Always:
    """A part that ranks the same wherever it is met."""

    part: Part
    rank: float


Part = Term | Starts | Like | Both | Either | Most | Weighted | Always


@dataclass(frozen=True, slots=True)
class Band:
    """A half-open range of a number field, under a name."""

    name: str
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for.

    Attributes:
        must: Parts that all have to be met; none gives every entry.
        should: Parts that only raise the rank.
        only: Parts that narrow without ranking.
        within: Number field to the band its value lies in.
        counted: Label field whose values are counted to how many are told, the most frequent ones.
        banded: Number field to the bands that are counted.
        order: Number or label field to sort by, "" by rank.
        rising: Smallest first, when sorted by a field.
    """

    must: tuple[Part, ...] = ()
    should: tuple[Part, ...] = ()
    only: tuple[Part, ...] = ()
    within: Mapping[str, Band] = field(default_factory=dict)
    counted: Mapping[str, int] = field(default_factory=dict)
    banded: Mapping[str, tuple[Band, ...]] = field(default_factory=dict)
    order: str = ""
    rising: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found.

    Attributes:
        rows: Row numbers of one page, best first.
        total: How many entries were found.
        counts: Counted field or band field to (value, entries), most entries first.
    """

    rows: tuple[int, ...]
    total: int
    counts: Mapping[str, tuple[tuple[str, int], ...]]
