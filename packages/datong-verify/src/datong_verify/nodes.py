# SPDX-License-Identifier: Apache-2.0
"""Check of node checkpoints: each signed, each the next one, and no log lost, shrunk or forked in the series."""

from collections.abc import Collection, Iterator
from pathlib import Path

from datong_verify.notes import Checkpoint, Key, NodeCheckpoint, in_one_form, node_checkpoint
from datong_verify.trees import hash_named
from datong_verify.verdicts import Unreadable, Verdict, Wrong

SERIES = "node-checkpoints"
LONGEST_LINE = 64 * 1024
MARK = b'"format":"datong-node/1"'


def is_series(start: bytes) -> bool:
    """Whether a file begins with a node checkpoint."""
    return MARK in start.split(b"\n", 1)[0]


def check_series(path: Path, key: Key | None, verdict: Verdict, keep: Collection[int] = ()) -> dict[int, bytes]:
    """Check one node checkpoint or a series of them; beside logs, that all of those are there.

    Returns:
        The lines of the numbers to keep, and that of the newest.

    Raises:
        Wrong: Naming the first bad one.
        Unreadable: There is no key.
    """
    if key is None:
        raise Unreadable("this carries no public key: name one by --key")
    verdict.key_id = key.key_id
    before: tuple[NodeCheckpoint, bytes] | None = None
    kept = dict[int, bytes]()
    for line in _lines(path):
        number = before[0].number + 1 if before else None
        try:
            one = node_checkpoint(in_one_form(line))
            one.check(key)
            if before:
                _check_follows(one, *before)
            elif path.name == SERIES:
                _check_first(one)
        except (Wrong, Unreadable) as error:
            raise Wrong(f"node checkpoint {'' if number is None else number}: {error}", number) from None
        before = one, line
        verdict.origin, verdict.at, verdict.size = one.origin, one.at, sum(mark.size for mark in one.logs)
        verdict.records += 1
        kept |= {one.number: line} if one.number in keep else {}
    if before:
        _tell(path, before[0], verdict)
        kept[before[0].number] = before[1]
    return kept


def pinned(path: Path, origin: str, key: Key) -> Iterator[Checkpoint]:
    """Give the states of a log that the node checkpoints beside it pin, by size, as far as those are signed."""
    size = -1
    try:
        for line in _lines(path):
            for mark in node_checkpoint(in_one_form(line)).logs:
                if mark.origin == origin and mark.size > size:
                    mark.check(key)
                    size = mark.size
                    yield mark
    except (FileNotFoundError, Unreadable, Wrong):
        return  # the series itself is checked and told by itself


def _lines(path: Path) -> Iterator[bytes]:
    """Give the whole lines; a last one without a line feed counts only where it stands alone."""
    first = True
    with path.open("rb") as file:
        while line := file.readline(LONGEST_LINE + 1):
            if not line.endswith(b"\n") and (not first or path.name == SERIES):
                return
            first = False
            yield line.removesuffix(b"\n")


def _check_first(one: NodeCheckpoint) -> None:
    if (one.number, set(one.previous)) != (0, {"0"}):
        raise Wrong("the series does not begin with number 0")


def _check_follows(one: NodeCheckpoint, before: NodeCheckpoint, line: bytes) -> None:
    named = hash_named(before.hash)(line).hex()
    if (one.origin, one.number, one.previous) != (before.origin, before.number + 1, named):
        raise Wrong("it does not follow the one before it")
    now = {mark.origin: mark for mark in one.logs}
    for earlier in before.logs:
        mark = now.get(earlier.origin)
        if mark is None:
            raise Wrong(f"the log {earlier.origin} is missing")
        if mark.size < earlier.size or (mark.size == earlier.size and mark.root != earlier.root):
            raise Wrong(f"the log {earlier.origin} of {earlier.size} records shrank or was forked")


def _tell(path: Path, newest: NodeCheckpoint, verdict: Verdict) -> None:
    verdict.notes += [f"{mark.origin}: {mark.size} records, root {mark.root.hex()}" for mark in newest.logs]
    if path.name != SERIES:
        return
    here = {folder.name for folder in path.parent.iterdir() if folder.is_dir()}
    for mark in newest.logs:
        if mark.origin.rpartition("/")[2] not in here:
            raise Wrong(f"the log {mark.origin} is missing: node checkpoint {newest.number} says that it has {mark.size} records")
