# SPDX-License-Identifier: Apache-2.0
"""Merkle trees by RFC 9162, written as the RFC defines them: by splitting a tree at the largest power of two."""

import hashlib
from collections.abc import Callable, Iterator

from cryptography.hazmat.primitives import hashes

from datong_verify.verdicts import Unreadable, Wrong

SIZE = 32
DEEPEST = 64
Hash = Callable[[bytes], bytes]


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _sm3(data: bytes) -> bytes:
    running = hashes.Hash(hashes.SM3())
    running.update(data)
    return running.finalize()


HASHES: dict[str, Hash] = {"sha256": _sha256, "sm3": _sm3}


def hash_named(name: object) -> Hash:
    """Give a hash function by its name in files."""
    if not isinstance(name, str) or name not in HASHES:
        raise Unreadable(f"the hash function {name!r} is unknown")
    return HASHES[name]


def half(size: int) -> int:
    """How many of the leaves of a tree are in its left part."""
    left = 1
    while left * 2 < size:
        left *= 2
    return left


def root_from_path(index: int, size: int, leaf: bytes, path: list[bytes], hashed: Hash) -> bytes:
    """Give the root that a path leads to; nearest sibling first.

    Raises:
        Wrong: The path has not the length that index and size demand.
    """
    turns = []
    low, high = 0, size
    while high - low > 1:
        middle = low + half(high - low)
        goes_left = index < middle
        turns.append(goes_left)
        low, high = (low, middle) if goes_left else (middle, high)
    if len(path) != len(turns):
        raise Wrong(f"the path has {len(path)} steps, not {len(turns)}", index)
    reached = leaf
    for sibling, goes_left in zip(path, reversed(turns), strict=True):
        reached = hashed(b"\x01" + (reached + sibling if goes_left else sibling + reached))
    return reached


def two_roots(first: int, second: int, first_root: bytes, path: list[bytes], hashed: Hash) -> tuple[bytes, bytes]:
    """Give the roots of the smaller and of the larger tree that a consistency path leads to.

    Raises:
        Wrong: The path is too short or too long.
    """
    steps = iter(path)

    def walk(size: int, tree: int, whole: bool) -> tuple[bytes, bytes]:  # noqa: FBT001  as the RFC's SUBPROOF(m, D[n], b)
        if size == tree:
            known = first_root if whole else next(steps)
            return known, known
        left = half(tree)
        if size <= left:
            old, new = walk(size, left, whole)
            return old, hashed(b"\x01" + new + next(steps))
        old, new = walk(size - left, tree - left, False)  # noqa: FBT003
        before = next(steps)
        return hashed(b"\x01" + before + old), hashed(b"\x01" + before + new)

    try:
        roots = walk(first, second, True)  # noqa: FBT003
    except StopIteration:
        raise Wrong("the consistency path is too short") from None
    if next(steps, None) is not None:
        raise Wrong("the consistency path is too long")
    return roots


class Growing:
    """A tree that grows leaf by leaf and knows its root at any time.

    Attributes:
        size: Leaves so far.
    """

    def __init__(self, hashed: Hash, peaks: list[tuple[int, bytes]] | None = None) -> None:
        """Begin empty, or with the peaks of a tree: width and hash of each, the widest first."""
        self._hashed, self._peaks = hashed, list(peaks or [])
        self.size = sum(width for width, _ in self._peaks)

    def add(self, leaf: bytes) -> None:
        """Add a leaf hash."""
        width = 1
        while self._peaks and self._peaks[-1][0] == width:
            _, left = self._peaks.pop()
            leaf, width = self._hashed(b"\x01" + left + leaf), width * 2
        self._peaks.append((width, leaf))
        self.size += 1

    def root(self) -> bytes:
        """Give the root."""
        peaks: Iterator[bytes] = (node for _, node in reversed(self._peaks))
        reached = next(peaks, None)
        if reached is None:
            return self._hashed(b"")
        for node in peaks:
            reached = self._hashed(b"\x01" + node + reached)
        return reached
