# SPDX-License-Identifier: Apache-2.0
"""The `checkpoints` file: one line for each signed state, appended after its records are durable.

Kept here: a line is whole when it ends in a line feed; a last line without one is what a killed writer left and counts
for nothing.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from datong.kernel.errors import Malformed
from datong.ledger.checkpoints import Checkpoint, parse
from datong.ledger.frames import Flaw

NAME: Final = "checkpoints"
LONGEST_LINE: Final = 4096


def last(directory: Path) -> Checkpoint | None:
    """Give the newest checkpoint, or None where there is none yet.

    Raises:
        Malformed: The last whole line is not a checkpoint.
    """
    try:
        with (directory / NAME).open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 2 * LONGEST_LINE))
            lines = file.read().splitlines(keepends=True)
    except FileNotFoundError:
        return None
    whole = [line for line in lines if line.endswith(b"\n")]
    return parse(whole[-1]) if whole else None


def trim(path: Path) -> None:
    """Cut off a last line that was not finished."""
    try:
        with path.open("rb+") as file:
            size = file.seek(0, os.SEEK_END)
            begin = max(0, size - 2 * LONGEST_LINE)
            file.seek(begin)
            tail = file.read()
            kept = begin + tail.rfind(b"\n") + 1
            if kept < size:
                file.truncate(kept)
    except FileNotFoundError:
        return


def walk(directory: Path) -> Iterator[tuple[int, Checkpoint]]:
    """Give all checkpoints in order, each with the offset of its line.

    Raises:
        Flaw: A line is not a checkpoint; it names the first record that only this line could have covered.
    """
    offset = covered = 0
    try:
        file = (directory / NAME).open("rb")
    except FileNotFoundError:
        return
    with file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            try:
                checkpoint = parse(line)
            except Malformed as error:
                raise Flaw(covered, f"checkpoint behind record {covered}: {error}", NAME, offset) from None
            yield offset, checkpoint
            offset, covered = offset + len(line), checkpoint.size
