# SPDX-License-Identifier: Apache-2.0
"""Profiles: what the values of each column look like, over the first rows of any source.

Kept here: a profile counts and never converts; what reads as a whole number but begins with 0 is counted apart, since
it is a code. Shapes: `integer`, `leading_zero`, `decimal`, `date`, `compact_date`, `datetime`, `clock`, `boolean`,
`ascii`; a value may count in several. An empty cell counts as null.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby

from datong.engine.base import Block, Profile

MOST_ROWS = 20_000
MOST_DISTINCT = 10_000
MOST_SAMPLES = 200
LONGEST_SAMPLE = 200
LONGEST_PATTERN = 60
_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)")
_LEADING_ZERO = re.compile(r"[+-]?0[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:0|[1-9][0-9]*)\.[0-9]+")
_DATE = re.compile(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})(?:[T ]00:00:00(?:\.0+)?)?")
_COMPACT_DATE = re.compile(r"((?:18|19|20)[0-9]{2})()([0-9]{2})([0-9]{2})")
_DATETIME = re.compile(
    r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
    r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?")
_BOOLEAN = frozenset({"true", "false"})


class Tally:
    """Counts of one column while rows go by."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows = self.nulls = self.longest = self.longest_bytes = self.scale = 0
        self.shortest: int | None = None
        self.values: Counter[str] = Counter()
        self.patterns: Counter[str] = Counter()
        self.shapes: Counter[str] = Counter()

    def add(self, cells: Iterable[object]) -> None:
        """Count some cells."""
        for cell in cells:
            self.rows += 1
            text = "" if cell is None else str(cell).strip()
            if text:
                self._count(text)
            else:
                self.nulls += 1

    def _count(self, text: str) -> None:
        length = len(text)
        self.longest = max(self.longest, length)
        self.shortest = length if self.shortest is None else min(self.shortest, length)
        self.longest_bytes = max(self.longest_bytes, len(text.encode("utf-8", "surrogatepass")))
        self.patterns[pattern_of(text)] += 1
        for shape in shapes_of(text):
            self.shapes[shape] += 1
        if "." in text and _DECIMAL.fullmatch(text):
            self.scale = max(self.scale, len(text) - text.index(".") - 1)
        if text in self.values or len(self.values) < MOST_DISTINCT:
            self.values[text] += 1

    def profile(self) -> Profile:
        """Give what was counted."""
        return Profile(
            name=self.name,
            rows=self.rows,
            nulls=self.nulls,
            distinct=len(self.values),
            shortest=self.shortest or 0,
            longest=self.longest,
            longest_bytes=self.longest_bytes,
            pattern=self.patterns.most_common(1)[0][0] if self.patterns else "",
            shapes=dict(self.shapes),
            scale=self.scale,
            samples=tuple(value[:LONGEST_SAMPLE] for value in spread(list(self.values), MOST_SAMPLES)),
        )


def profile(names: Sequence[str], blocks: Iterable[Block], most: int = MOST_ROWS) -> tuple[tuple[Profile, ...], bool]:
    """Profile the first rows of a source.

    Args:
        names: Columns in order.
        blocks: Rows as a source gives them.
        most: Rows after which to stop.

    Returns:
        A profile for each column, and whether every row was read.
    """
    tallies = [Tally(name) for name in names]
    left = most
    for block in blocks:
        for tally, cells in zip(tallies, block.columns, strict=True):
            tally.add(_first(cells, left))
        left -= len(block.lines)
        if left < 0:
            break
    return tuple(tally.profile() for tally in tallies), left >= 0


def shapes_of(text: str) -> Iterator[str]:
    """Give what a value reads as."""
    if text.isascii():
        yield "ascii"
    for shape, pattern in (("integer", _INTEGER), ("leading_zero", _LEADING_ZERO), ("decimal", _DECIMAL), ("clock", _CLOCK)):
        if pattern.fullmatch(text):
            yield shape
    for shape, pattern in (("date", _DATE), ("compact_date", _COMPACT_DATE), ("datetime", _DATETIME)):
        found = pattern.fullmatch(text)
        if found and _is_day(found[1], found[3], found[4]):
            yield shape
    if text.lower() in _BOOLEAN:
        yield "boolean"


def pattern_of(text: str) -> str:
    """Give the shape of a value: `330102199001011234` is 9{18}, `浙A12345` is 汉A9{5}."""
    runs = ((kind, sum(1 for _ in run)) for kind, run in groupby(map(_kind, text)))
    return "".join(kind if count == 1 else f"{kind}{{{count}}}" for kind, count in runs)[:LONGEST_PATTERN]


def spread(values: Sequence[str], most: int) -> Sequence[str]:
    """Give some of the values, evenly spread."""
    step = max(1, len(values) // most)
    return values[::step][:most]


def _kind(character: str) -> str:
    if character.isascii():
        if character.isdigit():
            return "9"
        return ("A" if character.isupper() else "a") if character.isalpha() else character
    return "汉" if "\u3400" <= character <= "\u9fff" or character >= "\U00020000" else "文"


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _first(cells: Sequence[object], most: int) -> Iterable[object]:
    part = cells if len(cells) <= most else cells[:most]
    listed: Iterable[object] = part.to_pylist() if hasattr(part, "to_pylist") else part
    return listed
