# SPDX-License-Identifier: Apache-2.0
"""The frontier gives the roots and paths of the whole tree, from its few hashes alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.crypto.digests import SHA256, SM3
from datong.kernel.errors import Malformed
from datong.ledger.frontier import Frontier
from datong.ledger.merkle import inclusion_path, leaf_hash, root, verify_inclusion

LEAVES = [leaf_hash(str(number).encode()) for number in range(300)]


@given(st.lists(st.integers(0, 40), max_size=7))
def test_batches_give_the_root_and_paths_of_the_whole_tree(sizes):
    frontier, done = Frontier(), 0
    for size in sizes:
        batch = frontier.extend(LEAVES[done : done + size])
        whole = LEAVES[: done + size]
        assert batch.root == frontier.root() == root(whole)
        assert [list(path) for path in batch.paths] == [inclusion_path(whole, at) for at in range(done, len(whole))]
        done += size
    assert frontier.size == done


@given(st.integers(0, 300), st.sampled_from([SHA256, SM3]))
def test_pushing_one_by_one_is_the_same_tree(size, digest):
    pushed, extended = Frontier(digest), Frontier(digest)
    for leaf in LEAVES[:size]:
        pushed.push(leaf)
    extended.extend(LEAVES[:size])
    assert pushed.root() == extended.root() == root(LEAVES[:size], digest)
    assert pushed.nodes == extended.nodes
    assert len(pushed.nodes) == size.bit_count()


@given(st.integers(0, 260), st.integers(1, 40))
def test_a_frontier_taken_up_again_goes_on(size, more):
    before = Frontier()
    before.extend(LEAVES[:size])
    after = Frontier(SHA256, size, before.nodes)
    after.extend(LEAVES[size : size + more])
    assert after.root() == root(LEAVES[: size + more])


def test_proofs_at_two_to_the_forty_need_forty_hashes():
    size = 2**40 - 1
    frontier = Frontier(SHA256, size, {level: LEAVES[level] for level in range(40)})
    batch = frontier.extend(LEAVES[100:103])
    for at, path in enumerate(batch.paths):
        assert len(path) <= 41
        verify_inclusion(size + at, size + 3, LEAVES[100 + at], path, batch.root)


@pytest.mark.parametrize(
    ("size", "nodes"),
    [(1, {}), (0, {0: bytes(32)}), (2, {0: bytes(32)}), (1, {0: bytes(31)}), (3, {0: bytes(32), 2: bytes(32)})],
)
def test_nodes_that_do_not_fit_the_size_are_refused(size, nodes):
    with pytest.raises(Malformed):
        Frontier(SHA256, size, nodes)
