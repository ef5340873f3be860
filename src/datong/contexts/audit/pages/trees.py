# SPDX-License-Identifier: Apache-2.0
"""A proof as a picture: where each hash of the path stands, from the record below to the signed root above.

Kept here: numbers of a drawing 360 wide, so that a phone shows it whole; the page draws what stands here and its script
computes the same hashes again from the record alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from datong.ledger import merkle
from datong.ledger.receipts import Receipt

WIDTH, PITCH, TOP, BOX, HEIGHT = 360, 62, 74, 108, 38
MIDDLE = WIDTH // 2
SIDES = {True: WIDTH - BOX // 2 - 2, False: BOX // 2 + 2}
"""Middle of the boxes of siblings, by whether they stand to the right."""
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Spot:
    """One hash in the picture.

    Attributes:
        hash: In hexadecimal.
        first: First record below it.
        last: Last record below it.
        x: Middle of its box.
        y: Top of its box.
        step: Its number on the way from the leaf (0) to the root; of a sibling, that of the one beside it.
        own: Whether it stands on the way, and is computed and not given.
    """

    hash: str
    first: int
    last: int
    x: int
    y: int
    step: int
    own: bool

    @property
    def shown(self) -> str:
        """The head of the hash."""
        return f"{self.hash[:SHOWN]}…"

    @property
    def records(self) -> str:
        """The records below it."""
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"

    @property
    def left(self) -> int:
        """Left side of its box."""
        return self.x - BOX // 2

    @property
    def foot(self) -> int:
        """Foot of its box."""
        return self.y + HEIGHT


@dataclass(frozen=True, slots=True)
class Picture:
    """A proof laid out.

    Attributes:
        spots: All hashes.
        lines: Lines between them: x and y of both ends.
        height: Of the drawing.
    """

    spots: list[Spot]
    lines: list[tuple[int, int, int, int]]
    height: int
    width: int = WIDTH
    box: int = BOX
    tall: int = HEIGHT
    middle: int = MIDDLE


def picture(receipt: Receipt) -> Picture:
    """Lay a proof out."""
    digest, steps = receipt.checkpoint.digest, len(receipt.path)
    turns = _turns(receipt.index, receipt.checkpoint.size)
    reached, spots, lines = receipt.leaf, list[Spot](), list[tuple[int, int, int, int]]()
    for step, sibling in enumerate(receipt.path):
        right, low, middle, high = turns[step]
        y, up = TOP + (steps - step) * PITCH, TOP + (steps - step - 1) * PITCH + HEIGHT
        mine, other = ((low, middle), (middle, high)) if right else ((middle, high), (low, middle))
        spots.append(Spot(reached.hex(), mine[0], mine[1] - 1, MIDDLE, y, step, own=True))
        spots.append(Spot(sibling.hex(), other[0], other[1] - 1, SIDES[right], y, step, own=False))
        lines += [(MIDDLE, y, MIDDLE, up), (SIDES[right], y, MIDDLE, up)]
        reached = merkle.node_hash(reached, sibling, digest) if right else merkle.node_hash(sibling, reached, digest)
    spots.append(Spot(reached.hex(), 0, receipt.checkpoint.size - 1, MIDDLE, TOP, steps, own=True))
    return Picture(spots, lines, TOP + steps * PITCH + HEIGHT + 64)


def _turns(index: int, size: int) -> list[tuple[bool, int, int, int]]:
    """For each step from the leaf: whether the sibling stands to the right, and where the two parts begin and end."""
    turns, low, high = list[tuple[bool, int, int, int]](), 0, size
    while high - low > 1:
        middle = low + merkle.split(high - low)
        right = index < middle
        turns.append((right, low, middle, high))
        low, high = (low, middle) if right else (middle, high)
    return turns[::-1]
