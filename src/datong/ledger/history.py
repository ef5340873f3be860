# SPDX-License-Identifier: Apache-2.0
"""The `checkpoints` file: one line for each signed state, appended after its records are durable.

Kept here: a line is whole when it ends in a line feed; a last line without one is what a killed writer left and counts
for nothing.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from datong.kernel.errors import Malformed
from datong.ledger import files
from datong.ledger.checkpoints import Checkpoint, parse
from datong.ledger.frames import Flaw

NAME: Final = "checkpoints"
LONGEST_LINE: Final = 4096
USUAL_LINE: Final = 512


def last(directory: Path) -> Checkpoint | None:
    """Give the newest checkpoint, or None where there is none yet.

    Raises:
        Malformed: The last whole line is not a checkpoint.
    """
    line = files.last_line(directory / NAME, LONGEST_LINE)
    return None if line is None else parse(line)


def covering(directory: Path, size: int) -> Checkpoint | None:
    """Give the first checkpoint that covers so many records, or None where there is none yet.

    Raises:
        Malformed: A line on the way is not a checkpoint.
    """
    return _first(directory, lambda mark: mark.size >= size)[1]


def size_before(directory: Path, at: str) -> int:
    """Give how many records were signed before an instant (ISO 8601, UTC); those made at or after it lie behind.

    Times are a remark and not an order: a clock that was set back makes this a guess.

    Raises:
        Malformed: A line on the way is not a checkpoint.
    """
    return _first(directory, lambda mark: mark.at >= at)[0]


def signed_wholly_before(directory: Path, at: str, now: str, since: int) -> int:
    """Give how many records were signed before an instant; every signed state on the way is looked at, so no set clock misleads.

    Args:
        directory: The folder of the log.
        at: The instant (ISO 8601, UTC).
        now: The clock; a state of a time to come was signed by a clock that was wrong, and says nothing.
        since: So many records are known to be older.

    Raises:
        Malformed: A line on the way is not a checkpoint.
    """
    size = since
    try:
        file = (directory / NAME).open("rb")
    except FileNotFoundError:
        return size
    with file:
        file.seek(_bisect(file, file.seek(0, os.SEEK_END), lambda mark: mark.size > since))
        for line in file:
            if not line.endswith(b"\n"):
                break
            mark = parse(line)
            if at <= mark.at <= now:
                break
            size = mark.size if mark.at < at else size
    return size


def latest(directory: Path, count: int, *, before: int | None = None) -> list[Checkpoint]:
    """Give checkpoints, the newest first.

    Args:
        directory: The folder of the log.
        count: Most of them.
        before: Only those of a smaller size.

    Raises:
        Malformed: A line is not a checkpoint.
    """
    try:
        file = (directory / NAME).open("rb")
    except FileNotFoundError:
        return []
    with file:
        end = file.seek(0, os.SEEK_END)
        if before is not None:
            end = _bisect(file, end, lambda mark: mark.size >= before)
        lines: list[bytes] = []
        begin, step = end, (count + 1) * USUAL_LINE
        while begin and len(lines) <= count + 1:
            begin = max(0, begin - step)
            file.seek(begin)
            lines = file.read(end - begin).splitlines(keepends=True)
    whole = [line for line in (lines[1:] if begin else lines) if line.endswith(b"\n")]
    return [parse(line) for line in reversed(whole[-count:])]


def _first(directory: Path, reached: Callable[[Checkpoint], bool]) -> tuple[int, Checkpoint | None]:
    """Give the size of the last checkpoint before a mark is reached (0 for none), and the first that reached it."""
    try:
        file = (directory / NAME).open("rb")
    except FileNotFoundError:
        return 0, None
    with file:
        offset = _bisect(file, file.seek(0, os.SEEK_END), reached)
        found, _ = _line_at(file, offset)
        begin = max(0, offset - LONGEST_LINE)
        file.seek(begin)
        earlier = file.read(offset - begin).splitlines()
    return parse(earlier[-1]).size if earlier else 0, found


def _bisect(file: BinaryIO, end: int, reached: Callable[[Checkpoint], bool]) -> int:
    """Give the offset of the first line that reached a mark, or of the end; those that did stand behind those that did not."""
    low, high = 0, end
    while low < high:
        middle = (low + high) // 2
        mark, behind = _line_at(file, middle)
        if mark is None or reached(mark):
            high = middle
        else:
            low = behind
    return _line_begin(file, low)


def _line_begin(file: BinaryIO, offset: int) -> int:
    """Give the offset of the first line that begins at or after an offset."""
    if not offset:
        return 0
    file.seek(offset - 1)
    file.readline()
    return file.tell()


def _line_at(file: BinaryIO, offset: int) -> tuple[Checkpoint | None, int]:
    """Give the first whole line that begins at or after an offset and the offset behind it; None when there is none."""
    file.seek(_line_begin(file, offset))
    line = file.readline()
    return (parse(line) if line.endswith(b"\n") else None), file.tell()


def trim(path: Path) -> None:
    """Cut off a last line that was not finished."""
    files.trim_lines(path, LONGEST_LINE)


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
