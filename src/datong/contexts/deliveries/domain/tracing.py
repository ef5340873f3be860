# SPDX-License-Identifier: Apache-2.0
"""Whose copy a file is: the order of its rows, compared with the order each recipient got.

Kept here: rows are never added or changed, so no key breaks and no person is made up; the mark is their order alone. Rows
in an order of somebody's own prove nothing; neighbours that all rise by one key, and by no other, do: of rows shuffled at
random half would. Rows that were left out, and columns beside the key, change nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import pairwise
from math import sqrt

LEAST_ROWS = 30
SURE = 6.0
"""Standard deviations beyond chance: one in a thousand million."""


def row_text(cells: Sequence[str | None]) -> str:
    """Give a row as the text its place is made of, as the engine writes it."""
    return "".join("-" if cell is None else f"{len(cell)}:{cell}" for cell in cells)


def score(secret: bytes, rows: Sequence[str]) -> float:
    """Tell by how many standard deviations more neighbours rise under a key than chance would have it."""
    places = [hashlib.sha256((secret.hex() + row).encode()).hexdigest()[:16] for row in rows]
    rising = sum(one <= other for one, other in pairwise(places))
    pairs = len(places) - 1
    return (rising - pairs / 2) / sqrt((pairs + 2) / 12) if pairs > 0 else 0.0
