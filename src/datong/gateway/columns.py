# SPDX-License-Identifier: Apache-2.0
"""Questions of a batch, laid out by columns: those that name the same items stand together.

Kept here: a batch of which every question is shaped like the first, as nearly all are, is read without a dictionary for
each; what does not read that way is read one question after the other, with the same result. Members of a question may
stand in any order; its answer names the claims in the order of the first of its shape.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any, Final

import msgspec

from datong.gateway.asking import MAX_FIELDS
from datong.gateway.questions import Asked, Scalar

Names = tuple[str, ...]
Column = Sequence[Scalar]

FEW: Final = 32
"""Questions that are not worth a reader of their own shape."""
LONGEST_NAMES: Final = 4_096
"""Characters of all names of a shape that has one."""
_asked = msgspec.json.Decoder(Asked)


@dataclass(frozen=True, slots=True)
class Shape:
    """Questions that name the same items: their numbers from 0, and the values by item, one for each number."""

    numbers: Sequence[int]
    key: Mapping[str, Column]
    claims: Mapping[str, Column]

    def each(self) -> Iterator[tuple[int, Asked]]:
        """Give the questions by themselves, each with its number."""
        for at, number in enumerate(self.numbers):
            key, claims = ({name: values[at] for name, values in part.items()} for part in (self.key, self.claims))
            yield number, Asked(key, claims)


@dataclass(frozen=True)
class Questions:
    """Questions of a batch."""

    shapes: Sequence[Shape]

    def __len__(self) -> int:
        return sum(len(shape.numbers) for shape in self.shapes)

    @cached_property
    def claimed(self) -> set[str]:
        """Items that any question claims."""
        return {name for shape in self.shapes for name in shape.claims}

    def columns(self) -> Iterator[Column]:
        """Give all values."""
        for shape in self.shapes:
            yield from shape.key.values()
            yield from shape.claims.values()

    def each(self) -> list[Asked]:
        """Give the questions in the order asked."""
        return [one for _, one in sorted((pair for shape in self.shapes for pair in shape.each()), key=lambda pair: pair[0])]


def laid_out(asked: Sequence[Asked]) -> Questions:
    """Lay questions out by their shapes."""
    shapes: dict[tuple[Names, Names], list[int]] = {}
    for number, one in enumerate(asked):
        shapes.setdefault((tuple(one.key), tuple(one.claims)), []).append(number)
    return Questions([_shape(asked, numbers, key, claims) for (key, claims), numbers in shapes.items()])


def alike(raw: bytes, *, lines: bool) -> Questions | None:
    """Read a body of which every question has the shape of the first.

    Args:
        raw: The body.
        lines: Whether a question stands on each line, or all in an array.

    Returns:
        None where it does not read that way.
    """
    try:
        first = _asked.decode(raw[: raw.index(b"\n")] if lines else msgspec.json.decode(raw, type=list[msgspec.Raw])[0])
        if not _modest(first):
            return None
        reader = _reader(tuple(first.key), tuple(first.claims))
        found = reader.lines.decode_lines(raw) if lines else reader.array.decode(raw)
    except (msgspec.MsgspecError, ValueError, IndexError, RecursionError):
        return None
    if len(found) < FEW:
        return None
    return Questions([reader.laid_out(found)])


def _modest(first: Asked) -> bool:
    """Tell whether a question names so little that a reader may be kept for its shape."""
    names = (*first.key, *first.claims)
    return len(names) <= 2 * MAX_FIELDS and sum(map(len, names)) <= LONGEST_NAMES


class _Reader:
    """Reads questions of one shape."""

    def __init__(self, key: Names, claims: Names) -> None:
        self._key, self._claims = key, claims
        asked = msgspec.defstruct(
            "Alike", [("key", _struct(key)), ("claims", _struct(claims))], forbid_unknown_fields=True, gc=False
        )
        self.lines: msgspec.json.Decoder[Any] = msgspec.json.Decoder(asked)
        self.array: msgspec.json.Decoder[list[Any]] = msgspec.json.Decoder(list[asked])  # type: ignore[valid-type]

    def laid_out(self, found: Sequence[Any]) -> Shape:
        key, claims = (
            {name: list(map(attrgetter(f"{part}.f{at}"), found)) for at, name in enumerate(names)}
            for part, names in (("key", self._key), ("claims", self._claims))
        )
        return Shape(range(len(found)), key, claims)


def _struct(names: Names) -> type[msgspec.Struct]:
    """A structure of these members, all of them needed."""
    rename = {f"f{at}": name for at, name in enumerate(names)}
    return msgspec.defstruct("Part", [(field, Scalar) for field in rename], rename=rename, forbid_unknown_fields=True, gc=False)


@lru_cache(maxsize=64)
def _reader(key: Names, claims: Names) -> _Reader:
    return _Reader(key, claims)


def _shape(asked: Sequence[Asked], numbers: Sequence[int], key: Names, claims: Names) -> Shape:
    chosen = [asked[number] for number in numbers]
    return Shape(
        numbers,
        {name: [one.key[name] for one in chosen] for name in key},
        {name: [one.claims[name] for one in chosen] for name in claims},
    )
