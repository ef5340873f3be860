# SPDX-License-Identifier: Apache-2.0
"""Merkle trees by RFC 9162: what is proved is so, and what is not so cannot be proved."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.crypto.digests import SHA256, SM3
from datong.ledger.merkle import (
    BadProof,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

DIGESTS = st.sampled_from([SHA256, SM3])


def leaves(count, digest=SHA256):
    return [leaf_hash(str(number).encode(), digest) for number in range(count)]


def test_the_empty_tree_and_the_single_leaf():
    assert root([]) == hashlib.sha256(b"").digest()
    assert root(leaves(1)) == leaves(1)[0] == hashlib.sha256(b"\x000").digest()


def test_a_leaf_is_no_node():
    one, two = leaves(2)
    assert node_hash(one, two) != leaf_hash(one + two)


def test_the_tree_of_seven_of_rfc_9162_section_2_1_5():
    d = leaves(7)
    g, h, i = node_hash(d[0], d[1]), node_hash(d[2], d[3]), node_hash(d[4], d[5])
    k, total = node_hash(g, h), node_hash(i, d[6])
    assert root(d) == node_hash(k, total)
    assert inclusion_path(d, 0) == [d[1], h, total]
    assert inclusion_path(d, 3) == [d[2], g, total]
    assert inclusion_path(d, 4) == [d[5], d[6], k]
    assert inclusion_path(d, 6) == [i, k]
    assert consistency_path(d, 3) == [d[2], d[3], g, total]
    assert consistency_path(d, 4) == [total]
    assert consistency_path(d, 6) == [i, d[6], k]


@given(st.integers(1, 70), st.data(), DIGESTS)
def test_every_leaf_is_proved(size, data, digest):
    index = data.draw(st.integers(0, size - 1))
    tree = leaves(size, digest)
    verify_inclusion(index, size, tree[index], inclusion_path(tree, index, digest), root(tree, digest), digest)


@given(st.integers(1, 70), st.data())
def test_no_leaf_is_proved_at_another_place(size, data):
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size + 1).filter(lambda number: number != index))
    tree = leaves(size)
    with pytest.raises(BadProof):
        verify_inclusion(other, size, tree[index], inclusion_path(tree, index), root(tree))


@given(st.integers(1, 40), st.data())
def test_a_path_too_long_or_too_short_proves_nothing(size, data):
    index = data.draw(st.integers(0, size - 1))
    tree = leaves(size)
    path = inclusion_path(tree, index)
    for wrong in ([*path, tree[0]], path[:-1]):
        if wrong != path:
            with pytest.raises(BadProof):
                verify_inclusion(index, size, tree[index], wrong, root(tree))


@given(st.integers(1, 60), st.data(), DIGESTS)
def test_every_beginning_is_proved(second, data, digest):
    first = data.draw(st.integers(1, second))
    tree = leaves(second, digest)
    path = consistency_path(tree, first, digest)
    verify_consistency(first, second, root(tree[:first], digest), root(tree, digest), path, digest)


@given(st.integers(2, 60), st.data())
def test_no_other_beginning_is_proved(second, data):
    first = data.draw(st.integers(1, second - 1))
    tree = leaves(second)
    path = consistency_path(tree, first)
    changed = root([*tree[: first - 1], bytes(32)])
    for old, new in ((changed, root(tree)), (root(tree[:first]), changed)):
        with pytest.raises(BadProof):
            verify_consistency(first, second, old, new, path)
    for wrong in (path[:-1], [*path, bytes(32)], []):
        with pytest.raises(BadProof):
            verify_consistency(first, second, root(tree[:first]), root(tree), wrong)


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 3), (4, 3), (-1, 3)])
def test_of_an_empty_or_larger_tree_nothing_is_proved(first, second):
    tree = leaves(3)
    with pytest.raises(BadProof):
        verify_consistency(first, second, root([]), root(tree), [])
    with pytest.raises(BadProof):
        consistency_path(tree, first if first != 0 else 0)


def test_equal_trees_need_no_path():
    tree = root(leaves(5))
    verify_consistency(5, 5, tree, tree, [])
    for other, path in ((root(leaves(4)), []), (tree, [bytes(32)])):
        with pytest.raises(BadProof):
            verify_consistency(5, 5, tree, other, path)


@pytest.mark.parametrize("index", [-1, 3, 4])
def test_there_is_no_leaf_beyond_the_tree(index):
    tree = leaves(3)
    with pytest.raises(BadProof):
        inclusion_path(tree, index)
    with pytest.raises(BadProof):
        verify_inclusion(index, 3, tree[0], [], root(tree))


@pytest.mark.parametrize("wrong", [b"", bytes(31), bytes(33)])
def test_hashes_of_the_wrong_length_are_refused(wrong):
    tree = leaves(2)
    for leaf, step, top in ((wrong, tree[1], root(tree)), (tree[0], wrong, root(tree)), (tree[0], tree[1], wrong)):
        with pytest.raises(BadProof, match="32 bytes"):
            verify_inclusion(0, 2, leaf, [step], top)
