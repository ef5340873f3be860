# SPDX-License-Identifier: Apache-2.0
"""Merkle trees by RFC 9162 section 2.1: hashes, proofs and their checks. Pure: bytes in, bytes out.

Kept here: a leaf and a node never hash alike (prefixes 0x00 and 0x01); every check walks the path by index and size
alone, so that a proof that is too long, too short or for another place fails. "Leaves" are leaf hashes throughout.
"""

from collections.abc import Sequence
from typing import Final

from datong.crypto.digests import SHA256, SIZE, Digest
from datong.kernel.errors import DatongError

LEAF: Final = b"\x00"
NODE: Final = b"\x01"


class BadProof(DatongError):
    """The proof does not show what it claims."""

    code, status, title = "bad_proof", 422, "Bad proof"


def leaf_hash(entry: bytes, digest: Digest = SHA256) -> bytes:
    """Hash one entry (RFC 9162 §2.1.1)."""
    return digest.hash(LEAF + entry)


def node_hash(left: bytes, right: bytes, digest: Digest = SHA256) -> bytes:
    """Hash two subtrees into their parent (RFC 9162 §2.1.1)."""
    return digest.hash(NODE + left + right)


def root(leaves: Sequence[bytes], digest: Digest = SHA256) -> bytes:
    """Give the root of the tree over the leaf hashes; the empty tree's root is the digest of nothing."""
    if not leaves:
        return digest.hash(b"")
    if len(leaves) == 1:
        return leaves[0]
    cut = split(len(leaves))
    return node_hash(root(leaves[:cut], digest), root(leaves[cut:], digest), digest)


def inclusion_path(leaves: Sequence[bytes], index: int, digest: Digest = SHA256) -> list[bytes]:
    """Prove that a leaf is at an index of the tree (RFC 9162 §2.1.3.1), nearest sibling first.

    Raises:
        BadProof: The tree has no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise BadProof(f"a tree of {len(leaves)} has no leaf {index}")
    if len(leaves) == 1:
        return []
    cut = split(len(leaves))
    if index < cut:
        return [*inclusion_path(leaves[:cut], index, digest), root(leaves[cut:], digest)]
    return [*inclusion_path(leaves[cut:], index - cut, digest), root(leaves[:cut], digest)]


def consistency_path(leaves: Sequence[bytes], first: int, digest: Digest = SHA256) -> list[bytes]:
    """Prove that the tree of the first leaves is a beginning of the whole tree (RFC 9162 §2.1.4.1).

    Raises:
        BadProof: There is no such beginning; of the empty tree there is nothing to prove.
    """
    if not 0 < first <= len(leaves):
        raise BadProof(f"a tree of {len(leaves)} has no beginning of {first}")
    return _subproof(leaves, first, digest, whole=True)


def verify_inclusion(
    index: int, size: int, leaf: bytes, path: Sequence[bytes], root_hash: bytes, digest: Digest = SHA256
) -> None:
    """Return when the path leads from the leaf at the index to the root of the tree of the size (§2.1.3.2).

    Raises:
        BadProof: It does not, or a hash has the wrong length.
    """
    if not 0 <= index < size:
        raise BadProof(f"a tree of {size} has no leaf {index}")
    _check_lengths(leaf, root_hash, *path)
    here, last, reached = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise BadProof("the inclusion path is too long")
        if here & 1 or here == last:
            reached = node_hash(sibling, reached, digest)
            here, last = _climb(here, last)
        else:
            reached = node_hash(reached, sibling, digest)
        here, last = here >> 1, last >> 1
    if last != 0 or reached != root_hash:
        raise BadProof(f"leaf {index} is not in the tree of {size} with this root")


def verify_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes], digest: Digest = SHA256
) -> None:
    """Return when the tree of size `first` is a beginning of the tree of size `second` (§2.1.4.2).

    Raises:
        BadProof: It is not, a hash has the wrong length, or `first` is 0: an empty tree says nothing about a later one.
    """
    if not 0 < first <= second:
        raise BadProof(f"a tree of {second} has no beginning of {first}")
    _check_lengths(first_root, second_root, *path)
    if first == second:
        if path or first_root != second_root:
            raise BadProof(f"two trees of {first} differ, or a path was given for equal trees")
        return
    nodes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    old, new = _two_roots(first, second, nodes, digest)
    if old != first_root or new != second_root:
        raise BadProof(f"the tree of {first} is not a beginning of the tree of {second}")


def _two_roots(first: int, second: int, nodes: list[bytes], digest: Digest) -> tuple[bytes, bytes]:
    """Walk a consistency path once and give the roots of both trees it leads to."""
    if not nodes:
        raise BadProof("the consistency path is empty")
    here, last = first - 1, second - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old = new = nodes[0]
    for sibling in nodes[1:]:
        if last == 0:
            raise BadProof("the consistency path is too long")
        if here & 1 or here == last:
            old, new = node_hash(sibling, old, digest), node_hash(sibling, new, digest)
            here, last = _climb(here, last)
        else:
            new = node_hash(new, sibling, digest)
        here, last = here >> 1, last >> 1
    if last != 0:
        raise BadProof("the consistency path is too short")
    return old, new


def _climb(here: int, last: int) -> tuple[int, int]:
    """Skip the levels at which the rightmost node has no sibling."""
    while here and not here & 1:
        here, last = here >> 1, last >> 1
    return here, last


def _subproof(leaves: Sequence[bytes], first: int, digest: Digest, *, whole: bool) -> list[bytes]:
    if first == len(leaves):
        return [] if whole else [root(leaves, digest)]
    cut = split(len(leaves))
    if first <= cut:
        return [*_subproof(leaves[:cut], first, digest, whole=whole), root(leaves[cut:], digest)]
    return [*_subproof(leaves[cut:], first - cut, digest, whole=False), root(leaves[:cut], digest)]


def split(size: int) -> int:
    """Give the largest power of two below the size (size > 1): how many leaves go to the left (RFC 9162 §2.1.1)."""
    return 1 << (size - 1).bit_length() - 1


def _check_lengths(*hashes: bytes) -> None:
    if any(len(value) != SIZE for value in hashes):
        raise BadProof(f"a hash of the proof is not {SIZE} bytes long")
