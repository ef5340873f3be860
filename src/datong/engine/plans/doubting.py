# SPDX-License-Identifier: Apache-2.0
"""Doubtful cells: a row whose item comes from a formula nobody computed, or from an error, is a fault and never empty.

Kept here: only columns that an item is read from count; a formula filled down beside the data costs no row.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from datong.engine.base import Block, Fault

CODES = {"formula": "uncomputed", "error": "error_cell"}
SHOWN = {"formula": "=?", "error": "#?"}


def settled(blocks: Iterable[Block], wanted: AbstractSet[int]) -> Iterator[Block]:
    """Give the blocks with doubtful rows among their faults.

    Args:
        blocks: Of a source.
        wanted: Source columns that items are read from.
    """
    for block in blocks:
        yield _settled(block, wanted) if block.doubts else block


def _settled(block: Block, wanted: AbstractSet[int]) -> Block:
    hit = {line: told for line, told in block.doubts.items() if wanted & told.keys()}
    if not hit:
        return block
    places = {line: place for place, line in enumerate(block.lines) if line in hit}
    made = [
        Fault(line, CODES[told[min(wanted & told.keys())]], _raw(block, places.get(line), told)) for line, told in hit.items()
    ]
    kept = [place for place, line in enumerate(block.lines) if line not in hit]
    columns = [[cells[place] for place in kept] for cells in block.columns]
    lines = [block.lines[place] for place in kept]
    faults = sorted([*block.faults, *made], key=lambda fault: fault.line)
    return replace(block, lines=lines, columns=columns, faults=faults, doubts={})


def _raw(block: Block, place: int | None, told: Mapping[int, str]) -> str:
    cells = [
        SHOWN.get(told.get(number, ""), "" if place is None else column[place] or "")
        for number, column in enumerate(block.columns)
    ]
    return "\t".join(cells)
