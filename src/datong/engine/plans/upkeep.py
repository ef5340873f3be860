# SPDX-License-Identifier: Apache-2.0
"""Upkeep of derived tables: which files of the version before still hold, and what must be written anew.

Kept here: a derived file is made of whole files of the lake, row by row and of nothing else, and a file of the lake never
changes; so it holds as long as all the files it is made of are in the table. Were the pieces to grow too many, all is
written anew in as few as there would be.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

PACK: Final = 64 * 1024 * 1024
"""Bytes of the lake that one derived file is made of, unless a single file there is larger."""
SPREAD: Final = 16
"""Files that a derived table may have beyond twice those of one written at once."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What becomes of a derived table in a new version.

    Attributes:
        kept: Places, in the version before, of the files that still hold.
        packs: Files of the lake of which each new file is made.
    """

    kept: tuple[int, ...]
    packs: tuple[tuple[str, ...], ...]


def plan(before: Sequence[Iterable[str]], now: Mapping[str, int], *, pack: int = PACK, spread: int = SPREAD) -> Upkeep:
    """Choose what is kept and what is written.

    Args:
        before: For each derived file of the version before, the files of the lake it is made of.
        now: Files of the lake in the new version, and their bytes.
        pack: Bytes of the lake for one derived file.
        spread: Files that may be too many.
    """
    made = [set(names) for names in before]
    kept = tuple(place for place, names in enumerate(made) if names and names <= now.keys())
    held = set().union(*(made[place] for place in kept))
    packs = _packed({name: size for name, size in now.items() if name not in held}, pack)
    whole = _packed(now, pack)
    if len(kept) + len(packs) > 2 * len(whole) + spread:
        return Upkeep((), whole)
    return Upkeep(kept, packs)


def _packed(files: Mapping[str, int], pack: int) -> tuple[tuple[str, ...], ...]:
    packs: list[list[str]] = []
    room = 0
    for name, size in files.items():
        if not packs or size > room:
            packs.append([])
            room = pack
        packs[-1].append(name)
        room -= size
    return tuple(tuple(names) for names in packs)
