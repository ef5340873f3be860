# SPDX-License-Identifier: Apache-2.0
"""The frontier: all that a writer must remember of a Merkle tree to go on, one hash for each bit of its size.

Kept here: level h holds a node exactly when bit h of the size is set, and that node is the complete subtree that ends
the tree's left part at that level. The inclusion paths of a batch just appended need nothing else: left siblings
outside the batch are frontier nodes, right siblings are of the batch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from datong.crypto.digests import SHA256, SIZE, Digest
from datong.kernel.errors import Malformed
from datong.ledger.merkle import node_hash


@dataclass(frozen=True, slots=True)
class Batch:
    """What an append gives: the new root, and one inclusion path for each new leaf in the tree of the new size."""

    root: bytes
    paths: list[tuple[bytes, ...]]


class Frontier:
    """State of a growing tree, of logarithmic size.

    Attributes:
        size: Number of leaves.
    """

    def __init__(self, digest: Digest = SHA256, size: int = 0, nodes: Mapping[int, bytes] | None = None) -> None:
        """Take up a tree where it stood: nodes by level, one for each set bit of the size.

        Raises:
            Malformed: The nodes do not fit the size.
        """
        self._digest = digest
        self._nodes = dict(nodes or {})
        self.size = size
        levels = {level for level in range(size.bit_length()) if size >> level & 1}
        if self._nodes.keys() != levels or any(len(node) != SIZE for node in self._nodes.values()):
            raise Malformed(f"these nodes are no frontier of a tree of {size}")

    @property
    def nodes(self) -> dict[int, bytes]:
        """Nodes by level (a copy)."""
        return dict(self._nodes)

    def push(self, leaf: bytes) -> None:
        """Append one leaf hash."""
        level, nodes = 0, self._nodes
        while level in nodes:
            leaf = node_hash(nodes.pop(level), leaf, self._digest)
            level += 1
        nodes[level] = leaf
        self.size += 1

    def root(self) -> bytes:
        """Give the root (RFC 9162 §2.1.1)."""
        reached: bytes | None = None
        for level in sorted(self._nodes):
            node = self._nodes[level]
            reached = node if reached is None else node_hash(node, reached, self._digest)
        return self._digest.hash(b"") if reached is None else reached

    def extend(self, leaves: Sequence[bytes]) -> Batch:
        """Append leaf hashes and give the inclusion path of each in the tree thereafter."""
        start, end = self.size, self.size + len(leaves)
        rows = self._rows(leaves, end)
        partial = self._partial(rows, end)
        self._nodes = {level: self._last(rows[level], end >> level) for level in rows if end >> level & 1}
        self.size = end
        paths = _paths(rows, partial, start, end) if leaves else []
        return Batch(self.root(), paths)

    def _rows(self, leaves: Sequence[bytes], end: int) -> dict[int, tuple[int, list[bytes]]]:
        """Give for each level the index of its first known node and the complete nodes from there to the end."""
        rows: dict[int, tuple[int, list[bytes]]] = {}
        fresh, digest = list(leaves), self._digest
        for level in range(end.bit_length()):
            first = self.size >> level
            if level in self._nodes:
                first, fresh = first - 1, [self._nodes[level], *fresh]
            rows[level] = (first, fresh)
            fresh = [node_hash(fresh[at], fresh[at + 1], digest) for at in range(0, len(fresh) - 1, 2)]
        return rows

    def _partial(self, rows: dict[int, tuple[int, list[bytes]]], end: int) -> list[bytes | None]:
        """Give for each level the hash of the incomplete subtree at the right end, where there is one."""
        partial: list[bytes | None] = [None]
        for level, row in rows.items():
            below = partial[level]
            if end >> level & 1:
                node = self._last(row, end >> level)
                below = node if below is None else node_hash(node, below, self._digest)
            partial.append(below)
        return partial

    @staticmethod
    def _last(row: tuple[int, list[bytes]], count: int) -> bytes:
        first, nodes = row
        return nodes[count - 1 - first]


def _paths(
    rows: dict[int, tuple[int, list[bytes]]], partial: list[bytes | None], start: int, end: int
) -> list[tuple[bytes, ...]]:
    """Give the paths of leaves start to end, built from the root down so that neighbours share their upper part."""
    above: list[tuple[bytes, ...]] = [()]
    for level in range(end.bit_length() - 1, -1, -1):
        first, nodes = rows[level]
        low, high, complete = start >> level, (end - 1) >> level, end >> level
        parent = low >> 1
        here: list[tuple[bytes, ...]] = []
        for node in range(low, high + 1):
            sibling, upper = node ^ 1, above[(node >> 1) - parent]
            found = nodes[sibling - first] if sibling < complete else partial[level] if sibling == complete else None
            here.append(upper if found is None else (found, *upper))
        above = here
    return above
